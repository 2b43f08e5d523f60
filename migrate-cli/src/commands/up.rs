//! `migrate up`

use migrate_core::migrator::DeployOptions;
use migrate_core::plan::DeployRequest;

use super::deploy::{conclude, warn};
use crate::args::UpArgs;
use crate::render::Status;
use crate::session::Session;

pub fn run(session: &mut Session, args: &UpArgs) -> anyhow::Result<Status> {
    let options = DeployOptions {
        connect: session.connect(args.wait),
        request: DeployRequest::default(),
        create_databases: true,
        dry_run: false,
        lock_wait: args.lock.lock_wait,
    };
    let report = session.migrator()?.deploy(&options, &mut session.printer)?;
    warn(session, &report);
    conclude(session, &report);
    Ok(Status::Done)
}
