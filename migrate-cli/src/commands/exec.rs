//! `migrate exec`

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Context;
use migrate_core::workspace::Database;

use crate::args::ExecArgs;
use crate::session::Session;
use migrate_messages::Status;

/// Becomes the command. Its variables hold the URL; its arguments are anyone's to see.
pub fn run(session: &mut Session, args: &ExecArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let (database, target) = migrator.service_address(&session.selection, &session.printer)?;
    let (program, arguments) = args
        .command
        .split_first()
        .context("`migrate exec` needs a command after `--`")?;
    let error = Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", target.url().reveal())
        .envs(pool_variables(&database))
        .exec();
    // Only reached when the command could not be started.
    Err(error).with_context(|| format!("cannot run `{program}`"))
}

/// What services read their pool's settings from.
fn pool_variables(database: &Database) -> [(&'static str, String); 2] {
    [
        ("DATABASE_POOL_SIZE", database.pool.max_size.to_string()),
        (
            "DATABASE_IDLE_TIMEOUT",
            database.pool.idle_timeout.as_secs().max(1).to_string(),
        ),
    ]
}
