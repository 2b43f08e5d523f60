//! A service knows whether its database is where its schema says.

use diesel::{Connection, PgConnection};
use service_kit::pool::PoolSettings;
use service_kit::standing::{Standing, StartError, standing};
use testkit::Database;
use testkit::history::HISTORY;

/// All but the last two of the history, and one more that it does not have.
const OLDER: [&str; 4] = [
    "20241031144907",
    "20250224192746",
    "20251017195319",
    "20251103091512",
];
const WHOLE: [&str; 6] = [
    "20241031144907",
    "20250224192746",
    "20251017195319",
    "20251103091512",
    "20251105142036",
    "20251112103748",
];

fn connection(database: &Database) -> PgConnection {
    PgConnection::establish(database.url()).expect("the test's database is there")
}

#[test]
fn a_database_is_in_step_behind_or_ahead() {
    let database = Database::with_migrations(HISTORY);
    let mut connection = connection(&database);
    let mut stands = |history: &[&str]| standing(&mut connection, history).expect("reads");
    assert_eq!(stands(&WHOLE), Standing::InStep);
    assert_eq!(
        stands(&OLDER),
        Standing::Ahead(vec![
            "20251105142036".to_owned(),
            "20251112103748".to_owned()
        ])
    );
    let newer = [&WHOLE[..], &["20260101000000", "20260202000000"]].concat();
    assert_eq!(
        stands(&newer),
        Standing::Behind(vec![
            "20260101000000".to_owned(),
            "20260202000000".to_owned()
        ])
    );
}

#[test]
fn an_empty_database_is_behind_by_everything() {
    let database = Database::fresh();
    let stands = standing(&mut connection(&database), &WHOLE).expect("reads");
    assert_eq!(stands, Standing::Behind(WHOLE.map(str::to_owned).to_vec()));
}

#[test]
fn a_service_refuses_to_start_on_a_database_that_is_behind() {
    let database = Database::fresh();
    let settings = PoolSettings::default();
    let error = settings
        .open_in_step(database.url(), &OLDER)
        .expect_err("it is behind");
    assert!(matches!(&error, StartError::Behind(missing) if missing.len() == 4));
    assert_eq!(
        error.to_string(),
        "the database is behind this service by 20241031144907, 20250224192746, 20251017195319, \
         20251103091512: run `migrate deploy` first"
    );
    let deployed = Database::with_migrations(HISTORY);
    for history in [&WHOLE[..], &OLDER] {
        assert!(settings.open_in_step(deployed.url(), history).is_ok());
    }
}

/// A service's own role has no right to create anything.
#[test]
fn a_role_that_may_only_read_can_ask() {
    let database = Database::with_migrations(HISTORY);
    let role = format!("reader_{}", database.name());
    database.execute(&format!(
        "create role {role} login; grant select on __diesel_schema_migrations to {role}"
    ));
    let url = database.url().replace("postgres@", &format!("{role}@"));
    let stands = PgConnection::establish(&url)
        .map(|mut connection| standing(&mut connection, &WHOLE).expect("reads"));
    database.execute(&format!("drop owned by {role}; drop role {role}"));
    assert_eq!(stands.expect("the role may connect"), Standing::InStep);
}
