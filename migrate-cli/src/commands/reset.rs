//! `migrate reset`

use migrate_core::migrator::{Approval, DeployOptions};
use migrate_core::plan::DeployRequest;

use super::deploy::{conclude, warn};
use crate::args::ResetArgs;
use crate::prompt::confirm;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &ResetArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let options = DeployOptions {
        connect: session.connect(args.wait.wait),
        request: DeployRequest::default(),
        create_databases: true,
        lock_wait: args.lock.lock_wait,
        approval: Approval::NotAsked,
    };
    let plan = migrator.plan_reset(&options)?;
    let question = format!("Drop {} and all that is in it?", plan.report);
    confirm("resetting a database", &question, args.yes)?;
    let options = DeployOptions {
        approval: match args.yes {
            true => Approval::ToAnything,
            false => Approval::ToPlan(plan.fingerprint),
        },
        ..options
    };
    let report = migrator.reset(&options, &session.printer)?;
    warn(session, &report);
    conclude(session, &report, None);
    Ok(Status::Done)
}
