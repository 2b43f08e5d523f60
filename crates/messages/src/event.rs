//! What happens while a run goes on.

use std::time::Duration;

use migrate_core::event::{Collision, Event};
use migrate_postgres::blocker::Blockage;
use migrate_text::migration_ref::{Direction, MigrationRef};

use crate::blockage::{collision, in_a_line};
use crate::grants::changed;
use crate::lock::holder_text;
use crate::words::{count, duration};

/// An event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening<'e> {
    /// What it is about: a database, or what is done. Comes before the text.
    pub about: &'e str,
    /// How much it matters to whoever watches.
    pub tone: Tone,
    /// What happened.
    pub text: String,
}

/// How much an event matters to whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What the run is for: a migration applied, privileges given.
    Result,
    /// What a run is for, undone.
    Undone,
    /// What is about to be done.
    Plan,
    /// What is being done now: for those who want to know it all.
    AtWork,
    /// Something that was done around the migrations.
    Done,
    /// The run waits for something.
    Waiting,
    /// A person should not miss it.
    Warning,
    /// The server said it: for those who want to know it all.
    Notice,
}

/// Words an event.
pub fn happening(event: &Event) -> Happening<'_> {
    let (about, tone) = about(event);
    let text = text(event);
    Happening { about, tone, text }
}

fn about(event: &Event) -> (&str, Tone) {
    match event {
        Event::Planned { database, .. } => (database, Tone::Plan),
        Event::Started { direction, .. } => match direction {
            Direction::Up => ("applying", Tone::AtWork),
            Direction::Down => ("reverting", Tone::AtWork),
        },
        Event::Done { direction, .. } => match direction {
            Direction::Up => ("applied", Tone::Result),
            Direction::Down => ("reverted", Tone::Undone),
        },
        Event::PrivilegesChanged { .. } => ("grants", Tone::Result),
        Event::ConnectionLost { .. } | Event::Retrying { .. } | Event::Blocked { .. } => {
            ("warning", Tone::Warning)
        }
        Event::ConnectionNotice { severity, .. } | Event::Notice { severity, .. } => {
            match is_warning(severity) {
                true => ("warning", Tone::Warning),
                false => ("notice", Tone::Notice),
            }
        }
        Event::EmbeddedStarted { .. } => ("embedded", Tone::Done),
        Event::DatabaseCreated { database, .. }
        | Event::SchemaCreated { database, .. }
        | Event::ExtensionCreated { database, .. }
        | Event::RoleCreated { database, .. }
        | Event::LoginAllowed { database, .. }
        | Event::PasswordSet { database, .. }
        | Event::Adopted { database, .. }
        | Event::InvalidIndexDropped { database, .. }
        | Event::Replayed { database, .. } => (database, Tone::Done),
        Event::WaitingForServer { database, .. }
        | Event::WaitingForPromotion { database, .. }
        | Event::WaitingForLock { database, .. } => (database, Tone::Waiting),
    }
}

fn text(event: &Event) -> String {
    match event {
        Event::Planned { migrations, .. } => count(migrations.len(), "migration"),
        Event::Started { migration, .. } => named(migration),
        Event::Done {
            migration,
            duration_ms: took,
            ..
        } => {
            format!("{} in {}", named(migration), duration(*took))
        }
        Event::PrivilegesChanged { given, taken, .. } => changed(*given, *taken),
        Event::ConnectionLost {
            target, message, ..
        } => lost(target, message),
        Event::Retrying {
            migration,
            because,
            attempt,
            attempts,
            blockage,
            pause,
            ..
        } => retrying(migration, *because, (*attempt, *attempts), *pause, blockage),
        Event::Blocked {
            migration,
            blockage,
            ..
        } => blocked(migration, blockage),
        Event::ConnectionNotice {
            database: about,
            severity,
            message,
        }
        | Event::Notice {
            version: about,
            severity,
            message,
            ..
        } => said(about, severity, message),
        Event::EmbeddedStarted { version, .. } => format!("PostgreSQL {version} started"),
        Event::DatabaseCreated { name, .. } => format!("created database {name}"),
        Event::SchemaCreated { name, .. } => format!("created schema {name}"),
        Event::ExtensionCreated { name, .. } => format!("created extension {name}"),
        Event::RoleCreated { role, .. } => format!("created role {role}"),
        Event::LoginAllowed { role, .. } => format!("let role {role} log in"),
        Event::PasswordSet { role, .. } => format!("set the password of role {role}"),
        Event::Adopted { version, .. } => format!("took over {version}, applied by diesel"),
        Event::InvalidIndexDropped { index, .. } => dropped(index),
        Event::Replayed { migrations, .. } => replayed(*migrations),
        Event::WaitingForServer { target, .. } => format!("waiting for {target}"),
        Event::WaitingForPromotion { target, .. } => promotion(target),
        Event::WaitingForLock { holder, .. } => format!("waiting for {}", holder_text(holder)),
    }
}

