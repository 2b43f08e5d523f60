//! Does to a picture of the database what the statements say, one after another, and notes what
//! each touches.

use crate::ownership::Policy;
use migrate_sql::SqlFile;
use migrate_sql::verb::Verb;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;
use migrate_text::source::{Location, SourceFile, Span};

use super::names::Names;
use super::world::{Dependent, Moment, Named, Need, Objects, TracedId, TracedObject};
use migrate_sql::act::{Act, Creation, Deed, Item, Opaque, PathScope, Written};

/// Something that a statement touches.
#[derive(Debug, Clone)]
pub(super) struct Touch {
    pub(super) class: Class,
    /// The object; `None` when the history does not know it.
    pub(super) object: Option<TracedId>,
    /// Others that the name may mean as well: functions with other arguments.
    pub(super) alternatives: Vec<TracedId>,
    /// What it is called, or would be.
    pub(super) name: QualifiedName,
    pub(super) verb: Verb,
    pub(super) location: Location,
}

/// A statement that could not be seen through.
#[derive(Debug, Clone)]
pub struct Unseen {
    /// Why.
    pub what: Opaque,
    /// Where.
    pub location: Location,
}

/// Replays files, one after another.
pub(super) struct Tracer<'r> {
    pub(super) policy: &'r Policy,
    pub(super) objects: Objects,
    pub(super) names: Names,
    /// Names are given back after a file that is only tried.
    pub(super) only_tried: bool,
}

/// What one file touches.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    pub(super) touches: Vec<Touch>,
    pub(super) unseen: Vec<Unseen>,
}

/// The file that is replayed, and when.
pub(super) struct FilePass<'t> {
    file: &'t SourceFile,
    pub(super) moment: Moment,
    in_transaction: bool,
    /// What is done may be taken back.
    has_savepoint: bool,
    touched: Touched,
}

impl FilePass<'_> {
    pub(super) fn push(&mut self, touch: Touch) {
        self.touched.touches.push(touch);
    }

    pub(super) fn at(&self, span: &Span) -> Location {
        Location {
            file: self.file.clone(),
            span: span.clone(),
        }
    }
}

