//! A statement that had to run alone, and of which no record says that it is done: what the
//! database is asked to find out whether it happened.
//!
//! What can be known only beforehand is written down when the statement is sent: which table it
//! means by the search path of that moment, and which indexes were there.

use crate::ledger::{Begun, Sent};
use crate::plan::{Doubt, Happened};
use migrate_postgres::{ServerError, Session, text_array};
use migrate_sql::{IndexShape, LoneDeed};

/// An index of a table.
struct Index {
    /// Its bare name.
    name: String,
    /// Its name as SQL has it, with its schema.
    qualified: String,
    valid: bool,
    /// As `CREATE INDEX` would have it.
    definition: String,
}

impl Index {
    /// Whether it is what a statement without a name was to build. Somebody else may have built
    /// another one meanwhile.
    fn has_shape(&self, shape: &IndexShape) -> bool {
        IndexShape::of_definition(&self.definition).as_ref() == Some(shape)
    }
}

impl Sent {
    /// A statement that ended the transaction that held it; the first, where that held all.
    pub(super) fn escaped(statement: usize) -> Self {
        Self {
            statement,
            does: LoneDeed::Escaped,
        }
    }

    /// What is to be known of a statement before it is sent. Changes nothing.
    pub(super) fn before(
        session: &mut Session,
        statement: usize,
        text: &str,
    ) -> Result<Self, ServerError> {
        let does = as_of_now(session, LoneDeed::of(text))?;
        Ok(Self { statement, does })
    }

    /// Whether nobody can say afterwards how far it came: a procedure that commits.
    pub(super) fn is_unknown(&self) -> bool {
        self.does == LoneDeed::Unknown
    }

    /// Asks the database whether it happened. Changes nothing.
    pub(super) fn ask(&self, session: &mut Session) -> Result<Doubt, ServerError> {
        let (happened, invalid_indexes) = ask(&self.does, session)?;
        Ok(Doubt {
            statement: self.statement,
            happened,
            invalid_indexes,
        })
    }

    /// An invalid index of the name that the statement wants to give. It is not from this
    /// statement, which is not sent yet.
    pub(super) fn in_the_way(&self, session: &mut Session) -> Result<Option<String>, ServerError> {
        let LoneDeed::BuildIndex {
            table,
            index: Some(wanted),
            before,
            ..
        } = &self.does
        else {
            return Ok(None);
        };
        if !before.contains(wanted) {
            return Ok(None);
        }
        let indexes = indexes_of(session, table)?;
        let found = indexes.into_iter();
        let mut found = found.filter(|index| &index.name == wanted && !index.valid);
        Ok(found.next().map(|index| index.qualified))
    }

    /// What ends a partition's detaching that stopped half way.
    pub(super) fn finalize(&self) -> Option<String> {
        match &self.does {
            LoneDeed::DetachPartition { table, partition } => Some(format!(
                "alter table {table} detach partition {partition} finalize"
            )),
            _ => None,
        }
    }
}

/// Asks the database about a statement that the ledger has as begun; `None` where there is
/// nothing to say.
pub fn look(session: &mut Session, begun: &Begun) -> Option<Doubt> {
    let doubt = begun.sent.ask(session).ok()?;
    // One that failed did not happen, as everybody was told. What a procedure committed before it
    // failed did.
    let leaves = !doubt.invalid_indexes.is_empty() || doubt.happened == Happened::Unknown;
    (begun.unended || leaves).then_some(doubt)
}

