//! The command `migrate`: arguments, prompts, progress, printing. What it does is the core
//! library's; no SQL is here.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod commands;
mod completion;
mod examples;
mod prompt;
mod render;
mod session;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use migrate_messages::Status;
use session::Session;

fn main() -> ExitCode {
    completion::answer();
    let args = Args::parse();
    render::choose_colours();
    let mut session = match Session::new(&args) {
        Ok(session) => session,
        Err(error) => return render::fail(&error, args.global.format, args.command.name()),
    };
    match commands::run(&mut session, args.command) {
        Ok(status) => match render::lost() {
            Some(lost) if status == Status::Done => session.fail(&lost.into()),
            _ => status.code().into(),
        },
        Err(error) => session.fail(&error),
    }
}
