//! What every role should hold: decided from who owns and reads what, and nothing else.

use serde::Serialize;

use std::collections::BTreeSet;

use crate::ownership::{NamePattern, OwnerRule};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;

use super::privilege::Privilege;
use super::snapshot::{Securable, Snapshot};
use super::wall::{Wall, WallRole};

static READ: [Privilege; 1] = [Privilege::Select];
static REFRESH: [Privilege; 2] = [Privilege::Select, Privilege::Maintain];
static WRITE: [Privilege; 4] = [
    Privilege::Select,
    Privilege::Insert,
    Privilege::Update,
    Privilege::Delete,
];
static COUNT: [Privilege; 2] = [Privilege::Usage, Privilege::Select];
static CALL: [Privilege; 1] = [Privilege::Execute];

/// What a service's role may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RolePrivileges {
    /// The service.
    pub service: String,
    /// The role.
    pub role: String,
    /// Whether the role exists.
    pub exists: bool,
    /// Tables that it reads and writes.
    pub writes: Vec<String>,
    /// Tables that it only reads.
    pub reads: Vec<String>,
    /// Sequences that no column owns, and routines.
    pub uses: Vec<String>,
}

/// What every role should hold.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Object, role, privilege.
    pub(super) held: BTreeSet<(usize, String, Privilege)>,
    /// On what is created tomorrow.
    pub(super) defaults: BTreeSet<DefaultPrivilege>,
    /// The services that own each object, by its place.
    pub(super) owners: Vec<Vec<String>>,
    /// What a role's tables work with and it may not: the role, what it would need, whose tables
    /// do. It is of others, and `uses` does not name it.
    pub(super) refused: BTreeSet<(String, usize)>,
    /// Schemas in which one service owns everything, today's and tomorrow's.
    pub(super) whole: BTreeSet<String>,
}

/// A privilege on what a role creates in a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DefaultPrivilege {
    pub(super) creator: String,
    pub(super) schema: String,
    /// PostgreSQL's letter: `r`, `S`, `f`.
    pub(super) letter: char,
    pub(super) role: String,
    pub(super) privilege: Privilege,
}

impl Wanted {
    /// Whether a role should hold a privilege on an object.
    pub(super) fn has(&self, object: usize, role: &str, privilege: &Privilege) -> bool {
        let held = (object, role.to_owned(), privilege.clone());
        self.held.contains(&held)
    }
}

pub(super) fn wanted(wall: &Wall, snapshot: &Snapshot) -> Wanted {
    let mut wanted = Wanted {
        owners: snapshot
            .objects
            .iter()
            .map(|object| owners(wall, snapshot, object).to_vec())
            .collect(),
        ..Wanted::default()
    };
    let public = snapshot.held_by_public();
    let shared = shared(wall, snapshot, &wanted.owners, &public);
    let roles = wall.roles.iter();
    for role in roles.filter(|role| !snapshot.is_left_alone(&role.role)) {
        let mut decision = Decision {
            wall,
            snapshot,
            role,
            public: &public,
            wanted: &mut wanted,
        };
        decision.database();
        for schema in &shared {
            decision.want(*schema, &[Privilege::Usage]);
        }
        decision.relations();
        decision.routines();
        decision.tomorrow();
    }
    wanted
}

/// The services that own an object. What belongs to a table, or is a part of it, is its owner's.
fn owners<'w>(wall: &'w Wall, snapshot: &Snapshot, object: &Securable) -> &'w [String] {
    let class = match object.class() {
        Some(Class::Relation) if object.is_bookkeeping() => return &[],
        Some(class @ (Class::Relation | Class::Routine)) => class,
        _ => return &[],
    };
    let own = wall.owners.of(class, &object.name);
    if !own.is_empty() && !object.is_sequence() {
        return own;
    }
    let parent = object
        .parent
        .and_then(|oid| snapshot.place(Class::Relation, oid));
    match parent.map(|place| owners(wall, snapshot, &snapshot.objects[place])) {
        Some(of_parent) if !of_parent.is_empty() => of_parent,
        _ => own,
    }
}

/// Schemas in which is what everyone may use who finds it: an extension, or routines, types and
/// operators of nobody. What a service owns whole is no place for these.
fn shared(
    wall: &Wall,
    snapshot: &Snapshot,
    owners: &[Vec<String>],
    public: &BTreeSet<(usize, &Privilege)>,
) -> BTreeSet<usize> {
    let routines = snapshot.of_class(Class::Routine);
    let of_nobody = routines.filter(|(place, _)| {
        owners[*place].is_empty() && public.contains(&(*place, &Privilege::Execute))
    });
    let of_nobody = of_nobody.map(|(_, routine)| routine.name.schema.as_str());
    let others = snapshot.shared.iter();
    let others = others.filter(|other| wall.owners.of(other.class, &other.name).is_empty());
    let schemas: BTreeSet<&str> = of_nobody
        .chain(others.map(|other| other.schema.as_str()))
        .filter(|schema| !is_whole(wall, schema))
        .collect();
    let is_shared = |(_, schema): &(usize, &Securable)| {
        schema.flag || schemas.contains(schema.name.name.as_str())
    };
    let all = snapshot.of_class(Class::Schema).filter(is_shared);
    all.map(|(place, _)| place).collect()
}

