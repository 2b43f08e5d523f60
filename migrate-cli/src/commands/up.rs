//! `migrate up`

use migrate_core::error::Error;
use migrate_core::migrator::{Approval, DeployOptions};
use migrate_core::plan::DeployRequest;

use super::deploy::{approved, conclude, warn};
use super::generate::generate;
use crate::args::UpArgs;
use crate::session::Session;
use migrate_messages::Status;

/// Starts, waits, creates, deploys and generates.
pub fn run(session: &mut Session, args: &UpArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let is_production = migrator.workspace().is_production();
    let options = DeployOptions {
        connect: session.connect(args.wait),
        request: DeployRequest {
            service: session.selection.service.clone(),
            ..DeployRequest::default()
        },
        create_databases: true,
        lock_wait: args.lock.lock_wait,
        approval: Approval::NotAsked,
    };
    let options = approved(session, &migrator, options, args.yes)?;
    let report = migrator.deploy(&options, &session.printer)?;
    warn(session, &report);
    // Where people work: production has no sources. A file that a person wrote stays as it is, and
    // is no reason not to be up.
    let generated = if is_production {
        None
    } else {
        generate(session, &migrator).map_err(|error| Error::Stopped {
            error: Box::new(error),
            report: Box::new(report.clone()),
        })?
    };
    conclude(session, &report, generated.as_ref());
    Ok(Status::Done)
}
