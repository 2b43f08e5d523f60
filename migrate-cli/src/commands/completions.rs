//! `migrate completions`

use crate::args::CompletionsArgs;
use crate::completion;
use crate::render::out;
use migrate_messages::Status;

pub fn run(args: &CompletionsArgs) -> anyhow::Result<Status> {
    out(&completion::script(args.shell)?);
    Ok(Status::Done)
}
