//! What a migration outside a transaction has left that did not come to its end.

use serde::{Deserialize, Serialize, Serializer};

use migrate_sql::LoneDeed;

/// What an attempt has left that did not come to its end: one value from its row to the executor
/// that goes on with it. In a transaction it leaves nothing, but where it ended that itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unfinished {
    /// Statements that are done for good.
    pub statements_done: usize,
    /// What it changed for good of other services', if it was stopped for that, as the executor
    /// wrote it down.
    pub breach: Option<String>,
    /// The statement that it had begun and that is not recorded as done.
    pub begun: Option<Begun>,
}

/// A statement that was begun outside a transaction and is not recorded as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What was sent.
    pub sent: Sent,
    /// Whether nobody heard how it ended: otherwise it failed.
    pub unended: bool,
}

/// A statement that was sent alone, outside a transaction, and what was to be known of it
/// beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its number in the file, from 1.
    pub statement: usize,
    /// What it does, by the names that the server had for everything when it was sent.
    #[serde(flatten)]
    pub does: LoneDeed,
}

impl Sent {
    /// As the ledger keeps it.
    pub(super) fn text(&self) -> String {
        // Strings and lists of them always have a form in JSON.
        serde_json::to_string(self).expect("it is plain data")
    }

    /// What the ledger kept. What cannot be read was not written by us.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl Unfinished {
    /// Whether nothing of it can be in the database.
    pub fn is_nothing(&self) -> bool {
        self.statements_done == 0 && self.breach.is_none() && self.begun.is_none()
    }

    /// Whether no statement of it is recorded as done.
    pub fn is_at_its_start(&self) -> bool {
        self.statements_done == 0
    }
}

/// Reports tell how far it came. The rest says nothing to a reader before the database was asked.
impl Serialize for Unfinished {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.statements_done.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statements, each as version 0.1.0 wrote it down. Databases have such rows.
    const WRITTEN: [&str; 15] = [
        r#"{"statement":2,"does":"build_index","table":"public.a","index":"a_b","shape":"any using btree ( b )","before":["a_pkey"]}"#,
        r#"{"statement":2,"does":"build_index","table":"public.a","index":null,"shape":"unique using gin ( b )","before":[]}"#,
        r#"{"statement":1,"does":"drop_index","index":"public.\"A b\""}"#,
        r#"{"statement":1,"does":"reindex","table":"public.a","before":["a_pkey","a_b"]}"#,
        r#"{"statement":3,"does":"detach_partition","table":"public.a","partition":"public.a_1"}"#,
        r#"{"statement":1,"does":"create_database","name":"d"}"#,
        r#"{"statement":1,"does":"drop_database","name":"d"}"#,
        r#"{"statement":1,"does":"create_tablespace","name":"t"}"#,
        r#"{"statement":1,"does":"drop_tablespace","name":"t"}"#,
        r#"{"statement":1,"does":"create_subscription","name":"s"}"#,
        r#"{"statement":1,"does":"drop_subscription","name":"s"}"#,
        r#"{"statement":1,"does":"repeatable"}"#,
        r#"{"statement":7,"does":"unknown"}"#,
        r#"{"statement":1,"does":"escaped"}"#,
        r#"{"statement":1,"does":"reindex","table":"public.a","before":[]}"#,
    ];

    #[test]
    fn what_was_sent_is_written_as_it_always_was_and_read_again() {
        for text in WRITTEN {
            let sent = Sent::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(sent.text(), text);
        }
    }

    #[test]
    fn what_was_sent_is_read_as_the_server_orders_and_spaces_it() {
        let text = r#"{"does": "build_index", "index": "i", "shape": "s", "table": "t",
            "before": ["p"], "statement": 2}"#;
        let sent = Sent::read(text).expect("as a `jsonb` is given back");
        let LoneDeed::BuildIndex { before, .. } = sent.does else {
            panic!("{sent:?}");
        };
        assert_eq!((sent.statement, before), (2, vec!["p".to_owned()]));
    }

    #[test]
    fn an_index_that_was_built_before_its_shape_was_kept_is_read() {
        let text = r#"{"statement":2,"does":"build_index","table":"t","index":"i","before":["p"]}"#;
        assert!(Sent::read(text).is_some());
    }

    #[test]
    fn what_no_version_has_written_is_not_read() {
        for text in [
            "",
            "{}",
            "null",
            r#"{"statement":1}"#,
            r#"{"statement":-1,"does":"unknown"}"#,
            r#"{"statement":1,"does":"paint"}"#,
            r#"{"statement":1,"does":"build_index","table":"t","index":"i"}"#,
            r#"{"statement":1,"does":"drop_index"}"#,
        ] {
            assert_eq!(Sent::read(text), None, "{text}");
        }
    }

    #[test]
    fn anything_that_is_left_counts() {
        let sent = Sent {
            statement: 1,
            does: LoneDeed::Unknown,
        };
        let begun = Begun {
            sent,
            unended: false,
        };
        for (statements_done, breach, begun, is_nothing) in [
            (0, None, None, true),
            (1, None, None, false),
            (0, Some("{}".to_owned()), None, false),
            (0, None, Some(begun), false),
        ] {
            let unfinished = Unfinished {
                statements_done,
                breach,
                begun,
            };
            assert_eq!(unfinished.is_nothing(), is_nothing, "{unfinished:?}");
            let done = statements_done.to_string();
            assert_eq!(serde_json::to_string(&unfinished).ok(), Some(done));
        }
    }
}