impl Tracer<'_> {
    /// Replays a file as the migration at a moment.
    pub(super) fn file(
        &mut self,
        file: &SourceFile,
        moment: Moment,
        in_transaction: bool,
    ) -> Touched {
        self.names.begin_session();
        let mut pass = FilePass {
            file,
            moment,
            in_transaction,
            has_savepoint: false,
            touched: Touched::default(),
        };
        let sql = SqlFile::of(file.text());
        for statement in sql.statements() {
            for item in sql.items(statement) {
                self.item(&mut pass, item);
            }
        }
        pass.touched
    }

    fn item(&mut self, pass: &mut FilePass<'_>, item: Item) {
        match item {
            Item::Act(act) => self.act(pass, &act),
            // It would be gone before the next statement.
            Item::SearchPath {
                scope: PathScope::Transaction,
                ..
            } if !pass.in_transaction => {}
            Item::SearchPath { path, scope, sure } => {
                self.names
                    .set_path(path, scope, sure && !pass.has_savepoint);
            }
            Item::Role(role) => self.names.add_role(role),
            Item::Savepoint => pass.has_savepoint = true,
            Item::LaterBody { begins: true } => self.names.begin_later(),
            Item::LaterBody { begins: false } => self.names.end_later(),
            Item::Within(schemas) => self.names.set_within(schemas),
            Item::ForAll { what, name, span } => Self::for_all(pass, what, &name, &span),
            Item::WayOut { way, name, span } => Self::way_out(pass, way, &name, &span),
            Item::Membership { of, span } => self.membership(pass, &of, &span),
            Item::Opaque { what, span } => {
                let location = pass.at(&span);
                pass.touched.unseen.push(Unseen { what, location });
            }
        }
    }

    fn act(&mut self, pass: &mut FilePass<'_>, act: &Act) {
        match &act.deed {
            Deed::Create(creation) => self.create(pass, act, creation),
            Deed::Rename { to, at } => self.rename(pass, act, to, at),
            Deed::Move { to, at } => self.change_schema(pass, act, to, at),
            Deed::CreateFor { kind, types } => self.create_between(pass, act, *kind, types),
            // One that may not be there is nobody's.
            Deed::Drop {
                if_exists: true, ..
            } if self.is_unknown(act) => {}
            Deed::Drop { cascade, .. } => self.drop(pass, act, *cascade),
            Deed::Truncate { cascade } => {
                self.change(pass, act, Verb::Truncate);
                if *cascade && let Some(id) = self.one(act.class, &act.name) {
                    self.truncate_referring(pass, act, id, &mut vec![id]);
                }
            }
            Deed::Change(verb) => self.change(pass, act, *verb),
            Deed::ChangeAllIn(verb, class) => {
                for id in self.names.in_schema(act.name.name()) {
                    // An index goes with its table.
                    let object = &self.objects[id];
                    if object.class == *class && object.kind != ObjectKind::Index {
                        self.touch(pass, act, id, *verb);
                    }
                }
            }
            Deed::BecomePart { of } => {
                self.change(pass, act, Verb::MakePart);
                let (part, of) = (self.one(act.class, &act.name), self.one(act.class, of));
                if let (Some(part), Some(of), false) = (part, of, act.later || self.only_tried) {
                    self.objects[part].of = Some(of);
                }
            }
            Deed::Read => self.note(pass, act, Verb::Read),
            Deed::Copy => self.note(pass, act, Verb::MakeLike),
            Deed::Call => {
                // Most are PostgreSQL's own.
                for id in self.meant(act) {
                    self.touch(pass, act, id, Verb::Read);
                }
                self.used(pass, act);
            }
            Deed::Reference { by, parts, columns } => {
                self.note(pass, act, Verb::ReferTo);
                self.depend(pass, act, by, Need::ForeignKey, parts, columns);
            }
            Deed::Use { by, part } => {
                self.depend(pass, act, by, Need::Part, part.as_slice(), &[]);
                // A type gives no right to anything.
                if act.class != Class::Type {
                    self.used(pass, act);
                }
            }
            Deed::Show { by, is_base } => self.show(pass, act, by, *is_base),
            Deed::Forget { part } => self.forget(pass, act, part),
            Deed::DropKey { part } => self.drop_key(pass, act, part),
        }
    }

    /// The objects that are meant; of routines of one name only that with the same arguments,
    /// where they are said.
    pub(super) fn meant(&self, act: &Act) -> Vec<TracedId> {
        let found = self.names.find(act.class, &act.name);
        let same = |id: &&TracedId| {
            act.arguments.is_some() && self.objects[**id].arguments == act.arguments
        };
        match found.iter().find(same) {
            Some(id) => vec![*id],
            None => found,
        }
    }

    /// Whether the history has made nothing of that name, in a class of which only what is made in
    /// it can be told from what is given.
    fn is_unknown(&self, act: &Act) -> bool {
        let is_guarded = matches!(
            act.class,
            Class::Relation | Class::Routine | Class::Type | Class::Schema | Class::Extension
        );
        !is_guarded && act.name.schema() != Some("pg_catalog") && self.meant(act).is_empty()
    }

    /// The object that a name means; of several routines the first.
    pub(super) fn one(&self, class: Class, written: &Written) -> Option<TracedId> {
        self.names.find(class, written).first().copied()
    }

    /// Notes a touch of what a name means, known or not.
    pub(super) fn note(&self, pass: &mut FilePass<'_>, act: &Act, verb: Verb) {
        let found = self.meant(act);
        if found.is_empty() && verb.effect().is_change() && self.is_given(pass, act) {
            return;
        }
        if found.is_empty() {
            pass.touched.touches.push(Touch {
                class: act.class,
                object: None,
                alternatives: Vec::new(),
                name: self.place(act.class, &act.name),
                verb,
                location: pass.at(&act.span),
            });
        }
        for id in found {
            self.touch(pass, act, id, verb);
        }
    }

    pub(super) fn touch(&self, pass: &mut FilePass<'_>, act: &Act, id: TracedId, verb: Verb) {
        let object = &self.objects[id];
        pass.touched.touches.push(Touch {
            class: object.class,
            object: Some(id),
            alternatives: Vec::new(),
            name: object.name().clone(),
            verb,
            location: pass.at(&act.span),
        });
    }

    /// Where an object of this name is created. `owns` may name it in one other schema than the
    /// default, which then is where the connection's search path leads.
    fn place(&self, class: Class, written: &Written) -> QualifiedName {
        if !class.has_schema() {
            return QualifiedName::new(written.name(), written.name());
        }
        let placed = self.names.place(written);
        let unsaid = written.schema().is_none() && self.names.is_default();
        if unsaid && self.policy.owner(&placed).is_none() {
            let meant = self.policy.schema_of(written.name());
            return meant.map_or(placed, |schema| QualifiedName::new(schema, written.name()));
        }
        placed
    }

    pub(super) fn create(&mut self, pass: &mut FilePass<'_>, act: &Act, creation: &Creation) {
        if act.later {
            self.create_later(pass, act, creation);
            return;
        }
        if creation.until_commit && !pass.in_transaction {
            return;
        }
        let of = creation.of.as_ref();
        let of = of.and_then(|of| self.one(Class::Relation, of));
        let mut name = match of {
            // Indexes and sequences are where their table is, and so is a temporary one's.
            Some(table) if creation.kind.follows_its_table() => {
                let schema = self.objects[table].name().schema.clone();
                QualifiedName::new(schema, act.name.name())
            }
            _ => self.place(act.class, &act.name),
        };
        if creation.temporary {
            super::world::TEMPORARY.clone_into(&mut name.schema);
        }
        self.comes_into(pass, act, &name.schema);
        if let Some(there) = self.already_there(act.class, &name, creation) {
            let verb = match creation.replace {
                true => Verb::Replace,
                false => Verb::Create,
            };
            self.touch(pass, act, there, verb);
            if creation.replace {
                self.objects[there].shows.clear();
                self.objects[there].shows_ledger = None;
            }
            return;
        }
        let id = TracedId(self.objects.0.len());
        let temporary = name.schema == super::world::TEMPORARY;
        self.objects.0.push(TracedObject {
            class: act.class,
            kind: creation.kind,
            temporary,
            names: vec![Named {
                name: name.clone(),
                since: pass.moment,
            }],
            born: pass.moment,
            created_at: pass.at(&act.span),
            gone: temporary.then_some(pass.moment),
            of,
            arguments: creation.arguments.clone(),
            dependents: Vec::new(),
            shows: Vec::new(),
            shows_ledger: None,
            columns: creation.columns.clone(),
        });
        let sure = act.sure && !pass.has_savepoint;
        self.names.add(act.class, &name, id, sure);
        self.touch(pass, act, id, Verb::Create);
    }

    /// Whoever runs it will take the name.
    fn create_later(&self, pass: &mut FilePass<'_>, act: &Act, creation: &Creation) {
        let is_named = act.class == Class::Relation && creation.of.is_none();
        if is_named && !creation.temporary && creation.kind != ObjectKind::Index {
            pass.touched.touches.push(Touch {
                class: act.class,
                object: None,
                alternatives: Vec::new(),
                name: self.place(act.class, &act.name),
                verb: Verb::Create,
                location: pass.at(&act.span),
            });
        }
    }

    /// The object that has the name already; a routine only with the same arguments.
    fn already_there(
        &self,
        class: Class,
        name: &QualifiedName,
        creation: &Creation,
    ) -> Option<TracedId> {
        let written = Written(match class.has_schema() {
            false => vec![name.name.clone()],
            true => vec![name.schema.clone(), name.name.clone()],
        });
        let found = self.names.find(class, &written);
        let same = |id: &TracedId| {
            !class.is_overloaded() || self.objects[*id].arguments == creation.arguments
        };
        found.into_iter().find(same)
    }

    fn change(&mut self, pass: &mut FilePass<'_>, act: &Act, verb: Verb) {
        self.note(pass, act, verb);
        if verb.changes_rows() {
            self.written_through(pass, act, verb);
        }
    }

    fn rename(&mut self, pass: &mut FilePass<'_>, act: &Act, to: &str, at: &Span) {
        self.note(pass, act, Verb::Rename);
        let Some(id) = self.one(act.class, &act.name) else {
            return;
        };
        if act.class == Class::Schema {
            for inside in self.names.in_schema(act.name.name()) {
                self.touch(pass, act, inside, Verb::RenameSchemaOf);
                let name = QualifiedName::new(to, self.objects[inside].name().name.clone());
                self.take(pass, act, inside, name, at);
            }
            self.take(pass, act, id, QualifiedName::new(to, to), at);
            return;
        }
        let schema = self.objects[id].name().schema.clone();
        self.take(pass, act, id, QualifiedName::new(schema, to), at);
    }

    fn change_schema(&mut self, pass: &mut FilePass<'_>, act: &Act, schema: &str, at: &Span) {
        self.note(pass, act, Verb::Move);
        self.comes_into(pass, act, schema);
        let Some(id) = self.one(act.class, &act.name) else {
            return;
        };
        let parts: Vec<TracedId> = self.parts_of(id, ObjectKind::follows_its_table);
        for moved in std::iter::once(id).chain(parts) {
            let name = QualifiedName::new(schema, self.objects[moved].name().name.clone());
            self.take(pass, act, moved, name, at);
        }
    }

    /// Gives an object another name.
    fn take(
        &mut self,
        pass: &mut FilePass<'_>,
        act: &Act,
        id: TracedId,
        name: QualifiedName,
        at: &Span,
    ) {
        if act.later {
            return;
        }
        let object = &mut self.objects[id];
        self.names.remove(object.class, object.name(), id);
        let sure = act.sure && !pass.has_savepoint;
        self.names.add(object.class, &name, id, sure);
        if !self.only_tried {
            object.names.push(Named {
                name: name.clone(),
                since: pass.moment,
            });
        }
        let class = object.class;
        pass.touched.touches.push(Touch {
            class,
            object: Some(id),
            alternatives: Vec::new(),
            name,
            verb: Verb::RenameTo,
            location: pass.at(at),
        });
    }

    /// What is a part of an object, of some kinds.
    pub(super) fn parts_of(&self, id: TracedId, is_kind: fn(ObjectKind) -> bool) -> Vec<TracedId> {
        let parts = self
            .objects
            .all()
            .filter(|(_, part)| part.of == Some(id) && part.gone.is_none() && is_kind(part.kind));
        parts.map(|(id, _)| id).collect()
    }

    /// Notes that one object needs another from now on.
    pub(super) fn depend(
        &mut self,
        pass: &FilePass<'_>,
        act: &Act,
        by: &Written,
        need: Need,
        parts: &[String],
        columns: &[String],
    ) {
        let by = self.one(Class::Relation, by);
        let (Some(by), false) = (by, act.later || self.only_tried) else {
            return;
        };
        for id in self.names.find(act.class, &act.name) {
            self.objects[id].dependents.push(Dependent {
                by,
                need,
                parts: parts.to_vec(),
                columns: columns.to_vec(),
                since: pass.moment,
                until: None,
            });
        }
    }
}
