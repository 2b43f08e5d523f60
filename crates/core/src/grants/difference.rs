//! The statements that lead from what roles hold to what they should hold.

use std::collections::{BTreeMap, BTreeSet};

use migrate_text::class::Class;
use migrate_text::name::quote_identifier;

use super::change::{Change, ChangeKind, Obstacle};
use super::privilege::Privilege;
use super::snapshot::{Holding, Snapshot, grantee};
use super::tomorrow;
use super::wall::Wall;
use super::wanted::Wanted;

/// The changes, in the order in which they can be made.
pub(super) fn difference(wall: &Wall, snapshot: &Snapshot, wanted: &Wanted) -> Vec<Change> {
    let roles = wall.roles.iter().map(|role| role.role.as_str());
    let regulated: BTreeSet<&str> = roles.filter(|role| !snapshot.is_left_alone(role)).collect();
    let mut difference = Difference {
        snapshot,
        wanted,
        regulated: &regulated,
        grouped: BTreeMap::new(),
        changes: Vec::new(),
    };
    difference.roles();
    difference.give();
    difference.take();
    difference.take_beyond();
    let mut changes = difference.changes;
    let grouped = difference.grouped.into_iter();
    changes.extend(grouped.map(|(key, names)| key.change(names)));
    changes.extend(tomorrow::difference(snapshot, wanted, &regulated));
    // What was given first stays first: the sort keeps the order of equals.
    changes.sort_by_key(|change| change.kind);
    changes
}

struct Difference<'d> {
    snapshot: &'d Snapshot,
    wanted: &'d Wanted,
    /// The roles whose privileges are ours to give and take.
    regulated: &'d BTreeSet<&'d str>,
    /// The names of objects for each statement that they share.
    grouped: BTreeMap<Key, Vec<String>>,
    changes: Vec<Change>,
}

/// What statements have in common that could be one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: ChangeKind,
    /// The object's class, for the order.
    order: Option<Class>,
    keyword: &'static str,
    /// `None` is PUBLIC.
    role: Option<String>,
    /// Only the right to pass it on.
    grant_option: bool,
    privileges: BTreeSet<String>,
    /// A role that gave it and is not the owner: only it can take it back.
    grantor: Option<String>,
    obstacle: Option<Obstacle>,
}

impl Key {
    fn change(self, mut names: Vec<String>) -> Change {
        names.sort_unstable();
        let privileges: Vec<String> = self.privileges.iter().cloned().collect();
        let (privileges, on) = (privileges.join(", "), names.join(", "));
        let role = grantee(self.role.as_deref());
        let keyword = self.keyword;
        let sql = match (self.kind, self.grant_option) {
            (ChangeKind::Take, true) => {
                format!(
                    "revoke grant option for {privileges} on {keyword} {on} from {role} cascade"
                )
            }
            (ChangeKind::Take, false) => {
                format!("revoke {privileges} on {keyword} {on} from {role} cascade")
            }
            _ => format!("grant {privileges} on {keyword} {on} to {role}"),
        };
        Change {
            kind: self.kind,
            role: self.role,
            privileges: self.privileges.len() * names.len(),
            sql: match &self.grantor {
                Some(grantor) => {
                    let grantor = quote_identifier(grantor);
                    format!("set local role {grantor}; {sql}; reset role")
                }
                None => sql,
            },
            obstacle: self.obstacle,
        }
    }
}

