//! Words the errors that only a command line has; the others are worded by `migrate-messages`.

use migrate_core::error::Error;
use migrate_messages::{Code, Message};

use super::output::Lost;
use crate::prompt::NotConfirmed;
use crate::signals::Stopped;

/// Words an error of any kind; there may be several messages, the first of which counts.
pub fn word(error: &anyhow::Error) -> Vec<Message> {
    if let Some(error) = error.downcast_ref::<Error>() {
        return migrate_messages::word(error);
    }
    if let Some(not_confirmed) = error.downcast_ref::<NotConfirmed>() {
        return vec![word_not_confirmed(not_confirmed)];
    }
    if let Some(lost) = error.downcast_ref::<Lost>() {
        return vec![word_lost(lost)];
    }
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return vec![word_stopped(stopped)];
    }
    let mut message = Message::new(Code::Failed, error.to_string());
    for cause in error.chain().skip(1) {
        message = message.note("cause", cause.to_string());
    }
    vec![message]
}

fn word_lost(lost: &Lost) -> Message {
    Message::new(Code::Output, lost.to_string())
        .state("the command has done its work; only what it printed is lost")
        .next("make room where it is written to; `migrate status` shows how things stand")
}

fn word_stopped(stopped: &Stopped) -> Message {
    Message::new(Code::Interrupted, stopped.to_string())
        .state("no migration was running")
        .next("`migrate status` shows how every migration stands")
}

fn word_not_confirmed(error: &NotConfirmed) -> Message {
    match error {
        NotConfirmed::NoTerminal { action } => Message::new(
            Code::Confirm,
            format!("{action} needs a yes, and nobody is there to ask"),
        )
        .state("nothing was touched")
        .next("add `--yes` if that is what you want"),
        NotConfirmed::Declined => {
            Message::new(Code::Confirm, "not confirmed").state("nothing was touched")
        }
    }
}
