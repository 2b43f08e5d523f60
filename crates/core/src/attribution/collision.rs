//! Two migrations that touch the same object, whose order therefore matters.

use crate::history::Migration;
use migrate_sql::verb::Verb;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;
use migrate_text::source::Location;

use super::judged::Attribution;
use super::replay::Touch;
use super::verdict::kind_of;
use super::world::{Moment, Objects, TracedId, TracedObject};

/// A migration touches what another has touched that is applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {migration} touches {kind} {}, which {applied} has touched, at {applied_location}", .name.name)]
pub struct Collision {
    /// The migration's folder name.
    pub migration: String,
    /// The applied one's.
    pub applied: String,
    /// What both touch.
    pub kind: ObjectKind,
    /// Its name, as the migration has it.
    pub name: QualifiedName,
    /// What the migration does to it.
    pub verb: Verb,
    /// Where.
    pub location: Location,
    /// What the applied one did to it.
    pub applied_verb: Verb,
    /// Where.
    pub applied_location: Location,
}

/// What a migration touches, and when it comes.
#[derive(Clone, Copy)]
pub(super) struct Touching<'t> {
    pub(super) moment: Moment,
    pub(super) migration: &'t Migration,
    pub(super) touch: &'t Touch,
}

impl Attribution<'_> {
    /// All touches of these migrations, in the order of the history.
    pub(super) fn touching<'t>(
        &'t self,
        versions: &'t [&str],
    ) -> impl Iterator<Item = Touching<'t>> {
        let all = self.migrations.iter().zip(&self.touched).enumerate();
        let wanted = all.filter(|(_, (m, _))| versions.contains(&m.version.as_str()));
        wanted.flat_map(|(moment, (migration, touched))| {
            touched.touches.iter().map(move |touch| Touching {
                moment,
                migration,
                touch,
            })
        })
    }
}

impl Touching<'_> {
    /// What is told of this and another that is applied.
    pub(super) fn collision(&self, applied: &Self, objects: &Objects) -> Collision {
        let Touch { object, name, .. } = self.touch;
        let whole: Option<&TracedObject> = object.map(|id| &objects[objects.whole(id)]);
        let is_part = object.is_some_and(|id| objects.whole(id) != id);
        let name = match whole.filter(|_| is_part) {
            Some(whole) => &whole.names[whole.segment_at(self.moment)].name,
            None => name,
        };
        Collision {
            migration: self.migration.folder_name.clone(),
            applied: applied.migration.folder_name.clone(),
            kind: kind_of(self.touch.class, whole),
            name: name.clone(),
            verb: self.touch.verb,
            location: self.touch.location.clone(),
            applied_verb: applied.touch.verb,
            applied_location: applied.touch.location.clone(),
        }
    }
}

impl Collision {
    /// Adds it, unless the same object of this migration is told of.
    pub(super) fn add_to(self, told: &mut Vec<Self>) {
        let is_told = |one: &Self| {
            one.migration == self.migration && one.kind == self.kind && one.name == self.name
        };
        if !told.iter().any(is_told) {
            told.push(self);
        }
    }
}

impl Objects {
    /// Whether two touches are of one object, or of parts of one. A name is enough: what the one
    /// creates or renames the other knew by its name, as it was without it.
    pub(super) fn is_same(&self, one: &Touch, other: &Touch) -> bool {
        if one.class != other.class {
            return false;
        }
        let (mine, theirs) = (one.object, other.object);
        let is_temporary = |id: Option<TracedId>| id.is_some_and(|id| self[id].temporary);
        if is_temporary(mine) || is_temporary(theirs) {
            return false;
        }
        // An index or sequence that comes to a table: what that does to the table is a touch of its
        // own.
        let adds = self.adds_a_part(one) || self.adds_a_part(other);
        let same_object = match (mine, theirs) {
            (Some(mine), Some(theirs)) if adds => mine == theirs,
            (Some(mine), Some(theirs)) => self.whole(mine) == self.whole(theirs),
            _ => false,
        };
        same_object || one.name == other.name
    }

    fn adds_a_part(&self, touch: &Touch) -> bool {
        let object = touch.object.map(|id| &self[id]);
        let is_part = object.is_some_and(|it| it.of.is_some() && it.kind.follows_its_table());
        is_part && touch.verb == Verb::Create
    }

    /// The table that an object is a part of, or else itself.
    fn whole(&self, mut id: TracedId) -> TracedId {
        // Each is a part of one that was there before, but for what `ATTACH` ties in a circle.
        for _ in 0..self.0.len() {
            match self[id].of {
                Some(of) => id = of,
                None => break,
            }
        }
        id
    }
}
