//! `migrate completions`

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::render::Status;

pub fn run(args: &CompletionsArgs) -> Status {
    let mut command = Args::command();
    clap_complete::generate(args.shell, &mut command, "migrate", &mut std::io::stdout());
    Status::Done
}
