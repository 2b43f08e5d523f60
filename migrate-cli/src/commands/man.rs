//! `migrate man`

use std::fs;

use anyhow::Context;
use clap::CommandFactory;
use console::Style;

use crate::args::{Args, ManArgs};
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: &ManArgs) -> anyhow::Result<Status> {
    let folder = session.directory().join(&args.folder);
    let written = fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(Args::command(), &folder));
    written
        .with_context(|| folder.display().to_string())
        .context("the pages of the manual could not be written")?;
    let text = args.folder.join("migrate.1").display().to_string();
    let green = Style::new().green();
    session.printer.result("created", green, &text);
    let next = format!("`man {text}`");
    session.printer.progress("next", Style::new().bold(), &next);
    Ok(Status::Done)
}
