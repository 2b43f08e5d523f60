//! A statement that had to run alone, and of which no record says that it is done: what the
//! database is asked to find out whether it happened.
//!
//! What can be known only beforehand is written down when the statement is sent: which table it
//! means by the search path of that moment, and which indexes were there.

use serde::{Deserialize, Serialize};

use crate::plan::{Doubt, Happened};
use migrate_postgres::{ServerError, Session, text_array};
use migrate_sql::{Deed, IndexShape, Object};

/// A statement that was sent alone, and what was to be known of it beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// Its number in the file, from 1.
    pub(super) statement: usize,
    #[serde(flatten)]
    does: Does,
}

/// What it does. All names are as SQL has them, with their schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
enum Does {
    BuildIndex {
        table: String,
        /// Its bare name, if the statement says one.
        index: Option<String>,
        /// What it holds of the table, by which one without a name is known again.
        #[serde(default)]
        shape: String,
        /// The bare names of the table's indexes.
        before: Vec<String>,
    },
    DropIndex {
        index: String,
    },
    Reindex {
        table: String,
        /// The bare names of the table's indexes.
        before: Vec<String>,
    },
    DetachPartition {
        table: String,
        partition: String,
    },
    CreateDatabase {
        name: String,
    },
    DropDatabase {
        name: String,
    },
    CreateTablespace {
        name: String,
    },
    DropTablespace {
        name: String,
    },
    CreateSubscription {
        name: String,
    },
    DropSubscription {
        name: String,
    },
    Repeatable,
    Unknown,
}

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
    fn has_shape(&self, shape: &str) -> bool {
        let own = IndexShape::of_definition(&self.definition);
        own.is_some_and(|own| own.as_str() == shape)
    }
}

impl Facts {
    /// What is to be known of a statement before it is sent. Changes nothing.
    pub(super) fn before(
        session: &mut Session,
        statement: usize,
        text: &str,
    ) -> Result<Self, ServerError> {
        let does = Does::before(session, &Deed::of(text))?;
        Ok(Self { statement, does })
    }

    /// Whether nobody can say afterwards how far it came: a procedure that commits.
    pub(super) fn is_unknown(&self) -> bool {
        self.does == Does::Unknown
    }

    /// As the ledger keeps it.
    pub(super) fn text(&self) -> String {
        // Strings and lists of them always have a form in JSON.
        serde_json::to_string(self).expect("facts are plain data")
    }

    /// What the ledger kept. What cannot be read was not written by us.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Asks the database whether it happened. Changes nothing.
    pub(super) fn ask(&self, session: &mut Session) -> Result<Doubt, ServerError> {
        let (happened, left) = self.does.ask(session)?;
        Ok(Doubt {
            statement: self.statement,
            happened,
            invalid_indexes: left,
        })
    }

    /// An invalid index of the name that the statement wants to give. It is not from this
    /// statement, which is not sent yet.
    pub(super) fn in_the_way(&self, session: &mut Session) -> Result<Option<String>, ServerError> {
        let Does::BuildIndex {
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
            Does::DetachPartition { table, partition } => Some(format!(
                "alter table {table} detach partition {partition} finalize"
            )),
            _ => None,
        }
    }
}

/// Asks the database about a statement that the ledger has as begun; `None` where there is
/// nothing to say.
pub fn look(session: &mut Session, begun: &crate::ledger::Begun) -> Option<Doubt> {
    let doubt = Facts::read(&begun.facts)?.ask(session).ok()?;
    // One that failed did not happen, as everybody was told. What a procedure committed before it
    // failed did.
    let leaves = !doubt.invalid_indexes.is_empty() || doubt.happened == Happened::Unknown;
    (begun.unended || leaves).then_some(doubt)
}

