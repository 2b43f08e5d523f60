//! What is made of the columns, and rows of every format as values.

use super::*;
use crate::ledger::{Attempted, Client, Outcome};
use migrate_sql::LoneDeed;
use migrate_text::migration_ref::Direction;

fn place(format: Option<i32>) -> LedgerPlace {
    LedgerPlace {
        schema: "s".to_owned(),
        diesel_table: true,
        format,
        hidden: false,
    }
}

/// In one line.
fn words(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As versions of this tool have made the tables that are out there.
const RELEASED: [&str; 3] = [
    r#"
create table if not exists "s"."__migrate_format" (format integer not null);
create table "s"."__migrate_ledger" (id bigint generated always as identity primary key,
    version text not null,
    name text not null,
    direction text not null check (direction in ('up', 'down')),
    state text not null check (state in ('running', 'applied', 'reverted', 'failed', 'adopted')),
    run_in_transaction boolean not null,
    services text[] not null default '{}',
    checksum text,
    up_sql text,
    down_sql text,
    statements_done integer not null default 0,
    run_on timestamp,
    started_at timestamptz not null,
    finished_at timestamptz,
    duration interval generated always as (finished_at - started_at) stored,
    executed_by text not null default session_user,
    host text not null default '',
    tool_version text not null default '',
    error text);
create index on "s"."__migrate_ledger" (version, id);
comment on table "s"."__migrate_ledger" is 'What `migrate` did to this database, a row for each attempt. Its last row for a version says how that stands.';
"#,
    r#"
alter table "s"."__migrate_ledger" add column breach jsonb;
"#,
    r#"
alter table "s"."__migrate_ledger"
    add column by_hand text check (by_hand in ('applied', 'rolled_back', 'accepted')),
    add column in_place_of bigint,
    add column begun jsonb;
"#,
];

#[test]
fn the_tables_are_those_of_all_versions_that_were_released() {
    for (found, missing) in [
        (None, &RELEASED[..]),
        (Some(0), &RELEASED[..]),
        (Some(1), &RELEASED[1..]),
        (Some(2), &RELEASED[2..]),
        (Some(3), &[]),
    ] {
        let sql = upgrade(&place(found)).expect("a format that we know");
        assert_eq!(words(&sql), words(&missing.concat()), "from {found:?}");
    }
}

#[test]
fn a_format_that_no_version_knows_is_refused() {
    for (format, refusal) in [
        (
            FORMAT + 1,
            "the ledger has format 4, and this version knows formats up to 3",
        ),
        (
            -1,
            "the ledger says that it has format -1, and there is no such format",
        ),
    ] {
        let error = upgrade(&place(Some(format))).expect_err("refused");
        assert_eq!(error.to_string(), refusal);
    }
}

#[test]
fn each_format_comes_after_those_before_it_and_has_columns() {
    let formats: Vec<i32> = COLUMNS.iter().map(|column| column.since).collect();
    assert!(formats.is_sorted());
    for format in 1..=FORMAT {
        assert!(formats.contains(&format), "format {format}");
    }
}

#[test]
fn a_check_knows_every_word_that_is_written() {
    let allowed = |name: &str| {
        let column = COLUMNS.iter().find(|column| column.name == name);
        column.expect("a column").definition
    };
    for outcome in Outcome::ALL {
        assert!(allowed("state").contains(&format!("'{}'", outcome.as_str())));
    }
    for direction in [Direction::Up, Direction::Down] {
        assert!(allowed("direction").contains(&format!("'{}'", direction.as_str())));
    }
    for said in [ByHand::Applied, ByHand::RolledBack, ByHand::Accepted] {
        assert!(allowed("by_hand").contains(&format!("'{}'", said.as_str())));
    }
}

#[test]
fn an_older_ledger_is_asked_for_no_column_that_it_does_not_have() {
    let later = ["breach", "by_hand", "in_place_of", "begun"];
    for (format, there) in [
        // Its table may not be read.
        (None, &[][..]),
        (Some(1), &[][..]),
        (Some(2), &later[..1]),
        (Some(3), &later[..]),
    ] {
        let place = place(format);
        assert!(columns("l", &place).contains("l.error"));
        for name in later {
            let has = there.contains(&name);
            let asked = [
                columns("l", &place).contains(&format!("l.{name}")),
                as_json("l", &place).contains(&format!("l.{name}")),
                carried(&place).contains(name),
                value(name, "l", &place) != "null",
            ];
            assert_eq!(asked, [has; 4], "{name} in format {format:?}");
        }
    }
}

#[test]
fn no_query_for_attempts_carries_sql() {
    let place = place(Some(FORMAT));
    for sql in [columns("l", &place), as_json("l", &place), carried(&place)] {
        assert!(
            !sql.contains("up_sql") && !sql.contains("down_sql"),
            "{sql}"
        );
    }
}

#[test]
fn a_row_is_written_by_the_names_of_its_columns() {
    let place = place(Some(FORMAT));
    let client = Client {
        host: "h".to_owned(),
        pid: 1,
        tool_version: "1.2".to_owned(),
    };
    let what = Attempted {
        version: "1",
        name: "1_a",
        run_in_transaction: true,
        services: &["auth".to_owned(), "it's".to_owned()],
        up_sql: Some("x"),
        down_sql: None,
    };
    let sql = insert(&NewRow {
        in_place_of: Some(7),
        by_hand: Some(ByHand::Accepted),
        begun: Some(&Sent {
            statement: 1,
            does: LoneDeed::Escaped,
        }),
        ..NewRow::of(&place, &client, what, Direction::Up, Outcome::Applied)
    });
    let began = "pg_catalog.now()";
    let expected = format!(
        r#"insert into "s"."__migrate_ledger" (version, name, direction, state,
        run_in_transaction, services, checksum, up_sql, down_sql, statements_done, run_on,
        started_at, finished_at, host, tool_version, error, by_hand, in_place_of, begun)
        values (E'1', E'1_a', E'up', E'applied', true,
        array[E'auth', E'it''s']::pg_catalog.text[], E'{checksum}',
        pg_catalog.convert_from(pg_catalog.decode('eA==', 'base64'), 'UTF8'), null, 0,
        (select run_on from "s"."__diesel_schema_migrations"
        where version operator(pg_catalog.=) E'1'),
        coalesce((select l.finished_at from (select finished_at from "s"."__migrate_ledger"
        order by id desc limit 1) l where l.finished_at operator(pg_catalog.>) {began}
        and l.finished_at operator(pg_catalog.<=) pg_catalog.clock_timestamp()), {began}),
        pg_catalog.clock_timestamp(), E'h', E'1.2', null, E'accepted', 7, E'{{"statement":1,"does":"escaped"}}')"#,
        checksum = Checksum::of("x"),
    );
    assert_eq!(words(&sql), words(&expected));
}

