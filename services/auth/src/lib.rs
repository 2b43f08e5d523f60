//! Who the users are, and the accounts elsewhere they linked.

pub mod models;
pub mod queries;

#[allow(
    missing_docs,
    reason = "generated: the tables are described in the migrations"
)]
pub mod schema;

pub use service_kit::pool;
