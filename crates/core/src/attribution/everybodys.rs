//! What is everybody's, what leads past the walls, and what others made that something works with.

use super::replay::{FilePass, Touch, Tracer};
use super::world::{Need, TracedId};
use migrate_sql::act::{Act, Creation, Written};
use migrate_sql::is_builtin_routine;
use migrate_sql::verb::{Common, Verb};
use migrate_sql::way_out::WayOut;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::{QualifiedName, is_bookkeeping};
use migrate_text::source::Span;

/// The schema that everybody finds things in.
const PUBLIC: &str = "public";

impl Tracer<'_> {
    /// It is done to what all services depend on.
    pub(super) fn for_all(pass: &mut FilePass<'_>, what: Common, name: &str, span: &Span) {
        let location = pass.at(span);
        pass.push(Touch {
            class: what.class(),
            object: None,
            alternatives: Vec::new(),
            name: QualifiedName::new(name, name),
            verb: Verb::Sway(what),
            location,
        });
    }

    /// It leads to where no wall looks.
    pub(super) fn way_out(pass: &mut FilePass<'_>, way: WayOut, name: &str, span: &Span) {
        let location = pass.at(span);
        pass.push(Touch {
            class: way.class(),
            object: None,
            alternatives: Vec::new(),
            name: QualifiedName::new(name, name),
            verb: Verb::Leave(way),
            location,
        });
    }

    /// A role becomes a member of another. Which may be harmless: one that only reads, of a person.
    pub(super) fn membership(&self, pass: &mut FilePass<'_>, of: &str, span: &Span) {
        if WayOut::is_predefined(of) || self.policy.service_of_role(of).is_some() {
            Self::way_out(pass, WayOut::Membership, of, span);
        }
    }

    /// Notes that something is done to what no migration has made: PostgreSQL, an extension or
    /// somebody by hand has, and it is everybody's. Of tables, functions and types the guard knows
    /// more. Returns whether it is that.
    pub(super) fn is_given(&self, pass: &mut FilePass<'_>, act: &Act) -> bool {
        let in_catalog = act.name.schema() == Some("pg_catalog");
        let common = match act.class {
            Class::Schema if act.name.name() == PUBLIC => Some(Common::PublicSchema),
            Class::Routine if in_catalog => Some(Common::Given(ObjectKind::Routine)),
            Class::Type if in_catalog => Some(Common::Given(ObjectKind::Type)),
            Class::Operator => Some(Common::Given(ObjectKind::Operator)),
            Class::OperatorClass => Some(Common::Given(ObjectKind::OperatorClass)),
            Class::OperatorFamily => Some(Common::Given(ObjectKind::OperatorFamily)),
            Class::Cast => Some(Common::Given(ObjectKind::Cast)),
            Class::Transform => Some(Common::Given(ObjectKind::Transform)),
            Class::Collation => Some(Common::Given(ObjectKind::Collation)),
            Class::Conversion => Some(Common::Given(ObjectKind::Conversion)),
            Class::TextSearchConfiguration => {
                Some(Common::Given(ObjectKind::TextSearchConfiguration))
            }
            Class::TextSearchDictionary => Some(Common::Given(ObjectKind::TextSearchDictionary)),
            Class::TextSearchParser => Some(Common::Given(ObjectKind::TextSearchParser)),
            Class::TextSearchTemplate => Some(Common::Given(ObjectKind::TextSearchTemplate)),
            Class::Publication => Some(Common::Given(ObjectKind::Publication)),
            Class::ForeignServer => Some(Common::Given(ObjectKind::ForeignServer)),
            Class::ForeignDataWrapper => Some(Common::Given(ObjectKind::ForeignDataWrapper)),
            Class::Database
            | Class::Schema
            | Class::Extension
            | Class::Relation
            | Class::Routine
            | Class::Type
            | Class::Statistics
            | Class::Subscription
            | Class::EventTrigger
            | Class::Language
            | Class::AccessMethod
            | Class::LargeObject
            | Class::Role
            | Class::Tablespace
            | Class::Parameter
            | Class::DefaultPrivileges => None,
        };
        if let Some(common) = common {
            Self::for_all(pass, common, act.name.name(), &act.span);
        }
        common.is_some()
    }

    /// Notes that something comes into the schema that every search path begins with: there it
    /// stands in front of what everybody means by its name.
    pub(super) fn comes_into(&self, pass: &mut FilePass<'_>, act: &Act, schema: &str) {
        // PostgreSQL lets nobody create tables there.
        let kinds = [ObjectKind::Routine, ObjectKind::Type, ObjectKind::Operator];
        let kind = kinds
            .into_iter()
            .find(|kind| kind.class() == Some(act.class));
        if let Some(kind) = kind.filter(|_| schema == "pg_catalog") {
            Self::for_all(pass, Common::Given(kind), act.name.name(), &act.span);
        }
    }

    /// A cast or transform: theirs who own one of the types. Between types of all it changes what
    /// everybody's statements mean.
    pub(super) fn create_between(
        &mut self,
        pass: &mut FilePass<'_>,
        act: &Act,
        kind: ObjectKind,
        types: &[Written],
    ) {
        let known: Vec<TracedId> = types
            .iter()
            .flat_map(|written| self.names.find(Class::Type, written))
            .collect();
        let Some((first, rest)) = known.split_first() else {
            Self::for_all(pass, Common::Given(kind), act.name.name(), &act.span);
            return;
        };
        let object = &self.objects[*first];
        let touch = Touch {
            class: object.class,
            object: Some(*first),
            alternatives: rest.to_vec(),
            name: object.name().clone(),
            verb: Verb::ConvertOf,
            location: pass.at(&act.span),
        };
        pass.push(touch);
        self.create(pass, act, &Creation::of(kind));
    }

    /// Something works with what a name means. A name that may be one of PostgreSQL's own, or that
    /// no schema of the search path has, may mean anything, and is left to the guard.
    pub(super) fn used(&self, pass: &mut FilePass<'_>, act: &Act) {
        if act.class == Class::Routine
            && let Some(way) = WayOut::of_call(act.name.schema(), act.name.name())
        {
            Self::way_out(pass, way, &way.name(""), &act.span);
            return;
        }
        let name = act.name.name();
        let unsaid = act.name.schema().is_none();
        let is_own = act.name.schema() == Some("pg_catalog");
        if is_own || unsaid && act.class == Class::Routine && is_builtin_routine(name) {
            return;
        }
        let found = self.names.find_on_path(act.class, &act.name);
        let Some((first, rest)) = found.split_first() else {
            return;
        };
        let object = &self.objects[*first];
        let touch = Touch {
            class: object.class,
            object: Some(*first),
            alternatives: rest.to_vec(),
            name: object.name().clone(),
            verb: Verb::Use,
            location: pass.at(&act.span),
        };
        pass.push(touch);
    }

    /// Rows that are written to a view are written to the tables that it shows.
    pub(super) fn written_through(&self, pass: &mut FilePass<'_>, act: &Act, verb: Verb) {
        let mut view = self.one(act.class, &act.name);
        let mut seen = Vec::new();
        while let Some(id) = view {
            if let Some(ledger) = &self.objects[id].shows_ledger {
                let location = pass.at(&act.span);
                pass.push(Touch {
                    class: Class::Relation,
                    object: None,
                    alternatives: Vec::new(),
                    name: ledger.clone(),
                    verb,
                    location,
                });
            }
            view = match self.objects[id].shows.as_slice() {
                [table] if !seen.contains(table) => Some(*table),
                _ => None,
            };
            if let Some(table) = view {
                seen.push(table);
                self.touch(pass, act, table, verb);
            }
        }
    }

    /// Notes that a view shows something.
    pub(super) fn show(&mut self, pass: &FilePass<'_>, act: &Act, by: &Written, is_base: bool) {
        self.depend(pass, act, by, Need::View, &[], &[]);
        let view = self.one(Class::Relation, by);
        if let (Some(view), true, false) = (view, is_base, act.later) {
            let bases = self.names.find(act.class, &act.name);
            self.objects[view].shows.extend(bases);
            // It is no object of the history.
            if is_bookkeeping(act.name.name()) {
                let schema = act.name.schema().unwrap_or(PUBLIC);
                let ledger = QualifiedName::new(schema, act.name.name());
                self.objects[view].shows_ledger = Some(ledger);
            }
        }
    }
}
