//! Servers that are down, slow, full, old, read-only or picky: real ones, broken by the test.
//! Each must be told from the others, and none may make the tool wait for ever.

mod full;
mod limits;
mod not_let_in;
mod old;
mod read_only;
mod refusing;
mod standby;

use testkit::{OwnServer, Workspace};

use crate::users_and_posts;

/// Two migrations, to be applied to the database `app` of a server, which is created.
fn workspace_on(server: &OwnServer) -> Workspace {
    let mut workspace = users_and_posts();
    workspace.set_url(&server.url("app"));
    workspace.hide(server.port(), "[port]");
    workspace
}
