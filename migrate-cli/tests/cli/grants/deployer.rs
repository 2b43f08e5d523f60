//! Who deploys: no superuser, and none who may create roles.

use insta::assert_snapshot;
use migrate_postgres::target::Target;
use migrate_postgres::{Session, create_database};
use migrate_text::name::quote_identifier;
use testkit::server_version;

use super::{Walled, drop_role};

/// A role that deploys to this test's database, and is dropped with the value.
pub(super) struct Deployer {
    role: String,
    target: Target,
}

impl Deployer {
    /// `owns` says what is the role's: the database, or nothing but what it creates.
    pub(super) fn new(walled: &Walled, options: &str, owns_database: bool) -> Self {
        let database = walled.workspace.database();
        create_database(database.target()).expect("the database can be created");
        let role = format!("{}_deployer", database.name());
        walled.execute(&format!(
            "create role {role} login {options}; grant create on schema public to {role}"
        ));
        // Before 15 everybody may create in the schema, and it is not whoever's the database is.
        let before_15 = server_version() < 15;
        if before_15 {
            walled.execute("revoke create on schema public from public");
        }
        if owns_database {
            walled.execute(&format!(
                "alter database {} owner to {role}",
                database.name()
            ));
            if before_15 {
                walled.execute(&format!("alter schema public owner to {role}"));
            }
        }
        Self {
            role,
            target: database.target().clone(),
        }
    }

    pub(super) fn url(&self) -> String {
        let target = self.target.clone().with("user", &self.role);
        target.url().reveal().to_owned()
    }
}

impl Drop for Deployer {
    fn drop(&mut self) {
        let Ok(mut session) = Session::connect(&self.target) else {
            return;
        };
        let back = format!(
            "alter database {} owner to postgres; reassign owned by {} to postgres",
            quote_identifier(self.target.database().unwrap_or_default()),
            quote_identifier(&self.role)
        );
        // A test that failed for another reason shall not be told of this one.
        let _ = session.execute(&back);
        drop_role(&mut session, &self.role);
    }
}

