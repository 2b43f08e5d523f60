//! Roles that have more than they should.

use insta::assert_snapshot;

use super::{Walled, drop_role, squeezed};

#[test]
fn who_may_too_much_is_named() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let (auth, post) = (walled.quoted("auth"), walled.quoted("post"));
    let database = walled.workspace.database();
    let owners = format!("{}_owners", database.name());
    let readers = format!("{}_readers", database.name());
    let harmless = format!("{}_harmless", database.name());
    walled.execute(&format!(
        "create role {owners}; create role {readers}; create role {harmless};
         create table owned (id int); alter table owned owner to {owners};
         grant select on users to {readers};
         grant {owners} to {harmless}; revoke {owners} from {harmless};
         alter role {auth} createdb createrole replication bypassrls;
         alter table users owner to {auth};
         create schema mine; alter schema mine owner to {auth};
         grant {readers}, {harmless} to {post};
         grant {owners}, {readers}, {auth}, pg_write_server_files to {post}"
    ));
    assert_snapshot!(walled.workspace.run("status"), @"
    $ migrate status
    --- stdout
      applied  1  users  auth  [moment] [time]
      applied  2  posts  post  [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
       grants  as they should be, but for 8 findings
      finding  role [database]_auth may create databases
      finding  role [database]_auth may create roles
      finding  role [database]_auth may replicate
      finding  role [database]_auth bypasses row-level security
      finding  role [database]_auth owns schema mine, table public.users
      finding  role [database]_post is a member of pg_write_server_files
      finding  role [database]_post is a member of [database]_auth, which is the role of service auth
      finding  role [database]_post is a member of [database]_owners, which owns table public.owned
    --- exit 0
    ");
    walled.execute(&format!("alter role {post} superuser"));
    assert_snapshot!(squeezed(walled.workspace.run("grants").stdout_filtered()), @"
    role  reads and writes
    [database]_auth (auth)  users
    [database]_post (post)  -
    finding role [database]_auth may create databases
    finding role [database]_auth may create roles
    finding role [database]_auth may replicate
    finding role [database]_auth bypasses row-level security
    finding role [database]_auth owns schema mine, table public.users
    finding role [database]_post is a superuser
    main the privileges are as they should be, but for 6 findings
    ");
    assert_eq!(walled.workspace.run("status --exit-code").code(), 4);
    assert_eq!(walled.workspace.run("grants --exit-code").code(), 4);
    walled.execute(&format!("alter role {post} nosuperuser"));
    let mut session = database.session();
    for role in [&owners, &readers, &harmless] {
        drop_role(&mut session, role);
    }
}

#[test]
fn a_service_that_deploys_is_named() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let auth = walled.quoted("auth");
    walled.execute(&format!("alter role {auth} superuser"));
    let url = walled.workspace.database().target().clone();
    let url = url.with("user", walled.role("auth")).url();
    let variables = [("DATABASE_URL", url.reveal())];
    assert_snapshot!(walled.workspace.run_with("status", &variables), @"
    $ migrate status
    --- stdout
      applied  1  users  auth  [moment] [time]
      applied  2  posts  post  [moment] [time]
         main  2 applied ([database]_auth@[socket]:5432/[database])
       grants  as they should be, but for 2 findings
      finding  role [database]_auth is a superuser
      finding  role [database]_auth is the one that deploys
    --- exit 0
    ");
    walled.execute(&format!("alter role {auth} nosuperuser"));
}

/// A service that has another name now leaves a role behind that may do what it could.
#[test]
fn a_role_that_is_left_behind_is_named() {
    let walled = Walled::users_and_posts();
    walled.workspace.run("deploy").success();
    let database = walled.workspace.database();
    let name = |role: &str| format!("{}_{role}", database.name());
    let [billing, many, analyst, group, owner] =
        ["billing", "many", "analyst", "group", "owner"].map(name);
    walled.execute(&format!(
        "create role {billing} login; create role {many} login; create role {analyst} login;
         create role {group}; create role {owner} login;
         grant select on posts to {billing}; grant update (author) on posts to {billing};
         create table nobodys (id int); grant all on nobodys to {billing};
         grant usage on sequence posts_id_seq to {analyst};
         grant select on users, posts to {analyst};
         grant all on users, posts to {group};
         alter table users owner to {owner};
         grant delete on users to {many}; grant truncate on posts to {many}"
    ));
    assert_snapshot!(walled.workspace.run("status --exit-code"), @"
    $ migrate status --exit-code
    --- stdout
      applied  1  users  auth  [moment] [time]
      applied  2  posts  post  [moment] [time]
         main  2 applied (postgres@[socket]:5432/[database])
       grants  as they should be, but for 2 findings
      finding  role [database]_billing may write table posts of post and is no service's role
      finding  role [database]_many may write tables posts of post, users of auth and is no service's role
    --- exit 4
    ");
    assert_snapshot!(squeezed(walled.workspace.run("grants").stdout_filtered()), @"
    role  reads and writes  only reads
    [database]_auth (auth)  users  -
    [database]_post (post)  posts  users
    finding role [database]_billing may write table posts of post and is no service's role
    finding role [database]_many may write tables posts of post, users of auth and is no service's role
    main the privileges are as they should be, but for 2 findings
    ");
    let json = walled
        .workspace
        .run("grants --format json")
        .stdout_filtered();
    let findings = json.find("\"findings\"").expect("there are some");
    let end = json[findings..].find("\"roles\"").expect("they follow");
    assert_snapshot!(json[findings..findings + end], @r#"
    "findings": [
            {
              "finding": "stranger",
              "role": "[database]_billing",
              "writes": [
                {
                  "services": [
                    "post"
                  ],
                  "table": "posts"
                }
              ]
            },
            {
              "finding": "stranger",
              "role": "[database]_many",
              "writes": [
                {
                  "services": [
                    "post"
                  ],
                  "table": "posts"
                },
                {
                  "services": [
                    "auth"
                  ],
                  "table": "users"
                }
              ]
            }
          ],
    "#);
    let mut session = database.session();
    session
        .execute("alter table users owner to postgres")
        .expect("it is there");
    for role in [&billing, &many, &analyst, &group, &owner] {
        drop_role(&mut session, role);
    }
}
