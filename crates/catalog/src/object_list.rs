//! A catalog as one list of objects of all kinds: what drift compares, ownership attributes and
//! the studio shows.

use migrate_text::kind::ObjectKind;

use super::about::{About, Grant};
use super::catalog::Catalog;
use super::column::Column;
use super::default_grant::DefaultGrant;
use super::object::ObjectId;
use super::relation::{Relation, RelationKind};
use super::routine::Routine;
use super::user_type::{TypeDefinition, UserType};

/// An object, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<'c> {
    /// What it is called.
    pub id: ObjectId,
    /// All that it is, without its name and without those of its parts that are listed
    /// themselves. Close to SQL, made to be compared and read.
    pub definition: String,
    /// The role that owns it; empty for parts, and for kinds of object without owner.
    pub owner: &'c str,
    /// The extension that it, or the object that it is a part of, belongs to.
    pub extension: Option<&'c str>,
    /// Its comment.
    pub comment: Option<&'c str>,
    /// How its privileges differ from the default.
    pub grants: &'c [Grant],
}

impl<'c> Object<'c> {
    fn new(id: ObjectId, definition: String, about: &'c About) -> Self {
        Self {
            id,
            definition,
            owner: &about.owner,
            extension: about.extension.as_deref(),
            comment: about.comment.as_deref(),
            grants: &about.grants,
        }
    }

    /// A part of an object: its extension is that of the whole.
    fn part(
        id: ObjectId,
        definition: String,
        whole: &'c About,
        comment: &'c Option<String>,
    ) -> Self {
        Self {
            owner: "",
            comment: comment.as_deref(),
            grants: &[],
            ..Self::new(id, definition, whole)
        }
    }
}

impl Catalog {
    /// Every object, each followed by its parts, kind by kind.
    pub fn objects(&self) -> Vec<Object<'_>> {
        let mut objects = Vec::new();
        for schema in self.schemas.values() {
            let id = ObjectId::global(ObjectKind::Schema, &schema.name);
            objects.push(Object::new(id, String::new(), &schema.about));
        }
        for extension in self.extensions.values() {
            let id = ObjectId::global(ObjectKind::Extension, &extension.name);
            objects.push(Object::new(id, extension.definition(), &extension.about));
        }
        for user_type in self.types.values() {
            push_type(&mut objects, user_type);
        }
        for sequence in self.sequences.values() {
            let id = ObjectId::of(ObjectKind::Sequence, &sequence.name);
            objects.push(Object::new(id, sequence.definition(), &sequence.about));
        }
        for routine in self.routines.values() {
            objects.push(Object::new(
                routine.id(),
                routine.definition.clone(),
                &routine.about,
            ));
        }
        for relation in self.relations.values() {
            push_relation(&mut objects, relation);
        }
        for statistics in self.statistics.values() {
            let id = ObjectId::of(ObjectKind::Statistics, &statistics.name);
            objects.push(Object::new(id, statistics.with_target(), &statistics.about));
        }
        for trigger in self.event_triggers.values() {
            let id = ObjectId::global(ObjectKind::EventTrigger, &trigger.name);
            objects.push(Object::new(id, trigger.definition(), &trigger.about));
        }
        objects.extend(self.default_grants.values().map(of_default_grant));
        for other in self.others.values() {
            let id = ObjectId::other(&other.kind, &other.identity);
            objects.push(Object::new(id, other.definition.clone(), &other.about));
        }
        objects
    }
}

impl UserType {
    /// What the type is called.
    pub fn id(&self) -> ObjectId {
        let kind = match self.definition {
            TypeDefinition::Enum(_) => ObjectKind::Enum,
            TypeDefinition::Domain(_) => ObjectKind::Domain,
            TypeDefinition::Composite(_) => ObjectKind::CompositeType,
            TypeDefinition::Range(_) => ObjectKind::Range,
            TypeDefinition::Base => ObjectKind::BaseType,
        };
        ObjectId::of(kind, &self.name)
    }
}

