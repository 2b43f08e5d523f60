//! Settings and metadata that are wrong.

use migrate_text::causes::with_causes;
use migrate_text::problem::{Problem, ProblemKind};
use migrate_text::target_error::TargetError;

use crate::code::Code;
use crate::message::Message;

/// Words one problem.
pub fn word(problem: &Problem) -> Message {
    let Problem { kind, location } = problem;
    let message = Message::new(Code::Settings, with_causes(kind)).at(location.as_ref(), "");
    advise(message, kind)
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("did you mean `{nearest}`?"))
}

/// What to do about it.
fn advise(message: Message, kind: &ProblemKind) -> Message {
    use ProblemKind as Kind;
    match kind {
        // The sentence says it.
        Kind::Syntax(_) | Kind::WrongType { .. } | Kind::BadValue { .. } | Kind::BadReference => {
            message
        }
        Kind::Conflict { .. } | Kind::NoDirectory(_) | Kind::Unreadable { .. } => message,
        Kind::BadPattern { .. } => message,
        Kind::UnknownKey { nearest, known, .. } => unknown_key(message, nearest.as_deref(), known),
        Kind::UnknownName { .. } => unknown_name(message, kind),
        Kind::NoSuchTable { nearest, .. } => no_such_table(message, nearest.as_deref()),
        Kind::MissingKey { example, .. } => message.next(format!("add `{example}`")),
        Kind::UnsetVariable { .. } => unset_variable(message, kind),
        Kind::DefaultInProduction { name } => default_in_production(message, name),
        Kind::EmbeddedInProduction => message.next("give the URL of the production server"),
        Kind::BadUrl { error, .. } => message.maybe_next(url_advice(error)),
        Kind::AmbiguousDatabase { known } => {
            message.next(format!("add `--database NAME`: {}", known.join(", ")))
        }
        Kind::ServiceWithoutDatabase { known, .. } => {
            let known = known.join(", ");
            message.next(format!("write `database = \"NAME\"` there: {known}"))
        }
        Kind::DatabaseRequired { migration, known } => database_required(message, migration, known),
        Kind::NoDatabase => message.next(NO_DATABASE),
        Kind::NoWorkspace(_) => message.note("looked", LOOKED_FOR).next(MAKE_A_WORKSPACE),
        Kind::NoMigrationsFolder(_) => message.next(FIRST_MIGRATION),
        Kind::NotAMigration { .. } => message.next(A_MIGRATION),
        Kind::NotUtf8 { .. } => message.next("save the file as UTF-8"),
        Kind::DuplicateVersion { .. } => message.note("hint", ONE_MOMENT).next(RENAME_NEW),
        Kind::VersionTooLong { .. } => message.note("hint", A_VERSION).next(RENAME_SHORT),
        Kind::NotOwned { table } => message.next(format!(
            "add `{table}`, or a pattern that means it, to `owns` of a service in migrate.toml"
        )),
        Kind::OwnedTwice { name, .. } => message.next(format!(
            "one service owns `{name}`; others may have it in `reads`"
        )),
        Kind::NotTheOwner { owner, table, .. } => message.next(match owner {
            Some(owner) => format!("it is {owner}'s: `--from {owner}`"),
            None => format!("add `{table}` to `owns` of a service in migrate.toml"),
        }),
        Kind::RoleTwice { .. } => message.next(A_ROLE_EACH),
        Kind::PasswordTwice { .. } => message.next(ANOTHER_NAME),
        Kind::BadRole { .. } => message.next(ANOTHER_ROLE),
        Kind::NoTransfer { .. } => message.next(TWO_SERVICES),
        Kind::OnePathTwice(_) => message.next(A_FILE_EACH),
    }
}

const NO_DATABASE: &str = "add to `migrate.toml`:\n[databases.main]\nurl = \"${DATABASE_URL}\"";
const LOOKED_FOR: &str = "for `migrate.toml`, `diesel.toml` or a folder `migrations`";
const MAKE_A_WORKSPACE: &str = "`migrate init` creates a workspace; `-C DIR` names one";
const FIRST_MIGRATION: &str = "`migrate new NAME` writes the first migration there";
const A_MIGRATION: &str = "every folder below `migrations` is `<version>_<name>` with an `up.sql`";
const ONE_MOMENT: &str = "two branches chose one moment; only one of them would ever be run";
const RENAME_NEW: &str = "rename the folder that no database has applied yet";
const A_VERSION: &str = "the version is what stands before the first `_`";
const RENAME_SHORT: &str = "rename the folder; a version is usually `YYYYMMDDHHMMSS`";
const A_ROLE_EACH: &str = "give each a role of its own: `role = \"...\"` below `[services.NAME]`";
const ANOTHER_NAME: &str = "rename one of them, as the variable has its name from the service";
const ANOTHER_ROLE: &str = "write another: `role = \"...\"` below `[services.NAME]`";
const TWO_SERVICES: &str = "name two different services whose tables are in one database";
const A_FILE_EACH: &str = "give every `[print_schema.NAME]` of diesel.toml a `file` of its own";

fn unknown_key(message: Message, nearest: Option<&str>, known: &[&str]) -> Message {
    message
        .labelled(did_you_mean(nearest))
        .next(format!("known here: {}", known.join(", ")))
}

fn default_in_production(message: Message, name: &str) -> Message {
    message.labelled(ASKED_FOR).next(format!(
        "export `{name}`, or write it into `.env.prod` on the machine that deploys"
    ))
}

fn database_required(message: Message, migration: &str, known: &[String]) -> Message {
    message.next(format!(
        "write `database = \"...\"` into `migrations/{migration}/metadata.toml`: {}",
        known.join(", ")
    ))
}

/// What is said below a variable.
const ASKED_FOR: &str = "asked for here";

fn no_such_table(message: Message, nearest: Option<&str>) -> Message {
    if message.place.is_some() {
        return message.labelled(did_you_mean(nearest)).next(
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
        .labelled(ASKED_FOR)
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
    let label = did_you_mean(nearest.as_deref());
    message
        .labelled(label)
        .maybe_note("hint", hint)
        .note("known", known)
}

/// What other clients call the search path: Prisma, Go's, Rust's, Java's.
const SEARCH_PATH: [&str; 4] = [
    "schema",
    "search_path",
    "options[search_path]",
    "currentSchema",
];

fn url_advice(error: &TargetError) -> Option<String> {
    match error {
        TargetError::UnknownParameter(name) if SEARCH_PATH.contains(&name.as_str()) => {
            Some(format!(
                "in place of `{name}` write `options=-csearch_path%3DNAME`: that sets PostgreSQL's \
                 search path; for `public` leave it out"
            ))
        }
        TargetError::UnknownParameter(_) => {
            Some("remove it, or see the manual's \"Parameter Key Words\" of libpq".to_owned())
        }
        TargetError::NotAUrl => Some(
            "write `postgresql://user:password@host:5432/name`, or `embedded:` for a private \
             server"
                .to_owned(),
        ),
        TargetError::SslMode => Some(
            "for TLS without a look at the server's certificate, other clients' `no-verify`: \
             `sslmode=require`"
                .to_owned(),
        ),
        TargetError::Blank | TargetError::Port | TargetError::Malformed => None,
    }
}
