//! Refuses what touches what it may not.

use crate::attribution::{Breach, Unseen};
use crate::error::Error;
use crate::report::UnseenReport;

/// The error for breaches, if there are any.
pub(crate) fn refuse(breaches: Vec<Breach>) -> Result<(), Error> {
    match breaches.is_empty() {
        true => Ok(()),
        false => Err(Error::Ownership(breaches)),
    }
}

pub(crate) fn unseen(unseen: &Unseen) -> UnseenReport {
    let location = &unseen.location;
    UnseenReport {
        what: unseen.what,
        file: location.file.path().to_owned(),
        position: location.position(),
    }
}
