//! What can be wrong with settings.

use std::path::PathBuf;

use migrate_text::causes::Cause;
use migrate_text::problem::{Problem, ProblemKind};
use migrate_text::source::{Location, SourceFile};
use migrate_text::target_error::TargetError;

use crate::every;

/// A place in `migrate.toml`.
fn place() -> Location {
    let text = "[services.post]\nowns = [\"posts\"]\n";
    let start = text.find("owns").unwrap();
    Location {
        file: SourceFile::new("migrate.toml", text),
        span: start..start + 4,
    }
}

fn at_a_place(kind: ProblemKind) -> Problem {
    Problem {
        kind,
        location: Some(place()),
    }
}

/// Every address that is none.
pub fn urls() -> Vec<Problem> {
    let all = every! { TargetError:
        UnknownParameter => TargetError::UnknownParameter("schema".to_owned()),
        NotAUrl => TargetError::NotAUrl,
        Blank => TargetError::Blank,
        SslMode => TargetError::SslMode,
        Port => TargetError::Port,
        Malformed => TargetError::Malformed,
    };
    let problem = |error| {
        at_a_place(ProblemKind::BadUrl {
            database: "main".to_owned(),
            error,
        })
    };
    all.into_iter().map(problem).collect()
}

/// Every problem, at a place.
pub fn every() -> Vec<Problem> {
    let own = str::to_owned;
    let known = || vec![own("main"), own("billing")];
    let nearest = Some(own("posts"));
    let (first, second) = (own("auth"), own("post"));
    let all = every! { ProblemKind:
        Syntax => ProblemKind::Syntax(own("expected `=`")),
        UnknownKey => ProblemKind::UnknownKey {
            key: own("own"), nearest: Some(own("owns")), known: vec!["owns", "reads"],
        },
        WrongType => ProblemKind::WrongType {
            key: own("owns"), expected: "a list of strings", found: "a string",
        },
        BadValue => ProblemKind::BadValue { key: own("lock_timeout"), expected: "a duration" },
        MissingKey => ProblemKind::MissingKey { key: "url", example: "url = \"...\"" },
        Conflict => ProblemKind::Conflict { first: "database", second: "databases" },
        BadReference => ProblemKind::BadReference,
        UnsetVariable => ProblemKind::UnsetVariable {
            name: own("DATABASE_URL"),
            env_file: PathBuf::from(".env.local"),
            env_file_exists: true,
            nearest: Some(own("DATABASE_URI")),
        },
        DefaultInProduction => ProblemKind::DefaultInProduction { name: own("DATABASE_URL") },
        BadUrl => ProblemKind::BadUrl { database: own("main"), error: TargetError::Port },
        EmbeddedInProduction => ProblemKind::EmbeddedInProduction,
        UnknownName => ProblemKind::UnknownName {
            what: "database", name: own("mian"), nearest: Some(own("main")), known: known(),
        },
        AmbiguousDatabase => ProblemKind::AmbiguousDatabase { known: known() },
        ServiceWithoutDatabase => ProblemKind::ServiceWithoutDatabase {
            service: own("post"), known: known(),
        },
        NoDatabase => ProblemKind::NoDatabase,
        NoWorkspace => ProblemKind::NoWorkspace(PathBuf::from("/srv")),
        NoMigrationsFolder => ProblemKind::NoMigrationsFolder(PathBuf::from("migrations")),
        NoDirectory => ProblemKind::NoDirectory(PathBuf::from("nowhere")),
        NotUtf8 => ProblemKind::NotUtf8 { path: PathBuf::from("up.sql"), line: 3 },
        Unreadable => ProblemKind::Unreadable {
            path: PathBuf::from("up.sql"), error: Cause::of("permission denied"),
        },
        NotAMigration => ProblemKind::NotAMigration {
            path: PathBuf::from("migrations/x"), reason: "it has no `up.sql`",
        },
        DuplicateVersion => ProblemKind::DuplicateVersion {
            version: own("1"), first: own("1_a"), second: own("1_b"),
        },
        VersionTooLong => ProblemKind::VersionTooLong {
            migration: own("long_a"), length: 60, longest: 50,
        },
        NotOwned => ProblemKind::NotOwned { table: own("posts") },
        OwnedTwice => ProblemKind::OwnedTwice {
            name: own("posts"), first: first.clone(), second: second.clone(),
        },
        RoleTwice => ProblemKind::RoleTwice {
            role: own("app"), first: first.clone(), second: second.clone(),
        },
        PasswordTwice => ProblemKind::PasswordTwice {
            variable: own("APP_PASSWORD"), first: first.clone(), second: second.clone(),
        },
        BadRole => ProblemKind::BadRole {
            service: own("post"), role: own("pg_x"), reason: "`pg_` is PostgreSQL's own",
        },
        NotTheOwner => ProblemKind::NotTheOwner {
            table: own("posts"), service: own("auth"), owner: Some(own("post")),
        },
        NoTransfer => ProblemKind::NoTransfer { from: own("post"), to: own("post") },
        NoSuchTable => ProblemKind::NoSuchTable { pattern: own("post"), nearest },
        OnePathTwice => ProblemKind::OnePathTwice(PathBuf::from("schema.rs")),
        BadPattern => ProblemKind::BadPattern { pattern: own("[a"), reason: "`[` has no `]`" },
        DatabaseRequired => ProblemKind::DatabaseRequired {
            migration: own("1_a"), known: known(),
        },
    };
    all.into_iter().map(at_a_place).collect()
}
