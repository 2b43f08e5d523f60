//! Types that are not PostgreSQL's own.

use std::fmt;

use serde::{Deserialize, Serialize};

use migrate_text::name::{QualifiedName, quote_identifier, quote_literal};

use super::{About, DataType};

/// A type that somebody or an extension has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserType {
    /// The name.
    pub name: QualifiedName,
    /// Owner, grants, comment, extension.
    pub about: About,
    /// What it is.
    pub definition: TypeDefinition,
}

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeDefinition {
    /// An enum.
    Enum(EnumType),
    /// A domain.
    Domain(Domain),
    /// A row type.
    Composite(CompositeType),
    /// A range; its multirange is not listed by itself.
    Range(RangeType),
    /// Made in C, as extensions do.
    Base,
}

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumType {
    /// The labels in their order.
    pub labels: Vec<String>,
}

/// A domain: a type with conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// What it is made of.
    pub base: DataType,
    /// Whether it takes no NULL.
    pub not_null: bool,
    /// The default's expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The collation, if it is not the base's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QualifiedName>,
    /// The checks by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<DomainCheck>,
}

/// A check of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainCheck {
    /// The name.
    pub name: String,
    /// What would be written after `CONSTRAINT name`: `pg_get_constraintdef`.
    pub definition: String,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A row type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeType {
    /// The attributes in their order.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a row type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The type.
    pub data_type: DataType,
    /// The collation, if it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QualifiedName>,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// A range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeType {
    /// What lies in the range.
    pub subtype: DataType,
    /// The options as they would be written, without the subtype: `collation = pg_catalog."C"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The multirange that came with it; since PostgreSQL 14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multirange: Option<QualifiedName>,
}

/// All that it is but for checks and attributes, which are objects of their own.
impl fmt::Display for TypeDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enum(definition) => {
                let labels = definition.labels.iter().map(|label| quote_literal(label));
                write!(f, "({})", labels.collect::<Vec<_>>().join(", "))
            }
            Self::Domain(domain) => {
                write!(f, "AS {}", domain.base.sql)?;
                if let Some(collation) = &domain.collation {
                    write!(f, " COLLATE {collation}")?;
                }
                if let Some(default) = &domain.default {
                    write!(f, " DEFAULT {default}")?;
                }
                f.write_str(if domain.not_null { " NOT NULL" } else { "" })
            }
            // The order of the attributes is a property of the whole.
            Self::Composite(row) => {
                let names = row.attributes.iter().map(|a| quote_identifier(&a.name));
                write!(f, "({})", names.collect::<Vec<_>>().join(", "))
            }
            Self::Range(range) => {
                write!(f, "SUBTYPE {}", range.subtype.sql)?;
                for option in &range.options {
                    write!(f, ", {option}")?;
                }
                match &range.multirange {
                    Some(multirange) => write!(f, ", multirange {multirange}"),
                    None => Ok(()),
                }
            }
            Self::Base => Ok(()),
        }
    }
}

impl Attribute {
    pub(super) fn definition(&self) -> String {
        match &self.collation {
            Some(collation) => format!("{} COLLATE {collation}", self.data_type.sql),
            None => self.data_type.sql.clone(),
        }
    }
}
