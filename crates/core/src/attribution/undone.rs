//! Migrations that are reverted while others stay that were applied after them, and whether that
//! matters: whether one of those builds on what goes. It is the question of a late migration, asked
//! the other way round.

use migrate_sql::verb::Effect;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::source::SourceFile;

use super::collision::{Collision, Touching};
use super::judged::Attribution;
use super::late::matters;
use super::replay::{Touch, Unseen};
use super::world::Objects;

/// A migration that is reverted, though some stay that were applied after it.
pub(crate) struct Undone<'u> {
    /// Its version.
    pub(crate) version: &'u str,
    /// What is run for it.
    pub(crate) down: &'u SourceFile,
    /// The versions that were applied after it and stay.
    pub(crate) staying: &'u [&'u str],
}

/// What is found out of such a migration.
#[derive(Debug, Default)]
pub(crate) struct Uncovered {
    /// What it has touched, or its `down.sql` touches, and one that stays has touched.
    pub(crate) collisions: Vec<Collision>,
    /// What of it, and of those that stay, could not be seen through: it may touch anything.
    pub(crate) unseen: Vec<Unseen>,
}

impl Attribution<'_> {
    /// What those that stay have touched of what is taken back. `None` where the history does not
    /// have the migration.
    pub(crate) fn of_undone(&self, undone: &Undone<'_>) -> Option<Uncovered> {
        let mut all = self.migrations.iter();
        let moment = all.position(|m| m.version == undone.version)?;
        let migration = &self.migrations[moment];
        let (objects, down) = self.tried(undone.down, moment);
        // What takes it back first: that is what would be lost.
        let touches = down.touches.iter().chain(&self.touched[moment].touches);
        let mut collisions = Vec::new();
        for touch in touches {
            let mut staying = self.touching(undone.staying);
            let found = staying.find(|later| {
                let effect = effect(touch, &objects);
                is_inside(later.touch, touch)
                    || objects.is_same(touch, later.touch)
                        && matters_undone(effect, later.touch.verb.effect(), touch.class)
            });
            let this = Touching {
                moment,
                migration,
                touch,
            };
            if let Some(later) = found {
                this.collision(&later, &objects).add_to(&mut collisions);
            }
        }
        let around = self.migrations.iter().zip(&self.touched);
        let around = around.filter(|(migration, _)| {
            let version = migration.version.as_str();
            version == undone.version || undone.staying.contains(&version)
        });
        let around = around.flat_map(|(_, touched)| &touched.unseen);
        Some(Uncovered {
            collisions,
            unseen: down.unseen.iter().chain(around).cloned().collect(),
        })
    }
}

/// What a touch changes of a table. An index that goes was beside its rows; whether it was a unique
/// one its creation tells.
fn effect(touch: &Touch, objects: &Objects) -> Effect {
    let object = touch.object.map(|id| &objects[id]);
    let is_index = object.is_some_and(|object| object.kind == ObjectKind::Index);
    match touch.verb.effect() {
        Effect::TakesAway if is_index => Effect::IsBeside,
        other => other,
    }
}

/// Whether something is in a schema that goes. What comes into it later the file's own text does not
/// say.
fn is_inside(later: &Touch, touch: &Touch) -> bool {
    let goes = touch.class == Class::Schema && touch.verb.effect() == Effect::TakesAway;
    goes && later.class != Class::Schema && later.name.schema == touch.name.name
}

/// Whether it matters that what was done to an object is taken back, after something else was done
/// to it.
fn matters_undone(undone: Effect, later: Effect, class: Class) -> bool {
    // With the unique index goes the foreign key that needs it.
    let takes_a_key = undone == Effect::GivesKey && later == Effect::Refers;
    takes_a_key || matters(undone, later, class)
}
