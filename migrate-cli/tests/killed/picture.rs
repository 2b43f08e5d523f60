//! All that is in a database, as text.

use migrate_postgres::Session;
use similar::TextDiff;

use crate::server::Server;

/// The catalog and the rows.
#[derive(Default)]
pub struct Picture(String);

const CATALOG: [&str; 8] = [
    "select 'relation', relname, relkind, relispartition from pg_class \
     where relnamespace = 'public'::regnamespace and relname not like '\\_\\_migrate%'",
    "select 'column', attrelid::regclass, attname, atttypid::regtype, attnotnull, atthasmissing, \
            (select pg_get_expr(adbin, adrelid) from pg_attrdef \
             where adrelid = attrelid and adnum = attnum) \
     from pg_attribute join pg_class c on c.oid = attrelid \
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and attnum > 0 \
       and relname not like '\\_\\_migrate%'",
    "select 'index', indexrelid::regclass, indisvalid, indisready, indislive, \
            pg_get_indexdef(indexrelid) \
     from pg_index join pg_class c on c.oid = indrelid \
     where relnamespace = 'public'::regnamespace and relname not like '\\_\\_migrate%'",
    "select 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) \
     from pg_constraint where connamespace = 'public'::regnamespace \
       and conrelid::regclass::text not like '\\_\\_migrate%'",
    "select 'inherits', inhrelid::regclass, inhparent::regclass, inhseqno from pg_inherits",
    "select 'function', oid::regprocedure, pg_get_functiondef(oid) from pg_proc \
     where pronamespace = 'public'::regnamespace",
    "select 'view', viewname, definition from pg_views where schemaname = 'public'",
    "select 'applied', version from __diesel_schema_migrations",
];

/// Each migration is recorded as applied once, and after what came before it.
const LEDGER: &str = "select 'ledger', version, direction, state from __migrate_ledger \
    where state not in ('failed', 'running') order by id";

impl Picture {
    pub fn of(server: &Server, database: &str) -> Self {
        let mut session = server.session(database);
        let mut text = String::new();
        for sql in CATALOG {
            text.extend(sorted(lines(&mut session, sql)));
        }
        for table in tables(&mut session) {
            let sql = format!("select '{table}', r from \"{table}\" r");
            text.extend(sorted(lines(&mut session, &sql)));
        }
        text.extend(lines(&mut session, LEDGER));
        Self(text)
    }

    pub fn difference(&self, other: &Self) -> String {
        let diff = TextDiff::from_lines(&self.0, &other.0);
        let mut diff = diff.unified_diff();
        diff.header("undisturbed", "killed").to_string()
    }
}

fn tables(session: &mut Session) -> Vec<String> {
    let sql = "select relname as name from pg_class where relnamespace = 'public'::regnamespace \
               and relkind = 'r' and relname not like '\\_\\_%' order by 1";
    let rows = session.query(sql, &[]).expect("it runs");
    rows.iter().map(|row| row.text("name")).collect()
}

/// A line for each row.
fn lines(session: &mut Session, sql: &str) -> Vec<String> {
    let sql = format!("select row(x.*)::text as line from ({sql}) x");
    let rows = session.query(&sql, &[]);
    let rows = rows.unwrap_or_else(|error| panic!("{error}: {sql}"));
    rows.iter()
        .map(|row| format!("{}\n", row.str("line")))
        .collect()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}