impl Difference<'_> {
    fn roles(&mut self) {
        for name in self.regulated {
            let quoted = quote_identifier(name);
            let (kind, sql, may) = match self.snapshot.roles.get(*name) {
                None => (
                    ChangeKind::CreateRole,
                    format!("create role {quoted} login"),
                    self.snapshot.may_alter(None),
                ),
                Some(role) if !role.can_login => (
                    ChangeKind::Login,
                    format!("alter role {quoted} login"),
                    self.snapshot.may_alter(Some(name)),
                ),
                Some(_) => continue,
            };
            self.changes.push(Change {
                kind,
                role: Some((*name).to_owned()),
                privileges: 0,
                sql,
                obstacle: (!may).then_some(Obstacle::NoCreateRole),
            });
        }
    }

    /// Why we cannot change anything about an object.
    fn obstacle(&self, object: usize) -> Option<Obstacle> {
        let object = &self.snapshot.objects[object];
        (!object.ours).then(|| Obstacle::NotOwner(object.owner.clone()))
    }

    fn give(&mut self) {
        let held = self.snapshot.held.iter();
        let held: BTreeSet<(usize, &str, &Privilege)> = held
            .filter(|held| held.column.is_none() && !self.goes_with_its_grantor(held))
            .filter_map(|held| Some((held.object, held.role.as_deref()?, &held.privilege)))
            .collect();
        let public = self.snapshot.held_by_public();
        let mut missing: BTreeMap<(usize, &str), BTreeSet<String>> = BTreeMap::new();
        for (object, role, privilege) in &self.wanted.held {
            let (owner, ours) = {
                let object = &self.snapshot.objects[*object];
                (&object.owner, object.ours)
            };
            // What everyone has is enough where we could not give it.
            let has = held.contains(&(*object, role.as_str(), privilege))
                || owner == role
                || !ours && public.contains(&(*object, privilege));
            if !has {
                let privileges = missing.entry((*object, role)).or_default();
                privileges.insert(privilege.sql());
            }
        }
        for ((place, role), privileges) in missing {
            let object = &self.snapshot.objects[place];
            let exists = self.snapshot.roles.contains_key(role);
            let no_role = !exists && !self.snapshot.may_alter(None);
            let obstacle = no_role.then_some(Obstacle::NoRole);
            let key = Key {
                kind: ChangeKind::Give,
                order: object.class(),
                keyword: object.keyword(),
                role: Some(role.to_owned()),
                grant_option: false,
                privileges,
                grantor: None,
                obstacle: obstacle.or_else(|| self.obstacle(place)),
            };
            self.grouped.entry(key).or_default().push(object.sql());
        }
    }

    /// Whether a privilege is a service's gift, lost when the service loses the right to give it.
    fn goes_with_its_grantor(&self, held: &Holding) -> bool {
        let grantor = held.grantor.as_str();
        grantor != self.snapshot.objects[held.object].owner && self.regulated.contains(grantor)
    }

    fn take(&mut self) {
        type Excess<'h> = (usize, Option<&'h str>, &'h str, bool, bool);
        let snapshot = self.snapshot;
        let mut excess: BTreeMap<Excess<'_>, BTreeSet<String>> = BTreeMap::new();
        for held in &snapshot.held {
            let wanted = self.is_wanted(held);
            if wanted && !held.grantable || !self.is_regulated(held) {
                continue;
            }
            let key = (
                held.object,
                held.role.as_deref(),
                &*held.grantor,
                held.grantor_ours,
                wanted,
            );
            let privilege = held.privilege.sql();
            let privilege = match &held.column {
                Some(column) => format!("{privilege} ({})", quote_identifier(column)),
                None => privilege,
            };
            excess.entry(key).or_default().insert(privilege);
        }
        for ((place, role, grantor, grantor_ours, grant_option), privileges) in excess {
            let object = &snapshot.objects[place];
            let by_owner = grantor == object.owner;
            let obstacle = if by_owner {
                self.obstacle(place)
            } else {
                (!grantor_ours).then(|| Obstacle::NotOwner(grantor.to_owned()))
            };
            let key = Key {
                kind: ChangeKind::Take,
                order: object.class(),
                keyword: object.keyword(),
                role: role.map(str::to_owned),
                grant_option,
                privileges,
                grantor: (!by_owner).then(|| grantor.to_owned()),
                obstacle,
            };
            self.grouped.entry(key).or_default().push(object.sql());
        }
    }

    /// What no service's role has a use for: it would lead beyond its tables.
    fn take_beyond(&mut self) {
        let snapshot = self.snapshot;
        let taken = snapshot.beyond.iter();
        for beyond in taken.filter(|beyond| self.regulated.contains(beyond.role.as_str())) {
            let by_owner = beyond.grantor == beyond.owner;
            let obstacle = Obstacle::NotOwner(beyond.grantor.clone());
            let key = Key {
                kind: ChangeKind::Take,
                order: beyond.kind.class(),
                keyword: beyond.keyword(),
                role: Some(beyond.role.clone()),
                grant_option: false,
                privileges: [beyond.privilege.sql()].into(),
                grantor: (!by_owner).then(|| beyond.grantor.clone()),
                obstacle: (!beyond.grantor_ours).then_some(obstacle),
            };
            self.grouped
                .entry(key)
                .or_default()
                .push(beyond.sql.clone());
        }
    }

    fn is_wanted(&self, held: &Holding) -> bool {
        let role = held.role.as_ref().filter(|_| held.column.is_none());
        role.is_some_and(|role| self.wanted.has(held.object, role, &held.privilege))
    }

    /// Whether a privilege is ours to take when it is not wanted.
    fn is_regulated(&self, held: &Holding) -> bool {
        let object = &self.snapshot.objects[held.object];
        let owned = !self.wanted.owners[held.object].is_empty();
        let Some(role) = held.role.as_deref() else {
            return match object.class() {
                Some(Class::Database) => {
                    matches!(held.privilege, Privilege::Create | Privilege::Temporary)
                }
                Some(Class::Schema) => held.privilege == Privilege::Create,
                Some(Class::Relation) if object.is_bookkeeping() => {
                    held.privilege != Privilege::Select
                        || object.name.name.starts_with("__migrate_")
                }
                _ => owned,
            };
        };
        // The owner's rights cannot be taken for good: that is a finding.
        let is_service = self.regulated.contains(role) && object.owner != role;
        is_service && (object.class() != Some(Class::Routine) || owned)
    }
}
