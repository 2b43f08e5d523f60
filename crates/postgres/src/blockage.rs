//! For whom a session waits. It cannot ask while it waits, so another one does.

use super::blocker::{Blockage, Blocker, WantedLock};
use super::row::Row;
use super::server_error::ServerError;
use super::session::Session;

/// What a session that only asks needs: names found in the catalogs alone, and no long waiting.
const SETUP: &str = "set search_path = pg_catalog; set statement_timeout = 2000; \
    set lock_timeout = 200; set jit = off";

/// Whether process `$1` waits for a lock, for which, and for whom. The processes `$2` are taken for
/// some that it waits for.
///
/// `pg_blocking_pids` stops the server's lock manager for a moment, so it is called only for a
/// process that waits. Whom it gives may wait themselves, and then those whom they wait for are
/// asked for too. It gives 0 for a prepared transaction; which one is found by its lock on what is
/// waited for, and by the lock that each transaction has on its own number.
const QUERY: &str = "
with recursive waiting as materialized (
    select case when wait_event_type = 'Lock' then pg_blocking_pids(pid) end as pids
      from pg_stat_get_activity($1::integer)
), wanted as materialized (
    select l.* from pg_locks l
     where (select pids from waiting) is not null and l.pid = $1::integer and not l.granted
     limit 1
), blocker (pid) as (
    (select unnest(pids) from waiting union select unnest($2::integer[]))
    union
    select unnest(pg_blocking_pids(a.pid))
      from blocker b join pg_stat_get_activity(null) a on a.pid = b.pid and a.wait_event_type = 'Lock'
)
select w.locktype as lock_kind, w.mode as lock_mode,
       (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.oid = coalesce(w.relation, (select t.relation from pg_locks t
                                              where t.pid = $1::integer and t.locktype = 'tuple' and t.granted
                                              limit 1))) as relation,
       b.pid, coalesce(a.usename, p.owner) as user, a.application_name as application,
       a.backend_type as kind, a.state,
       case when a.backend_type = 'autovacuum worker' then a.query
            when a.state is not null then upper(substring(a.query from '^\\s*([[:alpha:]]+)')) end as command,
       extract(epoch from clock_timestamp() - a.query_start) as query_age,
       extract(epoch from clock_timestamp() - coalesce(a.xact_start, p.prepared)) as transaction_age,
       case when a.wait_event_type = 'Lock' then array_to_string(pg_blocking_pids(b.pid), ' ') end as waits_for,
       p.gid as prepared
  from blocker b
  left join wanted w on true
  left join pg_stat_activity a on a.pid = b.pid
  left join lateral (
        select x.gid, x.owner, x.prepared
          from pg_prepared_xacts x
          join pg_locks t on t.transactionid = x.transaction and t.pid is null and t.granted
          join pg_locks h on h.virtualtransaction = t.virtualtransaction and h.pid is null and h.granted
         where (h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid, h.transactionid, h.classid, h.objid, h.objsubid)
               is not distinct from
               (w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid, w.objid, w.objsubid)
       ) p on b.pid = 0
 where b.pid <> $1::integer
 order by a.wait_event_type is not distinct from 'Lock', coalesce(a.xact_start, p.prepared), b.pid";

/// Who has a table for himself, so that nobody can even read it, of the tables with the names `$1`.
const HOLDERS: &str = "
select coalesce(l.pid, 0) as pid, coalesce(a.usename, p.owner) as user, a.application_name as application,
       a.backend_type as kind, a.state,
       case when a.state is not null
            then pg_catalog.upper(pg_catalog.substring(a.query, '^\\s*([[:alpha:]]+)')) end as command,
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.query_start) as query_age,
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - coalesce(a.xact_start, p.prepared)) as transaction_age,
       null as waits_for, p.gid as prepared
  from pg_catalog.pg_locks l
  left join pg_catalog.pg_stat_activity a on a.pid = l.pid
  left join lateral (
        select x.gid, x.owner, x.prepared
          from pg_catalog.pg_prepared_xacts x
          join pg_catalog.pg_locks t on t.transactionid = x.transaction and t.pid is null and t.granted
         where t.virtualtransaction = l.virtualtransaction
       ) p on l.pid is null
 where l.locktype = 'relation' and l.granted and l.mode = 'AccessExclusiveLock'
   and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
   and l.relation in (select oid from pg_catalog.pg_class where relname = any ($1::pg_catalog.name[]))
   and l.pid is distinct from pg_catalog.pg_backend_pid()";

/// Who holds tables of these names so that nobody else can read them, in whichever schema.
pub fn holders(session: &mut Session, tables: &[&str]) -> Result<Vec<Blocker>, ServerError> {
    let tables = format!("{{{}}}", tables.join(","));
    let rows = session.query(HOLDERS, &[Some(&tables)])?;
    let mut holders: Vec<Blocker> = rows.iter().map(|row| blocker(&row)).collect();
    // One may hold several.
    holders.sort_by_key(|one| one.pid);
    holders.dedup_by(|a, b| a.pid == b.pid && a.prepared == b.prepared);
    Ok(holders)
}

