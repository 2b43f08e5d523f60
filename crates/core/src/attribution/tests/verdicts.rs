//! What a migration may do to what is whose.

use crate::attribution::{Attribution, Breach, Reason};
use crate::history::{Exception, History, Migration};

use super::{SO_FAR, Written, of, two_services};

const NEW: &str = "20240201_new";

pub(super) fn told(breach: &Breach) -> String {
    let because = match &breach.reason {
        Reason::Owned { owners } => format!("of {}", owners.join(" or ")),
        Reason::UsedBy { owners, table } => {
            format!("needed by {} of {}", table.name, owners.join(" or "))
        }
        Reason::Nobodys => "of nobody".to_owned(),
        Reason::NotRead { owners } => format!("not read, of {}", owners.join(" or ")),
        Reason::NotUsed { owners } => format!("not used, of {}", owners.join(" or ")),
        Reason::NamedDatabase => "named".to_owned(),
        Reason::WayOut => "a way out".to_owned(),
        Reason::ForAll { .. } => "for all".to_owned(),
        Reason::Ledger => "the ledger".to_owned(),
        Reason::SystemCatalog => "the catalog".to_owned(),
        Reason::Several { owners, .. } => format!("{} owners", owners.len()),
    };
    let Breach {
        verb, kind, name, ..
    } = breach;
    format!("{verb} {kind} {}: {because}", name.name)
}

fn breaches(history: &History) -> Vec<String> {
    let policy = two_services();
    let attribution = Attribution::of(history, &policy);
    attribution.breaches().iter().map(told).collect()
}

/// The services that the migration names, what it does, and what of that may not be.
#[test]
fn a_migration_changes_what_its_services_own_and_reads_what_they_read() {
    let cases: &[(&[&str], &str, &[&str])] = &[
        // One's own, by name, by a glob, by having made it.
        (&["post"], "alter table posts add title text", &[]),
        (&["post"], "create table post_tags (id int)", &[]),
        (&["post"], "drop view feed", &[]),
        (&["auth"], "alter sequence auth_numbers restart", &[]),
        // What is another's.
        (
            &["post"],
            "alter table users add title text",
            &["alter table users: of auth"],
        ),
        (
            &["post"],
            "drop table users",
            &["drop table users: of auth"],
        ),
        (
            &["post"],
            "insert into users values (1)",
            &["insert into table users: of auth"],
        ),
        (
            &["post"],
            "create index on users (email)",
            &["index table users: of auth"],
        ),
        (
            &["post"],
            "comment on column users.email is 'x'",
            &["comment on table users: of auth"],
        ),
        (
            &["post"],
            "grant select on users to public",
            &["grant privileges on table users: of auth"],
        ),
        (&["auth"], "drop view feed", &["drop view feed: of post"]),
        (
            &["post"],
            "drop function auth_check()",
            &["drop function auth_check: of auth"],
        ),
        (
            &["post"],
            "alter type mood add value 'bad'",
            &["alter type mood: of auth"],
        ),
        // A name that is another's.
        (
            &["post"],
            "create table auth_new (id int)",
            &["create table auth_new: of auth"],
        ),
        (
            &["post"],
            "alter table posts rename to auth_posts",
            &["rename to table auth_posts: of auth"],
        ),
        // Reading.
        (&["post"], "select * from users", &[]),
        (
            &["post"],
            "create table post_users (id int references users)",
            &[],
        ),
        (
            &["auth"],
            "select * from posts",
            &["read table posts: not read, of post"],
        ),
        (
            &["auth"],
            "create table auth_x (id int references posts)",
            &["refer to table posts: not read, of post"],
        ),
        // What goes along.
        (
            &["auth"],
            "drop table users cascade",
            // The view of the same service goes without saying.
            &["drop a foreign key of table posts: of post"],
        ),
        (
            &["auth"],
            "truncate users cascade",
            &["truncate table posts: of post"],
        ),
        (
            &["post"],
            "insert into people (id) values (1)",
            &["insert into table users: of auth"],
        ),
        // In a block, and put together of one piece.
        (
            &["post"],
            "do $$ begin execute 'drop table users'; end $$",
            &["drop table users: of auth"],
        ),
        // Nobody's.
        (
            &["post"],
            "alter table settings add a int",
            &["alter table settings: of nobody"],
        ),
        (&[], "alter table settings add a int", &[]),
        // Who names no service is for the one that owns all it changes.
        (&[], "alter table users add a int", &[]),
        (
            &[],
            "alter table users add a int; alter table posts add b int",
            &["alter table posts: 2 owners"],
        ),
        (
            &["auth", "post"],
            "alter table users add a int; alter table posts add b int",
            &[],
        ),
        // What acts on all.
        (
            &["post"],
            "alter system set work_mem = '1MB'",
            &["a setting of the server setting work_mem: for all"],
        ),
        (&["auth", "post"], "alter system set work_mem = '1MB'", &[]),
        (&[], "alter system set work_mem = '1MB'", &[]),
        (
            &["post"],
            "delete from __migrate_ledger",
            &["delete from table __migrate_ledger: the ledger"],
        ),
        (
            &["post"],
            "update pg_catalog.pg_class set relname = 'x'",
            &["update table pg_class: the catalog"],
        ),
    ];
    for (services, up, expected) in cases {
        let new: Written<'_> = (NEW, services, up);
        let history = of(&[SO_FAR.as_slice(), &[new]].concat());
        assert_eq!(breaches(&history), *expected, "{services:?}: {up}");
    }
}

#[test]
fn an_exception_is_for_the_object_that_it_names() {
    let up = "alter table users add a int; alter table auth_tokens add a int";
    let mut new = Migration::new(NEW, up).of_services(&["post"]);
    new.allow.push(Exception {
        object: "users".to_owned(),
        reason: "once".to_owned(),
    });
    let history = of(&SO_FAR).with(vec![new]);
    assert_eq!(breaches(&history), ["alter table auth_tokens: of auth"]);
}

#[test]
fn what_a_down_does_is_judged_like_an_up() {
    let cases = [
        ("drop table post_tags", vec![]),
        ("drop table users", vec!["drop table users: of auth"]),
    ];
    for (down, expected) in cases {
        let new = Migration::new(NEW, "create table post_tags ()").of_services(&["post"]);
        let history = of(&SO_FAR).with(vec![new.with_down(down)]);
        let policy = two_services();
        let attribution = Attribution::of(&history, &policy);
        let breaches = attribution.breaches_of_down(&["20240201"]);
        let told: Vec<String> = breaches.iter().map(told).collect();
        assert_eq!(told, expected, "{down}");
    }
}
