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

/// Opens the service's pool, unless the database lacks migrations that the service was built for.
pub fn start(url: &str) -> Result<pool::Pool, service_kit::standing::StartError> {
    pool::PoolSettings::from_env()?.open_in_step(url, schema::HISTORY)
}
