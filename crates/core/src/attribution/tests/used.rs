//! What something works with, and what a service makes besides tables.

use crate::attribution::{Attribution, Reason};
use crate::history::Migration;

use super::more_made::{MADE, NEW, breaches_of, exceptions, judged, policy};
use super::{SO_FAR, Written, of};

#[test]
fn what_others_made_is_used_where_uses_names_it() {
    let not_used = |name: &str, kind: &str| format!("use {kind} {name}: not used, of post");
    let slug = not_used("post_slug", "function");
    for up in [
        "alter table users add column s text default post_slug('x')",
        "alter table users add column s text generated always as (post_slug(email)) stored",
        "alter table users add check (post_slug(email) <> '')",
        "create policy p on users using (post_slug(email) = 'x')",
        "create view auth_v as select post_slug(email) from users",
        "create materialized view auth_v as select public.post_slug(email) from users",
        "create index on users (post_slug(email))",
        "create trigger t before update on users for each row when (post_slug(new.email) is null) execute function auth_check()",
        "create function auth_f() returns text language sql as $$ select post_slug('x') $$",
        "create function auth_f() returns void language plpgsql as $$ begin perform post_slug('x'); end $$",
        "do $$ begin perform post_slug('x'); end $$",
        "select post_slug('x')",
        "create aggregate auth_a (text) (sfunc = post_slug, stype = text)",
        "create cast (auth_role as text) with function post_slug(text)",
        "create operator public.### (rightarg = text, function = post_slug)",
    ] {
        let told = breaches_of(Migration::new(NEW, up).of_services(&["auth"]));
        assert_eq!(told, [slug.as_str()], "{up}");
        let mut migration = Migration::new(NEW, up).of_services(&["auth"]);
        migration.allow = exceptions(&["post_slug"]);
        assert_eq!(breaches_of(migration), Vec::<String>::new(), "{up}");
    }
    judged(&[
        (
            "create or replace procedure auth_p() language plpgsql as 'begin call post_publish(1); end'; call post_publish(1)",
            &["use procedure post_publish: not used, of post"; 2],
        ),
        (
            "create view auth_v as select 1 @@@@ 2",
            &["use operator @@@@: not used, of post"],
        ),
        (
            "select 1 operator(public.@@@@) 2",
            &["use operator @@@@: not used, of post"],
        ),
        // Its own, everybody's, and PostgreSQL's own.
        (
            "select auth_slug('x'), slug('x'), lower('x'), 1 === 2, count(*) from users",
            &[],
        ),
        // In `uses`.
        (
            "alter table users add column n bigint default nextval('post_numbers')",
            &[],
        ),
        ("select nextval('post_numbers')", &[]),
        (
            "create view auth_v as select blog.render(email) from users",
            &[],
        ),
        // To use is not to change.
        (
            "select setval('post_numbers', 1)",
            &["set the number of sequence post_numbers: of post"],
        ),
        (
            "drop sequence post_numbers",
            &["drop sequence post_numbers: of post"],
        ),
        // Types give no rights.
        (
            "alter table users add column s post_state, add column h shade",
            &[],
        ),
    ]);
}