/// Whether a service owns everything in a schema.
fn is_whole(wall: &Wall, schema: &str) -> bool {
    let mut rules = wall.owners.0.iter().map(|rule| (rule.class, &rule.pattern));
    rules.any(|(class, pattern)| {
        class == Class::Routine && pattern.schema.fits(schema) && is_all(&pattern.name)
    })
}

/// The decision about one role.
struct Decision<'d> {
    wall: &'d Wall,
    snapshot: &'d Snapshot,
    role: &'d WallRole,
    /// What everyone holds.
    public: &'d BTreeSet<(usize, &'d Privilege)>,
    wanted: &'d mut Wanted,
}

impl Decision<'_> {
    fn want(&mut self, object: usize, privileges: &[Privilege]) {
        for privilege in privileges {
            let one = (object, self.role.role.clone(), privilege.clone());
            self.wanted.held.insert(one);
        }
    }

    /// The right to find what is in a schema.
    fn want_schema(&mut self, name: &str) {
        if let Some(schema) = self.snapshot.schemas.get(name) {
            self.want(*schema, &[Privilege::Usage]);
        }
    }

    fn owns(&self, object: usize) -> bool {
        self.wanted.owners[object].contains(&self.role.service)
    }

    fn reads(&self, name: &QualifiedName) -> bool {
        self.role.reads.iter().any(|pattern| pattern.fits(name))
    }

    fn database(&mut self) {
        if let Some(database) = self.snapshot.database() {
            self.want(database, &[Privilege::Connect]);
        }
    }

    fn relations(&mut self) {
        let snapshot = self.snapshot;
        for (place, relation) in snapshot.of_class(Class::Relation) {
            let is_versions = self.wall.versions.as_ref() == Some(&relation.name);
            let privileges: &[Privilege] = if relation.is_bookkeeping() {
                if is_versions { &READ } else { &[] }
            } else if self.owns(place) {
                match relation.kind {
                    ObjectKind::Sequence => &COUNT,
                    // Before 17 only its owner can refresh it.
                    ObjectKind::MaterializedView if snapshot.version >= 170_000 => &REFRESH,
                    ObjectKind::MaterializedView => &READ,
                    _ if self.is_door(place, &mut BTreeSet::new()) => &READ,
                    _ => &WRITE,
                }
            } else if !relation.is_sequence() && self.reads(&relation.name) {
                &READ
            } else {
                &[]
            };
            if privileges.is_empty() {
                continue;
            }
            self.want(place, privileges);
            self.want_schema(&relation.name.schema);
            self.uses(
                place,
                privileges.contains(&Privilege::Insert),
                &mut BTreeSet::new(),
            );
        }
    }

    /// Whether a view leads to the tables of others: whoever writes to it writes as its owner.
    /// The rules of two views may write to each other: each is asked once.
    fn is_door(&self, view: usize, asked: &mut BTreeSet<usize>) -> bool {
        let view = match asked.insert(view) {
            true => &self.snapshot.objects[view],
            false => return false,
        };
        let of_others = |oid: &u32| {
            let place = self.snapshot.place(Class::Relation, *oid);
            place.is_none_or(|place| !self.owns(place) || self.is_door(place, asked))
        };
        view.flag && view.bases.iter().any(of_others)
    }

    /// What the expressions of a relation call, and those of the views that a view reads.
    fn uses(&mut self, relation: usize, writing: bool, seen: &mut BTreeSet<usize>) {
        if !seen.insert(relation) {
            return;
        }
        let snapshot = self.snapshot;
        let uses = snapshot.uses.get(&relation).into_iter().flatten();
        for used in uses.filter(|used| writing || used.reading) {
            let object = &snapshot.objects[used.object];
            let privilege = match object.class() {
                Some(Class::Schema) => {
                    self.want(used.object, &[Privilege::Usage]);
                    continue;
                }
                Some(Class::Relation) => Privilege::Usage,
                // Those of nobody are everyone's, unless somebody took them away.
                Some(Class::Routine) if self.is_everyones(used.object) => continue,
                Some(Class::Routine) => Privilege::Execute,
                _ => continue,
            };
            if self.may_use(relation, used.object) {
                self.want(used.object, &[privilege]);
            } else {
                let refused = (self.role.role.clone(), used.object);
                self.wanted.refused.insert(refused);
            }
        }
        for base in &snapshot.objects[relation].bases {
            if let Some(base) = snapshot.place(Class::Relation, *base)
                && snapshot.objects[base].kind == ObjectKind::View
            {
                self.uses(base, false, seen);
            }
        }
    }

    /// Whether the role may be given what a relation works with. A table of the service may have
    /// been made to call what another service keeps for itself: `uses` has to say so. What a view
    /// of others calls, which it reads, is their decision.
    fn may_use(&self, relation: usize, used: usize) -> bool {
        let owners = &self.wanted.owners[used];
        let of_relation = &self.wanted.owners[relation];
        let object = &self.snapshot.objects[used];
        let is_free = owners.is_empty() && object.class() == Some(Class::Relation);
        let shared = || owners.iter().any(|owner| of_relation.contains(owner));
        is_free
            || owners.contains(&self.role.service)
            || self.is_in_uses(&object.name)
            || !of_relation.contains(&self.role.service) && shared()
    }

    fn is_in_uses(&self, name: &QualifiedName) -> bool {
        self.role.uses.iter().any(|pattern| pattern.fits(name))
    }

    fn is_everyones(&self, routine: usize) -> bool {
        self.wanted.owners[routine].is_empty()
            && self.public.contains(&(routine, &Privilege::Execute))
    }

    fn routines(&mut self) {
        for (place, routine) in self.snapshot.of_class(Class::Routine) {
            let in_uses = self.is_in_uses(&routine.name) && !self.is_everyones(place);
            if self.owns(place) || in_uses {
                self.want(place, &[Privilege::Execute]);
                self.want_schema(&routine.name.schema);
            }
        }
        for (place, sequence) in self.snapshot.of_class(Class::Relation) {
            if sequence.is_sequence() && !self.owns(place) && self.is_in_uses(&sequence.name) {
                self.want(place, &[Privilege::Usage]);
                self.want_schema(&sequence.name.schema);
            }
        }
    }

    /// Only where a pattern means all of a schema is it known whose a table of tomorrow will be.
    fn tomorrow(&mut self) {
        let snapshot = self.snapshot;
        for (place, schema) in snapshot.of_class(Class::Schema) {
            let mut all: Vec<(char, &[Privilege])> = Vec::new();
            if self.owns_all(Class::Relation, &schema.name.name) {
                all.extend([('r', &WRITE as &[_]), ('S', &COUNT)]);
                self.wanted.whole.insert(schema.name.name.clone());
            } else if self.reads_all(&schema.name.name) {
                all.push(('r', &READ));
            }
            if self.owns_all(Class::Routine, &schema.name.name) {
                all.push(('f', &CALL));
            }
            if all.is_empty() {
                continue;
            }
            self.want(place, &[Privilege::Usage]);
            let creator = creator(snapshot, schema);
            for (letter, privileges) in all {
                for privilege in privileges {
                    self.wanted.defaults.insert(DefaultPrivilege {
                        creator: creator.to_owned(),
                        schema: schema.name.name.clone(),
                        letter,
                        role: self.role.role.clone(),
                        privilege: privilege.clone(),
                    });
                }
            }
        }
    }

    /// Whether the service owns everything of a class in a schema, and no other anything.
    fn owns_all(&self, class: Class, schema: &str) -> bool {
        let rules = self.wall.owners.0.iter();
        let mut rules = rules.filter(|r| r.class == class && r.pattern.schema.fits(schema));
        let alone = |rule: &&OwnerRule| rule.services == [self.role.service.clone()];
        rules.clone().all(|rule| alone(&rule)) && rules.any(|rule| is_all(&rule.pattern.name))
    }

    fn reads_all(&self, schema: &str) -> bool {
        let mut reads = self.role.reads.iter();
        reads.any(|pattern| pattern.schema.fits(schema) && is_all(&pattern.name))
    }
}

