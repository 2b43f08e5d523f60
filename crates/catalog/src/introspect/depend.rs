//! Reads which object needs which others: `pg_depend` by names.
//!
//! Two queries, one for the numbers and one for the names. The server records the dependencies of
//! more objects than a catalog lists: each of those is taken for the object that it is a part of.

use std::collections::HashMap;

use crate::dependencies::Numbered;
use crate::{Dependencies, EdgeKind, ObjectId, ObjectKind};
use migrate_postgres::{Row, ServerError};
use migrate_text::name::is_bookkeeping;

use super::facts::Class;
use super::reader::Reader;
use super::text::Oid;

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Dependencies, ServerError> {
    let rows = reader.query(include_str!("depend.sql"), &[])?;
    let depends: Vec<Depend> = rows.iter().map(|row| Depend::read(&row)).collect();
    let rows = reader.query(include_str!("address.sql"), &[])?;
    let mut objects = Objects::new(&depends);
    for row in rows.iter() {
        objects.add(&row);
    }
    let mut edges = Vec::new();
    for depend in &depends {
        objects.push_edge(depend, &mut edges);
    }
    objects.push_columns(&mut edges);
    Ok(Dependencies::of_numbered(objects.names, edges))
}

/// Where an object is in the server's catalogs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Address {
    /// The catalog.
    class: Oid,
    object: Oid,
    /// The number of a column, or 0.
    column: i32,
}

/// A row of `pg_depend`.
struct Depend {
    from: Address,
    to: Address,
    sort: Option<char>,
}

/// What the addresses are called.
struct Objects {
    names: Vec<ObjectId>,
    /// The places of the names.
    places: HashMap<Address, usize>,
    /// The extensions that objects belong to.
    members: HashMap<(Oid, Oid), Address>,
    /// What objects are a part of that a catalog may not list by themselves.
    wholes: HashMap<(Oid, Oid), Address>,
}

impl Address {
    fn is_in(self, class: Class) -> bool {
        self.class == class as Oid
    }

    fn whole(self) -> Self {
        Self { column: 0, ..self }
    }

    fn key(self) -> (Oid, Oid) {
        (self.class, self.object)
    }

    /// Whether it is an entry in the list of a publication.
    fn is_published(self) -> bool {
        self.is_in(Class::PublishedTable) || self.is_in(Class::PublishedSchema)
    }
}

impl Depend {
    fn read(row: &Row<'_>) -> Self {
        Self {
            from: Address {
                class: row.number("class"),
                object: row.number("object"),
                column: row.number("part"),
            },
            to: Address {
                class: row.number("needed_class"),
                object: row.number("needed_object"),
                column: row.number("needed_part"),
            },
            sort: row.letter("sort"),
        }
    }

    /// Whether it says what an object is a part of that has no name of its own.
    fn is_of_part(&self) -> bool {
        let [from, to] = [self.from, self.to];
        match self.sort {
            // Defaults of columns, members of operator families and what publications list are in
            // catalogs of their own, and depend in the same way on other things.
            Some('a' | 'i') if from.is_in(Class::ColumnDefault) => to.column > 0,
            Some('a' | 'i')
                if from.is_in(Class::FamilyOperator) || from.is_in(Class::FamilyFunction) =>
            {
                to.is_in(Class::Opclass) || to.is_in(Class::Opfamily)
            }
            Some('a') if from.is_published() => to.is_in(Class::Publication),
            // The triggers that carry out a foreign key go with either of its tables, which the
            // key itself does not.
            Some('i') => !from.is_in(Class::Trigger),
            _ => false,
        }
    }
}

impl Objects {
    fn new(depends: &[Depend]) -> Self {
        let mut objects = Self {
            names: Vec::new(),
            places: HashMap::new(),
            members: HashMap::new(),
            wholes: HashMap::new(),
        };
        for depend in depends {
            let (from, to) = (depend.from.key(), depend.to);
            if depend.sort == Some('e') {
                objects.members.insert(from, to);
            } else if depend.is_of_part() {
                objects.wholes.entry(from).or_insert(to);
            }
        }
        objects
    }

    /// Adds an object by its name, unless it records migrations.
    fn add(&mut self, row: &Row<'_>) {
        let address = Address {
            class: row.number("class"),
            object: row.number("object"),
            column: row.number("part"),
        };
        let kind = kind(address, row.letter("sort"));
        let (schema, parent) = (row.optional("schema"), row.optional("whole"));
        let (name, arguments) = (row.text("name"), row.optional("arguments"));
        if is_bookkeeping(parent.as_ref().unwrap_or(&name)) {
            return;
        }
        let id = match kind {
            ObjectKind::Other => ObjectId::other(&parent.unwrap_or_default(), &name),
            ObjectKind::DefaultGrant => {
                ObjectId::default_grant(&name, &parent.unwrap_or_default(), schema.as_deref())
            }
            kind => ObjectId {
                kind,
                schema,
                parent,
                name,
                arguments,
            },
        };
        self.places.insert(address, self.names.len());
        self.names.push(id);
    }

