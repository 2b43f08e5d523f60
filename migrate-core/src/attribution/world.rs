//! The objects that a history makes, and what names mean at a moment of it.

use std::collections::BTreeMap;

use crate::name::QualifiedName;
use crate::ownership::Class;
use crate::source::Location;

use super::act::Written;

/// Where a session's temporary objects are.
pub(super) const TEMPORARY: &str = "pg_temp";

/// An object of the history: one from its creation to its end, whatever it is called meanwhile.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) class: Class,
    /// What it is, in the words of a message.
    pub(super) kind: &'static str,
    pub(super) temporary: bool,
    /// Its names, each from a moment on, never none.
    pub(super) names: Vec<Named>,
    /// The moment of its creation, and the text.
    pub(super) born: Moment,
    pub(super) created_at: Location,
    /// The moment of its end.
    pub(super) gone: Option<Moment>,
    /// The table that it is a part of, or a partition of.
    pub(super) of: Option<ObjectId>,
    /// A routine's argument types.
    pub(super) arguments: Option<String>,
    /// What needs it.
    pub(super) dependents: Vec<Dependent>,
    /// What a view shows.
    pub(super) shows: Vec<ObjectId>,
}

/// A position in the history: the index of a migration.
pub(super) type Moment = usize;

/// An object's place among all that there ever were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ObjectId(pub(super) usize);

/// A name from a moment on.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: QualifiedName,
    pub(super) since: Moment,
}

/// An object that needs another.
#[derive(Debug, Clone)]
pub(super) struct Dependent {
    pub(super) by: ObjectId,
    pub(super) need: Need,
    /// The part of it that does: a column, a constraint, a trigger.
    pub(super) part: Option<String>,
    pub(super) since: Moment,
    pub(super) until: Option<Moment>,
}

/// What an object is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// A foreign key refers to it.
    ForeignKey,
    /// A part of a table is made with it.
    Part,
    /// A view shows it.
    View,
}

impl Object {
    /// What it is called now.
    pub(super) fn name(&self) -> &QualifiedName {
        // `names` is never empty.
        &self.names[self.names.len() - 1].name
    }

    /// Which of its names it has at a moment.
    pub(super) fn segment_at(&self, moment: Moment) -> usize {
        let after = self.names.iter().position(|named| named.since > moment);
        after.unwrap_or(self.names.len()).saturating_sub(1)
    }

    /// Whether it is there after a moment.
    pub(super) fn exists_at(&self, moment: Moment) -> bool {
        self.born <= moment && self.gone.is_none_or(|gone| gone > moment)
    }

    /// What needs it at a moment.
    pub(super) fn dependents_at(&self, moment: Moment) -> impl Iterator<Item = &Dependent> {
        let all = self.dependents.iter();
        all.filter(move |dependent| {
            dependent.since <= moment && dependent.until.is_none_or(|until| until > moment)
        })
    }
}

/// All objects that there ever were.
#[derive(Debug, Clone, Default)]
pub(super) struct Objects(pub(super) Vec<Object>);

impl std::ops::Index<ObjectId> for Objects {
    type Output = Object;

    fn index(&self, id: ObjectId) -> &Object {
        &self.0[id.0]
    }
}

impl std::ops::IndexMut<ObjectId> for Objects {
    fn index_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.0[id.0]
    }
}

impl Objects {
    /// All with their places.
    pub(super) fn all(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        let all = self.0.iter().enumerate();
        all.map(|(index, object)| (ObjectId(index), object))
    }
}

/// What names mean now. Names first, so that one can be looked for in every schema.
type Key = (Class, String, String);

/// The names of a moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    present: BTreeMap<Key, Vec<ObjectId>>,
    /// The schemas in which names without one are looked up, and those of new sessions.
    path: Option<Vec<String>>,
    default_path: Option<Vec<String>>,
    within: Option<Vec<String>>,
}

fn key(class: Class, name: &QualifiedName) -> Key {
    (class, name.name.clone(), name.schema.clone())
}

impl Names {
    /// A new session.
    pub(super) fn begin_session(&mut self) {
        self.path = None;
        self.within = None;
        let temporary = |(_, _, schema): &Key| schema == TEMPORARY;
        self.present.retain(|key, _| !temporary(key));
    }

    pub(super) fn set_path(&mut self, path: Option<Vec<String>>, lasting: bool) {
        if lasting {
            self.default_path = path;
        } else {
            self.path = path;
        }
    }

    pub(super) fn set_within(&mut self, within: Option<Vec<String>>) {
        self.within = within;
    }

    /// The schemas in which a name without one is looked up. `$user` stands for none: a service's
    /// role does not migrate.
    fn schemas(&self) -> Vec<&str> {
        let path = self.within.as_ref().or(self.path.as_ref());
        let path = path.or(self.default_path.as_ref());
        match path {
            Some(path) => {
                let named = path.iter().map(String::as_str);
                named.filter(|schema| *schema != "$user").collect()
            }
            None => vec!["public"],
        }
    }

    /// Whether nobody has set a search path.
    pub(super) fn is_default(&self) -> bool {
        self.within.is_none() && self.path.is_none() && self.default_path.is_none()
    }

    /// Where an object of this name would be created.
    pub(super) fn place(&self, written: &Written) -> QualifiedName {
        let schema = written.schema().map(str::to_owned).unwrap_or_else(|| {
            let mut schemas = self.schemas().into_iter();
            schemas
                .find(|schema| *schema != "pg_catalog")
                .unwrap_or("public")
                .to_owned()
        });
        QualifiedName::new(schema, written.name())
    }

    /// What a name means: several only for routines.
    ///
    /// A name that no schema of the path has, and one other schema, means that one: the path of
    /// a role or of the connection is not in the history.
    pub(super) fn find(&self, class: Class, written: &Written) -> &[ObjectId] {
        let exact = |schema: &str| {
            let key = (class, written.name().to_owned(), schema.to_owned());
            self.present.get(&key).filter(|found| !found.is_empty())
        };
        if matches!(class, Class::Schema | Class::Extension) {
            return exact(written.name()).map_or(&[], Vec::as_slice);
        }
        if let Some(schema) = written.schema() {
            return exact(schema).map_or(&[], Vec::as_slice);
        }
        let schemas = self.schemas();
        let path = std::iter::once(TEMPORARY).chain(schemas);
        if let Some(found) = path.into_iter().find_map(exact) {
            return found;
        }
        let from = (class, written.name().to_owned(), String::new());
        let same_name = self.present.range(from..);
        let mut same_name = same_name
            .take_while(|((c, name, _), _)| *c == class && name == written.name())
            .filter(|(_, found)| !found.is_empty());
        match (same_name.next(), same_name.next()) {
            (Some((_, found)), None) => found,
            _ => &[],
        }
    }

    pub(super) fn add(&mut self, class: Class, name: &QualifiedName, id: ObjectId) {
        self.present.entry(key(class, name)).or_default().push(id);
    }

    pub(super) fn remove(&mut self, class: Class, name: &QualifiedName, id: ObjectId) {
        if let Some(found) = self.present.get_mut(&key(class, name)) {
            found.retain(|other| *other != id);
        }
    }

    /// Everything in a schema.
    pub(super) fn in_schema(&self, schema: &str) -> Vec<ObjectId> {
        let all = self.present.iter();
        all.filter(|((class, _, of), _)| {
            of == schema && !matches!(class, Class::Schema | Class::Extension)
        })
        .flat_map(|(_, found)| found.iter().copied())
        .collect()
    }
}
