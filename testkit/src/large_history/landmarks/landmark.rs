//! What every landmark is.

use super::super::migration::Migration;

/// A migration as data.
pub(super) struct Landmark {
    name: &'static str,
    up: &'static str,
    down: &'static str,
    run_in_transaction: bool,
    crlf: bool,
}

impl Landmark {
    pub(super) const fn new(name: &'static str, up: &'static str, down: &'static str) -> Self {
        Self {
            name,
            up,
            down,
            run_in_transaction: true,
            crlf: false,
        }
    }

    pub(super) const fn outside_transaction(mut self) -> Self {
        self.run_in_transaction = false;
        self
    }

    pub(super) const fn with_crlf(mut self) -> Self {
        self.crlf = true;
        self
    }

    pub(super) fn migration(&self) -> Migration {
        let mut migration = Migration::new(self.name, self.up, self.down);
        if !self.run_in_transaction {
            migration = migration.outside_transaction();
        }
        if self.crlf {
            migration = migration.with_crlf();
        }
        migration
    }
}
