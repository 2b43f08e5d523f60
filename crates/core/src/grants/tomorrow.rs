//! Default privileges: what roles will hold on what is created tomorrow.

use std::collections::{BTreeMap, BTreeSet};

use migrate_text::name::quote_identifier;

use super::difference::grantee;
use super::snapshot::{HeldByDefault, Snapshot};
use super::wanted::{DefaultPrivilege, Wanted};
use super::{Change, ChangeKind, Obstacle};

/// What statements have in common that could be one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: ChangeKind,
    creator: String,
    schema: Option<String>,
    letter: char,
    role: Option<String>,
    /// Only the right to pass it on.
    grant_option: bool,
    obstacle: Option<Obstacle>,
}

/// The changes to default privileges.
pub(super) fn difference(
    snapshot: &Snapshot,
    wanted: &Wanted,
    regulated: &BTreeSet<&str>,
) -> Vec<Change> {
    let mut grouped: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    let held = |wanted: &&DefaultPrivilege| snapshot.defaults.iter().any(|held| held.is(wanted));
    for missing in wanted.defaults.iter().filter(|wanted| !held(wanted)) {
        let privileges = grouped.entry(give(snapshot, missing)).or_default();
        privileges.insert(missing.privilege.sql());
    }
    for held in &snapshot.defaults {
        let is_wanted = wanted.defaults.iter().any(|wanted| held.is(wanted));
        let is_ours = match (&held.role, &held.schema) {
            (Some(role), _) => regulated.contains(role.as_str()),
            (None, Some(schema)) => wanted.whole.contains(schema),
            (None, None) => false,
        };
        if is_ours && (!is_wanted || held.grantable) {
            let privileges = grouped.entry(take(held, is_wanted)).or_default();
            privileges.insert(held.privilege.sql());
        }
    }
    let grouped = grouped.into_iter();
    grouped
        .map(|(key, privileges)| key.change(&privileges))
        .collect()
}

fn give(snapshot: &Snapshot, missing: &DefaultPrivilege) -> Key {
    let exists = snapshot.roles.contains_key(&missing.role);
    let obstacle = if !exists && !snapshot.may_alter(None) {
        Some(Obstacle::NoRole)
    } else {
        let ours = snapshot.has_rights_of(&missing.creator);
        (!ours).then(|| Obstacle::NotOwner(missing.creator.clone()))
    };
    Key {
        kind: ChangeKind::Give,
        creator: missing.creator.clone(),
        schema: Some(missing.schema.clone()),
        letter: missing.letter,
        role: Some(missing.role.clone()),
        grant_option: false,
        obstacle,
    }
}

fn take(held: &HeldByDefault, grant_option: bool) -> Key {
    Key {
        kind: ChangeKind::Take,
        creator: held.creator.clone(),
        schema: held.schema.clone(),
        letter: held.letter,
        role: held.role.clone(),
        grant_option,
        obstacle: (!held.ours).then(|| Obstacle::NotOwner(held.creator.clone())),
    }
}

impl Key {
    fn change(self, privileges: &BTreeSet<String>) -> Change {
        let number = privileges.len();
        let privileges: Vec<&str> = privileges.iter().map(String::as_str).collect();
        let (verb, to) = match (self.kind, self.grant_option) {
            (ChangeKind::Take, true) => ("revoke grant option for", "from"),
            (ChangeKind::Take, false) => ("revoke", "from"),
            _ => ("grant", "to"),
        };
        let schema = self.schema.as_deref().map(quote_identifier);
        let schema = schema.map_or_else(String::new, |schema| format!(" in schema {schema}"));
        let sql = format!(
            "alter default privileges for role {}{schema} {verb} {} on {} {to} {}",
            quote_identifier(&self.creator),
            privileges.join(", "),
            objects(self.letter),
            grantee(self.role.as_deref())
        );
        Change {
            kind: self.kind,
            role: self.role,
            privileges: number,
            sql,
            obstacle: self.obstacle,
        }
    }
}

impl HeldByDefault {
    fn is(&self, wanted: &DefaultPrivilege) -> bool {
        self.creator == wanted.creator
            && self.schema.as_ref() == Some(&wanted.schema)
            && self.letter == wanted.letter
            && self.role.as_ref() == Some(&wanted.role)
            && self.privilege == wanted.privilege
    }
}

/// PostgreSQL's letters for kinds of objects, as `ALTER DEFAULT PRIVILEGES` names them.
fn objects(letter: char) -> &'static str {
    match letter {
        'S' => "sequences",
        'f' => "functions",
        'T' => "types",
        'n' => "schemas",
        'L' => "large objects",
        _ => "tables",
    }
}
