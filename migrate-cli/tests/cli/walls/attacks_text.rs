//! Texts that would break out of their transaction, or swallow what is sent after them.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const TEXTS: &[Attack] = &[
    attack("commit", "select 1;\ncommit;\ndrop table posts;"),
    attack("rollback", "rollback;\ndrop table posts;"),
    attack("end and begin", "end; begin; drop table posts;"),
    attack("abort", "ABORT WORK; drop table posts;"),
    attack("commit after a comment", "/* begin */ commit /* ; */;"),
    attack("a prepared transaction", "prepare transaction 'auth';"),
    attack("ends inside a comment", "drop table posts; /* unfinished"),
    attack("ends inside a nested comment", "drop table posts; /* /* */"),
    attack(
        "ends inside a string",
        "drop table posts; select 'unfinished",
    ),
    attack(
        "ends inside an escaped string",
        "drop table posts; select E'unfinished\\'",
    ),
    attack(
        "ends inside a dollar quote",
        "drop table posts; do $$ begin",
    ),
    attack(
        "ends inside a tagged dollar quote",
        "do $a$ begin drop table posts; end $$;",
    ),
    attack("ends inside a name", "drop table \"posts"),
    attack("discard all", "discard all;\ndrop table posts;"),
    attack("frees the lock", "select pg_advisory_unlock_all();"),
    attack("includes a file", "\\i /tmp/attack.sql"),
    attack("sends rows", "copy posts from stdin;\n1\n\\."),
    attack("a byte order mark", "\u{feff}drop table posts;"),
    attack("a NUL byte", "drop table posts\0;"),
    attack(
        "commit where there is no transaction",
        "begin;\ndrop table posts;\ncommit;",
    )
    .outside_a_transaction(),
];

#[test]
fn texts() {
    assert_snapshot!(refused(TEXTS, 1));
}