/// Makes a session ready to ask.
pub fn prepare(session: &mut Session) -> Result<(), ServerError> {
    session.execute(SETUP)
}

/// What a process waits for right now, and for whom; `None` where it does not wait for a lock.
/// `others` are known to be in its way in any case.
pub fn of(
    session: &mut Session,
    pid: i32,
    others: &[i32],
) -> Result<Option<Blockage>, ServerError> {
    let others: Vec<String> = others.iter().map(i32::to_string).collect();
    let others = format!("{{{}}}", others.join(","));
    let rows = session.query(QUERY, &[Some(&pid.to_string()), Some(&others)])?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let wanted = first.optional("lock_kind").zip(first.optional("lock_mode"));
    Ok(Some(Blockage {
        waits_for: wanted.map(|(kind, mode)| WantedLock {
            kind,
            mode,
            relation: first.optional("relation"),
        }),
        blockers: rows.iter().map(|row| blocker(&row)).collect(),
        not_asked: None,
    }))
}

/// The process that a deadlock was with, by what PostgreSQL tells of it: in the first line who of
/// the two waited for what, and at its end for whom. The words are in the server's language.
pub fn deadlocked_with(error: &ServerError) -> Option<i32> {
    let first = error.detail.as_deref()?.lines().next()?;
    let mut numbers = first.split(|c: char| !c.is_ascii_digit()).rev();
    numbers.find(|number| !number.is_empty())?.parse().ok()
}

fn blocker(row: &Row<'_>) -> Blocker {
    let text = |column| row.optional(column).filter(|text| !text.is_empty());
    let seconds = |column| {
        let seconds: f64 = row.optional_number(column)?;
        Some((seconds.max(0.0) * 10.0).round() / 10.0)
    };
    Blocker {
        pid: row.number("pid"),
        user: text("user"),
        application: text("application"),
        kind: text("kind"),
        state: text("state"),
        command: text("command"),
        query_age: seconds("query_age"),
        transaction_age: seconds("transaction_age"),
        waits_for: row.numbers("waits_for"),
        prepared: text("prepared"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn deadlock(detail: &str) -> ServerError {
        ServerError {
            detail: Some(detail.to_owned()),
            ..ServerError::lost(String::new())
        }
    }

    #[test]
    fn a_deadlock_is_with_whom_its_first_line_ends() {
        for (detail, other) in [
            (
                "Process 47 waits for ShareLock on transaction 743; blocked by process 48.\n\
                 Process 48 waits for ShareLock on transaction 742; blocked by process 47.",
                Some(48),
            ),
            (
                "Prozess 47 wartet auf ShareLock-Sperre auf Transaktion 743; \
                 blockiert von Prozess 48.",
                Some(48),
            ),
            ("nobody says", None),
            ("", None),
            ("a number of no process: 99999999999", None),
        ] {
            assert_eq!(deadlocked_with(&deadlock(detail)), other, "{detail}");
        }
        assert_eq!(deadlocked_with(&ServerError::lost(String::new())), None);
    }

    #[test]
    fn a_blocker_is_what_its_row_says() {
        let columns = [
            "pid",
            "user",
            "application",
            "kind",
            "state",
            "command",
            "query_age",
            "transaction_age",
            "waits_for",
            "prepared",
        ];
        let rows = crate::row::Rows::of(
            &columns,
            &[
                &[
                    Some("48"),
                    Some("app"),
                    Some(""),
                    Some("client backend"),
                    Some("active"),
                    Some("UPDATE"),
                    Some("1.26"),
                    Some("-0.1"),
                    Some("50 51"),
                    None,
                ],
                &[
                    Some("0"),
                    Some("app"),
                    None,
                    None,
                    None,
                    None,
                    None,
                    Some("60"),
                    None,
                    Some("branch"),
                ],
            ],
        );
        let blockers: Vec<Blocker> = rows.iter().map(|row| blocker(&row)).collect();
        let session = Blocker {
            pid: 48,
            user: Some("app".to_owned()),
            kind: Some("client backend".to_owned()),
            state: Some("active".to_owned()),
            command: Some("UPDATE".to_owned()),
            query_age: Some(1.3),
            // Two clocks of one server may differ by a moment.
            transaction_age: Some(0.0),
            waits_for: vec![50, 51],
            ..Blocker::default()
        };
        let prepared = Blocker {
            user: Some("app".to_owned()),
            transaction_age: Some(60.0),
            prepared: Some("branch".to_owned()),
            ..Blocker::default()
        };
        assert_eq!(blockers, [session, prepared]);
    }

    proptest! {
        #![proptest_config(crate::property::config())]

        #[test]
        fn no_detail_makes_reading_a_deadlock_panic(detail in any::<String>()) {
            deadlocked_with(&deadlock(&detail));
        }
    }
}
