//! Reads a [`Snapshot`], in a number of queries that depends on nothing.

use std::str::FromStr;

use migrate_postgres::{Rows, ServerError, Session};
use migrate_text::class::Class;
use migrate_text::name::QualifiedName;

use super::Wall;
use super::snapshot::{Held, HeldByDefault, Kind, Object, Oid, Role, Shared, Snapshot, Use};

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
        .of_kind(Kind::Relation)
        .find(|(_, relation)| wall.versions.as_ref() == Some(&relation.name));
    snapshot.deployer = versions.map(|(_, versions)| (versions.owner.clone(), versions.ours));
    let numbers = numbers(&names, &snapshot);
    read_held(session, &numbers, &mut snapshot)?;
    read_defaults(session, &numbers, &mut snapshot)?;
    read_uses(session, &mut snapshot)?;
    read_shared(session, &mut snapshot)?;
    read_owned(session, &numbers, &mut snapshot)?;
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
    for row in each(&rows) {
        let name = row.text(1);
        if row.flag(10) {
            snapshot.current_role.clone_from(&name);
        }
        if row.flag(11) {
            snapshot.session_role.clone_from(&name);
        }
        let role = Role {
            oid: row.number(0).unwrap_or_default(),
            can_login: row.flag(2),
            superuser: row.flag(3),
            creates_databases: row.flag(4),
            creates_roles: row.flag(5),
            replicates: row.flag(6),
            bypasses_policies: row.flag(7),
            ours_to_alter: row.flag(8),
            expired: row.flag(12),
            member_of: serde_json::from_str(row.str(9)).unwrap_or_default(),
        };
        snapshot.roles.insert(name, role);
    }
    Ok(())
}

fn read_objects(session: &mut Session, snapshot: &mut Snapshot) -> Result<(), ServerError> {
    let rows = session.query(include_str!("objects.sql"), &[])?;
    for row in each(&rows) {
        let Some(kind) = kind(row.str(0)) else {
            continue;
        };
        let oid = row.number(1).unwrap_or_default();
        let object = Object {
            kind,
            name: QualifiedName::new(row.str(2), row.str(3)),
            letter: row.str(4).chars().next().unwrap_or(' '),
            identity: row.text(5),
            owner: row.text(6),
            ours: row.flag(7),
            parent: row.number(8),
            bases: serde_json::from_str::<Vec<NumberOrText>>(row.str(9))
                .unwrap_or_default()
                .iter()
                .filter_map(NumberOrText::number)
                .collect(),
            flag: row.flag(10),
            creatable: row.flag(11),
        };
        let place = snapshot.objects.len();
        snapshot.places.insert((kind, oid), place);
        if kind == Kind::Schema {
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
    for row in each(&rows) {
        let Some(object) = row.place(0, snapshot) else {
            continue;
        };
        snapshot.held.push(Held {
            object,
            column: row.optional(2),
            role: row.optional(3),
            grantor: row.text(4),
            grantor_ours: row.flag(5),
            privilege: row.text(6),
            grantable: row.flag(7),
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
    snapshot.defaults = each(&rows)
        .map(|row| HeldByDefault {
            creator: row.text(0),
            ours: row.flag(1),
            schema: row.optional(2),
            letter: row.str(3).chars().next().unwrap_or(' '),
            role: row.optional(4),
            privilege: row.text(5),
            grantable: row.flag(6),
        })
        .collect();
    Ok(())
}

fn read_uses(session: &mut Session, snapshot: &mut Snapshot) -> Result<(), ServerError> {
    let rows = session.query(include_str!("uses.sql"), &[])?;
    for row in each(&rows) {
        let relation = row.number(0).unwrap_or_default();
        let relation = snapshot.place(Kind::Relation, relation);
        if let (Some(relation), Some(object)) = (relation, row.place(1, snapshot)) {
            let reading = row.flag(3);
            let used = Use { object, reading };
            snapshot.uses.entry(relation).or_default().push(used);
        }
    }
    Ok(())
}

fn read_shared(session: &mut Session, snapshot: &mut Snapshot) -> Result<(), ServerError> {
    let rows = session.query(include_str!("shared.sql"), &[])?;
    snapshot.shared = each(&rows)
        .map(|row| Shared {
            schema: row.text(0),
            class: match row.str(1) {
                "type" => Class::Type,
                _ => Class::Routine,
            },
            name: QualifiedName::new(row.str(2), row.str(3)),
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
    for row in each(&rows) {
        let object = format!("{} {}", row.str(1), row.str(2));
        let owned = snapshot.owned.entry(row.text(0)).or_default();
        owned.push(object);
    }
    Ok(())
}

fn read_strangers(
    session: &mut Session,
    names: &[&str],
    snapshot: &mut Snapshot,
) -> Result<(), ServerError> {
    let rows = session.query(include_str!("strangers.sql"), &[Some(&json(&names))])?;
    for row in each(&rows) {
        let relation = row.number(1).unwrap_or_default();
        if let Some(relation) = snapshot.place(Kind::Relation, relation) {
            let written = snapshot.strangers.entry(row.text(0)).or_default();
            written.push(relation);
        }
    }
    Ok(())
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "database" => Kind::Database,
        "schema" => Kind::Schema,
        "relation" => Kind::Relation,
        "routine" => Kind::Routine,
        _ => return None,
    })
}

/// A row of an answer, by the numbers of its columns.
struct Row<'r>(&'r Rows, usize);

fn each(rows: &Rows) -> impl Iterator<Item = Row<'_>> {
    (0..rows.len()).map(|row| Row(rows, row))
}

impl Row<'_> {
    fn str(&self, column: usize) -> &str {
        self.0.get(self.1, column).unwrap_or_default()
    }

    fn text(&self, column: usize) -> String {
        self.str(column).to_owned()
    }

    fn optional(&self, column: usize) -> Option<String> {
        self.0.get(self.1, column).map(str::to_owned)
    }

    fn flag(&self, column: usize) -> bool {
        self.str(column) == "t"
    }

    fn number<N: FromStr>(&self, column: usize) -> Option<N> {
        self.str(column).parse().ok()
    }

    /// The place of an object that a column names the kind of, and the next one the number.
    fn place(&self, column: usize, snapshot: &Snapshot) -> Option<usize> {
        snapshot.place(kind(self.str(column))?, self.number(column + 1)?)
    }
}