/// What a statement does by the names that the server has for everything now; unknown where it has
/// none.
fn as_of_now(session: &mut Session, mut deed: LoneDeed) -> Result<LoneDeed, ServerError> {
    let known = match &mut deed {
        LoneDeed::BuildIndex {
            table,
            index,
            before,
            ..
        } => {
            let known = replace(table, qualified(session, table)?);
            if known {
                *index = match index {
                    Some(name) => bare(session, name)?,
                    None => None,
                };
                *before = names(indexes_of(session, table)?);
            }
            known
        }
        LoneDeed::DropIndex { index } => match qualified(session, index)? {
            Some(found) => replace(index, Some(found)),
            // `IF EXISTS` may as well say so twice.
            None => return Ok(LoneDeed::Repeatable),
        },
        LoneDeed::Reindex { table, before } => {
            let known = replace(table, reindexed(session, table)?);
            if known {
                *before = names(indexes_of(session, table)?);
            }
            known
        }
        LoneDeed::DetachPartition { table, partition } => {
            replace(table, qualified(session, table)?)
                && replace(partition, qualified(session, partition)?)
        }
        LoneDeed::CreateDatabase { name }
        | LoneDeed::DropDatabase { name }
        | LoneDeed::CreateTablespace { name }
        | LoneDeed::DropTablespace { name }
        | LoneDeed::CreateSubscription { name }
        | LoneDeed::DropSubscription { name } => replace(name, bare(session, name)?),
        LoneDeed::Repeatable | LoneDeed::Unknown | LoneDeed::Escaped => true,
    };
    Ok(if known { deed } else { LoneDeed::Unknown })
}

/// Puts a name in the place of another, if there is one.
fn replace(name: &mut String, found: Option<String>) -> bool {
    let known = found.is_some();
    *name = found.unwrap_or_default();
    known
}

/// The table that a `REINDEX` of this name works on.
fn reindexed(session: &mut Session, name: &str) -> Result<Option<String>, ServerError> {
    let rows = session.query(
        "select pg_catalog.format('%I.%I', n.nspname, c.relname) \
         from pg_catalog.pg_class named \
         left join pg_catalog.pg_index i on i.indexrelid = named.oid \
         join pg_catalog.pg_class c on c.oid = coalesce(i.indrelid, named.oid) \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where named.oid = pg_catalog.to_regclass($1)",
        &[Some(name)],
    )?;
    Ok(rows.single().map(str::to_owned))
}

/// Whether it happened, and the invalid indexes that it left.
fn ask(deed: &LoneDeed, session: &mut Session) -> Result<(Happened, Vec<String>), ServerError> {
    let happened = match deed {
        LoneDeed::BuildIndex {
            table,
            index,
            shape,
            before,
        } => {
            let mut new = indexes_of(session, table)?;
            new.retain(|found| !before.contains(&found.name));
            if let Some(index) = index {
                new.retain(|found| index == &found.name);
            }
            let is_wanted = |found: &Index| index.is_some() || found.has_shape(shape);
            let mut valid = new.iter().filter(|found| found.valid);
            let happened = match (valid.clone().any(is_wanted), valid.next().is_some()) {
                (true, _) => Happened::Yes,
                // Another's, or the one wanted as the server writes it.
                (false, true) => Happened::Unknown,
                (false, false) if new.is_empty() => Happened::No,
                (false, false) => Happened::Partly,
            };
            return Ok((happened, invalid(new)));
        }
        LoneDeed::Reindex { table, before } => {
            let mut new = indexes_of(session, table)?;
            new.retain(|index| !before.contains(&index.name) && is_of_reindex(&index.name));
            return Ok((Happened::Whatever, invalid(new)));
        }
        LoneDeed::DropIndex { index } => happened(qualified(session, index)?.is_none()),
        LoneDeed::DetachPartition { table, partition } => detached(session, table, partition)?,
        LoneDeed::CreateDatabase { name } => happened(exists(session, DATABASE, name)?),
        LoneDeed::DropDatabase { name } => happened(!exists(session, DATABASE, name)?),
        LoneDeed::CreateTablespace { name } => happened(exists(session, TABLESPACE, name)?),
        LoneDeed::DropTablespace { name } => happened(!exists(session, TABLESPACE, name)?),
        LoneDeed::CreateSubscription { name } => happened(exists(session, SUBSCRIPTION, name)?),
        LoneDeed::DropSubscription { name } => happened(!exists(session, SUBSCRIPTION, name)?),
        LoneDeed::Repeatable => Happened::Whatever,
        LoneDeed::Unknown | LoneDeed::Escaped => Happened::Unknown,
    };
    Ok((happened, Vec::new()))
}

/// Whether PostgreSQL calls so an index that `REINDEX CONCURRENTLY` builds, or one that it has
/// replaced. Nothing else tells them; a number follows where the name was taken.
fn is_of_reindex(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    name.ends_with("_ccnew") || name.ends_with("_ccold")
}

