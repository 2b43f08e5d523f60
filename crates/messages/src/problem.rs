//! Settings and metadata that are wrong.

use migrate_text::problem::{Problem, ProblemKind};
use migrate_text::target_error::TargetError;

use crate::message::Message;

/// Words one problem.
pub fn word(problem: &Problem) -> Message {
    let message = Message::new("settings", problem.to_string())
        .at(problem.location.as_ref(), label(&problem.kind));
    advise(message, &problem.kind)
}

fn label(kind: &ProblemKind) -> String {
    match kind {
        ProblemKind::UnknownKey { nearest, .. }
        | ProblemKind::UnknownName { nearest, .. }
        | ProblemKind::NoSuchTable { nearest, .. } => did_you_mean(nearest.as_deref()),
        ProblemKind::UnsetVariable { .. } | ProblemKind::DefaultInProduction { .. } => {
            "asked for here".to_owned()
        }
        _ => String::new(),
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("did you mean `{nearest}`?"))
}

fn advise(message: Message, kind: &ProblemKind) -> Message {
    match kind {
        ProblemKind::UnknownKey { known, .. } => {
            message.next(format!("known here: {}", known.join(", ")))
        }
        ProblemKind::MissingKey { example, .. } => message.next(format!("add `{example}`")),
        ProblemKind::UnsetVariable { .. } => unset_variable(message, kind),
        ProblemKind::DefaultInProduction { name } => message.next(format!(
            "export `{name}`, or write it into `.env.prod` on the machine that deploys"
        )),
        ProblemKind::EmbeddedInProduction => message.next("give the URL of the production server"),
        ProblemKind::BadUrl { error, .. } => message.maybe_note("next", url_advice(error)),
        ProblemKind::UnknownName { .. } => unknown_name(message, kind),
        ProblemKind::AmbiguousDatabase { known } => {
            message.next(format!("add `--database NAME`: {}", known.join(", ")))
        }
        ProblemKind::ServiceWithoutDatabase { known, .. } => message.next(format!(
            "write `database = \"NAME\"` there: {}",
            known.join(", ")
        )),
        ProblemKind::NoDatabase => {
            message.next("add to `migrate.toml`:\n[databases.main]\nurl = \"${DATABASE_URL}\"")
        }
        ProblemKind::NoWorkspace(_) => message
            .note(
                "looked",
                "for `migrate.toml`, `diesel.toml` or a folder `migrations`",
            )
            .next("`migrate init` creates a workspace; `-C DIR` names one"),
        other => advise_on_history(message, other),
    }
}

/// What to do about migrations, and about who owns what they make.
fn advise_on_history(message: Message, kind: &ProblemKind) -> Message {
    match kind {
        ProblemKind::NoMigrationsFolder(_) => {
            message.next("`migrate new NAME` writes the first migration there")
        }
        ProblemKind::NotAMigration { .. } => {
            message.next("every folder below `migrations` is `<version>_<name>` with an `up.sql`")
        }
        ProblemKind::NotUtf8 { .. } => message.next("save the file as UTF-8"),
        ProblemKind::NotOwned { table } => message.next(format!(
            "add `{table}`, or a pattern that means it, to `owns` of a service in migrate.toml"
        )),
        ProblemKind::OwnedTwice { name, .. } => message.next(format!(
            "one service owns `{name}`; others may have it in `reads`"
        )),
        ProblemKind::RoleTwice { .. } => {
            message.next("give each a role of its own: `role = \"...\"` below `[services.NAME]`")
        }
        ProblemKind::PasswordTwice { .. } => {
            message.next("rename one of them, as the variable has its name from the service")
        }
        ProblemKind::BadRole { .. } => {
            message.next("write another: `role = \"...\"` below `[services.NAME]`")
        }
        ProblemKind::NoSuchTable { nearest, .. } => no_such_table(message, nearest.as_deref()),
        ProblemKind::NotTheOwner { owner, table, .. } => message.next(match owner {
            Some(owner) => format!("it is {owner}'s: `--from {owner}`"),
            None => format!("add `{table}` to `owns` of a service in migrate.toml"),
        }),
        ProblemKind::NoTransfer { .. } => {
            message.next("name two different services whose tables are in one database")
        }
        ProblemKind::OnePathTwice(_) => {
            message.next("give every `[print_schema.NAME]` of diesel.toml a `file` of its own")
        }
        ProblemKind::DuplicateVersion { .. } => message
            .note(
                "hint",
                "two branches chose one moment; only one of them would ever be run",
            )
            .next("rename the folder that no database has applied yet"),
        ProblemKind::VersionTooLong { .. } => message
            .note("hint", "the version is what stands before the first `_`")
            .next("rename the folder; a version is usually `YYYYMMDDHHMMSS`"),
        ProblemKind::DatabaseRequired { migration, known } => message.next(format!(
            "write `database = \"...\"` into `migrations/{migration}/metadata.toml`: {}",
            known.join(", ")
        )),
        _ => message,
    }
}

fn no_such_table(message: Message, nearest: Option<&str>) -> Message {
    if message.place.is_some() {
        return message.next(
            "write the name of a table or view as the migrations leave it, or take this one out",
        );
    }
    let hint = nearest.map(|nearest| did_you_mean(Some(nearest)));
    message
        .maybe_note("hint", hint)
        .next("name a table as the migrations leave it, outside `public` with its schema")
}

fn unset_variable(message: Message, kind: &ProblemKind) -> Message {
    let ProblemKind::UnsetVariable {
        name,
        env_file,
        env_file_exists,
        nearest,
    } = kind
    else {
        return message;
    };
    let file = env_file
        .file_name()
        .map_or_else(|| ".env".into(), |name| name.to_string_lossy());
    let place = if *env_file_exists {
        format!("neither in the process's variables nor in `{file}`")
    } else {
        format!("not in the process's variables, and there is no `{file}`")
    };
    let hint = nearest
        .as_ref()
        .map(|nearest| format!("`{file}` has `{nearest}`"));
    message
        .state(place)
        .maybe_note("hint", hint)
        .next(format!("write `{name}=...` into `{file}`, or export it"))
}

fn unknown_name(message: Message, kind: &ProblemKind) -> Message {
    let ProblemKind::UnknownName {
        what,
        known,
        nearest,
        ..
    } = kind
    else {
        return message;
    };
    let known = if known.is_empty() {
        format!("`migrate.toml` has no {what}")
    } else {
        known.join(", ")
    };
    // Else it stands below the place.
    let hint = nearest.as_deref().filter(|_| message.place.is_none());
    let hint = hint.map(|nearest| did_you_mean(Some(nearest)));
    message.maybe_note("hint", hint).note("known", known)
}

fn url_advice(error: &TargetError) -> Option<String> {
    match error {
        TargetError::UnknownParameter(name) if name == "schema" => Some(
            "Prisma's `schema` is PostgreSQL's search path: write \
             `options=-csearch_path%3DNAME`, or leave it out for `public`"
                .to_owned(),
        ),
        TargetError::UnknownParameter(_) => {
            Some("remove it, or see the manual's \"Parameter Key Words\" of libpq".to_owned())
        }
        TargetError::NotAUrl => Some(
            "write `postgresql://user:password@host:5432/name`, or `embedded:` for a private \
             server"
                .to_owned(),
        ),
        TargetError::Port | TargetError::Malformed => None,
    }
}
