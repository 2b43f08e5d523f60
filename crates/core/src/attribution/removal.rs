//! What goes away, and what goes with it.

use super::replay::{FilePass, Tracer};
use super::world::{Dependent, Need, TracedId};
use migrate_sql::act::Act;
use migrate_sql::verb::Verb;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

impl Tracer<'_> {
    pub(super) fn drop(&mut self, pass: &mut FilePass<'_>, act: &Act, cascade: bool) {
        self.note(pass, act, Verb::Drop);
        if act.later {
            return;
        }
        for id in self.meant(act) {
            if act.class == Class::Schema {
                for inside in self.names.in_schema(act.name.name()) {
                    self.touch(pass, act, inside, Verb::Drop);
                    self.remove(pass, act, inside, cascade);
                }
            }
            self.remove(pass, act, id, cascade);
        }
    }

    /// Takes an object away with its parts, and with what needs it where that is asked for.
    fn remove(&mut self, pass: &mut FilePass<'_>, act: &Act, id: TracedId, cascade: bool) {
        let object = &self.objects[id];
        let (class, name) = (object.class, object.name().clone());
        self.names.remove(class, &name, id);
        if !self.only_tried && object.gone.is_none() {
            self.objects[id].gone = Some(pass.moment);
        }
        for part in self.parts_of(id, ObjectKind::follows_its_table) {
            self.remove(pass, act, part, false);
        }
        for partition in self.parts_of(id, |kind| kind == ObjectKind::Table) {
            self.touch(pass, act, partition, Verb::Drop);
            self.remove(pass, act, partition, cascade);
        }
        if cascade {
            self.remove_dependents(pass, act, id);
        }
    }

    fn remove_dependents(&mut self, pass: &mut FilePass<'_>, act: &Act, id: TracedId) {
        let dependents: Vec<Dependent> = self.objects[id]
            .dependents_at(pass.moment)
            .cloned()
            .collect();
        for dependent in dependents {
            let by = dependent.by;
            if self.objects[by].gone.is_some() {
                continue;
            }
            let verb = match dependent.need {
                Need::ForeignKey => Verb::DropForeignKeyOf,
                Need::Part => Verb::DropPartOf,
                Need::View => Verb::Drop,
            };
            self.touch(pass, act, by, verb);
            if dependent.need == Need::View {
                self.remove(pass, act, by, true);
            }
        }
    }

    pub(super) fn truncate_referring(
        &self,
        pass: &mut FilePass<'_>,
        act: &Act,
        id: TracedId,
        seen: &mut Vec<TracedId>,
    ) {
        let referring: Vec<TracedId> = self.objects[id]
            .dependents_at(pass.moment)
            .filter(|dependent| dependent.need == Need::ForeignKey)
            .map(|dependent| dependent.by)
            .collect();
        for by in referring {
            if self.objects[by].gone.is_none() && !seen.contains(&by) {
                seen.push(by);
                self.touch(pass, act, by, Verb::Truncate);
                self.truncate_referring(pass, act, by, seen);
            }
        }
    }

    /// A part of a table is gone: what it needed it needs no more.
    pub(super) fn forget(&mut self, pass: &FilePass<'_>, act: &Act, part: &str) {
        let Some(table) = self.one(act.class, &act.name) else {
            return;
        };
        if act.later || self.only_tried {
            return;
        }
        let all = self.objects.0.iter_mut();
        for dependent in all.flat_map(|object| &mut object.dependents) {
            if dependent.by == table && dependent.parts.iter().any(|p| p == part) {
                dependent.until.get_or_insert(pass.moment);
            }
        }
    }

    /// A column or constraint is dropped with the foreign keys that need it.
    pub(super) fn drop_key(&self, pass: &mut FilePass<'_>, act: &Act, part: &str) {
        let Some(table) = self.one(act.class, &act.name) else {
            return;
        };
        let indexes = self
            .parts_of(table, |kind| kind == ObjectKind::Index)
            .into_iter();
        let mut indexes = indexes.map(|id| &self.objects[id]);
        // The constraint of this name, or the primary key with this column.
        let is_key = indexes.any(|index| {
            index.name().name == part || index.columns.iter().any(|column| column == part)
        });
        let needs_it = |key: &&Dependent| match key.columns.as_slice() {
            [] => is_key,
            columns => is_key || columns.iter().any(|column| column == part),
        };
        let keys = self.objects[table].dependents_at(pass.moment);
        let keys: Vec<TracedId> = keys
            .filter(|key| key.need == Need::ForeignKey && self.objects[key.by].gone.is_none())
            .filter(needs_it)
            .map(|key| key.by)
            .collect();
        for by in keys {
            self.touch(pass, act, by, Verb::DropForeignKeyOf);
        }
    }
}
