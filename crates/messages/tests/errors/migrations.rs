//! What can go wrong with migrations.

use migrate_core::error::{
    Breach, Collision, Escape, ExecuteError, FailedPart, ForbiddenText, ForeignChange, GuardBreach,
    MigrationFailure, Offence, PlanError, Reason, Remains, Unfinished, Unfit,
};
use migrate_core::report::{DoneMigration, Edit, Resolution, Standing, State};
use migrate_postgres::{ServerError, sqlstate};
use migrate_sql::ForbiddenKind;
use migrate_sql::verb::Verb;
use migrate_text::kind::ObjectKind;
use migrate_text::migration_ref::{Direction, MigrationRef};
use migrate_text::name::QualifiedName;
use migrate_text::source::{Location, SourceFile};

use crate::every;

pub fn folder() -> String {
    "20251201_titles".to_owned()
}

fn migration() -> MigrationRef {
    MigrationRef {
        version: "20251201".to_owned(),
        name: "titles".to_owned(),
        services: vec!["post".to_owned()],
    }
}

pub fn done() -> DoneMigration {
    DoneMigration {
        migration: MigrationRef {
            version: "20251130".to_owned(),
            name: "posts".to_owned(),
            services: Vec::new(),
        },
        duration_ms: 3.0,
    }
}

fn place() -> Location {
    let text = "-- a title\nalter table posts add title text;\n";
    let start = text.find("posts").unwrap();
    Location {
        file: SourceFile::new("migrations/20251201_titles/up.sql", text),
        span: start..start + 5,
    }
}

pub fn standing(state: State) -> Standing {
    Standing {
        version: "20251201".to_owned(),
        name: "titles".to_owned(),
        services: Vec::new(),
        state,
        order: None,
        at: None,
        duration_ms: None,
        by: None,
        by_diesel: false,
        reformatted: false,
        row_altered: false,
        by_hand: None,
        late: false,
        error: None,
        unended: false,
        unfinished: Unfinished::default(),
        in_doubt: None,
    }
}

pub fn edit() -> Edit {
    Edit {
        standing: standing(State::Modified),
        file: "migrations/20251201_titles/up.sql".to_owned(),
        applied: Some("select 1;\n".to_owned()),
        present: "select 2;\n".to_owned(),
    }
}

pub fn plans() -> Vec<PlanError> {
    let version = || "20251202".to_owned();
    every! { PlanError:
        Modified => PlanError::Modified(vec![standing(State::Modified)]),
        Missing => PlanError::Missing(vec![standing(State::Missing)]),
        NotApplied => PlanError::NotApplied {
            version: version(), nearest: Some("20251201".to_owned()),
        },
        UnknownVersion => PlanError::UnknownVersion { version: version(), nearest: None },
        OutOfOrder => PlanError::OutOfOrder { late: vec![folder()], newest: version() },
        OfOthersToo => PlanError::OfOthersToo {
            migration: folder(),
            others: vec!["auth".to_owned()],
            chosen: "post".to_owned(),
            steps: 3,
        },
        Unfit => PlanError::Unfit {
            resolution: Resolution::Retry,
            unfit: Unfit::NeverTried,
            standing: Box::new(standing(State::Pending)),
        },
    }
}

pub fn breach() -> Breach {
    Breach {
        migration: folder(),
        services: vec!["auth".to_owned()],
        location: place(),
        verb: Verb::Alter,
        kind: ObjectKind::Table,
        name: QualifiedName::new("public", "posts"),
        created_in: None,
        reason: Reason::Owned {
            owners: vec!["post".to_owned()],
        },
        besides: Vec::new(),
    }
}

pub fn conflict() -> Collision {
    let applied = "20251203_slugs".to_owned();
    let text = "drop table posts;\n";
    Collision {
        migration: folder(),
        kind: ObjectKind::Table,
        name: QualifiedName::new("public", "posts"),
        verb: Verb::Alter,
        location: place(),
        applied_verb: Verb::Drop,
        applied_location: Location {
            file: SourceFile::new(format!("migrations/{applied}/up.sql"), text),
            span: 11..16,
        },
        applied,
    }
}

