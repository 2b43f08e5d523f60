//! Migrations that cannot be reverted.

use migrate_core::error::{Collision, Error};
use migrate_core::report::UncertainRevert;

use crate::code::Code;
use crate::late::{applied_at, some, to, touched};
use crate::message::Message;

/// Words that there is no `down.sql`, or none that does anything.
pub fn no_down_sql(error: &Error, migration: &str) -> Message {
    refused(error).next(format!("write `migrations/{migration}/down.sql`"))
}

/// Words that all that is left of a `down.sql` has stars for a password.
pub fn password_not_kept(error: &Error, migration: &str) -> Message {
    refused(error).next(format!(
        "get `migrations/{migration}` back from version control, then `migrate revert`"
    ))
}

/// Words that a migration cannot be applied again, as its files are gone.
pub fn not_on_disk(error: &Error) -> Message {
    refused(error).next("get the folder back from version control, or `migrate revert` alone")
}

/// Words that there is nothing to revert.
pub fn nothing_applied(error: &Error) -> Message {
    refused(error).next("`migrate status` shows what is applied")
}

/// Words that a revert for one service would take back what is of others too.
pub fn of_others_too(
    migration: &str,
    others: &[String],
    chosen: &str,
    steps: usize,
    database: &str,
) -> Message {
    let title = format!(
        "{migration} is of {} too, and only {chosen} was chosen",
        others.join(" and ")
    );
    Message::new(Code::Revert, title)
        .state("nothing was reverted")
        .next(all_since(steps, migration, database))
}

/// Words that migrations which would stay build on what would be reverted: one message for each
/// object.
pub fn built_upon(
    collisions: &[Collision],
    steps: usize,
    half_done: Option<&str>,
    database: &str,
) -> Vec<Message> {
    let word = |one: &Collision| {
        let next = match half_done {
            Some(half) => format!(
                "finish {half} first: `migrate deploy`; or undo by hand what is done of it, then \
                 `migrate resolve --rolled-back {half}`"
            ),
            None => all_since(steps, &one.migration, database),
        };
        let title = format!(
            "{} is built upon: {} was applied to {database} after it and would stay, and both \
             touch {}",
            one.migration,
            one.applied,
            touched(one)
        );
        Message::new(Code::Revert, title)
            .at(
                Some(&one.location),
                format!("would be reverted{}", to(one.verb)),
            )
            .note("applied", applied_at(one))
            .state("nothing was reverted")
            .next(next)
    };
    collisions.iter().map(word).collect()
}

/// How to take back a migration with all that came after it.
fn all_since(steps: usize, migration: &str, database: &str) -> String {
    match steps {
        1 => format!("`migrate revert --database {database}` takes it back for all of them"),
        steps => format!(
            "`migrate revert --database {database} --steps {steps}` takes back {migration} and \
             what came after it; or write a new migration that undoes what has to go"
        ),
    }
}

/// Words that a migration is reverted, and that others may build on it.
pub fn warning(reverted: &UncertainRevert, database: &str) -> String {
    let migration = &reverted.migration;
    let mut text = format!(
        "{} {} is reverted, and others stay that were applied to {database} after it",
        migration.version, migration.name
    );
    if !reverted.unseen.is_empty() {
        text.push_str(&format!(
            "; whether they build on it cannot be seen, because of {}",
            some(&reverted.unseen)
        ));
    }
    if !reverted.unknown.is_empty() {
        text.push_str(&format!(
            "; nobody kept the SQL of {}, which may do so",
            reverted.unknown.join(", ")
        ));
    }
    text
}

fn refused(error: &Error) -> Message {
    Message::new(Code::Revert, error.to_string()).state("nothing was reverted")
}
