//! Two hundred migrations of every kind, and for each statement what shows that it happened.

use std::fs;
use std::path::Path;

use testkit::server_version;

/// How many.
const COUNT: usize = 200;

/// Each table lives through so many migrations.
const LIFE: usize = 8;

pub struct Migration {
    pub version: String,
    pub in_transaction: bool,
    pub statements: Vec<Statement>,
}

pub struct Statement {
    sql: String,
    pub evidence: Option<Evidence>,
}

/// What shows that a statement happened.
#[derive(Debug)]
pub enum Evidence {
    /// A row of `tally`, of this step. Another one shows that it happened twice.
    Tally(usize),
    Relation(String),
    ValidIndex(String),
    /// A partition that has no table above it any more.
    Detached(String),
}

impl Migration {
    fn new(index: usize, in_transaction: bool) -> Self {
        Self {
            version: version(index),
            in_transaction,
            statements: Vec::new(),
        }
    }

    /// A statement whose traces are gone later, or that leaves none.
    fn run(mut self, sql: impl Into<String>) -> Self {
        let sql = sql.into();
        self.statements.push(Statement {
            sql,
            evidence: None,
        });
        self
    }

    fn shown_by(mut self, sql: impl Into<String>, evidence: Evidence) -> Self {
        self.statements.push(Statement {
            sql: sql.into(),
            evidence: Some(evidence),
        });
        self
    }

    /// A row that is there twice when this is run twice.
    fn tally(self) -> Self {
        let step = self.statements.len();
        let sql = format!("insert into tally values ({}, {step})", self.version);
        self.shown_by(sql, Evidence::Tally(step))
    }

    /// A procedure that commits: only the rows show whether it did. The last statement, so that
    /// all is applied when it did.
    fn call(self) -> Self {
        let step = self.statements.len();
        let sql = format!("call tell({}, {step})", self.version);
        self.shown_by(sql, Evidence::Tally(step))
    }

    fn table(self, name: &str, columns: &str) -> Self {
        let sql = format!("create table {name} ({columns})");
        self.shown_by(sql, Evidence::Relation(name.to_owned()))
    }

    fn index(self, name: &str, sql: impl Into<String>) -> Self {
        self.shown_by(sql, Evidence::ValidIndex(name.to_owned()))
    }

    pub fn write(&self, folder: &Path) {
        let folder = folder.join(format!("{}_m", self.version));
        fs::create_dir_all(&folder).expect("the folder can be created");
        let statements = self.statements.iter();
        let sql: String = statements
            .map(|statement| format!("{};\n", statement.sql))
            .collect();
        let metadata = format!("run_in_transaction = {}\n", self.in_transaction);
        fs::write(folder.join("up.sql"), sql).expect("it can be written");
        fs::write(folder.join("metadata.toml"), metadata).expect("it can be written");
    }
}

fn version(index: usize) -> String {
    (20_260_101_000_000 + index).to_string()
}

pub fn all() -> Vec<Migration> {
    (0..COUNT).map(migration).collect()
}

/// The same without procedures that commit: one that is cancelled has failed, and is run again
/// with all that it had committed.
pub fn without_procedures() -> Vec<Migration> {
    let mut all = all();
    for migration in &mut all {
        let calls = |statement: &Statement| statement.sql.starts_with("call ");
        migration.statements.retain(|statement| !calls(statement));
    }
    all
}

fn migration(index: usize) -> Migration {
    let inside = Migration::new(index, true);
    let outside = Migration::new(index, false);
    let table = format!("t_{}", index / LIFE);
    match index % LIFE {
        0 if index == 0 => founding(inside),
        0 => inside
            .table(&table, "id int primary key, v text, n int")
            .run(rows(&table))
            .tally(),
        1 => inside
            .run("update totals set n = n * 2 + 1")
            .run(format!("update {table} set n = n + 1 where id % 2 = 0"))
            .tally(),
        2 => outside
            .tally()
            .index(
                &format!("{table}_v"),
                format!("create index concurrently {table}_v on {table} (v)"),
            )
            .tally()
            .run("update totals set n = n + 3")
            .run(format!("vacuum {table}")),
        3 => inside
            .run("select pg_sleep(0.01)")
            .run(format!("alter table {table} add column w int default 7"))
            .run("select pg_sleep(0.01)")
            .tally(),
        4 => reindexing(outside, &table),
        5 => inside
            .run(format!(
                "create function f_{index}() returns bigint language sql \
                 as $$ select count(*) from {table}; $$"
            ))
            .run(format!(
                "create view v_{index} as select id, w from {table}"
            ))
            .run("update totals set n = n - 1")
            .tally(),
        6 => detaching(outside, &format!("p_{index}")),
        7 if index % 24 == 7 => outside
            .run("select pg_sleep(0.005)")
            .run("alter system set log_autovacuum_min_duration = '10min'")
            .tally()
            .call(),
        _ => inside
            .run(format!(
                "insert into {table} select id + 1000, v, n from {table}"
            ))
            .run("select pg_sleep(0.005)")
            .tally(),
    }
}

fn founding(migration: Migration) -> Migration {
    migration
        .table("tally", "version bigint, step int")
        .table("totals", "n bigint")
        .run("insert into totals values (1)")
        .run(
            "create procedure tell(version bigint, step int) language plpgsql as $$ begin \
               perform pg_sleep(0.01); insert into tally values (version, step); commit; \
               perform pg_sleep(0.01); \
             end $$",
        )
        .table("parts", "n int) partition by range (n")
        .table("t_0", "id int primary key, v text, n int")
        .run(rows("t_0"))
        .tally()
}

fn rows(table: &str) -> String {
    format!("insert into {table} select g, md5(g::text), 0 from generate_series(1, 400) g")
}

fn reindexing(migration: Migration, table: &str) -> Migration {
    migration
        .run(format!("reindex index concurrently {table}_v"))
        .tally()
        // PostgreSQL finds a name, and would find another one the second time.
        .index(
            &format!("{table}_n_idx"),
            format!("create index concurrently on {table} (n)"),
        )
        .index(
            &format!("{table} gone"),
            format!("create unique index concurrently \"{table} gone\" on {table} (id, n)"),
        )
        .tally()
        .run(format!("drop index concurrently \"{table} gone\""))
        .tally()
        .forget(&format!("{table} gone"))
}

fn detaching(migration: Migration, partition: &str) -> Migration {
    let number: usize = partition[2..].parse().expect("it ends in its number");
    // Before 14 a partition is only detached at once.
    let how = match server_version() {
        14.. => " concurrently",
        _ => "",
    };
    migration
        .shown_by(
            format!(
                "create table {partition} partition of parts \
                 for values from ({number}) to ({number} + 1)"
            ),
            Evidence::Relation(partition.to_owned()),
        )
        .run(format!("insert into parts values ({number})"))
        .shown_by(
            format!("alter table parts detach partition {partition}{how}"),
            Evidence::Detached(partition.to_owned()),
        )
        .tally()
}

impl Migration {
    /// Takes away the evidence of what a later statement drops.
    fn forget(mut self, index: &str) -> Self {
        for statement in &mut self.statements {
            if matches!(&statement.evidence, Some(Evidence::ValidIndex(name)) if name == index) {
                statement.evidence = None;
            }
        }
        self
    }
}
