//! Sessions on servers that are odd.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use migrate_postgres::target::Target;
use migrate_postgres::{Obstacle, Session};
use testkit::Database;

/// A server that takes connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port.to_string())
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let (_listener, port) = silent();
    let target = Target::default()
        .with("host", "127.0.0.1")
        .with("port", port)
        .with("user", "u")
        .with("connect_timeout", "1");
    let started = Instant::now();
    let error = Session::connect(&target).err().expect("nobody answers");
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
    assert_eq!(error.message, "no answer within 1 s");
    assert_eq!(error.obstacle, Obstacle::Silent);
}

#[test]
fn a_silent_server_does_not_hide_the_next_one() {
    let (_listener, port) = silent();
    let database = Database::fresh();
    let target = database.target();
    let get = |keyword| target.get(keyword).unwrap_or_default();
    let both = target
        .clone()
        .with("host", format!("127.0.0.1,{}", get("host")))
        .with("port", format!("{port},{}", get("port")))
        .with("connect_timeout", "1");
    let mut session = Session::connect(&both).expect("the second answers");
    let rows = session.query("select 1", &[]).expect("it is open");
    assert_eq!(rows.single(), Some("1"));
}

#[test]
fn a_time_limit_that_is_no_number_is_said() {
    let target = Target::default().with("connect_timeout", "soon");
    let error = Session::connect(&target).err().expect("it makes no sense");
    assert_eq!(error.obstacle, Obstacle::Parameters);
}

#[test]
fn notices_of_the_connection_are_kept() {
    let database = Database::fresh();
    let warning = database.warns_who_connects();
    let mut session = database.session();
    let notices = session.take_notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0].severity, "WARNING");
    assert!(notices[0].message.starts_with(warning), "{notices:?}");
    session
        .execute("do $$ begin raise notice 'later'; end $$")
        .expect("it runs");
    let boxed = Box::new(session);
    let mut moved = *boxed;
    assert_eq!(moved.take_notices()[0].message, "later");
}

#[test]
fn text_that_is_none_is_an_error_and_no_null() {
    let database = Database::fresh();
    let mut session = database.session();
    session
        .execute("set client_encoding = latin1")
        .expect("it runs");
    let error = session
        .query("select 'a', U&'\\00fc'", &[])
        .expect_err("not UTF-8");
    assert_eq!(error.sqlstate, "22021");
    assert!(!error.connection_lost);
    let rows = session
        .query("select 'a' as text, null as nothing", &[])
        .expect("is ASCII");
    let row = rows.first().expect("there is one row");
    assert_eq!(row.optional_str("text"), Some("a"));
    assert_eq!(row.optional_str("nothing"), None);
}

#[test]
fn a_nul_byte_is_no_lost_connection() {
    let database = Database::fresh();
    let mut session = database.session();
    let errors = [
        session.execute("select '\0'").err(),
        session.query("select '\0'", &[]).err(),
        session.query("select $1", &[Some("\0")]).err(),
    ];
    for error in errors {
        let error = error.expect("it cannot be sent");
        assert!(!error.connection_lost, "{error:?}");
        assert_eq!(error.sqlstate, "22021");
    }
    assert_eq!(session.query("select 1", &[]).expect("open").len(), 1);
}
