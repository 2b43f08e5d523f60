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

/// A replay of files, one after another.
pub(super) struct Replay<'r> {
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
pub(super) struct Turn<'t> {
    file: &'t SourceFile,
    pub(super) moment: Moment,
    in_transaction: bool,
    /// What is done may be taken back.
    has_savepoint: bool,
    touched: Touched,
}

impl Turn<'_> {
    fn at(&self, span: &Span) -> Location {
        Location {
            file: self.file.clone(),
            span: span.clone(),
        }
    }
}

impl Replay<'_> {
    /// Replays a file as the migration at a moment.
    pub(super) fn file(
        &mut self,
        file: &SourceFile,
        moment: Moment,
        in_transaction: bool,
    ) -> Touched {
        self.names.begin_session();
        let mut turn = Turn {
            file,
            moment,
            in_transaction,
            has_savepoint: false,
            touched: Touched::default(),
        };
        let sql = SqlFile::of(file.text());
        for statement in sql.statements() {
            for item in sql.items(statement) {
                self.item(&mut turn, item);
            }
        }
        turn.touched
    }

    fn item(&mut self, turn: &mut Turn<'_>, item: Item) {
        match item {
            Item::Act(act) => self.act(turn, &act),
            // It would be gone before the next statement.
            Item::SearchPath {
                scope: PathScope::Transaction,
                ..
            } if !turn.in_transaction => {}
            Item::SearchPath { path, scope, sure } => {
                self.names
                    .set_path(path, scope, sure && !turn.has_savepoint);
            }
            Item::Role(role) => self.names.add_role(role),
            Item::Savepoint => turn.has_savepoint = true,
            Item::LaterBody { begins: true } => self.names.begin_later(),
            Item::LaterBody { begins: false } => self.names.end_later(),
            Item::Within(schemas) => self.names.set_within(schemas),
            Item::ForAll { what, span } => turn.touched.touches.push(Touch {
                class: Class::Schema,
                object: None,
                name: QualifiedName::new("", what.words()),
                verb: Verb::Sway(what),
                location: turn.at(&span),
            }),
            Item::Opaque { what, span } => {
                let location = turn.at(&span);
                turn.touched.unseen.push(Unseen { what, location });
            }
        }
    }

    fn act(&mut self, turn: &mut Turn<'_>, act: &Act) {
        match &act.deed {
            Deed::Create(creation) => self.create(turn, act, creation),
            Deed::Rename { to, at } => self.rename(turn, act, to, at),
            Deed::Move { to, at } => self.change_schema(turn, act, to, at),
            Deed::Drop { cascade } => self.drop(turn, act, *cascade),
            Deed::Truncate { cascade } => {
                self.change(turn, act, Verb::Truncate);
                if *cascade && let Some(id) = self.one(act.class, &act.name) {
                    self.truncate_referring(turn, act, id, &mut vec![id]);
                }
            }
            Deed::Change(verb) => self.change(turn, act, *verb),
            Deed::ChangeAllIn(verb, class) => {
                for id in self.names.in_schema(act.name.name()) {
                    // An index goes with its table.
                    let object = &self.objects[id];
                    if object.class == *class && object.kind != ObjectKind::Index {
                        self.touch(turn, act, id, *verb);
                    }
                }
            }
            Deed::BecomePart { of } => {
                self.change(turn, act, Verb::MakePart);
                let (part, of) = (self.one(act.class, &act.name), self.one(act.class, of));
                if let (Some(part), Some(of), false) = (part, of, act.later || self.only_tried) {
                    self.objects[part].of = Some(of);
                }
            }
            Deed::Read => self.note(turn, act, Verb::Read),
            Deed::Copy => self.note(turn, act, Verb::MakeLike),
            Deed::Call => {
                // Most are PostgreSQL's own.
                for id in self.meant(act) {
                    self.touch(turn, act, id, Verb::Read);
                }
            }
            Deed::Reference { by, parts, columns } => {
                self.note(turn, act, Verb::ReferTo);
                self.depend(turn, act, by, Need::ForeignKey, parts, columns);
            }
            Deed::Use { by, part } => {
                self.depend(turn, act, by, Need::Part, part.as_slice(), &[]);
            }
            Deed::Show { by, is_base } => self.show(turn, act, by, *is_base),
            Deed::Forget { part } => self.forget(turn, act, part),
            Deed::DropKey { part } => self.drop_key(turn, act, part),
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

    /// The object that a name means; of several routines the first.
    pub(super) fn one(&self, class: Class, written: &Written) -> Option<TracedId> {
        self.names.find(class, written).first().copied()
    }

    /// Notes a touch of what a name means, known or not.
    pub(super) fn note(&self, turn: &mut Turn<'_>, act: &Act, verb: Verb) {
        let found = self.meant(act);
        if found.is_empty() {
            turn.touched.touches.push(Touch {
                class: act.class,
                object: None,
                name: self.place(act.class, &act.name),
                verb,
                location: turn.at(&act.span),
            });
        }
        for id in found {
            self.touch(turn, act, id, verb);
        }
    }

    pub(super) fn touch(&self, turn: &mut Turn<'_>, act: &Act, id: TracedId, verb: Verb) {
        let object = &self.objects[id];
        turn.touched.touches.push(Touch {
            class: object.class,
            object: Some(id),
            name: object.name().clone(),
            verb,
            location: turn.at(&act.span),
        });
    }

    /// Where an object of this name is created. `owns` may name it in one other schema than the
    /// default, which then is where the connection's search path leads.
    fn place(&self, class: Class, written: &Written) -> QualifiedName {
        if matches!(class, Class::Schema | Class::Extension) {
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

    fn create(&mut self, turn: &mut Turn<'_>, act: &Act, creation: &Creation) {
        if act.later {
            self.create_later(turn, act, creation);
            return;
        }
        if creation.until_commit && !turn.in_transaction {
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
        if let Some(there) = self.already_there(act.class, &name, creation) {
            let verb = match creation.replace {
                true => Verb::Replace,
                false => Verb::Create,
            };
            self.touch(turn, act, there, verb);
            if creation.replace {
                self.objects[there].shows.clear();
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
                since: turn.moment,
            }],
            born: turn.moment,
            created_at: turn.at(&act.span),
            gone: temporary.then_some(turn.moment),
            of,
            arguments: creation.arguments.clone(),
            dependents: Vec::new(),
            shows: Vec::new(),
            columns: creation.columns.clone(),
        });
        let sure = act.sure && !turn.has_savepoint;
        self.names.add(act.class, &name, id, sure);
        self.touch(turn, act, id, Verb::Create);
    }

    /// Whoever runs it will take the name.
    fn create_later(&self, turn: &mut Turn<'_>, act: &Act, creation: &Creation) {
        let is_named = act.class == Class::Relation && creation.of.is_none();
        if is_named && !creation.temporary && creation.kind != ObjectKind::Index {
            turn.touched.touches.push(Touch {
                class: act.class,
                object: None,
                name: self.place(act.class, &act.name),
                verb: Verb::Create,
                location: turn.at(&act.span),
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
        let written = Written(match class {
            Class::Schema | Class::Extension => vec![name.name.clone()],
            _ => vec![name.schema.clone(), name.name.clone()],
        });
        let found = self.names.find(class, &written);
        let same = |id: &TracedId| {
            class != Class::Routine || self.objects[*id].arguments == creation.arguments
        };
        found.into_iter().find(same)
    }

    fn change(&mut self, turn: &mut Turn<'_>, act: &Act, verb: Verb) {
        self.note(turn, act, verb);
        // Rows that are written to a view are written to the one table that it shows.
        let writes_rows = verb.changes_rows();
        let mut view = self.one(act.class, &act.name);
        let mut seen = Vec::new();
        while let Some(id) = view.filter(|_| writes_rows) {
            view = match self.objects[id].shows.as_slice() {
                [table] if !seen.contains(table) => Some(*table),
                _ => None,
            };
            if let Some(table) = view {
                seen.push(table);
                self.touch(turn, act, table, verb);
            }
        }
    }

    fn rename(&mut self, turn: &mut Turn<'_>, act: &Act, to: &str, at: &Span) {
        self.note(turn, act, Verb::Rename);
        let Some(id) = self.one(act.class, &act.name) else {
            return;
        };
        if act.class == Class::Schema {
            for inside in self.names.in_schema(act.name.name()) {
                self.touch(turn, act, inside, Verb::RenameSchemaOf);
                let name = QualifiedName::new(to, self.objects[inside].name().name.clone());
                self.take(turn, act, inside, name, at);
            }
            self.take(turn, act, id, QualifiedName::new(to, to), at);
            return;
        }
        let schema = self.objects[id].name().schema.clone();
        self.take(turn, act, id, QualifiedName::new(schema, to), at);
    }

    fn change_schema(&mut self, turn: &mut Turn<'_>, act: &Act, schema: &str, at: &Span) {
        self.note(turn, act, Verb::Move);
        let Some(id) = self.one(act.class, &act.name) else {
            return;
        };
        let parts: Vec<TracedId> = self.parts_of(id, ObjectKind::follows_its_table);
        for moved in std::iter::once(id).chain(parts) {
            let name = QualifiedName::new(schema, self.objects[moved].name().name.clone());
            self.take(turn, act, moved, name, at);
        }
    }

    /// Gives an object another name.
    fn take(
        &mut self,
        turn: &mut Turn<'_>,
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
        let sure = act.sure && !turn.has_savepoint;
        self.names.add(object.class, &name, id, sure);
        if !self.only_tried {
            object.names.push(Named {
                name: name.clone(),
                since: turn.moment,
            });
        }
        let class = object.class;
        turn.touched.touches.push(Touch {
            class,
            object: Some(id),
            name,
            verb: Verb::RenameTo,
            location: turn.at(at),
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

    /// Notes that a view shows something.
    fn show(&mut self, turn: &Turn<'_>, act: &Act, by: &Written, is_base: bool) {
        self.depend(turn, act, by, Need::View, &[], &[]);
        let view = self.one(Class::Relation, by);
        if let (Some(view), true, false) = (view, is_base, act.later) {
            let bases = self.names.find(act.class, &act.name);
            self.objects[view].shows.extend(bases);
        }
    }

    /// Notes that one object needs another from now on.
    fn depend(
        &mut self,
        turn: &Turn<'_>,
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
                since: turn.moment,
                until: None,
            });
        }
    }
}
