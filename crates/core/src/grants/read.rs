//! Reads a [`Snapshot`], in a number of queries that depends on nothing.

use migrate_postgres::{Row, ServerError, Session};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;

use super::privilege::Privilege;
use super::snapshot::{
    Beyond, HeldByDefault, Holding, Oid, Role, Securable, Shared, Snapshot, Use,
};
use super::wall::Wall;

/// Reads what a database says. Writes nothing, and needs no right but to connect.
pub fn read(session: &mut Session, wall: &Wall) -> Result<Snapshot, ServerError> {
    let mut snapshot = Snapshot {
        version: session.server_version(),
        ..Snapshot::default()
    };
    let names: Vec<&str> = wall.roles.iter().map(|role| role.role.as_str()).collect();
    read_roles(session, &names, &mut snapshot)?;
    read_objects(session, &mut snapshot)?;
    let versions = snapshot
        .of_class(Class::Relation)
        .find(|(_, relation)| wall.versions.as_ref() == Some(&relation.name));
    snapshot.deployer = versions.map(|(_, versions)| (versions.owner.clone(), versions.ours));
    let numbers = numbers(&names, &snapshot);
    read_held(session, &numbers, &mut snapshot)?;
    read_defaults(session, &numbers, &mut snapshot)?;
    read_uses(session, &mut snapshot)?;
    read_shared(session, &mut snapshot)?;
    read_owned(session, &numbers, &mut snapshot)?;
    read_beyond(session, &numbers, &mut snapshot)?;
    read_strangers(session, &names, &mut snapshot)?;
    Ok(snapshot)
}

/// The services' roles and those that they are members of, as a JSON array of numbers.
fn numbers(names: &[&str], snapshot: &Snapshot) -> String {
    let services = names.iter().filter_map(|name| snapshot.roles.get(*name));
    let groups = services
        .clone()
        .flat_map(|role| &role.member_of)
        .filter_map(|name| snapshot.roles.get(name));
    let numbers: Vec<Oid> = services.chain(groups).map(|role| role.oid).collect();
    json(&numbers)
}

fn json(list: &impl serde::Serialize) -> String {
    // Texts and numbers always have a form in JSON.
    serde_json::to_string(list).unwrap_or_default()
}

fn read_roles(
    session: &mut Session,
    names: &[&str],
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let rows = session.query(include_str!("roles.sql"), &[Some(&json(&names))])?;
    for row in rows.iter() {
        let name = row.text("name");
        if row.bool("is_current") {
            snapshot.current_role.clone_from(&name);
        }
        if row.bool("is_session") {
            snapshot.session_role.clone_from(&name);
        }
        let role = Role {
            oid: row.number("oid"),
            can_login: row.bool("can_login"),
            superuser: row.bool("superuser"),
            creates_databases: row.bool("creates_databases"),
            creates_roles: row.bool("creates_roles"),
            replicates: row.bool("replicates"),
            bypasses_policies: row.bool("bypasses_policies"),
            ours_to_alter: row.bool("ours_to_alter"),
            expired: row.bool("expired"),
            shut_out: row.bool("shut_out"),
            settings: serde_json::from_str(row.str("settings")).unwrap_or_default(),
            member_of: serde_json::from_str(row.str("member_of")).unwrap_or_default(),
        };
        snapshot.roles.insert(name, role);
    }
    Ok(())
}

fn read_objects(session: &mut Session, snapshot: &mut Snapshot) -> Result<(), ServerError> {
    let rows = session.query(include_str!("objects.sql"), &[])?;
    for row in rows.iter() {
        let kind = kind(row.str("kind"), row.letter("letter"));
        let Some((kind, class)) = kind.and_then(|kind| Some((kind, kind.class()?))) else {
            continue;
        };
        let oid = row.number("oid");
        let object = Securable {
            kind,
            name: QualifiedName::new(row.str("schema"), row.str("name")),
            identity: row.text("identity"),
            owner: row.text("owner"),
            ours: row.bool("ours"),
            parent: row.optional_number("parent"),
            bases: serde_json::from_str::<Vec<NumberOrText>>(row.str("bases"))
                .unwrap_or_default()
                .iter()
                .filter_map(NumberOrText::number)
                .collect(),
            flag: row.bool("flag"),
            creatable: row.bool("creatable"),
        };
        let place = snapshot.objects.len();
        snapshot.places.insert((class, oid), place);
        if class == Class::Schema {
            snapshot.schemas.insert(object.name.name.clone(), place);
        }
        snapshot.objects.push(object);
    }
    Ok(())
}

/// PostgreSQL writes object numbers into JSON as texts.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(Oid),
    Text(String),
}

