//! The singular migrations of an old code base, each after something that only happens once.
//!
//! They bring what templates do not: every corner of PostgreSQL's lexical rules, types,
//! partitions, routines, and statements that must run alone.

mod access;
mod alone;
mod data;
mod lexical;
mod partitions;
mod relations;
mod routines;
mod types;

use super::HistoryOptions;
use super::migration::Migration;

/// A migration as data.
struct Landmark {
    name: &'static str,
    up: &'static str,
    down: &'static str,
    run_in_transaction: bool,
    crlf: bool,
}

impl Landmark {
    const fn new(name: &'static str, up: &'static str, down: &'static str) -> Self {
        Self {
            name,
            up,
            down,
            run_in_transaction: true,
            crlf: false,
        }
    }

    const fn outside_transaction(mut self) -> Self {
        self.run_in_transaction = false;
        self
    }

    const fn with_crlf(mut self) -> Self {
        self.crlf = true;
        self
    }

    fn migration(&self) -> Migration {
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

/// Diesel's own first migration, and after it all landmarks in order.
pub(super) fn all(options: HistoryOptions) -> (Migration, Vec<Migration>) {
    let chapters = [
        data::SETTINGS,
        lexical::LANDMARKS,
        types::LANDMARKS,
        relations::LANDMARKS,
        partitions::LANDMARKS,
        routines::LANDMARKS,
        access::LANDMARKS,
        alone::LANDMARKS,
        data::LANDMARKS,
    ];
    let mut landmarks = in_turns(&chapters);
    landmarks.push(if options.begin_atomic {
        routines::WITH_BEGIN_ATOMIC.migration()
    } else {
        routines::WITHOUT_BEGIN_ATOMIC.migration()
    });
    (routines::DIESEL_INITIAL_SETUP.migration(), landmarks)
}

/// One of each chapter, then the next of each: soon there is something of everything.
fn in_turns(chapters: &[&[Landmark]]) -> Vec<Migration> {
    let longest = chapters.iter().map(|chapter| chapter.len()).max();
    (0..longest.unwrap_or(0))
        .flat_map(|turn| chapters.iter().filter_map(move |chapter| chapter.get(turn)))
        .map(Landmark::migration)
        .collect()
}