pub fn forbidden() -> Vec<ForbiddenText> {
    let kinds = every! { ForbiddenKind:
        TransactionControl => ForbiddenKind::TransactionControl,
        UnterminatedComment => ForbiddenKind::UnterminatedComment,
        UnterminatedString => ForbiddenKind::UnterminatedString,
        UnterminatedDollarQuote => ForbiddenKind::UnterminatedDollarQuote,
        UnterminatedIdentifier => ForbiddenKind::UnterminatedIdentifier,
        UnterminatedBody => ForbiddenKind::UnterminatedBody,
        AmbiguousNumber => ForbiddenKind::AmbiguousNumber,
        CopyFromStdin => ForbiddenKind::CopyFromStdin,
        CopyToStdout => ForbiddenKind::CopyToStdout,
        FreesTheLock => ForbiddenKind::FreesTheLock,
        PsqlCommand => ForbiddenKind::PsqlCommand,
        NulByte => ForbiddenKind::NulByte,
        ByteOrderMark => ForbiddenKind::ByteOrderMark,
    };
    let forbidden = |kind| ForbiddenText {
        kind,
        location: place(),
    };
    kinds.into_iter().map(forbidden).collect()
}

pub fn failure() -> MigrationFailure {
    MigrationFailure {
        migration: migration(),
        direction: Direction::Up,
        error: ServerError {
            severity: "ERROR".to_owned(),
            sqlstate: sqlstate::UNDEFINED_TABLE.to_owned(),
            message: "relation \"posts\" does not exist".to_owned(),
            ..ServerError::interrupted()
        },
        location: Some(place()),
        part: FailedPart::Statement,
        commits_itself: false,
        remains: Remains::Nothing,
        invalid_indexes: Vec::new(),
        not_tried: 1,
        tries: 1,
        of_proof: false,
        blockage: None,
    }
}

fn guard_breach(offence: Offence) -> GuardBreach {
    GuardBreach {
        migration: migration(),
        direction: Direction::Up,
        services: vec!["post".to_owned()],
        on_disk: true,
        offence,
        location: None,
        for_good: false,
        refused_again: false,
        remains: Remains::Nothing,
        not_tried: 0,
    }
}

/// What the guard finds, in the error that ends a run.
pub fn offences() -> Vec<ExecuteError> {
    let change = ForeignChange {
        kind: ObjectKind::Table,
        name: QualifiedName::new("public", "accounts"),
        services: vec!["auth".to_owned()],
        changes: vec!["column email dropped".to_owned()],
    };
    let offences = every! { Offence:
        Changed => Offence::Changed(vec![change]),
        ClosedCursors => Offence::ClosedCursors,
        SwitchedOff => Offence::SwitchedOff,
    };
    let breach = |offence| ExecuteError::Breach(Box::new(guard_breach(offence)));
    offences.into_iter().map(breach).collect()
}

fn escape() -> Escape {
    Escape {
        migration: migration(),
        direction: Direction::Up,
        location: None,
        statements_done: 0,
        error: Some(failure().error),
        refused_again: false,
        not_tried: 2,
    }
}

pub fn executions() -> Vec<ExecuteError> {
    every! { ExecuteError:
        Forbidden => ExecuteError::Forbidden(forbidden().remove(0)),
        FinishedPartEdited => ExecuteError::FinishedPartEdited {
            direction: Direction::Up,
            migration: folder(),
            statements_done: 1,
            location: Some(place()),
        },
        NowInTransaction => ExecuteError::NowInTransaction {
            migration: folder(), statements_done: 2,
        },
        InDoubt => ExecuteError::InDoubt {
            migration: migration(),
            direction: Direction::Up,
            statements_done: 1,
            statements: 3,
            location: Some(place()),
        },
        Interrupted => ExecuteError::Interrupted {
            migration: migration(),
            direction: Direction::Down,
            remains: Some(Remains::Nothing),
            commits_itself: false,
            invalid_indexes: Vec::new(),
            not_tried: 0,
        },
        Migration => ExecuteError::Migration(Box::new(MigrationFailure {
            location: None,
            direction: Direction::Down,
            ..failure()
        })),
        Escaped => ExecuteError::Escaped(Box::new(escape())),
        Breach => ExecuteError::Breach(Box::new(guard_breach(Offence::ClosedCursors))),
    }
}

/// Failures by whose the statement was.
pub fn failed_parts() -> Vec<ExecuteError> {
    let failed = |part| {
        ExecuteError::Migration(Box::new(MigrationFailure {
            location: None,
            part,
            ..failure()
        }))
    };
    every! { FailedPart:
        Statement => FailedPart::Statement,
        Deferred => FailedPart::Deferred,
        Ours => FailedPart::Ours,
    }
    .into_iter()
    .map(failed)
    .collect()
}
