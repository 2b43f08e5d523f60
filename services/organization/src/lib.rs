//! The organizations, their projects, and what happened to them.

pub mod models;
pub mod queries;
pub mod tenant;

#[allow(
    missing_docs,
    reason = "generated: the tables are described in the migrations"
)]
pub mod schema;

pub use service_kit::pool;
