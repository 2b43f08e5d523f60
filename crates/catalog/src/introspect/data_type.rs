//! Reads types, and tells of the type of a column what is to know about it.

use std::collections::{BTreeMap, HashMap};

use crate::{
    ArrayElement, Attribute, CompositeType, DataType, Domain, DomainBase, DomainCheck, EnumType,
    RangeType, TypeDefinition, TypeKind, UserType,
};
use migrate_postgres::{Row, ServerError};
use migrate_text::name::QualifiedName;

use super::facts::{Class, Facts};
use super::reader::Reader;
use super::text::{CatalogRow, Oid};

/// All types by number.
pub(super) struct Types {
    types: HashMap<Oid, Type>,
    /// Which type is the row type that has its attributes in this relation.
    rows: HashMap<Oid, Oid>,
    /// The checks of each domain.
    checks: HashMap<Oid, Vec<DomainCheck>>,
    /// The attributes of each row type.
    attributes: HashMap<Oid, Vec<Attribute>>,
}

/// A type as the server has it.
struct Type {
    name: QualifiedName,
    kind: TypeKind,
    element: Option<Oid>,
    owner: String,
    /// Whether it is listed by itself, rather than as a part of another object.
    listed: bool,
    labels: Vec<String>,
    domain: Option<RawDomain>,
    range: Option<RawRange>,
}

struct RawDomain {
    base: Oid,
    modifier: i32,
    sql: String,
    not_null: bool,
    default: Option<String>,
    collation: Option<QualifiedName>,
}

struct RawRange {
    subtype: Oid,
    sql: String,
    multirange: Option<QualifiedName>,
    options: Vec<String>,
}

impl Types {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ServerError> {
        let rows = reader.query(include_str!("data_type.sql"), &[])?;
        let mut types = Self {
            types: HashMap::new(),
            rows: HashMap::new(),
            checks: HashMap::new(),
            attributes: HashMap::new(),
        };
        for row in rows.iter() {
            let oid = row.number("oid");
            let (read, attributes_in) = read_type(&row);
            if let (TypeKind::Composite, true, Some(relation)) =
                (read.kind, read.listed, attributes_in)
            {
                types.rows.insert(relation, oid);
            }
            types.types.insert(oid, read);
        }
        Ok(types)
    }

    /// The name of a type.
    pub(super) fn name(&self, oid: Oid) -> Option<&QualifiedName> {
        self.types.get(&oid).map(|found| &found.name)
    }

    /// A type as it is used somewhere: its number, its modifier (`typmod`), and how
    /// `format_type` writes both.
    pub(super) fn usage(&self, oid: Oid, modifier: i32, sql: &str) -> DataType {
        let found = self.types.get(&oid);
        let name = found.map_or(QualifiedName::new("", ""), |found| found.name.clone());
        let element = found.and_then(|found| self.types.get(&found.element?));
        let domain = found.and_then(|found| found.domain.as_ref());
        DataType {
            sql: sql.to_owned(),
            max_length: max_length(&name, modifier),
            name,
            kind: found.map_or(TypeKind::Base, |found| found.kind),
            element: element.map(|element| {
                Box::new(ArrayElement {
                    name: element.name.clone(),
                    kind: element.kind,
                })
            }),
            base: domain.map(|domain| {
                Box::new(DomainBase {
                    data_type: self.base_of(domain),
                    not_null: domain.not_null,
                })
            }),
        }
    }

    fn base_of(&self, domain: &RawDomain) -> DataType {
        self.usage(domain.base, domain.modifier, &domain.sql)
    }

    /// Adds an attribute to the row type that has its attributes in this relation.
    pub(super) fn push_attribute(&mut self, relation: Oid, attribute: Attribute) {
        if let Some(row_type) = self.rows.get(&relation) {
            self.attributes
                .entry(*row_type)
                .or_default()
                .push(attribute);
        }
    }

    /// The row type that has its attributes in this relation.
    pub(super) fn is_row_type(&self, relation: Oid) -> bool {
        self.rows.contains_key(&relation)
    }

    /// Adds a check to a domain.
    pub(super) fn push_check(&mut self, domain: Oid, check: DomainCheck) {
        self.checks.entry(domain).or_default().push(check);
    }

