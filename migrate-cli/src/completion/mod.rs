//! Completion: the shell asks the program itself what could stand at the cursor, so the names of a
//! workspace are among the answers.

mod bash;
mod values;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_complete::env::{CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};

use crate::args::Args;
use bash::Bash;

pub use values::{databases, environments, services, tables, versions};

/// Set by the script, to the name of the shell that asks.
const VARIABLE: &str = "MIGRATE_COMPLETE";
const PROGRAM: &str = "migrate";

/// Answers a shell that asks, and ends the program then.
pub fn answer() {
    CompleteEnv::with_factory(Args::command)
        .var(VARIABLE)
        .shells(Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh]))
        .complete();
}

/// The script by which a shell asks.
pub fn script(shell: Shell) -> std::io::Result<Vec<u8>> {
    let asks: &dyn EnvCompleter = match shell {
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Zsh => &Zsh,
        // The enum may grow; every shell that it has today is here.
        _ => &Bash,
    };
    let mut script = Vec::new();
    asks.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    Ok(script)
}
