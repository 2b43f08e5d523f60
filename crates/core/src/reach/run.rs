//! What everything in one run shares.

use crate::deploy::Interrupt;
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::ledger::Client;
use migrate_postgres::embedded::{Embedded, Started};

use super::ahead::Ahead;

/// What everything in one run shares, on whichever thread: how servers are reached, who we are, who
/// is told, and who stops it.
#[derive(Clone, Copy)]
pub(crate) struct Run<'r> {
    pub(crate) embedded: &'r Embedded,
    pub(crate) client: &'r Client,
    pub(crate) ahead: &'r Ahead,
    pub(crate) interrupt: &'r Interrupt,
    pub(crate) observer: &'r dyn Observer,
}

impl Run<'_> {
    /// Starts the embedded server if it does not run.
    pub(crate) fn ensure_embedded(self) -> Result<Started, Error> {
        let started = self.embedded.start()?;
        if let Started::Now {
            version,
            initialised,
        } = &started
        {
            self.observer.observe(&Event::EmbeddedStarted {
                version: version.clone(),
                initialised: *initialised,
            });
        }
        Ok(started)
    }
}
