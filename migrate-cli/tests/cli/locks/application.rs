//! What an application feels of a deploy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use migrate_postgres::Session;
use migrate_postgres::target::Target;
use testkit::Workspace;

use super::{Deploy, reader, set, with_table};
use crate::workspace;

/// What an application's queries may take beyond `lock_timeout`.
const MARGIN: Duration = Duration::from_millis(100);

/// An application that queries a table all the while.
struct Application {
    over: Arc<AtomicBool>,
    running: JoinHandle<Vec<Duration>>,
}

impl Application {
    fn start(target: &Target) -> Self {
        let mut session = Session::connect(target).expect("the application connects");
        let over = Arc::new(AtomicBool::new(false));
        let stop = over.clone();
        let running = spawn(move || {
            let mut times = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                times.push(query(&mut session));
            }
            times
        });
        Self { over, running }
    }

    fn ends(self) -> Vec<Duration> {
        self.over.store(true, Ordering::Relaxed);
        self.running.join().expect("the application does not fail")
    }
}

/// How long a query of one row takes from its arrival at the server to its row, its wait for the
/// lock included. By the server's clock: the machine of the tests may have other things to do than
/// to wake this thread.
fn query(session: &mut Session) -> Duration {
    let rows = session
        .query(
            "select extract(epoch from clock_timestamp() - transaction_timestamp()) \
             from big where id = 4711",
            &[],
        )
        .expect("the application reads");
    let seconds = rows.single().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs_f64(seconds.expect("one row with a number"))
}

/// The issue's own sentence: the application's slowest query stays under `lock_timeout` plus 100 ms,
/// and the deploy succeeds when the lock is released.
#[test]
fn the_slowest_query_of_an_application_stays_under_the_lock_timeout() {
    let workspace = workspace();
    set(&workspace, "lock_timeout = \"500ms\"");
    workspace.migration(
        "1_big",
        "create table big (id int primary key, text text);\n\
         insert into big select n, repeat('x', 100) from generate_series(1, 200000) n;",
        "drop table big;",
    );
    workspace.run("deploy").success();
    workspace.migration("2_more", "alter table big add column more int;", "");
    let database = workspace.database();
    let mut holder = database.session();
    holder
        .execute("begin; lock table big in access share mode")
        .expect("a report begins");
    let application = Application::start(database.target());
    let deploy = Deploy::start(&workspace);
    deploy.says("(try 3 of 6)");
    holder.execute("commit").expect("the report ends");
    deploy.succeeds();
    let times = application.ends();
    let slowest = times.iter().max().expect("it has queried");
    assert!(
        *slowest < Duration::from_millis(500) + MARGIN,
        "{slowest:?}"
    );
    let behind = |time: &&Duration| **time > Duration::from_millis(300);
    let queued = times.iter().filter(behind).count();
    assert!(queued >= 3, "it queued behind each try: {queued}");
    let columns = "select count(*) from information_schema.columns where table_name = 'big'";
    assert_eq!(database.value(columns).as_deref(), Some("3"));
}

/// What a migration locks beside what it says: the tables of the ledger for its rows, as any
/// program locks a table that it writes to, and nothing of the application.
#[test]
fn nothing_but_the_file_locks_the_tables_of_an_application() {
    let workspace = with_table("");
    let locks = |at: &str| {
        format!(
            "insert into public.seen select '{at}', c.relname, l.mode from pg_locks l \
             join pg_class c on c.oid = l.relation \
             where pid = pg_backend_pid() and c.oid >= 16384 and c.relname <> 'seen';"
        )
    };
    let up = format!(
        "create table seen (at text, relation text, mode text);\n{}",
        locks("before")
    );
    workspace.migration("2_seen", &up, "");
    // Fires after the guard, in the same transaction.
    workspace.database().execute(&format!(
        "create function see() returns trigger language plpgsql as $$ begin {} return new; end $$; \
         create trigger see after insert on __migrate_ledger for each row execute function see()",
        locks("after")
    ));
    workspace.run("deploy").success();
    let seen = "select string_agg(distinct concat_ws(' ', at, relation, mode), e'\\n') from seen \
                where relation not like 'pg\\_toast%'";
    insta::assert_snapshot!(workspace.database().value(seen).unwrap_or_default(), @"
    after __diesel_schema_migrations RowExclusiveLock
    after __migrate_ledger AccessShareLock
    after __migrate_ledger RowExclusiveLock
    after __migrate_ledger_id_seq RowExclusiveLock
    after __migrate_ledger_pkey AccessShareLock
    after __migrate_ledger_pkey RowExclusiveLock
    after __migrate_ledger_version_id_idx AccessShareLock
    after __migrate_ledger_version_id_idx RowExclusiveLock
    ");
}

/// A server may be set to end sessions that do nothing in a transaction, and statements that last.
/// Neither is meant for a deploy.
#[test]
fn timeouts_of_the_server_do_not_break_a_deploy() {
    let workspace = with_table("lock_timeout = \"150ms\"");
    let database = workspace.database();
    database.execute(&format!(
        "alter database {0} set idle_in_transaction_session_timeout = '50ms'; \
         alter database {0} set statement_timeout = '300ms'; \
         alter database {0} set lock_timeout = '1ms'",
        database.name()
    ));
    workspace.migration("2_slow", "select pg_sleep(0.6);", "");
    workspace.migration_with(
        "3_outside",
        "select pg_sleep(0.6);\ncreate index concurrently a_b on a (b);\nselect pg_sleep(0.6);\n",
        "",
        "run_in_transaction = false\nservices = [\"auth\"]\n",
    );
    workspace.migration("4_c", "alter table a add column c int;", "");
    workspace.run("deploy --to 3").success();
    let mut application = hold(&workspace);
    let deploy = Deploy::start(&workspace);
    deploy.says("(try 2 of 6)");
    application.execute("commit").expect("the application ends");
    deploy.succeeds();
    database.execute("select c from a");
}

/// An application whose transaction stays open: the database's limits are not for it.
fn hold(workspace: &Workspace) -> Session {
    let mut session = workspace.database().session();
    session
        .execute("set idle_in_transaction_session_timeout = 0")
        .expect("it may");
    session
        .execute("begin; select * from a")
        .expect("the application reads");
    session
}

#[test]
fn the_ledger_is_brought_up_to_date_only_when_nobody_reads_it() {
    let workspace = with_table("lock_timeout = \"100ms\"");
    let database = workspace.database();
    // As the first version left it.
    database.execute(
        "do $$ declare name text; begin \
           for name in select attname from pg_attribute \
                        where attrelid = '__migrate_ledger'::regclass and not attisdropped \
                          and attnum > (select attnum from pg_attribute \
                                         where attrelid = '__migrate_ledger'::regclass and attname = 'error') \
           loop execute format('alter table __migrate_ledger drop column %I', name); end loop; \
         end $$; \
         update __migrate_format set format = 1",
    );
    let mut dump = reader(&workspace);
    dump.execute("select * from __migrate_ledger")
        .expect("it reads");
    workspace.migration("2_b", "select 1;", "");
    let told = workspace.run("deploy");
    insta::assert_snapshot!(told, @"
    $ migrate deploy
    --- stderr
    error[ledger]: the ledger of database main: canceling statement due to lock timeout
     |
     = state: nothing was applied
     = next: somebody reads the ledger, such as a dump: run it again when that is done
    --- exit 1
    ");
    dump.execute("commit").expect("it ends");
    workspace.run("deploy").success();
}