const DATABASE: &str = "select 1 from pg_catalog.pg_database where datname = $1";
const TABLESPACE: &str = "select 1 from pg_catalog.pg_tablespace where spcname = $1";
const SUBSCRIPTION: &str = "select 1 from pg_catalog.pg_subscription s \
    join pg_catalog.pg_database d on d.oid = s.subdbid \
    where d.datname = pg_catalog.current_database() and s.subname = $1";

fn happened(did: bool) -> Happened {
    match did {
        true => Happened::Yes,
        false => Happened::No,
    }
}

fn exists(session: &mut Session, sql: &str, name: &str) -> Result<bool, ServerError> {
    Ok(!session.query(sql, &[Some(name)])?.is_empty())
}

fn detached(session: &mut Session, table: &str, partition: &str) -> Result<Happened, ServerError> {
    if qualified(session, partition)?.is_none() {
        return Ok(Happened::Unknown);
    }
    let rows = session.query(
        "select inhdetachpending from pg_catalog.pg_inherits \
         where inhparent = pg_catalog.to_regclass($1) \
           and inhrelid = pg_catalog.to_regclass($2)",
        &[Some(table), Some(partition)],
    )?;
    Ok(match rows.single() {
        None => Happened::Yes,
        Some("t") => Happened::Partly,
        Some(_) => Happened::No,
    })
}

/// The table of an index that is invalid, with its schema; `None` where there is no such index, or
/// it is valid.
pub(super) fn table_of_invalid(
    session: &mut Session,
    index: &str,
) -> Result<Option<String>, ServerError> {
    let rows = session.query(
        "select pg_catalog.format('%I.%I', n.nspname, c.relname) \
         from pg_catalog.pg_index i \
         join pg_catalog.pg_class c on c.oid = i.indrelid \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where i.indexrelid = pg_catalog.to_regclass($1) \
           and not (i.indisvalid and i.indisready and i.indislive)",
        &[Some(index)],
    )?;
    Ok(rows.single().map(str::to_owned))
}

/// A relation's name with its schema, by the search path; `None` where there is none.
fn qualified(session: &mut Session, name: &str) -> Result<Option<String>, ServerError> {
    let rows = session.query(
        "select pg_catalog.format('%I.%I', n.nspname, c.relname) \
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where c.oid = pg_catalog.to_regclass($1)",
        &[Some(name)],
    )?;
    Ok(rows.single().map(str::to_owned))
}

/// A name without quotes, in the case that PostgreSQL gives it.
fn bare(session: &mut Session, name: &str) -> Result<Option<String>, ServerError> {
    let rows = session.query("select pg_catalog.parse_ident($1)", &[Some(name)])?;
    Ok(rows.single().and_then(|parts| text_array(parts).pop()))
}

fn indexes_of(session: &mut Session, table: &str) -> Result<Vec<Index>, ServerError> {
    let rows = session.query(
        "select c.relname as name, \
                pg_catalog.format('%I.%I', n.nspname, c.relname) as qualified, \
                i.indisvalid and i.indisready and i.indislive as valid, \
                pg_catalog.pg_get_indexdef(i.indexrelid) as definition \
         from pg_catalog.pg_index i \
         join pg_catalog.pg_class c on c.oid = i.indexrelid \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where i.indrelid = pg_catalog.to_regclass($1) order by 1",
        &[Some(table)],
    )?;
    Ok(rows
        .iter()
        .map(|row| Index {
            name: row.text("name"),
            qualified: row.text("qualified"),
            valid: row.bool("valid"),
            definition: row.text("definition"),
        })
        .collect())
}

fn names(indexes: Vec<Index>) -> Vec<String> {
    indexes.into_iter().map(|index| index.name).collect()
}

fn invalid(indexes: Vec<Index>) -> Vec<String> {
    let invalid = indexes.into_iter().filter(|index| !index.valid);
    invalid.map(|index| index.qualified).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_of_a_reindex_are_known_by_the_end_of_their_names() {
        for (name, is) in [
            ("a_b_ccnew", true),
            ("a_b_ccold", true),
            ("a_b_ccnew1", true),
            ("a_b_ccold12", true),
            ("a_b", false),
            ("a_ccnew_b", false),
            ("ccnew", false),
        ] {
            assert_eq!(is_of_reindex(name), is, "{name}");
        }
    }
}
