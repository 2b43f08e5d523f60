//! `migrate up`

use migrate_core::error::Error;
use migrate_core::migrator::DeployOptions;
use migrate_core::plan::DeployRequest;

use super::deploy::{ask_in_production, conclude, warn};
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
        // Production gets a database only where `create = true` says so.
        create_databases: !is_production,
        dry_run: false,
        lock_wait: args.lock.lock_wait,
    };
    if is_production && !args.yes {
        ask_in_production(session, &migrator, &options)?;
    }
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