#[test]
fn one_that_may_create_no_roles_is_told_what_is_missing() {
    let walled = Walled::users_and_posts();
    let deployer = Deployer::new(&walled, "", true);
    let url = deployer.url();
    let variables = [("DATABASE_URL", url.as_str())];
    assert_snapshot!(walled.workspace.run_with("deploy", &variables), @r#"
    $ migrate deploy
    --- stderr
    error[grants]: the privileges of database main are not all as they should be
     |
     = refused: role [database]_deployer may not create or alter roles:
                  create role "[database]_auth" login
                  create role "[database]_post" login
     = before: 2 migrations applied to main
     = state: all else was given and taken
     = next: an administrator runs: `migrate grants --sql | psql ...`
    --- stdout
      applied 1 users  auth [time]
      applied 2 posts  post [time]
       grants 1 privilege taken
    --- exit 1
    "#);
    // The migrations are applied, and stay so.
    assert_snapshot!(walled.workspace.run_with("status", &variables), @"
    $ migrate status
    --- stdout
      applied  1  users  auth  [moment] [time]
      applied  2  posts  post  [moment] [time]
         main  2 applied ([database]_deployer@[socket]:5432/[database])
       grants  differ: 17 privileges to give; 2 roles to create; `migrate grants` shows them
    --- exit 0
    ");
    // An administrator does what it says.
    let sql = walled
        .workspace
        .run_with("grants --sql", &variables)
        .success();
    assert_snapshot!(sql.stdout_filtered(), @r#"
    begin;
    create role "[database]_auth" login;
    create role "[database]_post" login;
    grant connect on database "[database]" to "[database]_auth";
    grant connect on database "[database]" to "[database]_post";
    grant usage on schema "public" to "[database]_auth";
    grant usage on schema "public" to "[database]_post";
    grant select, usage on sequence "public"."posts_id_seq" to "[database]_post";
    grant delete, insert, select, update on table "public"."users" to "[database]_auth";
    grant select on table "public"."__diesel_schema_migrations" to "[database]_auth";
    grant delete, insert, select, update on table "public"."posts" to "[database]_post";
    grant select on table "public"."__diesel_schema_migrations", "public"."users" to "[database]_post";
    commit;
    "#);
    walled.execute(&sql.stdout());
    walled.workspace.run_with("deploy", &variables).success();
    walled
        .workspace
        .run_with("status --exit-code", &variables)
        .success();
    assert!(walled.may("post", "delete from posts"));
    assert!(!walled.may("post", "delete from users"));
}

#[test]
fn one_that_owns_its_tables_gives_and_takes_on_them() {
    let walled = Walled::users_and_posts();
    let deployer = Deployer::new(&walled, "", false);
    for service in ["auth", "post"] {
        walled.execute(&format!("create role {} login", walled.quoted(service)));
    }
    let url = deployer.url();
    let variables = [("DATABASE_URL", url.as_str())];
    // What is the database's owner's is not its own to take.
    assert_snapshot!(walled.workspace.run_with("deploy", &variables), @r#"
    $ migrate deploy
    --- stderr
    error[grants]: the privileges of database main are not all as they should be
     |
     = refused: role [database]_deployer is not postgres, nor a member of it:
                  revoke temporary on database "[database]" from public cascade
     = before: 2 migrations applied to main
     = state: all else was given and taken
     = next: an administrator runs: `migrate grants --sql | psql ...`
    --- stdout
      applied 1 users  auth [time]
      applied 2 posts  post [time]
       grants 13 privileges given
    --- exit 1
    "#);
    assert!(walled.may("post", "delete from posts"));
    assert!(!walled.may("post", "delete from users"));
    let database = walled.workspace.database().name();
    walled.execute(&format!(
        "revoke temporary on database {database} from public"
    ));
    walled.workspace.run_with("deploy", &variables).success();
    walled
        .workspace
        .run_with("status --exit-code", &variables)
        .success();
}

#[test]
fn one_that_may_create_roles_does() {
    let walled = Walled::users_and_posts();
    let deployer = Deployer::new(&walled, "createrole", true);
    let url = deployer.url();
    let variables = [
        ("DATABASE_URL", url.as_str()),
        ("AUTH_DATABASE_PASSWORD", "hunter2"),
    ];
    walled.workspace.run_with("deploy", &variables).success();
    walled
        .workspace
        .run_with("status --exit-code", &variables)
        .success();
    assert!(walled.may("post", "delete from posts"));
}

/// Only who gave a privilege can take it back, and since PostgreSQL 16 whoever created a role is a
/// member of it who cannot act as it.
#[test]
fn what_another_role_gave_is_told() {
    let walled = Walled::users_and_posts();
    let deployer = Deployer::new(&walled, "createrole", true);
    let url = deployer.url();
    let variables = [("DATABASE_URL", url.as_str())];
    walled.workspace.run_with("deploy", &variables).success();
    let other = format!("{}_other", walled.workspace.database().name());
    let (auth, post) = (walled.quoted("auth"), walled.quoted("post"));
    walled.execute(&format!(
        "set session authorization {deployer};
         create role {other};
         grant trigger on posts to {other} with grant option;
         set session authorization {other};
         grant trigger on posts to {auth};
         reset session authorization;
         grant delete on users to {post}",
        deployer = deployer.role
    ));
    assert_snapshot!(walled.workspace.run_with("deploy", &variables), @r#"
    $ migrate deploy
    --- stderr
    error[grants]: the privileges of database main are not all as they should be
     |
     = refused: role [database]_deployer is not [database]_other, nor a member of it:
                  set local role "[database]_other"; revoke trigger on table "public"."posts" from "[database]_auth" cascade; reset role
     = state: all else was given and taken
     = next: an administrator runs: `migrate grants --sql | psql ...`
    --- stdout
       grants 1 privilege taken
    --- exit 1
    "#);
    assert!(!walled.may("post", "delete from users"));
    drop_role(&mut walled.workspace.database().session(), &other);
}

/// A service that may pass something on loses that, and with it goes what it gave.
#[test]
fn what_goes_with_something_else_is_not_refused() {
    let walled = Walled::users_and_posts();
    let deployer = Deployer::new(&walled, "createrole", true);
    let url = deployer.url();
    let variables = [("DATABASE_URL", url.as_str())];
    walled.workspace.run_with("deploy", &variables).success();
    let (auth, post) = (walled.quoted("auth"), walled.quoted("post"));
    walled.execute(&format!(
        "grant truncate on posts to {post} with grant option;
         set session authorization {post};
         grant truncate on posts to {auth};
         reset session authorization"
    ));
    walled.workspace.run_with("deploy", &variables).success();
    walled
        .workspace
        .run_with("status --exit-code", &variables)
        .success();
}

/// A role that may only look sees the same as the one that deploys.
#[test]
fn a_reader_sees_how_the_privileges_stand() {
    let walled = Walled::new(&[("auth", &["*"], &[])]);
    let deployer = Deployer::new(&walled, "createrole", true);
    walled
        .workspace
        .migration("1_a", "create table a (id int);", "");
    let url = deployer.url();
    walled
        .workspace
        .run_with("deploy", &[("DATABASE_URL", &url)])
        .success();
    let reader = format!("{}_reader", walled.workspace.database().name());
    walled.execute(&format!(
        "create role {reader} login; grant select on all tables in schema public to {reader}"
    ));
    let target = walled.workspace.database().target().clone();
    let target = target.with("user", &reader).url();
    let run = walled
        .workspace
        .run_with("status --exit-code", &[("DATABASE_URL", target.reveal())]);
    drop_role(&mut walled.workspace.database().session(), &reader);
    run.success();
    walled.workspace.run("status --exit-code").success();
}