#[test]
fn what_a_service_makes_besides_tables_is_its_own() {
    judged(&[
        (
            "create publication auth_news for table users; alter publication auth_news add table auth_tokens; drop publication auth_news",
            &[],
        ),
        (
            "alter publication post_news add table users",
            &["alter publication post_news: of post"],
        ),
        (
            "alter publication post_news drop table posts",
            &[
                "alter publication post_news: of post",
                "publish table posts: of post",
            ],
        ),
        (
            "drop publication post_news",
            &["drop publication post_news: of post"],
        ),
        (
            "create publication auth_news for table posts",
            &["publish table posts: of post"],
        ),
        (
            "create operator public.## (leftarg = int, rightarg = int, function = int4eq); alter operator ## (int, int) owner to current_user; drop operator ## (int, int)",
            &[],
        ),
        (
            "drop operator @@@@ (int, int)",
            &["drop operator @@@@: of post"],
        ),
        (
            "alter operator public.@@@@ (int, int) set schema blog",
            &["alter operator @@@@: of post"],
        ),
        (
            "alter collation post_sorted rename to auth_sorted",
            &["alter collation post_sorted: of post"],
        ),
        (
            "drop collation sorted",
            &["drop collation sorted: of nobody"],
        ),
        (
            "create collation auth_sorted from \"C\"; drop collation auth_sorted",
            &[],
        ),
        (
            "alter text search configuration post_words drop mapping for word",
            &["alter text search configuration post_words: of post"],
        ),
        (
            "drop text search configuration public.post_words",
            &["drop text search configuration post_words: of post"],
        ),
        (
            "create text search dictionary auth_d (template = simple); create text search configuration auth_c (copy = simple); alter text search configuration auth_c alter mapping for word with auth_d; drop text search configuration auth_c; drop text search dictionary auth_d",
            &[],
        ),
        (
            "create cast (auth_role as point) with inout; drop cast (auth_role as point)",
            &[],
        ),
        (
            "create cast (post_state as int) with inout",
            &["change what becomes of type post_state: of post"],
        ),
        (
            "drop cast (post_state as point)",
            &["drop cast post_state as point: of post"],
        ),
        (
            "drop statistics post_stats",
            &["drop statistics post_stats: of post"],
        ),
        (
            "alter statistics post_stats set statistics 5",
            &["alter statistics post_stats: of post"],
        ),
        (
            "create statistics auth_stats on id, email from users; drop statistics auth_stats",
            &[],
        ),
        (
            "comment on publication post_news is 'x'",
            &["comment on publication post_news: of post"],
        ),
        (
            "comment on collation post_sorted is 'x'",
            &["comment on collation post_sorted: of post"],
        ),
        (
            "drop publication if exists auth_never; drop operator if exists ~~~~ (int, int); drop collation if exists auth_never; drop cast if exists (auth_role as text)",
            &[],
        ),
        ("create schema sm_post", &["create schema sm_post: of post"]),
        (
            "create schema authorization sm_post",
            &["create schema sm_post: of post"],
        ),
        (
            "create schema auth_x; alter schema auth_x rename to sm_post",
            &["rename to schema sm_post: of post"],
        ),
        ("create schema sm_auth", &[]),
        (
            "create extension hstore; alter extension hstore add function post_slug(text)",
            &["change the extension of function post_slug: of post"],
        ),
        (
            "create extension hstore; alter extension hstore add operator @@@@ (int, int)",
            &["change the extension of operator @@@@: of post"],
        ),
        (
            "create extension hstore; alter extension hstore add text search configuration post_words",
            &["change the extension of text search configuration post_words: of post"],
        ),
        // Names that are swapped.
        (
            "alter function post_slug(text) rename to aside; alter function auth_slug(text) rename to post_slug",
            &["alter function post_slug: of post"],
        ),
        (
            "alter schema blog rename to aside; create schema blog",
            &["alter schema blog: of post"],
        ),
        (
            "alter type post_state rename to aside; alter type auth_role rename to post_state",
            &["alter type post_state: of post"],
        ),
    ]);
}

#[test]
fn what_several_tables_need_names_all_of_them() {
    let up = "alter type shade add value 'b'";
    let uses: [Written<'_>; 2] = [
        (
            "20240120_a",
            &["auth"],
            "create table auth_shades (s shade)",
        ),
        (
            "20240121_p",
            &["post"],
            "create table post_shades (s shade)",
        ),
    ];
    let policy = policy();
    let breach = |services: &[&str]| {
        let migration = Migration::new(NEW, up).of_services(services);
        let all = [SO_FAR.as_slice(), &MADE, &uses].concat();
        let history = of(&all).with(vec![migration]);
        let attribution = Attribution::of(&history, &policy);
        attribution.breaches().first().cloned()
    };
    let several = breach(&[]).expect("it is of two").reason;
    let Reason::Several { owners, at_once } = several else {
        panic!("{several:?}");
    };
    assert!(at_once);
    assert_eq!(owners.len(), 2);
    assert_eq!(breach(&["auth", "post"]), None);
}
