//! Histories that all walls let pass: how they are run, and the plain ones.

use testkit::{Workspace, server_version};

use crate::grants::drop_role;
use crate::workspace;

/// The first migrations of most histories.
const BASE: [(&str, &str); 2] = [
    (
        "auth",
        "create table users (id int primary key, name text not null unique);\n\
         insert into users values (1, 'ada'), (2, 'bea');",
    ),
    (
        "post",
        "create table posts (id int primary key, author int references users, title text);\n\
         insert into posts values (1, 1, 'first');",
    ),
];

/// A history that must be let pass.
pub struct History {
    what: &'static str,
    migrations: &'static [(&'static str, &'static str)],
    with_base: bool,
    run_in_transaction: bool,
    auth: &'static str,
    post: &'static str,
    auth_uses: &'static str,
    more_settings: &'static str,
    since: i32,
}

/// Services of each migration, separated by commas, and its SQL, after users and posts.
pub const fn harmless(
    what: &'static str,
    migrations: &'static [(&'static str, &'static str)],
) -> History {
    History {
        what,
        migrations,
        with_base: true,
        run_in_transaction: true,
        auth: "",
        post: "",
        auth_uses: "",
        more_settings: "",
        since: 13,
    }
}

impl History {
    /// Service `auth` owns more tables.
    pub const fn auth(self, auth: &'static str) -> Self {
        Self { auth, ..self }
    }

    /// Service `post` owns more tables.
    pub const fn post(self, post: &'static str) -> Self {
        Self { post, ..self }
    }

    /// Service `auth` uses functions and sequences of `post`.
    pub const fn auth_uses(self, auth_uses: &'static str) -> Self {
        Self { auth_uses, ..self }
    }

    /// More lines of `migrate.toml`.
    pub const fn settings(self, more_settings: &'static str) -> Self {
        Self {
            more_settings,
            ..self
        }
    }

    /// Has statements that no PostgreSQL before this version knows.
    pub const fn since(self, since: i32) -> Self {
        Self { since, ..self }
    }

    /// Without users and posts.
    pub const fn alone(self) -> Self {
        Self {
            with_base: false,
            ..self
        }
    }

    /// Its own migrations run statement by statement.
    pub const fn outside_a_transaction(self) -> Self {
        Self {
            run_in_transaction: false,
            ..self
        }
    }

    fn write(&self, workspace: &Workspace) {
        let list = |first: &str, more: &str| {
            let all = [first].into_iter().chain(more.split(','));
            let named = all.map(str::trim).filter(|name| !name.is_empty());
            format!("{:?}", named.collect::<Vec<_>>())
        };
        let (users, posts) = match self.with_base {
            true => ("users", "posts"),
            false => ("", ""),
        };
        let settings = format!(
            "[databases.main]\nurl = \"${{DATABASE_URL}}\"\ncreate = true\nroles = true\n\n\
             [services.auth]\nrole = \"{}\"\nowns = {}\nreads = {}\nuses = {}\n\n\
             [services.post]\nrole = \"{}\"\nowns = {}\nreads = {}\n\n{}",
            role(workspace, "auth"),
            list(users, self.auth),
            list(posts, self.post),
            list("", self.auth_uses),
            role(workspace, "post"),
            list(posts, self.post),
            list(users, self.auth),
            self.more_settings
        );
        workspace.write("migrate.toml", &settings);
        let base = BASE.iter().filter(|_| self.with_base);
        let base = base.map(|migration| (migration, true));
        let own = self.migrations.iter();
        let own = own.map(|migration| (migration, self.run_in_transaction));
        for (number, ((services, up), in_transaction)) in base.chain(own).enumerate() {
            let metadata = format!(
                "run_in_transaction = {in_transaction}\nservices = {}\n",
                list("", services)
            );
            let name = format!("202401{:02}000000_step", number + 1);
            workspace.migration_with(&name, &format!("{up}\n"), "", &metadata);
        }
    }
}

/// A service's role: roles belong to the whole server, so each history has its own.
fn role(workspace: &Workspace, service: &str) -> String {
    format!("{}_{service}", workspace.database().name())
}

/// Deploys each history with all three walls in a database of its own, checks it, and tells of all
/// that fail.
#[track_caller]
pub fn pass(histories: &[History]) {
    let mut alarms = Vec::new();
    for history in histories {
        let (what, since) = (history.what, history.since);
        if server_version() < since {
            eprintln!("skipped: {what} is of PostgreSQL {since} and later");
            continue;
        }
        let workspace = workspace();
        history.write(&workspace);
        for line in ["deploy", "status --exit-code", "generate", "check"] {
            let run = workspace.run(line);
            if run.code() != 0 {
                alarms.push(format!("{what}\n{run}"));
                break;
            }
        }
        let mut session = workspace.database().session();
        for service in ["auth", "post"] {
            drop_role(&mut session, &role(&workspace, service));
        }
    }
    assert!(alarms.is_empty(), "{}", alarms.join("\n\n"));
}

