//! Privileges: those that differ, those that are too much, those that could not be set.

use migrate_core::error::Error;
use migrate_core::report::{Because, Change, Excess, Finding, Obstacle, Written};

use crate::code::Code;
use crate::message::Message;
use crate::words::count;

/// So many names are told; of more there is a number.
const TOLD: usize = 3;

/// Words which privileges the role that deploys could not set.
pub fn refused(database: &str, role: &str, partly: bool, refused: &[Change]) -> Message {
    let title = format!("the privileges of database {database} are not all as they should be");
    let state = if partly {
        "all else was given and taken"
    } else {
        "the privileges are as they were"
    };
    let is_asked_elsewhere = |change: &Change| change.obstacle == Some(Obstacle::StillRefused);
    let next = if refused.iter().all(is_asked_elsewhere) {
        "give the password to whoever asks for it too: a pooler keeps its own"
    } else {
        "an administrator runs: `migrate grants --sql | psql ...`"
    };
    Message::new(Code::Grants, title)
        .note("refused", reasons(role, refused))
        .state(state)
        .next(next)
}

/// Words that nothing says of a database that roles are ours.
pub fn roles_not_set(error: &Error) -> Message {
    Message::new(Code::Refused, error.to_string())
        .note(
            "hint",
            "roles belong to the whole server, so they are touched only where that is said",
        )
        .state("nothing was touched")
        .next(
            "write `roles = true` below the database in migrate.toml; `migrate grants` shows what \
             it would do",
        )
}

/// Why changes could not be made, a line for each reason.
fn reasons(role: &str, refused: &[Change]) -> String {
    let mut lines: Vec<(&Obstacle, Vec<&Change>)> = Vec::new();
    for change in refused {
        // That the role is missing is told once, by that it cannot be created.
        let Some(obstacle) = change.obstacle.as_ref().filter(|o| **o != Obstacle::NoRole) else {
            continue;
        };
        match lines.iter_mut().find(|(other, _)| *other == obstacle) {
            Some((_, changes)) => changes.push(change),
            None => lines.push((obstacle, vec![change])),
        }
    }
    let worded = lines.iter().map(|(obstacle, changes)| {
        let sql = few(changes.iter().map(|change| change.sql.as_str()), "\n  ");
        match obstacle {
            Obstacle::NoCreateRole => {
                format!("role {role} may not create or alter roles:\n  {sql}")
            }
            Obstacle::NotOwner(owner) => {
                format!("role {role} is not {owner}, nor a member of it:\n  {sql}")
            }
            Obstacle::StillRefused => {
                format!("whoever comes with the password is refused still:\n  {sql}")
            }
            Obstacle::NoEffect | Obstacle::NoRole => {
                format!("PostgreSQL took this, and it changed nothing:\n  {sql}")
            }
        }
    });
    worded.collect::<Vec<_>>().join("\n")
}

/// What a role has too much.
pub fn finding(finding: &Finding) -> String {
    let role = &finding.role;
    match &finding.excess {
        Excess::Superuser => format!("role {role} is a superuser"),
        Excess::CreatesDatabases => format!("role {role} may create databases"),
        Excess::CreatesRoles => format!("role {role} may create roles"),
        Excess::Replicates => format!("role {role} may replicate"),
        Excess::BypassesPolicies => format!("role {role} bypasses row-level security"),
        Excess::Expired => {
            format!("role {role} is past its `valid until`, so no password lets it in")
        }
        Excess::ShutOut => format!("role {role} may open no connection: its limit is 0"),
        Excess::Setting { setting } => {
            format!("role {role} begins its sessions with {setting}")
        }
        Excess::NotInUses { objects } => format!(
            "role {role} may not use {}, which its tables need: `uses` in migrate.toml does not say so",
            few(texts(objects), ", ")
        ),
        Excess::Deploys => format!("role {role} is the one that deploys"),
        Excess::Owns { objects } => format!("role {role} owns {}", few(texts(objects), ", ")),
        Excess::Member { of, because } => {
            let member = format!("role {role} is a member of {of}");
            match because {
                Because::Predefined => member,
                Because::Superuser => format!("{member}, which is a superuser"),
                Because::Deploys => format!("{member}, which deploys"),
                Because::Service(service) => {
                    format!("{member}, which is the role of service {service}")
                }
                Because::Owns(objects) => {
                    format!("{member}, which owns {}", few(texts(objects), ", "))
                }
                Because::Holds(privilege) => format!("{member}, which has {privilege}"),
            }
        }
        Excess::Stranger { writes } => stranger(role, writes),
    }
}

fn stranger(role: &str, writes: &[Written]) -> String {
    let tables = if writes.len() == 1 { "table" } else { "tables" };
    let of_services =
        |written: &Written| format!("{} of {}", written.table, written.services.join(" and "));
    let writes: Vec<String> = writes.iter().map(of_services).collect();
    let writes = few(texts(&writes), ", ");
    format!("role {role} may write {tables} {writes} and is no service's role")
}

fn texts(list: &[String]) -> impl Iterator<Item = &str> {
    list.iter().map(String::as_str)
}

/// The first of a list, and how many there are besides.
pub fn few<'t>(texts: impl Iterator<Item = &'t str>, separator: &str) -> String {
    let texts: Vec<&str> = texts.collect();
    let mut told: Vec<String> = texts.iter().take(TOLD).map(ToString::to_string).collect();
    if texts.len() > TOLD {
        told.push(format!("and {} more", texts.len() - TOLD));
    }
    told.join(separator)
}

/// `12 privileges given, 3 taken`
pub fn changed(given: usize, taken: usize) -> String {
    match (given, taken) {
        (0, taken) => format!("{} taken", count(taken, "privilege")),
        (given, 0) => format!("{} given", count(given, "privilege")),
        (given, taken) => format!("{} given, {taken} taken", count(given, "privilege")),
    }
}

/// `12 privileges to give, 3 to take`
pub fn to_change(give: usize, take: usize) -> String {
    match (give, take) {
        (0, take) => format!("{} to take", count(take, "privilege")),
        (give, 0) => format!("{} to give", count(give, "privilege")),
        (give, take) => format!("{} to give, {take} to take", count(give, "privilege")),
    }
}
