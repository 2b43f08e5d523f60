//! Texts that would break out of their transaction, or swallow what is sent after them.

use insta::assert_snapshot;

use super::attack::{Attack, attack, refused};

const TEXTS: &[Attack] = &[
    attack("commit", "select 1;\ncommit;\ndrop table sessions;"),
    attack("rollback", "rollback;\ndrop table sessions;"),
    attack("end and begin", "end; begin; drop table sessions;"),
    attack("abort", "ABORT WORK; drop table sessions;"),
    attack("commit after a comment", "/* begin */ commit /* ; */;"),
    attack("a prepared transaction", "prepare transaction 'auth';"),
    attack(
        "ends inside a comment",
        "drop table sessions; /* unfinished",
    ),
    attack(
        "ends inside a nested comment",
        "drop table sessions; /* /* */",
    ),
    attack(
        "ends inside a string",
        "drop table sessions; select 'unfinished",
    ),
    attack(
        "ends inside an escaped string",
        "drop table sessions; select E'unfinished\\'",
    ),
    attack(
        "ends inside a dollar quote",
        "drop table sessions; do $$ begin",
    ),
    attack(
        "ends inside a tagged dollar quote",
        "do $a$ begin drop table sessions; end $$;",
    ),
    attack("ends inside a name", "drop table \"sessions"),
    attack(
        "ends inside a body",
        "create function auth_f() returns int begin atomic select 1 end; drop table sessions;",
    ),
    attack(
        "commit behind a column called case",
        "create function auth_f() returns int begin atomic select 1 case; end; commit;\n\
         do $$ begin execute 'drop table sessions'; end $$; commit; select 1 end;",
    ),
    attack(
        "commit behind a column called begin, with the name atomic",
        "create function auth_f() returns int begin atomic\n\
         select begin atomic from (select 1 as begin) one; end; commit; drop table sessions; end;",
    ),
    attack(
        "commit behind an end of a case and a column called case",
        "create procedure auth_p() begin atomic select case when true then 1 end case; end;\n\
         commit; drop table sessions; select 1 end;",
    ),
    attack(
        "commit behind a string whose escapes do not go on",
        "do language E'plpgsql' /*\n*/ 'begin null; end -- \\'; commit; drop table sessions; --'",
    ),
    attack(
        "commit behind a number that was a word",
        "select 1e$$; commit; drop table sessions; --$$",
    ),
    attack(
        "commit behind a hexadecimal number that was a word",
        "select 0x1F$a$; commit; drop table sessions; --$a$",
    ),
    attack(
        "commit behind a number and an escape",
        "select 1e'\\'; commit; drop table sessions; --'",
    ),
    attack("discard all", "discard all;\ndrop table sessions;"),
    attack("frees the lock", "select pg_advisory_unlock_all();"),
    attack("includes a file", "\\i /tmp/attack.sql"),
    attack("sends rows", "copy sessions from stdin;\n1\n\\."),
    attack("a byte order mark", "\u{feff}drop table sessions;"),
    attack("a NUL byte", "drop table sessions\0;"),
    attack(
        "commit where there is no transaction",
        "begin;\ndrop table sessions;\ncommit;",
    )
    .outside_a_transaction(),
];

#[test]
fn texts() {
    assert_snapshot!(refused(TEXTS, 1));
}
