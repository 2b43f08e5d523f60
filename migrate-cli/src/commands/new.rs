//! `migrate new`

use std::time::SystemTime;

use console::Style;
use migrate_core::migrator::NewOptions;

use crate::args::NewArgs;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: NewArgs) -> anyhow::Result<Status> {
    let migrator = session.migrator()?;
    let created = migrator.new_migration(&NewOptions {
        name: args.name,
        service: session.selection.service.clone(),
        database: session.selection.database.clone(),
        now: SystemTime::now(),
    })?;
    let root = migrator.workspace().root();
    for file in &created.files {
        let shown = file.strip_prefix(root).unwrap_or(file);
        let text = shown.display().to_string();
        session
            .printer
            .result("created", Style::new().green(), &text);
    }
    session.printer.document(&created);
    Ok(Status::Done)
}
