//! Migrations that come late, and whether that matters: whether one that was applied before them,
//! and comes after them in the history, has touched the same.
//!
//! What only reads or refers to a thing does not mind another that does the same, nor what happens
//! beside its rows. In doubt both touch it: whoever wrote the one did not know of the other.

use crate::history::Migration;
use migrate_sql::verb::{Effect, Verb};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;
use migrate_text::source::Location;

use super::judged::Attribution;
use super::replay::{Touch, Unseen};
use super::verdict::kind_of;
use super::world::{Moment, TracedId, TracedObject};

/// A migration that comes late touches what a later one has touched, which is applied already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{location}: {late} comes late: {later} has touched {kind} {}, at {later_location}", .name.name)]
pub struct LateConflict {
    /// The late migration's folder name.
    pub late: String,
    /// The applied one's.
    pub later: String,
    /// What both touch.
    pub kind: ObjectKind,
    /// Its name, as the late one has it.
    pub name: QualifiedName,
    /// What the late one does to it.
    pub verb: Verb,
    /// Where.
    pub location: Location,
    /// What the applied one did to it.
    pub later_verb: Verb,
    /// Where.
    pub later_location: Location,
}

/// What a migration touches, and when it comes.
#[derive(Clone, Copy)]
struct Touching<'t> {
    moment: Moment,
    migration: &'t Migration,
    touch: &'t Touch,
}

impl Attribution<'_> {
    /// What these migrations, which come late, touch, and one of the applied that come after them
    /// in the history has touched: each object once for each late one.
    pub fn conflicts_of_late(&self, late: &[&str], applied: &[&str]) -> Vec<LateConflict> {
        let mut conflicts: Vec<LateConflict> = Vec::new();
        for touching in self.touching(late) {
            let after = self.touching(applied);
            let mut after = after.filter(|other| other.moment > touching.moment);
            let Some(later) = after.find(|later| self.collide(&touching, later)) else {
                continue;
            };
            let conflict = self.conflict(&touching, &later);
            let is_told = |told: &LateConflict| {
                told.late == conflict.late
                    && told.kind == conflict.kind
                    && told.name == conflict.name
            };
            if !conflicts.iter().any(is_told) {
                conflicts.push(conflict);
            }
        }
        conflicts
    }

    /// What of a late migration, and of the applied ones that come after it in the history, could
    /// not be seen through: it may touch anything.
    pub fn unseen_around_late(&self, late: &str, applied: &[&str]) -> Vec<&Unseen> {
        let all = self.migrations.iter().zip(&self.touched);
        let around = all.filter(|(migration, _)| {
            let version = migration.version.as_str();
            version == late || version > late && applied.contains(&version)
        });
        around.flat_map(|(_, touched)| &touched.unseen).collect()
    }

    /// All touches of these migrations, in the order of the history.
    fn touching<'t>(&'t self, versions: &'t [&str]) -> impl Iterator<Item = Touching<'t>> {
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

    fn collide(&self, late: &Touching<'_>, later: &Touching<'_>) -> bool {
        self.is_same(late.touch, later.touch)
            && matters(late.touch.verb, later.touch.verb, late.touch.class)
    }

    /// Whether two touches are of one object, or of parts of one. A name is enough: what the late
    /// one creates or renames the other knew by its name, as it was without it.
    fn is_same(&self, one: &Touch, other: &Touch) -> bool {
        if one.class != other.class {
            return false;
        }
        let (mine, theirs) = (one.object, other.object);
        let is_temporary = |id: Option<TracedId>| id.is_some_and(|id| self.objects[id].temporary);
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
        let object = touch.object.map(|id| &self.objects[id]);
        let is_part = object.is_some_and(|it| it.of.is_some() && it.kind.follows_its_table());
        is_part && touch.verb == Verb::Create
    }

    /// The table that an object is a part of, or else itself.
    fn whole(&self, mut id: TracedId) -> TracedId {
        // Each is a part of one that was there before, but for what `ATTACH` ties in a circle.
        for _ in 0..self.objects.0.len() {
            match self.objects[id].of {
                Some(of) => id = of,
                None => break,
            }
        }
        id
    }

    fn conflict(&self, late: &Touching<'_>, later: &Touching<'_>) -> LateConflict {
        let Touch { object, name, .. } = late.touch;
        let whole: Option<&TracedObject> = object.map(|id| &self.objects[self.whole(id)]);
        let is_part = object.is_some_and(|id| self.whole(id) != id);
        let name = match whole.filter(|_| is_part) {
            Some(whole) => &whole.names[whole.segment_at(late.moment)].name,
            None => name,
        };
        LateConflict {
            late: late.migration.folder_name.clone(),
            later: later.migration.folder_name.clone(),
            kind: kind_of(late.touch.class, whole),
            name: name.clone(),
            verb: late.touch.verb,
            location: late.touch.location.clone(),
            later_verb: later.touch.verb,
            later_location: later.touch.location.clone(),
        }
    }
}

/// Whether it matters in which order two things are done to one object.
fn matters(late: Verb, later: Verb, class: Class) -> bool {
    use Effect::{
        Changes, ChangesRows, Copies, GivesKey, IsBeside, Leaves, Locks, Reads, Refers, Takes, Uses,
    };
    match (late.effect(), later.effect()) {
        // What is called is read, too; what is made with something is none of its changes.
        (Uses | Locks | Leaves, _) | (_, Uses | Locks | Leaves) => false,
        (Reads | Copies | Refers, Reads | Copies | Refers) => false,
        // With `IF NOT EXISTS` both may, and without it the second fails.
        (Takes, Takes) => !matches!(class, Class::Schema | Class::Extension),
        // Who reads or refers does not see what stands beside the rows.
        (IsBeside, Reads | Refers) | (Reads | Refers, IsBeside) => false,
        // A foreign key may need the unique index; in a new database the index would come after it.
        (GivesKey, Reads | Refers) | (Reads, GivesKey) => false,
        // A foreign key is checked against the rows that there are, in either order.
        (Refers, ChangesRows) => false,
        // Referring to what is altered is as good before as after; to what is gone it is not.
        (ChangesRows | Changes, Refers) => false,
        _ => true,
    }
}
