//! Two services that have made more than tables, and what one of them does then.

use crate::attribution::Attribution;
use crate::history::{Exception, Migration};
use crate::ownership::Policy;
use crate::ownership::made::{named, policy_of, service};

use super::verdicts::told;
use super::{SO_FAR, Written, of};

pub(super) const NEW: &str = "20240201_new";

/// More that the two services have made.
pub(super) const MADE: [Written<'_>; 3] = [
    (
        "20240110_auth",
        &["auth"],
        "create function auth_slug(text) returns text language sql as 'select lower($1)'; \
         create type auth_role as enum ('a'); create operator public.=== (leftarg = int, rightarg = int, function = int4eq);",
    ),
    (
        "20240111_post",
        &["post"],
        "create function post_slug(text) returns text language sql as 'select lower($1)'; \
         create function lower(post_state text) returns text language sql as 'select $1'; \
         create procedure post_publish(int) language sql as 'select 1'; \
         create sequence post_numbers; create type post_state as enum ('a'); \
         create operator public.@@@@ (leftarg = int, rightarg = int, function = int4eq); \
         create publication post_news for table posts; create collation post_sorted from \"C\"; \
         create text search configuration post_words (copy = simple); \
         create schema blog; create function blog.render(text) returns text language sql as 'select $1'; \
         create cast (post_state as point) with inout; create statistics post_stats on id, author from posts;",
    ),
    (
        "20240112_nobody",
        &[],
        "create function slug(text) returns text language sql as 'select lower($1)'; \
         create type shade as enum ('a'); create collation sorted from \"C\";",
    ),
];

/// `post` is as in the others, and comes as `sm_post`; `auth` uses two things of it.
pub(super) fn policy() -> Policy {
    let mut auth = service("auth", &["users", "auth_*"], &["posts"]);
    auth.uses = service("", &["post_numbers", "blog.*"], &[]).owns;
    let post = service("post", &["posts", "post_*"], &["users"]);
    let policy = policy_of(&[auth, post]);
    let roles = [("auth", "sm_auth"), ("post", "sm_post")];
    named(policy, &["shop", "shop_orders"], &roles)
}

pub(super) fn breaches_of(migration: Migration) -> Vec<String> {
    let history = of(&[SO_FAR.as_slice(), &MADE].concat()).with(vec![migration]);
    let policy = policy();
    let attribution = Attribution::of(&history, &policy);
    attribution.breaches().iter().map(told).collect()
}

/// What `auth` does, and what of that may not be.
#[track_caller]
pub(super) fn judged(cases: &[(&str, &[&str])]) {
    for (up, expected) in cases {
        let migration = Migration::new(NEW, *up).of_services(&["auth"]);
        assert_eq!(breaches_of(migration), *expected, "{up}");
    }
}

pub(super) fn exceptions(objects: &[&str]) -> Vec<Exception> {
    let exception = |object: &&str| Exception {
        object: (*object).to_owned(),
        reason: "agreed".to_owned(),
    };
    objects.iter().map(exception).collect()
}
