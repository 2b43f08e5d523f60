//! How the tests of properties are run.

use proptest::test_runner::Config;

/// Few cases under Miri, which takes a hundred times as long. Cases that failed are kept nowhere:
/// one that was worth it becomes a row of a table.
pub(super) fn config() -> Config {
    Config {
        cases: if cfg!(miri) { 8 } else { 256 },
        failure_persistence: None,
        ..Config::default()
    }
}
