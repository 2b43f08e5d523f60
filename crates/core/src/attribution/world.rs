//! The objects that a history makes.

use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;
use migrate_text::source::Location;

/// Where a session's temporary objects are.
pub(super) const TEMPORARY: &str = "pg_temp";

/// An object of the history: one from its creation to its end, whatever it is called meanwhile.
#[derive(Debug, Clone)]
pub(super) struct TracedObject {
    pub(super) class: Class,
    /// What it is.
    pub(super) kind: ObjectKind,
    pub(super) temporary: bool,
    /// Its names, each from a moment on, never none.
    pub(super) names: Vec<Named>,
    /// The moment of its creation, and the text.
    pub(super) born: Moment,
    pub(super) created_at: Location,
    /// The moment of its end.
    pub(super) gone: Option<Moment>,
    /// The table that it is a part of, or a partition of.
    pub(super) of: Option<TracedId>,
    /// A routine's argument types.
    pub(super) arguments: Option<String>,
    /// What needs it.
    pub(super) dependents: Vec<Dependent>,
    /// What a view shows and rows written to it may go to.
    pub(super) shows: Vec<TracedId>,
    /// The table of our own records that it shows.
    pub(super) shows_ledger: Option<QualifiedName>,
    /// The columns of a primary key.
    pub(super) columns: Vec<String>,
}

/// A position in the history: the index of a migration.
pub(super) type Moment = usize;

/// An object's place among all that there ever were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TracedId(pub(super) usize);

/// A name from a moment on.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: QualifiedName,
    pub(super) since: Moment,
}

/// An object that needs another.
#[derive(Debug, Clone)]
pub(super) struct Dependent {
    pub(super) by: TracedId,
    pub(super) need: Need,
    /// The parts of it that do: a column, a constraint, a trigger. With any of them it is over.
    pub(super) parts: Vec<String>,
    /// The columns that a foreign key refers to; those of the primary key where there is none.
    pub(super) columns: Vec<String>,
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

impl TracedObject {
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
pub(super) struct Objects(pub(super) Vec<TracedObject>);

impl std::ops::Index<TracedId> for Objects {
    type Output = TracedObject;

    fn index(&self, id: TracedId) -> &TracedObject {
        &self.0[id.0]
    }
}

impl std::ops::IndexMut<TracedId> for Objects {
    fn index_mut(&mut self, id: TracedId) -> &mut TracedObject {
        &mut self.0[id.0]
    }
}

impl Objects {
    /// All with their places.
    pub(super) fn all(&self) -> impl Iterator<Item = (TracedId, &TracedObject)> + Clone {
        let all = self.0.iter().enumerate();
        all.map(|(index, object)| (TracedId(index), object))
    }
}
