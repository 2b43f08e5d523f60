//! A file per command: each asks what has to be asked, calls the core once, and prints.

mod check;
mod completions;
mod db;
mod deploy;
mod exec;
mod generate;
mod grants;
mod history;
mod init;
mod man;
mod new;
mod redo;
mod reset;
mod resolve;
mod revert;
mod status;
mod transfer;
mod up;

use crate::args::Command;
use crate::session::Session;
use migrate_messages::Status;

/// Runs a command; gives how it ended.
pub fn run(session: &mut Session, command: Command) -> anyhow::Result<Status> {
    match command {
        Command::Up(args) => up::run(session, &args),
        Command::Deploy(args) | Command::DeployProd(args) => deploy::run(session, &args),
        Command::Status(args) => status::run(session, &args),
        Command::History(args) => history::run(session, &args),
        Command::New(args) => new::run(session, args),
        Command::Revert(args) => revert::run(session, &args),
        Command::Redo(args) => redo::run(session, &args),
        Command::Resolve(args) => resolve::run(session, &args),
        Command::Reset(args) => reset::run(session, &args),
        Command::Generate(args) => generate::run(session, &args),
        Command::Grants(args) => grants::run(session, &args),
        Command::Transfer(args) => transfer::run(session, args),
        Command::Check(args) => check::run(session, &args),
        Command::Db(command) => db::run(session, command),
        Command::Exec(args) => exec::run(session, &args),
        Command::Init(args) => init::run(session, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(session, &args),
    }
}
