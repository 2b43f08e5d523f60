//! `migrate init`

use std::time::SystemTime;

use anyhow::Context;
use console::Style;
use migrate_core::migrator::{ScaffoldOptions, scaffold};

use crate::args::InitArgs;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &InitArgs) -> anyhow::Result<Status> {
    let done = scaffold(&ScaffoldOptions {
        folder: session.directory().join(&args.folder),
        service: args.first_service.clone(),
        now: SystemTime::now(),
    })
    .map_err(|(path, error)| anyhow::Error::from(error).context(path.display().to_string()))
    .context("the workspace could not be written")?;
    for path in &done.created {
        let text = path.display().to_string();
        session
            .printer
            .result("created", Style::new().green(), &text);
    }
    for path in &done.kept {
        let text = path.display().to_string();
        session.printer.result("kept", Style::new().dim(), &text);
    }
    let folder = session.directory().join(&args.folder);
    if folder.join(".env").exists() && !folder.join(".env.local").exists() {
        session.printer.warning(
            "`.env` is not read beside a migrate.toml: rename it to `.env.local`, or export its \
             variables",
        );
    }
    let next = if args.folder.as_os_str() == "." {
        "`migrate up`".to_owned()
    } else {
        format!("`cd {} && migrate up`", args.folder.display())
    };
    session.printer.progress("next", Style::new().bold(), &next);
    session.printer.document(&done);
    Ok(Status::Done)
}
