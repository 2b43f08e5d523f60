//! What an object is called, whatever its kind.

use std::fmt;

use serde::{Deserialize, Serialize};

use migrate_text::kind::ObjectKind;
use migrate_text::name::{QualifiedName, quote_identifier};

/// What tells an object from all others of its database, in every database alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectId {
    /// The kind.
    pub kind: ObjectKind,
    /// The schema, for kinds that live in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The table, type or domain that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The name.
    pub name: String,
    /// The argument types of a routine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
}

impl ObjectId {
    /// An object that lives in no schema.
    pub fn global(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            schema: None,
            parent: None,
            name: name.into(),
            arguments: None,
        }
    }

    /// An object that lives in a schema.
    pub fn of(kind: ObjectKind, name: &QualifiedName) -> Self {
        Self {
            schema: Some(name.schema.clone()),
            ..Self::global(kind, &name.name)
        }
    }

    /// A part of an object that lives in a schema.
    pub fn part(kind: ObjectKind, parent: &QualifiedName, name: impl Into<String>) -> Self {
        Self {
            schema: Some(parent.schema.clone()),
            parent: Some(parent.name.clone()),
            ..Self::global(kind, name)
        }
    }

    /// An object of a kind that few schemas have, by the kind in PostgreSQL's words and what tells
    /// it from others of its kind.
    pub fn other(kind: &str, identity: &str) -> Self {
        Self::global(ObjectKind::Other, format!("{kind} {identity}"))
    }

    /// What `ALTER DEFAULT PRIVILEGES` has set for objects of one sort that a role makes.
    pub fn default_grant(objects: &str, role: &str, schema: Option<&str>) -> Self {
        let place = schema.map_or(String::new(), |schema| format!(" in schema {schema}"));
        let name = format!("on {objects} of {role}{place}");
        Self::global(ObjectKind::DefaultGrant, name)
    }

    /// The object that this is a part of, or the object itself: schema and name.
    pub fn whole(&self) -> Option<QualifiedName> {
        let name = self.parent.as_ref().unwrap_or(&self.name);
        Some(QualifiedName::new(self.schema.as_ref()?, name))
    }
}

/// For people: `column public.users.id`; names are quoted only where they must be.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [self.schema.as_ref(), self.parent.as_ref(), Some(&self.name)];
        let path: Vec<String> = match self.kind {
            // These "names" are descriptions: they are shown as they are.
            ObjectKind::Other | ObjectKind::DefaultGrant => vec![self.name.clone()],
            _ => names
                .into_iter()
                .flatten()
                .map(|name| shown(name))
                .collect(),
        };
        write!(f, "{} {}", self.kind.words(), path.join("."))?;
        match &self.arguments {
            Some(arguments) => write!(f, "({arguments})"),
            None => Ok(()),
        }
    }
}

fn shown(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
    if name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(plain) {
        name.to_owned()
    } else {
        quote_identifier(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_shown_as_people_write_them() {
        let users = QualifiedName::new("public", "users");
        let routine = ObjectId {
            arguments: Some("integer, text".to_owned()),
            ..ObjectId::of(ObjectKind::Routine, &QualifiedName::new("app", "f"))
        };
        let shown = [
            ObjectId::global(ObjectKind::Schema, "Odd name").to_string(),
            ObjectId::of(ObjectKind::Table, &users).to_string(),
            ObjectId::part(ObjectKind::Column, &users, "2nd").to_string(),
            routine.to_string(),
            ObjectId::global(ObjectKind::Other, "cast (text AS xml)").to_string(),
        ];
        assert_eq!(
            shown,
            [
                "schema \"Odd name\"",
                "table public.users",
                "column public.users.\"2nd\"",
                "routine app.f(integer, text)",
                "object cast (text AS xml)",
            ]
        );
    }

    #[test]
    fn a_part_knows_its_whole() {
        let users = QualifiedName::new("public", "users");
        let column = ObjectId::part(ObjectKind::Column, &users, "id");
        assert_eq!(column.whole(), Some(users.clone()));
        assert_eq!(ObjectId::of(ObjectKind::Table, &users).whole(), Some(users));
        assert_eq!(ObjectId::global(ObjectKind::Schema, "a").whole(), None);
    }
}
