//! Migrations that come late, and whether that matters: whether one that was applied before them,
//! and comes after them in the history, has touched the same.
//!
//! What only reads or refers to a thing does not mind another that does the same, nor what happens
//! beside its rows. In doubt both touch it: whoever wrote the one did not know of the other.

use migrate_sql::verb::Effect;
use migrate_text::class::Class;

use super::collision::Collision;
use super::judged::Attribution;
use super::replay::Unseen;

impl Attribution<'_> {
    /// What these migrations, which come late, touch, and one of the applied that come after them
    /// in the history has touched: each object once for each late one.
    pub fn conflicts_of_late(&self, late: &[&str], applied: &[&str]) -> Vec<Collision> {
        let mut conflicts: Vec<Collision> = Vec::new();
        for late in self.touching(late) {
            let after = self.touching(applied);
            let mut after = after.filter(|other| other.moment > late.moment);
            let found = after.find(|later| {
                self.objects.is_same(late.touch, later.touch)
                    && matters(
                        late.touch.verb.effect(),
                        later.touch.verb.effect(),
                        late.touch.class,
                    )
            });
            if let Some(later) = found {
                late.collision(&later, &self.objects).add_to(&mut conflicts);
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
}

/// Whether it matters in which order two things are done to one object.
pub(super) fn matters(late: Effect, later: Effect, class: Class) -> bool {
    use Effect::{
        Changes, ChangesRows, Copies, GivesKey, IsBeside, Leaves, Locks, Reads, Refers, Takes, Uses,
    };
    match (late, later) {
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