impl Routine {
    /// What the routine is called.
    pub fn id(&self) -> ObjectId {
        ObjectId {
            arguments: Some(self.arguments.clone()),
            ..ObjectId::of(ObjectKind::Routine, &self.name)
        }
    }
}

impl Relation {
    /// What the relation is called.
    pub fn id(&self) -> ObjectId {
        let kind = match self.kind {
            RelationKind::Table => ObjectKind::Table,
            RelationKind::PartitionedTable => ObjectKind::PartitionedTable,
            RelationKind::ForeignTable => ObjectKind::ForeignTable,
            RelationKind::View => ObjectKind::View,
            RelationKind::MaterializedView => ObjectKind::MaterializedView,
        };
        ObjectId::of(kind, &self.name)
    }

    /// What a part of the relation is called.
    pub fn part_id(&self, kind: ObjectKind, name: &str) -> ObjectId {
        ObjectId::part(kind, &self.name, name)
    }
}

fn push_type<'c>(objects: &mut Vec<Object<'c>>, user_type: &'c UserType) {
    let about = &user_type.about;
    objects.push(Object::new(
        user_type.id(),
        user_type.definition.to_string(),
        about,
    ));
    let part = |kind, name: &str| ObjectId::part(kind, &user_type.name, name);
    match &user_type.definition {
        TypeDefinition::Domain(domain) => objects.extend(domain.checks.iter().map(|check| {
            let id = part(ObjectKind::Constraint, &check.name);
            Object::part(id, check.definition.clone(), about, &check.comment)
        })),
        TypeDefinition::Composite(row) => objects.extend(row.attributes.iter().map(|attribute| {
            let id = part(ObjectKind::Column, &attribute.name);
            Object::part(id, attribute.definition(), about, &attribute.comment)
        })),
        TypeDefinition::Enum(_) | TypeDefinition::Range(_) | TypeDefinition::Base => {}
    }
}

fn push_relation<'c>(objects: &mut Vec<Object<'c>>, relation: &'c Relation) {
    let about = &relation.about;
    objects.push(Object::new(relation.id(), relation.definition(), about));
    let mut push = |kind, name: &str, definition, comment| {
        let id = relation.part_id(kind, name);
        objects.push(Object::part(id, definition, about, comment));
    };
    for constraint in &relation.constraints {
        let definition = constraint.with_state();
        push(
            ObjectKind::Constraint,
            &constraint.name,
            definition,
            &constraint.comment,
        );
    }
    for index in &relation.indexes {
        push(
            ObjectKind::Index,
            &index.name,
            index.with_state(),
            &index.comment,
        );
    }
    for trigger in &relation.triggers {
        push(
            ObjectKind::Trigger,
            &trigger.name,
            trigger.with_state(),
            &trigger.comment,
        );
    }
    for rule in &relation.rules {
        push(
            ObjectKind::Rule,
            &rule.name,
            rule.with_state(),
            &rule.comment,
        );
    }
    for policy in &relation.policies {
        push(
            ObjectKind::Policy,
            &policy.name,
            policy.definition(),
            &policy.comment,
        );
    }
    objects.extend(
        relation
            .columns
            .iter()
            .map(|column| of_column(relation, column)),
    );
}

fn of_column<'c>(relation: &'c Relation, column: &'c Column) -> Object<'c> {
    let id = relation.part_id(ObjectKind::Column, &column.name);
    Object {
        grants: &column.grants,
        ..Object::part(id, column.definition(), &relation.about, &column.comment)
    }
}

fn of_default_grant(default: &DefaultGrant) -> Object<'_> {
    let schema = default.schema.as_deref();
    Object {
        id: ObjectId::default_grant(&default.objects, &default.role, schema),
        definition: String::new(),
        owner: &default.role,
        extension: None,
        comment: None,
        grants: &default.grants,
    }
}
