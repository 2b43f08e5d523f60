//! A realistic migration history on disk, as large as a test or a benchmark asks for.
//!
//! It is the history of one growing company: its tables are founded, changed and reported on over
//! the years (`lifecycle`), and in between come the singular migrations every old code base has
//! (`landmarks`). When the company has no more stories to tell it opens subsidiaries, each with
//! schemas of its own, so there is no upper bound.
//!
//! The same arguments always give the same bytes, and a shorter history is a prefix of a longer
//! one, so that a test can deploy the first forty and then "pull" the rest.

mod calendar;
mod company;
mod entity;
mod landmarks;
mod lifecycle;
mod migration;
mod options;

use std::fs;
use std::io;
use std::path::Path;

use migration::Migration;
pub use options::HistoryOptions;

/// Writes `count` migrations into `folder`, which is created when it is missing.
///
/// Each is a folder in Diesel's layout with `up.sql`, `down.sql` and `metadata.toml`; each
/// `down.sql` gives back exactly the schema there was before its `up.sql`.
pub fn write_large_history(folder: &Path, count: usize) -> io::Result<()> {
    write_large_history_with(folder, count, HistoryOptions::default())
}

/// As [`write_large_history`], for servers that cannot run everything.
pub fn write_large_history_with(
    folder: &Path,
    count: usize,
    options: HistoryOptions,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (index, migration) in all_migrations(options).take(count).enumerate() {
        let version = calendar::version(index);
        let name = written_by_different_people(index, &migration.name);
        migration.write(&folder.join(format!("{version}_{name}")))?;
    }
    Ok(())
}

/// Writes `count` migrations of one small table each into `folder`, which is created when it is
/// missing: for measuring what a migration costs when its SQL costs next to nothing.
pub fn write_tiny_history(folder: &Path, count: usize) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for index in 0..count {
        let table = format!("tiny_{index:05}");
        let up = format!("CREATE TABLE {table} (id integer PRIMARY KEY, name text NOT NULL);\n");
        let down = format!("DROP TABLE {table};\n");
        let migration = Migration::new(format!("create_{table}"), up, down);
        let version = 20_200_101_000_000 + index;
        migration.write(&folder.join(format!("{version}_{}", migration.name)))?;
    }
    Ok(())
}

/// The endless history: Diesel's own first migration, then landmarks among the lives of tables.
fn all_migrations(options: HistoryOptions) -> impl Iterator<Item = Migration> {
    let (setup, landmarks) = landmarks::all(options);
    let mut landmarks = landmarks.into_iter();
    let mut lives = lifecycle::all();
    std::iter::once(setup).chain((1..).map_while(move |index| {
        let landmark = if has_landmark(index) {
            landmarks.next()
        } else {
            None
        };
        landmark.or_else(|| lives.next())
    }))
}

/// Landmarks are dense at first, so that a short history already shows most of what there is.
fn has_landmark(index: usize) -> bool {
    if index < 60 {
        index % 2 == 1
    } else {
        index.is_multiple_of(4)
    }
}

/// Not everybody names a folder `like_this`, and whatever stands after the version is legal.
fn written_by_different_people(index: usize, name: &str) -> String {
    if index == 0 {
        name.to_owned()
    } else if index % 13 == 5 {
        name.replace('_', "-")
    } else if index % 17 == 8 {
        format!("{} - reviewed", name.replace('_', " "))
    } else if index % 19 == 11 {
        format!("{}__v2_final_", name.replace('_', "__"))
    } else {
        name.to_owned()
    }
}