impl Does {
    fn before(session: &mut Session, deed: &Deed) -> Result<Self, ServerError> {
        let known = match deed {
            Deed::BuildsIndex { name, table, shape } => {
                Self::before_building(session, name.as_deref(), table, shape)?
            }
            // Where there is none, `IF EXISTS` may as well say so twice.
            Deed::DropsIndex { name } => Some(
                qualified(session, name)?
                    .map_or(Self::Repeatable, |index| Self::DropIndex { index }),
            ),
            Deed::Reindexes { name: Some(name) } => Self::before_reindexing(session, name)?,
            Deed::DetachesPartition { table, partition } => {
                let table = qualified(session, table)?;
                let partition = qualified(session, partition)?;
                table
                    .zip(partition)
                    .map(|(table, partition)| Self::DetachPartition { table, partition })
            }
            Deed::Names {
                object,
                name,
                exists,
            } => bare(session, name)?.map(|name| Self::naming(*object, *exists, name)),
            Deed::Reindexes { name: None } | Deed::Repeatable => Some(Self::Repeatable),
            Deed::Unknown => None,
        };
        Ok(known.unwrap_or(Self::Unknown))
    }

    fn before_building(
        session: &mut Session,
        name: Option<&str>,
        table: &str,
        shape: &IndexShape,
    ) -> Result<Option<Self>, ServerError> {
        let Some(table) = qualified(session, table)? else {
            return Ok(None);
        };
        let index = match name {
            Some(name) => bare(session, name)?,
            None => None,
        };
        let before = names(indexes_of(session, &table)?);
        Ok(Some(Self::BuildIndex {
            table,
            index,
            shape: shape.as_str().to_owned(),
            before,
        }))
    }

    fn before_reindexing(session: &mut Session, name: &str) -> Result<Option<Self>, ServerError> {
        let rows = session.query(
            "select pg_catalog.format('%I.%I', n.nspname, c.relname) \
             from pg_catalog.pg_class named \
             left join pg_catalog.pg_index i on i.indexrelid = named.oid \
             join pg_catalog.pg_class c on c.oid = coalesce(i.indrelid, named.oid) \
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where named.oid = pg_catalog.to_regclass($1)",
            &[Some(name)],
        )?;
        let Some(table) = rows.single() else {
            return Ok(None);
        };
        Ok(Some(Self::Reindex {
            before: names(indexes_of(session, table)?),
            table: table.to_owned(),
        }))
    }

    fn naming(object: Object, exists: bool, name: String) -> Self {
        match (object, exists) {
            (Object::Database, true) => Self::CreateDatabase { name },
            (Object::Database, false) => Self::DropDatabase { name },
            (Object::Tablespace, true) => Self::CreateTablespace { name },
            (Object::Tablespace, false) => Self::DropTablespace { name },
            (Object::Subscription, true) => Self::CreateSubscription { name },
            (Object::Subscription, false) => Self::DropSubscription { name },
        }
    }

    /// Whether it happened, and the invalid indexes that it left.
    fn ask(&self, session: &mut Session) -> Result<(Happened, Vec<String>), ServerError> {
        let happened = match self {
            Self::BuildIndex {
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
            Self::Reindex { table, before } => {
                let mut new = indexes_of(session, table)?;
                // As PostgreSQL calls the one that it builds and the one that it replaces.
                new.retain(|index| {
                    let new = !before.contains(&index.name);
                    new && (index.name.contains("_ccnew") || index.name.contains("_ccold"))
                });
                return Ok((Happened::Whatever, invalid(new)));
            }
            Self::DropIndex { index } => happened(qualified(session, index)?.is_none()),
            Self::DetachPartition { table, partition } => detached(session, table, partition)?,
            Self::CreateDatabase { name } => happened(exists(session, DATABASE, name)?),
            Self::DropDatabase { name } => happened(!exists(session, DATABASE, name)?),
            Self::CreateTablespace { name } => happened(exists(session, TABLESPACE, name)?),
            Self::DropTablespace { name } => happened(!exists(session, TABLESPACE, name)?),
            Self::CreateSubscription { name } => happened(exists(session, SUBSCRIPTION, name)?),
            Self::DropSubscription { name } => happened(!exists(session, SUBSCRIPTION, name)?),
            Self::Repeatable => Happened::Whatever,
            Self::Unknown => Happened::Unknown,
        };
        Ok((happened, Vec::new()))
    }
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