    fn push_edge(&self, depend: &Depend, edges: &mut Vec<Numbered>) {
        // What an extension brought along is its own business, and so is what it needs.
        if self.members.contains_key(&depend.from.key()) {
            return;
        }
        if let (Some(from), Some(to)) = (self.place(depend.from), self.place(depend.to))
            && let Some(kind) = self.edge_kind(depend, from)
        {
            edges.push(Numbered { from, to, kind });
        }
    }

    fn edge_kind(&self, depend: &Depend, from: usize) -> Option<EdgeKind> {
        let is_sequence = self.names[from].kind == ObjectKind::Sequence;
        Some(match depend.sort? {
            'n' if depend.from.is_in(Class::ColumnDefault) => EdgeKind::Default,
            'n' => EdgeKind::Uses,
            'a' if is_sequence && depend.to.column > 0 => EdgeKind::OwnedBy,
            'a' if depend.from.is_published() => EdgeKind::Lists,
            'a' | 'x' | 'S' => EdgeKind::BelongsTo,
            'i' => EdgeKind::PartOf,
            'P' => EdgeKind::Inherits,
            _ => return None,
        })
    }

    /// Every column is a part of its table: `pg_depend` does not say so.
    fn push_columns(&self, edges: &mut Vec<Numbered>) {
        // Only those that something is said about.
        let mut named = vec![false; self.names.len()];
        for edge in edges.iter() {
            named[edge.from] = true;
            named[edge.to] = true;
        }
        let columns = self.places.iter();
        let columns = columns.filter(|(address, place)| address.column > 0 && named[**place]);
        edges.extend(columns.filter_map(|(address, &from)| {
            Some(Numbered {
                from,
                to: self.place(address.whole())?,
                kind: EdgeKind::ColumnOf,
            })
        }));
    }

    /// The place of the name of an object, or of the object that it is a part of.
    fn place(&self, address: Address) -> Option<usize> {
        let mut address = address;
        loop {
            if let Some(extension) = self.members.get(&address.key()) {
                return self.places.get(extension).copied();
            }
            // The columns of indexes and sequences are not listed.
            let listed = self.places.get(&address);
            if let Some(place) = listed.or_else(|| self.places.get(&address.whole())) {
                return Some(*place);
            }
            // The array of a row type is two steps from its table. No step leads back: an object
            // is made after what it is a part of.
            address = *self.wholes.get(&address.key())?;
        }
    }
}

/// The kind of an object, by its catalog and the letter by which that tells sorts apart.
fn kind(address: Address, letter: Option<char>) -> ObjectKind {
    let is_in = |class| address.is_in(class);
    match letter {
        _ if address.column > 0 => ObjectKind::Column,
        Some('e') if is_in(Class::Type) => ObjectKind::Enum,
        Some('d') if is_in(Class::Type) => ObjectKind::Domain,
        Some('c') if is_in(Class::Type) => ObjectKind::CompositeType,
        Some('r') if is_in(Class::Type) => ObjectKind::Range,
        _ if is_in(Class::Type) => ObjectKind::BaseType,
        Some('p') if is_in(Class::Relation) => ObjectKind::PartitionedTable,
        Some('f') if is_in(Class::Relation) => ObjectKind::ForeignTable,
        Some('v') if is_in(Class::Relation) => ObjectKind::View,
        Some('m') if is_in(Class::Relation) => ObjectKind::MaterializedView,
        Some('S') if is_in(Class::Relation) => ObjectKind::Sequence,
        Some('i' | 'I') if is_in(Class::Relation) => ObjectKind::Index,
        _ if is_in(Class::Relation) => ObjectKind::Table,
        _ if is_in(Class::Schema) => ObjectKind::Schema,
        _ if is_in(Class::Extension) => ObjectKind::Extension,
        _ if is_in(Class::Routine) => ObjectKind::Routine,
        _ if is_in(Class::Constraint) => ObjectKind::Constraint,
        _ if is_in(Class::Trigger) => ObjectKind::Trigger,
        _ if is_in(Class::Rule) => ObjectKind::Rule,
        _ if is_in(Class::Policy) => ObjectKind::Policy,
        _ if is_in(Class::Statistics) => ObjectKind::Statistics,
        _ if is_in(Class::EventTrigger) => ObjectKind::EventTrigger,
        _ if is_in(Class::DefaultGrant) => ObjectKind::DefaultGrant,
        _ => ObjectKind::Other,
    }
}
