//! Whose a name is: what takes a name of another service, what is nobody's, and what no glob means.

use insta::assert_snapshot;

use crate::guard::{attacks, everything, two_services, unseen};
use crate::workspace;

#[test]
fn a_glob_means_no_tables_of_the_server() {
    let workspace = workspace();
    workspace.write(
        "migrate.toml",
        "[databases.main]\nurl = \"${DATABASE_URL}\"\ncreate = true\n\n\
         [services.auth]\nowns = [\"users\"]\n\n[services.post]\nowns = [\"*.*\"]\n",
    );
    workspace.migration(
        "1_auth",
        "create table users (id int primary key, name text);",
        "",
    );
    workspace.migration(
        "2_more",
        "create temp table scratch (id serial); insert into scratch values (1);\n\
         alter table users add column mail text; create index on users (mail);\n\
         comment on table users is 'who'; grant select on users to public;\n\
         create type mood as enum ('sad'); comment on type mood is 'how';\n\
         create function f() returns int language sql as 'select 1'; alter function f() stable;",
        "",
    );
    workspace.run("deploy").success();
}