impl NumberOrText {
    fn number(&self) -> Option<Oid> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

fn read_held(
    session: &mut Session,
    numbers: &str,
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let rows = session.query(include_str!("privileges.sql"), &[Some(numbers)])?;
    for row in rows.iter() {
        let Some(object) = place(&row, snapshot) else {
            continue;
        };
        snapshot.held.push(Holding {
            object,
            column: row.optional("column"),
            role: row.optional("role"),
            grantor: row.text("grantor"),
            grantor_ours: row.bool("grantor_ours"),
            privilege: Privilege::of(row.str("privilege")),
            grantable: row.bool("grantable"),
        });
    }
    Ok(())
}

fn read_defaults(
    session: &mut Session,
    numbers: &str,
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let rows = session.query(include_str!("defaults.sql"), &[Some(numbers)])?;
    snapshot.defaults = rows
        .iter()
        .map(|row| HeldByDefault {
            creator: row.text("creator"),
            ours: row.bool("ours"),
            schema: row.optional("schema"),
            letter: row.letter("letter").unwrap_or(' '),
            role: row.optional("role"),
            privilege: Privilege::of(row.str("privilege")),
            grantable: row.bool("grantable"),
        })
        .collect();
    Ok(())
}

fn read_uses(session: &mut Session, snapshot: &mut Snapshot) -> Result<(), ServerError> {
    let rows = session.query(include_str!("uses.sql"), &[])?;
    for row in rows.iter() {
        let relation = snapshot.place(Class::Relation, row.number("relation"));
        if let (Some(relation), Some(object)) = (relation, place(&row, snapshot)) {
            let reading = row.bool("reading");
            let used = Use { object, reading };
            snapshot.uses.entry(relation).or_default().push(used);
        }
    }
    Ok(())
}

fn read_shared(session: &mut Session, snapshot: &mut Snapshot) -> Result<(), ServerError> {
    let rows = session.query(include_str!("shared.sql"), &[])?;
    snapshot.shared = rows
        .iter()
        .map(|row| Shared {
            schema: row.text("found_in"),
            class: match row.str("class") {
                "type" => Class::Type,
                _ => Class::Routine,
            },
            name: QualifiedName::new(row.str("schema"), row.str("name")),
        })
        .collect();
    Ok(())
}

fn read_owned(
    session: &mut Session,
    numbers: &str,
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let rows = session.query(include_str!("owned.sql"), &[Some(numbers)])?;
    for row in rows.iter() {
        let object = format!("{} {}", row.str("kind"), row.str("identity"));
        let owned = snapshot.owned.entry(row.text("owner")).or_default();
        owned.push(object);
    }
    Ok(())
}

fn read_beyond(
    session: &mut Session,
    numbers: &str,
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let parameters = match snapshot.version >= 150_000 {
        true => include_str!("parameters.sql"),
        false => "",
    };
    let sql = include_str!("beyond.sql").replace("{parameters}", parameters);
    let rows = session.query(&sql, &[Some(numbers)])?;
    let beyond = rows.iter().filter_map(|row| {
        Some(Beyond {
            kind: match row.str("kind") {
                "fdw" => ObjectKind::ForeignDataWrapper,
                "server" => ObjectKind::ForeignServer,
                "routine" => ObjectKind::Routine,
                "parameter" => ObjectKind::Parameter,
                _ => return None,
            },
            sql: row.text("name"),
            owner: row.text("owner"),
            role: row.text("role"),
            grantor: row.text("grantor"),
            grantor_ours: row.bool("grantor_ours"),
            privilege: Privilege::of(row.str("privilege")),
        })
    });
    snapshot.beyond = beyond.collect();
    Ok(())
}

fn read_strangers(
    session: &mut Session,
    names: &[&str],
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let rows = session.query(include_str!("strangers.sql"), &[Some(&json(&names))])?;
    for row in rows.iter() {
        if let Some(relation) = snapshot.place(Class::Relation, row.number("relation")) {
            let written = snapshot.strangers.entry(row.text("role")).or_default();
            written.push(relation);
        }
    }
    Ok(())
}

/// The kind by what our queries call the class, and by PostgreSQL's letter, which only relations
/// have here.
fn kind(word: &str, letter: Option<char>) -> Option<ObjectKind> {
    Some(match (word, letter) {
        ("database", _) => ObjectKind::Database,
        ("schema", _) => ObjectKind::Schema,
        ("routine", _) => ObjectKind::Routine,
        ("relation", Some('S')) => ObjectKind::Sequence,
        ("relation", Some('v')) => ObjectKind::View,
        ("relation", Some('m')) => ObjectKind::MaterializedView,
        ("relation", Some('p')) => ObjectKind::PartitionedTable,
        ("relation", Some('f')) => ObjectKind::ForeignTable,
        ("relation", _) => ObjectKind::Table,
        _ => return None,
    })
}

/// The place of an object that a row tells the class and the number of.
fn place(row: &Row<'_>, snapshot: &Snapshot) -> Option<usize> {
    let class = kind(row.str("kind"), None)?.class()?;
    snapshot.place(class, row.optional_number("object")?)
}
