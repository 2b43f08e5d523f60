//! The history inside the crate, so that a service's tests need no files beside them.

use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The whole history, for Diesel's own
/// [`MigrationHarness`](diesel_migrations::MigrationHarness). The same on disk is
/// `migrate_core::history::History`.
pub const HISTORY: EmbeddedMigrations = embed_migrations!("../migrations");
