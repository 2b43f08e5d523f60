//! Questions.

use std::io::{IsTerminal, stderr, stdin};

use dialoguer::Confirm;

/// The person has to agree, and did not or could not.
#[derive(Debug, thiserror::Error)]
pub enum NotConfirmed {
    /// Nobody is there to ask.
    #[error("{action} needs a yes")]
    NoTerminal {
        /// What was to be done.
        action: String,
    },
    /// The answer was no.
    #[error("not confirmed")]
    Declined,
}

/// Asks on a terminal; elsewhere `--yes` has to say it.
pub fn confirm(action: &str, question: &str, yes: bool) -> Result<(), NotConfirmed> {
    if yes {
        return Ok(());
    }
    someone_to_ask(action)?;
    let answer = Confirm::new()
        .with_prompt(question)
        .default(false)
        .interact();
    match answer {
        Ok(true) => Ok(()),
        // A closed terminal is no yes either.
        Ok(false) | Err(_) => Err(NotConfirmed::Declined),
    }
}

/// Makes sure that there is a terminal to ask on, before anything is looked at for a question.
pub fn someone_to_ask(action: &str) -> Result<(), NotConfirmed> {
    match stdin().is_terminal() && stderr().is_terminal() {
        true => Ok(()),
        false => Err(NotConfirmed::NoTerminal {
            action: action.to_owned(),
        }),
    }
}
