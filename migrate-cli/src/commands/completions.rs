//! `migrate completions`

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::render::out;
use migrate_messages::Status;

pub fn run(args: &CompletionsArgs) -> Status {
    let mut command = Args::command();
    // `generate` panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "migrate", &mut script);
    out(&script);
    Status::Done
}
