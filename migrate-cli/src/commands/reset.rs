//! `migrate reset`

use migrate_core::migrator::DeployOptions;
use migrate_core::plan::DeployRequest;

use super::deploy::{conclude, warn};
use crate::args::ResetArgs;
use crate::prompt::confirm;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &ResetArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    migrator.refuse_production("reset")?;
    let question = format!(
        "Drop {} and all that is in it?",
        migrator.shown(&session.selection)?
    );
    confirm("resetting a database", &question, args.yes)?;
    let options = DeployOptions {
        connect: session.connect(args.wait.wait),
        request: DeployRequest::default(),
        create_databases: true,
        dry_run: false,
        lock_wait: args.lock.lock_wait,
    };
    let report = migrator.reset(&options, &session.printer)?;
    warn(session, &report);
    conclude(session, &report, None);
    Ok(Status::Done)
}
