//! What a database says about roles, objects and who may do what with them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::{QualifiedName, is_bookkeeping, quote_identifier};

use super::privilege::Privilege;

/// The number that a server gives to an object, unique within its kind.
pub(super) type Oid = u32;

/// Everything that the walls are built from, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Who asked.
    pub(super) current_role: String,
    /// Who logged in.
    pub(super) session_role: String,
    /// Who owns Diesel's table, and therefore deploys, and whether we have its rights.
    pub(super) deployer: Option<(String, bool)>,
    /// The server's version as a number.
    pub(super) version: i32,
    /// The services' roles, those they are members of, and ours.
    pub(super) roles: BTreeMap<String, Role>,
    /// In no order.
    pub(super) objects: Vec<Securable>,
    /// Where each object is in `objects`.
    pub(super) places: HashMap<(Class, Oid), usize>,
    /// Where each schema is in `objects`, by its name.
    pub(super) schemas: HashMap<String, usize>,
    /// Of services' roles, those they are members of, and PUBLIC.
    pub(super) held: Vec<Holding>,
    /// The same for objects that do not exist yet.
    pub(super) defaults: Vec<HeldByDefault>,
    /// What relations need of other objects.
    pub(super) uses: HashMap<usize, Vec<Use>>,
    /// Types and operators: whoever finds those of nobody may use them.
    pub(super) shared: Vec<Shared>,
    /// What these roles own: `table public.posts`, ...
    pub(super) owned: BTreeMap<String, Vec<String>>,
    /// Rights of these roles that lead beyond the tables.
    pub(super) beyond: Vec<Beyond>,
    /// What roles that are no service's may write to, though it is not theirs.
    pub(super) strangers: BTreeMap<String, Vec<usize>>,
}

/// A role.
#[derive(Debug, Clone, Default)]
pub(super) struct Role {
    pub(super) oid: Oid,
    pub(super) can_login: bool,
    pub(super) superuser: bool,
    pub(super) creates_databases: bool,
    pub(super) creates_roles: bool,
    pub(super) replicates: bool,
    pub(super) bypasses_policies: bool,
    /// Whether we are a member of it who may make others members.
    pub(super) ours_to_alter: bool,
    /// Whether `VALID UNTIL` is over: no password of it counts any more.
    pub(super) expired: bool,
    /// Whether it may open no connection: `CONNECTION LIMIT 0`.
    pub(super) shut_out: bool,
    /// Settings of it that stop its sessions, or lead round the walls: `role=admin`.
    pub(super) settings: Vec<String>,
    /// The roles that it is a member of, by others too.
    pub(super) member_of: Vec<String>,
}

/// A right that leads beyond the tables, which no service's role has a use for.
#[derive(Debug, Clone)]
pub(super) struct Beyond {
    /// A setting of the server, a server of foreign tables, a function of PostgreSQL's own.
    pub(super) kind: ObjectKind,
    /// Its name as SQL.
    pub(super) sql: String,
    pub(super) owner: String,
    pub(super) role: String,
    pub(super) grantor: String,
    /// Whether we have the rights of whoever gave it.
    pub(super) grantor_ours: bool,
    pub(super) privilege: Privilege,
}

impl Beyond {
    /// The keyword of `REVOKE` after `ON`.
    pub(super) fn keyword(&self) -> &'static str {
        match self.kind {
            ObjectKind::Parameter => "parameter",
            ObjectKind::ForeignServer => "foreign server",
            kind => kind.words(),
        }
    }
}

/// An object that privileges are on.
#[derive(Debug, Clone)]
pub(super) struct Securable {
    /// Routines are all of one kind here.
    pub(super) kind: ObjectKind,
    pub(super) name: QualifiedName,
    /// A routine with the types of its arguments, as SQL.
    pub(super) identity: String,
    pub(super) owner: String,
    /// Whether we have the rights of its owner.
    pub(super) ours: bool,
    /// The table that a sequence belongs to, or that another is a partition or heir of.
    pub(super) parent: Option<Oid>,
    /// What a view reads.
    pub(super) bases: Vec<Oid>,
    /// Of a view: who writes to it writes to its tables as its owner. Of a schema: an extension is
    /// in it.
    pub(super) flag: bool,
    /// Of a schema: whether we may create in it.
    pub(super) creatable: bool,
}

/// A privilege that a role holds.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    /// Its place in [`Snapshot::objects`].
    pub(super) object: usize,
    /// Only on this column.
    pub(super) column: Option<String>,
    /// `None` is PUBLIC.
    pub(super) role: Option<String>,
    pub(super) grantor: String,
    /// Whether we may act as the grantor.
    pub(super) grantor_ours: bool,
    pub(super) privilege: Privilege,
    pub(super) grantable: bool,
}

