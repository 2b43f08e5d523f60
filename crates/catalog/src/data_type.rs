//! The type of a column, an attribute or a domain's base.

use serde::{Deserialize, Serialize};

use migrate_text::name::QualifiedName;

/// A type as it is used in one place, with everything that a code generator asks about it.
///
/// Not how many dimensions an array was declared with: PostgreSQL does not enforce it, and a dump
/// does not keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataType {
    /// As `format_type` writes it, qualified unless it is PostgreSQL's own:
    /// `character varying(20)`, `public.mood[]`.
    pub sql: String,
    /// Its name in `pg_type`: `pg_catalog.varchar`, `public._mood`.
    pub name: QualifiedName,
    /// What sort of type it is. Arrays are [`TypeKind::Base`] and have an `element`.
    pub kind: TypeKind,
    /// What it is an array of, if it is one. Not set for `point`, `name` and others that can be
    /// subscripted but are no arrays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<Box<ArrayElement>>,
    /// What a domain is made of, if it is one; that may be a domain again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Box<DomainBase>>,
    /// The greatest length in characters (`char`, `varchar`) or bits (`bit`, `bit varying`), where
    /// there is one. For a domain see its `base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
}

/// What an array is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrayElement {
    /// The element's name in `pg_type`.
    pub name: QualifiedName,
    /// What sort of type it is.
    pub kind: TypeKind,
}

/// What a domain is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainBase {
    /// The type.
    pub data_type: DataType,
    /// Whether the domain (not its base) takes no NULL. A column of it then takes none either.
    pub not_null: bool,
}

/// The sorts of types: `pg_type.typtype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeKind {
    /// Made in C, by PostgreSQL itself or by an extension; and all arrays.
    Base,
    /// A row: `CREATE TYPE ... AS (...)`, or a table's.
    Composite,
    /// A domain.
    Domain,
    /// An enum.
    Enum,
    /// What cannot be stored: `record`, `anyelement`.
    Pseudo,
    /// A range.
    Range,
    /// Many ranges; made together with the range.
    Multirange,
}

impl DataType {
    /// The type beneath all domains; the type itself if it is none.
    pub fn beneath_domains(&self) -> &DataType {
        let mut current = self;
        while let Some(base) = &current.base {
            current = &base.data_type;
        }
        current
    }

    /// Whether any of its domains takes no NULL.
    pub fn domain_refuses_null(&self) -> bool {
        self.base
            .as_ref()
            .is_some_and(|base| base.not_null || base.data_type.domain_refuses_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(name: &str) -> DataType {
        DataType {
            sql: name.to_owned(),
            name: QualifiedName::new("pg_catalog", name),
            kind: TypeKind::Base,
            element: None,
            base: None,
            max_length: None,
        }
    }

    fn domain_over(data_type: DataType, not_null: bool) -> DataType {
        DataType {
            kind: TypeKind::Domain,
            base: Some(Box::new(DomainBase {
                data_type,
                not_null,
            })),
            ..plain("some_domain")
        }
    }

    #[test]
    fn domains_are_looked_through() {
        let twice = domain_over(domain_over(plain("text"), true), false);
        assert_eq!(twice.beneath_domains(), &plain("text"));
        assert!(twice.domain_refuses_null());
        assert_eq!(plain("int4").beneath_domains(), &plain("int4"));
        assert!(!domain_over(plain("text"), false).domain_refuses_null());
    }
}
