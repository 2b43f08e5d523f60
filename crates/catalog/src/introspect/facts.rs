//! What is known about objects of any kind: comments, grants, the extension they belong to.

use std::collections::HashMap;

use crate::{About, Grant, GrantChange};
use migrate_postgres::{Row, ServerError};

use super::reader::{Reader, Scope};
use super::text::Oid;

/// The catalogs in which objects are numbered. Their own numbers are the same in every version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    DefaultGrant = 826,
    Type = 1247,
    Routine = 1255,
    Relation = 1259,
    FamilyOperator = 2602,
    FamilyFunction = 2603,
    ColumnDefault = 2604,
    Constraint = 2606,
    Schema = 2615,
    Opclass = 2616,
    Rule = 2618,
    Trigger = 2620,
    Opfamily = 2753,
    Extension = 3079,
    Policy = 3256,
    Statistics = 3381,
    EventTrigger = 3466,
    Publication = 6104,
    PublishedTable = 6106,
    PublishedSchema = 6237,
}

/// A catalog, a number in it, and the number of a column or 0.
type Address = (Oid, Oid, i32);

/// All of it, by object. What is asked for is taken out: no two objects share a comment.
pub(super) struct Facts {
    comments: HashMap<Address, String>,
    grants: HashMap<Address, Vec<Grant>>,
    members: HashMap<(Oid, Oid), String>,
}

impl Facts {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, ServerError> {
        let mut facts = Self {
            comments: HashMap::new(),
            grants: HashMap::new(),
            members: HashMap::new(),
        };
        let rows = reader.query(include_str!("comment.sql"), &[])?;
        for row in rows.iter() {
            facts.comments.insert(address(&row), row.text("comment"));
        }
        let rows = reader.query(include_str!("membership.sql"), &[])?;
        for row in rows.iter() {
            let object = (row.number("class"), row.number("object"));
            facts.members.insert(object, row.text("extension"));
        }
        if reader.scope() == Scope::Everything {
            let rows = reader.query(include_str!("grant.sql"), &[])?;
            for row in rows.iter() {
                let grants = facts.grants.entry(address(&row)).or_default();
                grants.push(grant(&row));
            }
            facts.grants.values_mut().for_each(|grants| grants.sort());
        }
        Ok(facts)
    }

    /// All that is known about an object.
    pub(super) fn about(&mut self, class: Class, oid: Oid, owner: &str) -> About {
        self.about_other(class as Oid, oid, owner)
    }

    /// The same for a catalog that [`Class`] does not name.
    pub(super) fn about_other(&mut self, class: Oid, oid: Oid, owner: &str) -> About {
        About {
            owner: owner.to_owned(),
            extension: self.members.get(&(class, oid)).cloned(),
            comment: self.comments.remove(&(class, oid, 0)),
            grants: self.grants.remove(&(class, oid, 0)).unwrap_or_default(),
        }
    }

    /// The comment on an object.
    pub(super) fn comment(&mut self, class: Class, oid: Oid) -> Option<String> {
        self.comments.remove(&(class as Oid, oid, 0))
    }

    /// The comment on a column, and the privileges on it alone.
    pub(super) fn of_column(&mut self, table: Oid, number: i32) -> (Option<String>, Vec<Grant>) {
        let address = (Class::Relation as Oid, table, number);
        let grants = self.grants.remove(&address).unwrap_or_default();
        (self.comments.remove(&address), grants)
    }
}

fn address(row: &Row<'_>) -> Address {
    (
        row.number("class"),
        row.number("object"),
        row.number("part"),
    )
}

/// A grant of a query that reads grants.
pub(super) fn grant(row: &Row<'_>) -> Grant {
    Grant {
        role: row.optional("role"),
        privilege: row.text("privilege"),
        change: match row.str("change") {
            "revoked" => GrantChange::Revoked,
            "option" => GrantChange::GrantedWithGrantOption,
            _ => GrantChange::Granted,
        },
    }
}