const PLAIN: &[History] = &[
    harmless(
        "everything its own",
        &[(
            "auth",
            "create table sessions (id serial primary key, user_id int references users);\n\
             create index on sessions (user_id);\n\
             alter table users add column seen timestamptz;\n\
             update users set seen = now();\n\
             delete from sessions;\n\
             truncate sessions;\n\
             drop table sessions;\n\
             create table sessions (id int primary key);\n\
             comment on table sessions is 'anew';",
        )],
    )
    .auth("sessions"),
    harmless(
        "foreign keys to what is read",
        &[(
            "post",
            "create table comments (id int primary key, writer int references users on delete set null);\n\
             alter table comments add column editor int constraint edited references users (id);\n\
             alter table comments drop constraint edited;\n\
             alter table comments drop column writer;",
        )],
    )
    .post("comments"),
    harmless(
        "views of what is read",
        &[(
            "post",
            "create view post_names as select p.id, u.name from posts p join users u on u.id = p.author;\n\
             create materialized view post_counts as select author, count(*) from posts group by 1;\n\
             refresh materialized view post_counts;\n\
             create or replace view post_names as\n\
             select p.id, u.name, p.title from posts p join users u on u.id = p.author;\n\
             drop view post_names;\n\
             drop materialized view if exists post_counts;",
        )],
    ),
    harmless(
        "a migration of two services",
        &[(
            "auth, post",
            "alter table users add column posts int not null default 0;\n\
             update users set posts = (select count(*) from posts where author = users.id);\n\
             alter table posts add column seen boolean;\n\
             truncate users, posts;",
        )],
    ),
    harmless(
        "a migration that does not say whose it is",
        &[("", "alter table posts add column seen boolean;\ncreate index on posts (seen);")],
    ),
    harmless(
        "what nobody owns",
        &[
            (
                "",
                "create extension if not exists citext;\n\
                 create schema if not exists tools;\n\
                 create function tools.current_user_id() returns int language sql stable\n\
                 as $$ select nullif(current_setting('app.user', true), '')::int $$;\n\
                 create function tools.stamp() returns trigger language plpgsql as\n\
                 $$ begin new.stamped := now(); return new; end $$;",
            ),
            (
                "post",
                "alter table posts add column stamped timestamptz, add column mail citext;\n\
                 create trigger stamp before update on posts\n\
                 for each row execute function tools.stamp();\n\
                 alter table posts enable row level security;\n\
                 create policy own on posts using (author = tools.current_user_id());",
            ),
            (
                "",
                "create function tools.other() returns int language sql as 'select 1';\n\
                 comment on function tools.other() is 'another';\n\
                 drop function tools.other();",
            ),
        ],
    ),
    harmless(
        "row-level security",
        &[(
            "post",
            "alter table posts enable row level security;\n\
             alter table posts force row level security;\n\
             create policy readers on posts for select using (true);\n\
             create policy writers on posts for all to public\n\
             using (author in (select id from users)) with check (author is not null);\n\
             alter policy readers on posts rename to everybody;\n\
             drop policy writers on posts;\n\
             alter table posts disable row level security;",
        )],
    ),
    harmless(
        "triggers, functions and procedures",
        &[(
            "post",
            "create function post_stamp() returns trigger language plpgsql as $$\n\
             declare\n    users text := 'nobody';\n\
             begin\n    select name into users from users where id = new.author;\n\
             \x20   new.title := coalesce(new.title, users);\n    return new;\nend $$;\n\
             create trigger post_stamp before insert or update on posts\n\
             for each row execute function post_stamp();\n\
             insert into posts values (2, 1, null);\n\
             create or replace function post_stamp() returns trigger language plpgsql as\n\
             'begin return new; end';\n\
             alter trigger post_stamp on posts rename to stamp;\n\
             drop trigger stamp on posts;\n\
             create procedure post_clear() language sql as $$ delete from posts $$;\n\
             call post_clear();\n\
             alter procedure post_clear() rename to post_empty;\n\
             drop procedure post_empty();\n\
             drop function post_stamp() cascade;",
        )],
    ),
    harmless(
        "partitions",
        &[(
            "post",
            "create table events (at date not null, author int, primary key (at, author)) partition by range (at);\n\
             create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');\n\
             create table events_2025 (like events including all);\n\
             alter table events attach partition events_2025 for values from ('2025-01-01') to ('2026-01-01');\n\
             create table events_rest partition of events default;\n\
             insert into events values ('2024-05-05', 1), ('2030-01-01', 2);\n\
             create index on events (author);\n\
             alter table events detach partition events_2024;\n\
             drop table events_2024;",
        )],
    )
    .post("events, events_*"),
    harmless(
        "inheritance",
        &[(
            "post",
            "create table post_drafts () inherits (posts);\n\
             alter table post_drafts no inherit posts;\n\
             alter table post_drafts add primary key (id);",
        )],
    )
    .post("post_drafts"),
    harmless(
        "privileges",
        &[(
            "post",
            "grant select on posts to public;\n\
             grant select (title), update (title) on posts to public;\n\
             revoke all on posts from public;",
        )],
    ),
    harmless(
        "outside a transaction",
        &[(
            "post",
            "create index concurrently posts_author on posts (author);\n\
             create index concurrently if not exists posts_title on posts (title);\n\
             drop index concurrently posts_author;\n\
             vacuum posts;\n\
             analyze posts;",
        )],
    )
    .outside_a_transaction(),
];

#[test]
fn plain() {
    pass(PLAIN);
}
