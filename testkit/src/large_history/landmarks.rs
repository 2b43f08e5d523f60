//! The singular migrations of an old code base, each after something that only happens once.
//!
//! They bring what templates do not: every corner of PostgreSQL's lexical rules, types,
//! partitions, routines, and statements that must run alone.

mod access;
mod alone;
mod data;
mod landmark;
mod lexical;
mod partitions;
mod relations;
mod routines;
mod types;

use super::migration::Migration;
use super::options::HistoryOptions;
use landmark::Landmark;

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
