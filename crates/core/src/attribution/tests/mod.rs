//! What attribution says of histories made of values.

mod everybodys;
mod late;
mod mandates;
mod more_made;
mod undone;
mod used;
mod verdicts;
mod ways_out;

use crate::history::{History, Migration};
use crate::ownership::Policy;
use crate::ownership::made::policy;

/// A migration: its folder's name, the services that it names, its SQL.
type Written<'w> = (&'w str, &'w [&'w str], &'w str);

fn of(migrations: &[Written<'_>]) -> History {
    let migrations = migrations.iter();
    let migrations =
        migrations.map(|(folder, services, up)| Migration::new(*folder, *up).of_services(services));
    History::of(migrations.collect()).expect("each version stands once")
}

/// What two services have made so far, and a table of nobody's.
const SO_FAR: [Written<'_>; 3] = [
    (
        "20240101_accounts",
        &["auth"],
        "create type mood as enum ('good'); \
         create table users (id int primary key, email text, feels mood); \
         create table auth_tokens (id int); create sequence auth_numbers; \
         create function auth_check() returns int language sql as 'select 1';",
    ),
    (
        "20240102_posts",
        &["post"],
        "create table posts (id int primary key, author int references users); \
         create view feed as select * from posts; create view people as select * from users;",
    ),
    ("20240103_settings", &[], "create table settings (id int);"),
];

/// `auth` reads nothing, `post` reads its users.
fn two_services() -> Policy {
    policy(&[
        ("auth", &["users", "auth_*"], &[]),
        ("post", &["posts", "post_*"], &["users"]),
    ])
}
