//! The pool against a real server.

use std::time::Duration;

use diesel::prelude::*;
use service_kit::pool::PoolSettings;
use testkit::Database;

fn database() -> Database {
    Database::with_history(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations"))
}

#[test]
fn no_more_connections_than_the_settings_allow() {
    let database = database();
    let settings = PoolSettings {
        max_size: 2,
        ..PoolSettings::default()
    };
    let pool = settings.open(database.url()).unwrap();

    let mut first = pool.get().unwrap();
    let _second = pool.get().unwrap();
    assert!(pool.get_timeout(Duration::from_millis(100)).is_err());

    let answer: i32 = diesel::select(1.into_sql::<diesel::sql_types::Integer>())
        .get_result(&mut first)
        .unwrap();
    assert_eq!(answer, 1);

    drop(first);
    assert!(pool.get_timeout(Duration::from_secs(5)).is_ok());
}

#[test]
fn opens_no_more_connections_than_it_needs() {
    let database = database();
    let pool = PoolSettings::default().open(database.url()).unwrap();
    assert_eq!(pool.state().connections, 1);
}