    /// The types that a catalog lists.
    pub(super) fn into_catalog(mut self, facts: &mut Facts) -> BTreeMap<QualifiedName, UserType> {
        let mut attributes = std::mem::take(&mut self.attributes);
        let mut checks = std::mem::take(&mut self.checks);
        let listed = self.types.iter().filter(|(_, found)| found.listed);
        listed
            .map(|(oid, found)| {
                let user_type = UserType {
                    name: found.name.clone(),
                    about: facts.about(Class::Type, *oid, &found.owner),
                    definition: self.definition(
                        found,
                        checks.remove(oid).unwrap_or_default(),
                        attributes.remove(oid).unwrap_or_default(),
                    ),
                };
                (user_type.name.clone(), user_type)
            })
            .collect()
    }

    fn definition(
        &self,
        found: &Type,
        mut checks: Vec<DomainCheck>,
        attributes: Vec<Attribute>,
    ) -> TypeDefinition {
        if let Some(domain) = &found.domain {
            checks.sort_by(|a, b| a.name.cmp(&b.name));
            return TypeDefinition::Domain(Domain {
                base: self.base_of(domain),
                not_null: domain.not_null,
                default: domain.default.clone(),
                collation: domain.collation.clone(),
                checks,
            });
        }
        if let Some(range) = &found.range {
            return TypeDefinition::Range(RangeType {
                subtype: self.usage(range.subtype, -1, &range.sql),
                options: range.options.clone(),
                multirange: range.multirange.clone(),
            });
        }
        match found.kind {
            TypeKind::Enum => TypeDefinition::Enum(EnumType {
                labels: found.labels.clone(),
            }),
            TypeKind::Composite => TypeDefinition::Composite(CompositeType { attributes }),
            _ => TypeDefinition::Base,
        }
    }
}

/// A type, and the relation that has its attributes.
fn read_type(row: &Row<'_>) -> (Type, Option<Oid>) {
    let name = row.name("schema", "name");
    let kind = match row.letter("kind") {
        Some('c') => TypeKind::Composite,
        Some('d') => TypeKind::Domain,
        Some('e') => TypeKind::Enum,
        Some('p') => TypeKind::Pseudo,
        Some('r') => TypeKind::Range,
        Some('m') => TypeKind::Multirange,
        _ => TypeKind::Base,
    };
    let element = row.reference("element");
    let domain = (kind == TypeKind::Domain).then(|| RawDomain {
        base: row.number("base"),
        modifier: row.optional_number("modifier").unwrap_or(-1),
        sql: row.text("base_sql"),
        not_null: row.bool("not_null"),
        default: row.optional("default_sql"),
        collation: row.optional_name("collation_schema", "collation_name"),
    });
    let owner = row.text("owner");
    let attributes_in = row.reference("attributes_in");
    let listed = row.bool("listed");
    let labels = row.array("labels");
    let range = row.reference("subtype").map(|subtype| RawRange {
        subtype,
        sql: row.text("subtype_sql"),
        multirange: row.optional_name("multirange_schema", "multirange_name"),
        options: row.array("options"),
    });
    let read = Type {
        name,
        kind,
        element,
        owner,
        listed,
        labels,
        domain,
        range: range.filter(|_| kind == TypeKind::Range),
    };
    (read, attributes_in)
}

/// The greatest length that a type's modifier says, counted as `information_schema` does.
fn max_length(name: &QualifiedName, modifier: i32) -> Option<u32> {
    // The modifier of a string counts four bytes of its header, too.
    let header = match (name.schema.as_str(), name.name.as_str()) {
        ("pg_catalog", "varchar" | "bpchar") => 4,
        ("pg_catalog", "bit" | "varbit") => 0,
        _ => return None,
    };
    u32::try_from(modifier.checked_sub(header)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_strings_and_bits() {
        let length = |name, modifier| max_length(&QualifiedName::new("pg_catalog", name), modifier);
        assert_eq!(length("varchar", 24), Some(20));
        assert_eq!(length("bpchar", 5), Some(1));
        assert_eq!(length("bit", 8), Some(8));
        assert_eq!(length("varchar", -1), None);
        assert_eq!(length("varbit", -1), None);
        assert_eq!(length("numeric", 786_438), None);
        assert_eq!(
            max_length(&QualifiedName::new("public", "varchar"), 24),
            None
        );
    }
}
