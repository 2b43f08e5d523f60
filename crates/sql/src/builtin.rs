//! The names of PostgreSQL's own functions.
//!
//! Every search path begins with `pg_catalog`, so a call without a schema may mean one of these
//! whoever else has made a function of that name: which one it is, its arguments say, and a text
//! does not show their types.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Those of PostgreSQL 18 that people call: no input and output functions, no support of indexes.
static ROUTINES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("builtin_routines.txt")
        .split_whitespace()
        .collect()
});

/// Whether PostgreSQL has a function of this name itself.
pub fn is_builtin_routine(name: &str) -> bool {
    ROUTINES.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_people_call_are_there() {
        for name in [
            "lower",
            "now",
            "nextval",
            "count",
            "pg_read_file",
            "jsonb_set",
        ] {
            assert!(is_builtin_routine(name), "{name}");
        }
        for name in ["slug", "dblink_exec", "boolin", "post_touch"] {
            assert!(!is_builtin_routine(name), "{name}");
        }
    }
}