fn is_all(pattern: &NamePattern) -> bool {
    matches!(pattern, NamePattern::Glob(glob) if glob.as_str() == "*")
}

/// Who will create in a schema: the role that deploys, where it is ours or we create nothing there.
pub(super) fn creator<'s>(snapshot: &'s Snapshot, schema: &Securable) -> &'s str {
    match &snapshot.deployer {
        Some((deployer, ours)) if *ours || !schema.creatable => deployer,
        _ => &snapshot.current_role,
    }
}

/// What each service's role may do, for people.
pub(super) fn summary(wall: &Wall, snapshot: &Snapshot, wanted: &Wanted) -> Vec<RolePrivileges> {
    let summary = |role: &WallRole| {
        let mut summary = RolePrivileges {
            service: role.service.clone(),
            role: role.role.clone(),
            exists: snapshot.roles.contains_key(&role.role),
            ..RolePrivileges::default()
        };
        let holds = |place: usize, privilege| wanted.has(place, &role.role, privilege);
        for (place, object) in snapshot.objects.iter().enumerate() {
            let of_a_column = object.is_sequence() && object.parent.is_some();
            let list = if holds(place, &Privilege::Insert) {
                &mut summary.writes
            } else if object.is_bookkeeping() || of_a_column || object.kind == ObjectKind::Schema {
                continue;
            } else if holds(place, &Privilege::Execute) || holds(place, &Privilege::Usage) {
                &mut summary.uses
            } else if holds(place, &Privilege::Select) {
                &mut summary.reads
            } else {
                continue;
            };
            list.push(object.shown());
        }
        for list in [&mut summary.writes, &mut summary.reads, &mut summary.uses] {
            list.sort_unstable();
            list.dedup();
        }
        summary
    };
    wall.roles.iter().map(summary).collect()
}