/// A row of the first format, with values in place of its own.
fn read(changed: &[(&str, Value)]) -> Option<Attempt> {
    let mut row = serde_json::json!({
        "id": 5,
        "version": "20260101",
        "name": "20260101_a",
        "direction": "up",
        "state": "failed",
        "run_in_transaction": "false",
        "services": "{auth,\"a b\"}",
        "checksum": null,
        "statements_done": 2,
        "started_at": 1_767_225_600.5,
        "duration": 12.25,
        "executed_by": "o",
        "host": "h",
        "tool_version": "1",
        "error": null
    });
    for (name, value) in changed {
        row[*name] = value.clone();
    }
    of_json(&row.to_string())
}

#[test]
fn a_row_is_read_by_the_names_of_its_columns() {
    let attempt = read(&[]).expect("a whole row");
    assert_eq!(attempt.id, 5);
    assert_eq!(attempt.outcome, Outcome::Failed);
    assert_eq!(attempt.direction, Direction::Up);
    assert_eq!(attempt.services, ["auth", "a b"]);
    assert!(!attempt.run_in_transaction);
    assert_eq!(attempt.left.statements_done, 2);
    assert_eq!(attempt.started_at, "2026-01-01T00:00:00Z");
    assert_eq!(attempt.duration_ms, Some(12.25));
    // What the first format does not have is none.
    assert_eq!(attempt.by_hand, None);
    assert_eq!(attempt.in_place_of, None);
    assert_eq!(attempt.left.breach, None);
    assert_eq!(attempt.left.begun, None);
}

#[test]
fn a_row_that_no_version_wrote_is_none() {
    let cases = [
        ("id", Value::Null),
        ("id", "x".into()),
        ("version", Value::Null),
        ("name", Value::Null),
        ("state", Value::Null),
        ("direction", "sideways".into()),
        ("services", Value::Null),
        ("run_in_transaction", Value::Null),
        ("statements_done", (-1).into()),
        ("started_at", "infinity".into()),
        ("started_at", "-Infinity".into()),
        ("executed_by", Value::Null),
        ("host", Value::Null),
        ("tool_version", Value::Null),
    ];
    for (name, value) in cases {
        assert_eq!(read(&[(name, value.clone())]), None, "{name} is {value}");
    }
    for text in ["", "[]", "null", "{", "{}"] {
        assert_eq!(of_json(text), None, "{text}");
    }
}

#[test]
fn a_state_is_read_as_it_was_written_and_any_other_says_of_nothing_that_it_is_applied() {
    for (word, outcome) in [
        ("running", Outcome::Running),
        ("applied", Outcome::Applied),
        ("reverted", Outcome::Reverted),
        ("failed", Outcome::Failed),
        ("adopted", Outcome::Adopted),
        ("APPLIED", Outcome::Failed),
        ("", Outcome::Failed),
    ] {
        let attempt = read(&[("state", word.into())]);
        assert_eq!(attempt.map(|a| a.outcome), Some(outcome), "{word}");
    }
}

#[test]
fn what_a_person_said_took_no_time() {
    for (word, said, duration) in [
        ("applied", Some(ByHand::Applied), None),
        ("rolled_back", Some(ByHand::RolledBack), None),
        ("accepted", Some(ByHand::Accepted), None),
        ("another", None, Some(12.25)),
    ] {
        let attempt = read(&[("by_hand", word.into())]).expect("a whole row");
        let told = (attempt.by_hand, attempt.duration_ms);
        assert_eq!(told, (said, duration), "{word}");
    }
}