/// Whether the server warns: its own word, which no language changes.
fn is_warning(severity: &str) -> bool {
    severity == "WARNING"
}

/// Version and name as a person reads them in a line.
fn named(migration: &MigrationRef) -> String {
    format!("{} {}", migration.version, migration.name)
}

fn lost(target: &str, message: &str) -> String {
    let why = message.lines().next().unwrap_or_default();
    format!("lost the connection to {target}: {why}; going on")
}

fn said(about: &str, severity: &str, message: &str) -> String {
    match is_warning(severity) {
        true => format!("{about}: {message}"),
        false => message.to_owned(),
    }
}

fn blocked(migration: &MigrationRef, blockage: &Blockage) -> String {
    let for_whom = in_a_line(blockage, None);
    format!("{} has to wait{for_whom}", named(migration))
}

fn dropped(index: &str) -> String {
    format!("dropped index {index}, which an unfinished build had left invalid")
}

fn promotion(target: &str) -> String {
    format!("waiting for {target}, a standby, to be promoted")
}

fn replayed(migrations: usize) -> String {
    let replayed = count(migrations, "migration");
    format!("replayed {replayed} into a shadow database")
}

/// That a migration is tried again, and who stood in its way.
fn retrying(
    migration: &MigrationRef,
    because: Collision,
    (attempt, attempts): (u32, u32),
    pause: Duration,
    blockage: &Option<Blockage>,
) -> String {
    let pause = duration(pause.as_secs_f64() * 1000.0);
    let for_whom = blockage.as_ref().map(|all| in_a_line(all, Some(because)));
    format!(
        "{} {} (try {attempt} of {attempts}), again in {pause}{}",
        named(migration),
        collision(because),
        for_whom.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration() -> MigrationRef {
        MigrationRef {
            version: "1".to_owned(),
            name: "posts".to_owned(),
            services: Vec::new(),
        }
    }

    #[test]
    fn a_warning_of_the_server_is_one_to_a_person_and_a_notice_is_not() {
        let notice = |severity: &str| Event::Notice {
            database: "main".to_owned(),
            version: "1".to_owned(),
            severity: severity.to_owned(),
            message: "no such table, skipping".to_owned(),
        };
        let (warning, notice) = (notice("WARNING"), notice("NOTICE"));
        assert_eq!(happening(&warning).tone, Tone::Warning);
        assert_eq!(happening(&warning).text, "1: no such table, skipping");
        assert_eq!(happening(&notice).tone, Tone::Notice);
        assert_eq!(happening(&notice).text, "no such table, skipping");
    }

    #[test]
    fn a_migration_is_told_by_what_was_done_to_it_and_how_long_it_took() {
        let done = |direction| Event::Done {
            database: "main".to_owned(),
            migration: migration(),
            direction,
            duration_ms: 41.0,
        };
        let (up, down) = (done(Direction::Up), done(Direction::Down));
        assert_eq!(happening(&up).about, "applied");
        assert_eq!(happening(&up).text, "1 posts in 41 ms");
        assert_eq!(happening(&down).about, "reverted");
    }

    #[test]
    fn another_try_says_why_which_and_when() {
        let event = Event::Retrying {
            database: "main".to_owned(),
            migration: migration(),
            because: Collision::Lock,
            attempt: 1,
            attempts: 5,
            blockage: None,
            pause: Duration::from_millis(500),
        };
        assert_eq!(
            happening(&event).text,
            "1 posts got no lock in time (try 1 of 5), again in 500 ms"
        );
    }
}
