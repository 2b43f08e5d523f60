//! The history that is attacked: three services that live together, and what none of them owns.

use testkit::Workspace;

use crate::workspace;

const SETTINGS: &str = r#"
[databases.main]
url = "${DATABASE_URL}"
create = true

[services.auth]
owns = ["users", "sessions", "auth_*", "auth_private.*"]
reads = ["posts", "billing.accounts"]

[services.post]
owns = [
    "posts", "comments", "events", "events_*", "post_*", "popular_posts", "Drafts",
    "this_name_of_a_table_has_exactly_as_many_letters_as_a_name_may_",
]
reads = ["users"]

[services.billing]
owns = ["billing.*"]
reads = ["users"]
"#;

/// What no service owns.
const SHARED: &str = "
create extension citext;
create function shared_now() returns timestamptz language sql stable as 'select now()';
";

const AUTH: &str = "
create type auth_role as enum ('admin', 'guest');
create table users (
    id serial primary key,
    name text not null unique,
    role auth_role not null default 'guest'
);
create table sessions (
    id int generated always as identity primary key,
    user_id int not null references users
);
create type auth_shade as enum ('black', 'white');
create view auth_names as select id, name from users;
create function auth_touch() returns trigger language plpgsql as $$
begin
    return new;
end
$$;
create trigger auth_touch before update on users for each row execute function auth_touch();
create schema auth_private;
create table auth_private.keys (id int primary key, secret text);
insert into users (name) values ('ada'), ('bea'), ('cay');
insert into sessions (user_id) values (1), (2);
";

const POST: &str = r#"
create type post_state as enum ('draft', 'published');
create domain post_title as text check (length(value) < 100);
create type post_place as (page int, line int);
create sequence post_numbers;
create table posts (
    id serial primary key,
    author int not null references users,
    title post_title not null,
    state post_state not null default 'draft',
    number bigint not null default nextval('post_numbers'),
    place post_place
);
create index post_titles_index on posts (title);
comment on table posts is 'what people write';
create table comments (
    id int generated always as identity primary key,
    post_id int not null references posts on delete cascade,
    email citext,
    body text not null
);
create table post_likes (
    user_id int primary key references users on delete cascade on update cascade
);
create table "Drafts" (id int primary key, shade auth_shade);
create table this_name_of_a_table_has_exactly_as_many_letters_as_a_name_may_ (id int primary key);
create table events (at date not null, what text) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
create view post_authors as select id, name from users;
create view post_titles as select id, title from posts;
create materialized view popular_posts as select id, title from posts;
create function post_touch() returns trigger language plpgsql as $$
begin
    new.number := new.number + 1;
    return new;
end
$$;
create trigger post_touch before update on posts for each row execute function post_touch();
create procedure post_publish(wanted int) language sql
    as $$ update posts set state = 'published' where id = wanted $$;
alter table posts enable row level security;
create policy post_readers on posts for select using (true);
insert into posts (author, title) values (1, 'first'), (2, 'second');
insert into post_likes values (3);
insert into comments (post_id, body) values (1, 'well'), (2, 'said');
insert into events values ('2024-05-05', 'launch');
refresh materialized view popular_posts;
"#;

const BILLING: &str = "
create schema billing;
create table billing.accounts (id serial primary key, user_id int references users, balance numeric);
create table billing.invoices (
    id serial primary key,
    account int not null references billing.accounts,
    total numeric(10, 2) not null
);
create function billing.total(account int) returns numeric language sql stable
    as $$ select sum(i.total) from billing.invoices i where i.account = $1 $$;
insert into billing.accounts (user_id, balance) values (1, 10), (2, 20);
insert into billing.invoices (account, total) values (1, 5), (2, 6);
";

/// A workspace with the history, and nothing applied.
pub fn victim() -> Workspace {
    let workspace = workspace();
    workspace.write("migrate.toml", SETTINGS);
    for (name, up, services) in [
        ("20240101000000_shared", SHARED, ""),
        ("20240102000000_auth", AUTH, "services = [\"auth\"]"),
        ("20240103000000_post", POST, "services = [\"post\"]"),
        (
            "20240104000000_billing",
            BILLING,
            "services = [\"billing\"]",
        ),
    ] {
        let metadata = format!("run_in_transaction = true\n{services}\n");
        workspace.migration_with(name, up, "", &metadata);
    }
    workspace
}
