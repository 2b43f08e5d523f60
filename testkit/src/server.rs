//! The server that all tests share.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use migrate_postgres::Session;
use migrate_postgres::embedded::{Durability, Embedded, EmbeddedOptions};
use migrate_text::variables::Variables;

/// The running server. It stays up for the next run of the tests; `cargo run -p migrate-testkit` stops
/// it.
///
/// # Panics
///
/// When it cannot be started: no test can go on.
pub fn server() -> &'static Embedded {
    static SERVER: LazyLock<Embedded> = LazyLock::new(|| {
        let server = stopped_server();
        server.start().expect("the tests need a PostgreSQL server");
        server
    });
    &SERVER
}

/// The server's major version, such as 15. What a test may ask of it depends on that.
///
/// # Panics
///
/// When it cannot be connected to: no test can go on.
pub fn server_version() -> i32 {
    static VERSION: LazyLock<i32> = LazyLock::new(|| {
        let session = Session::connect(&server().target("postgres"));
        let session = session.expect("the tests' server can be connected to");
        session.server_version() / 10_000
    });
    *VERSION
}

/// The same server, which may or may not be running.
pub fn stopped_server() -> Embedded {
    let options = EmbeddedOptions {
        durability: Durability::None,
        ..options()
    };
    // Named by this folder: not the server that a developer's own data is on.
    Embedded::of_workspace(Path::new(env!("CARGO_MANIFEST_DIR")), options)
}

/// The folder of the server's programs that the tests use.
///
/// # Panics
///
/// When there is none: no test can go on.
pub fn programs() -> PathBuf {
    options().programs().expect("the tests need PostgreSQL")
}

/// A client program of PostgreSQL: the one beside the server's own, if it is there, since an older
/// `pg_dump` refuses a newer server.
pub fn program(name: &str) -> PathBuf {
    let beside = programs().join(name);
    match beside.exists() {
        true => beside,
        false => PathBuf::from(name),
    }
}

/// Where whoever runs the tests has the server's programs, and wants its data.
fn options() -> EmbeddedOptions {
    let variables: Variables = std::env::vars().collect();
    EmbeddedOptions::from_variables(&variables)
}
