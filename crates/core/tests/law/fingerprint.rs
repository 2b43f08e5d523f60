//! What stands in a database, by whose it is: read by SQL of the test's own, so that no code of
//! ours has a say in the verdict.

use std::collections::BTreeSet;

use migrate_postgres::Session;

use crate::tables::{Catalog, catalogs};
use crate::world::VERSION;

/// The rows of all catalogs and tables, hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(BTreeSet<String>);

impl Fingerprint {
    pub fn of(session: &mut Session, sql: &str) -> Self {
        let rows = session
            .query(sql, &[])
            .expect("the fingerprint can be read");
        Self(rows.iter().map(|row| row.text("line")).collect())
    }

    /// What differs and is not the attacker's, in words.
    pub fn beyond(&self, other: &Self, own: &str) -> Vec<String> {
        let lines = self.0.symmetric_difference(&other.0);
        let lines = lines.filter(|line| !is_own(line, own));
        let words = lines.map(|line| {
            line.rsplit_once('\t')
                .map_or(&**line, |(words, _)| words)
                .replace('\t', ": ")
        });
        words.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Whether a line is of what an owner has, and of nobody else's: what belongs to something has its
/// name in its own. What has no name of any of the three is everybody's.
fn is_own(line: &str, own: &str) -> bool {
    let line = line.split('\t').nth(1).unwrap_or(line);
    // What lies in a schema of nobody's is no part of it.
    let mine = format!("{own}_");
    let line = line
        .replace("moddatetime", &format!("{mine}new"))
        .replace(&format!("shared_schema.{mine}"), &mine)
        .replace("shared_new", &mine)
        .replace("shared_schema.<##>", &mine)
        // What is called by no name of ours.
        .replace("70001", "auth_object")
        .replace("70002", "post_object")
        .replace("70003", "shared_object")
        .replace("fuzzystrmatch", "auth_extension")
        .replace("citext", "post_extension")
        .replace("pg_trgm", "shared_extension");
    let others = ["auth", "post", "shared"]
        .into_iter()
        .filter(|owner| *owner != own);
    let of_others = others
        .map(|owner| format!("{owner}_"))
        .any(|name| line.contains(&name));
    !of_others && line.contains(&mine)
}

/// The query, for a server with these catalogs.
pub fn query(session: &mut Session) -> String {
    let there = "select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r'";
    let there = session
        .query(there, &[])
        .expect("the catalogs can be listed");
    let there: BTreeSet<String> = there.iter().map(|row| row.text("relname")).collect();
    let law = catalogs();
    let parts = law
        .iter()
        .filter(|(name, row)| there.contains(*name) && row.left_out.is_none());
    let mut parts: Vec<String> = parts.map(|(name, row)| part(name, row)).collect();
    parts.push(ROWS.replace("{version}", VERSION));
    parts.join("\nunion all\n")
}

fn part(name: &str, row: &Catalog) -> String {
    let identity = row
        .identity
        .clone()
        .unwrap_or_else(|| format!("(pg_identify_object('{name}'::regclass, oid, 0)).identity"));
    let rows = row.rows.as_deref().unwrap_or("oid >= 16384");
    let without = match row.without.is_empty() {
        true => "{oid}".to_owned(),
        false => format!("{{{}}}", row.without.join(",")),
    };
    let facts = &row.facts;
    let mut part = format!(
        "select '{name}' || E'\\t' || coalesce({identity}, '') || E'\\t' || md5((to_jsonb(x) - '{without}'::text[] {facts})::text) as line \
           from pg_catalog.{name} x where {rows}"
    );
    let built_in = row.built_in.as_deref();
    if let Some(built_in) = built_in.or(row.rows.is_none().then_some("oid < 16384")) {
        // Whoever writes a row gives it another transaction.
        part.push_str(&format!(
            "\nunion all\nselect '{name}' || E'\\tof the server\\t' || count(*) || ' ' || coalesce(sum(xmin::text::numeric), 0) \
               from pg_catalog.{name} x where {built_in}"
        ));
    }
    part
}

/// What stands in the tables, sequences and settings. What the ledger says of the case itself is what
/// it has to say.
const ROWS: &str = r"select 'rows' || E'\t' || c.oid::regclass || E'\t' || md5(query_to_xml(
           case c.relkind when 'S' then format('select last_value, is_called from %s', c.oid::regclass)
                when 'r' then format('select t.* from %s t %s order by t::text', c.oid::regclass,
                    case when c.relname in ('__diesel_schema_migrations', '__migrate_ledger')
                         then 'where version <> ''{version}''' else '' end)
                else format('select t.* from %s t order by t::text', c.oid::regclass) end, true, false, '')::text)
  from pg_class c
 where c.relnamespace <> all ('{pg_catalog,information_schema,pg_toast}'::regnamespace[])
   and c.relkind in ('r', 'm', 'S') and c.relpersistence <> 't' and c.relname not in ('__migrate_format', '__migrate_ledger_id_seq')
union all
select 'setting' || E'\t' || name || E'\t' || coalesce(setting, '') from pg_file_settings where name <> 'port'";