/// A privilege that a role will hold on what another role creates.
#[derive(Debug, Clone)]
pub(super) struct HeldByDefault {
    pub(super) creator: String,
    /// Whether we have the creator's rights.
    pub(super) ours: bool,
    /// `None` is all schemas.
    pub(super) schema: Option<String>,
    /// PostgreSQL's letter: `r`, `S`, `f`, `T`, `n`.
    pub(super) letter: char,
    pub(super) role: Option<String>,
    pub(super) privilege: Privilege,
    pub(super) grantable: bool,
}

/// What whoever uses a relation needs too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    /// Its place in [`Snapshot::objects`].
    pub(super) object: usize,
    /// Whether a reader needs it already.
    pub(super) reading: bool,
}

/// A type or operator.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    /// The schema in which it has to be found.
    pub(super) schema: String,
    /// What its owner is known by: an operator's is that of its function.
    pub(super) class: Class,
    pub(super) name: QualifiedName,
}

impl Securable {
    /// What its number is unique among; `None` for what no privileges are on.
    pub(super) fn class(&self) -> Option<Class> {
        self.kind.class()
    }

    pub(super) fn is_sequence(&self) -> bool {
        self.kind == ObjectKind::Sequence
    }

    /// Whether it records migrations: Diesel's table, and ours beside it.
    pub(super) fn is_bookkeeping(&self) -> bool {
        self.class() == Some(Class::Relation) && is_bookkeeping(&self.name.name)
    }

    /// The keyword of `GRANT` after `ON`, before the name.
    pub(super) fn keyword(&self) -> &'static str {
        match self.class() {
            // Views are tables there.
            Some(Class::Relation) if !self.is_sequence() => "table",
            _ => self.kind.words(),
        }
    }

    /// Its name in SQL.
    pub(super) fn sql(&self) -> String {
        match self.class() {
            Some(Class::Relation) => self.name.to_string(),
            Some(Class::Routine) => self.identity.clone(),
            _ => quote_identifier(&self.name.name),
        }
    }

    /// Its name for people, as in `migrate.toml`.
    pub(super) fn shown(&self) -> String {
        let name = crate::ownership::shown(&self.name);
        match self.class() {
            Some(Class::Relation) => name,
            Some(Class::Routine) => format!("{name}()"),
            _ => self.name.name.clone(),
        }
    }
}

impl Snapshot {
    /// The objects of a class, with their places.
    pub(super) fn of_class(&self, class: Class) -> impl Iterator<Item = (usize, &Securable)> {
        let all = self.objects.iter().enumerate();
        all.filter(move |(_, object)| object.class() == Some(class))
    }

    pub(super) fn place(&self, class: Class, oid: Oid) -> Option<usize> {
        self.places.get(&(class, oid)).copied()
    }

    pub(super) fn database(&self) -> Option<usize> {
        self.of_class(Class::Database)
            .map(|(place, _)| place)
            .next()
    }

    /// Whether the role is one whose privileges mean nothing, or are ours: they stay as they are.
    pub(super) fn is_left_alone(&self, role: &str) -> bool {
        let superuser = self.roles.get(role).is_some_and(|role| role.superuser);
        superuser || self.deploys(role)
    }

    /// Whether the role is ours, or the one that deploys.
    pub(super) fn deploys(&self, role: &str) -> bool {
        let deployer = self.deployer.as_ref();
        role == self.current_role
            || role == self.session_role
            || deployer.is_some_and(|(deployer, _)| deployer == role)
    }

    /// Whether we have the rights of a role that creates: ours, or that which deploys.
    pub(super) fn has_rights_of(&self, creator: &str) -> bool {
        let deployer = self.deployer.as_ref();
        creator == self.current_role
            || deployer.is_some_and(|(deployer, ours)| deployer == creator && *ours)
    }

    /// Whether we may create roles, or alter this one.
    pub(super) fn may_alter(&self, role: Option<&str>) -> bool {
        let Some(ours) = self.roles.get(&self.current_role) else {
            return false;
        };
        // Since 16 the right to create roles is not one to alter those of others.
        let is_ours = |role: &str| {
            let role = self.roles.get(role);
            self.version < 160_000 || role.is_some_and(|role| role.ours_to_alter)
        };
        ours.superuser || ours.creates_roles && role.is_none_or(is_ours)
    }

    /// What PUBLIC holds: objects and privileges.
    pub(super) fn held_by_public(&self) -> BTreeSet<(usize, &Privilege)> {
        let all = self.held.iter();
        all.filter(|held| held.role.is_none() && held.column.is_none())
            .map(|held| (held.object, &held.privilege))
            .collect()
    }
}

/// A role as `GRANT` names it.
pub(super) fn grantee(role: Option<&str>) -> String {
    role.map_or_else(|| "public".to_owned(), quote_identifier)
}
