//! Waits for a standby to become the server that can be written to.

use crate::error::Error;
use crate::event::Event;
use migrate_postgres::ServerWait;

use super::connect::Opened;
use super::connected::Connected;
use super::run::Run;

impl Run<'_> {
    /// Makes sure that a database can be written to. A standby that is not promoted yet is waited
    /// for.
    pub(crate) fn make_writable(
        self,
        connected: &mut Connected,
        wait: &mut ServerWait,
    ) -> Result<(), Error> {
        let mut promotion = Promotion::default();
        while let Err(error) = connected.prepare_to_write() {
            promotion.wait_after(error, wait, self)?;
            // Another host may have become the one to write to.
            self.reconnect(connected, wait)?;
        }
        Ok(())
    }

    /// Connects anew to the same database.
    pub(crate) fn reconnect(
        self,
        connected: &mut Connected,
        wait: &mut ServerWait,
    ) -> Result<(), Error> {
        let database = connected.database.clone();
        let target = self.target_of(&database);
        match self.open(database, target, wait)? {
            Opened::Connected(again) => {
                *connected = *again;
                Ok(())
            }
            Opened::Missing(lost) => Err(lost.error()),
        }
    }
}

/// The wait for a standby to become the server that can be written to.
#[derive(Default)]
pub(crate) struct Promotion {
    told: bool,
}

impl Promotion {
    /// Pauses where the error is of a standby and there is time left. Otherwise it is the answer.
    pub(crate) fn wait_after(
        &mut self,
        error: Error,
        wait: &mut ServerWait,
        run: Run<'_>,
    ) -> Result<(), Error> {
        let Error::Standby {
            database, target, ..
        } = error
        else {
            return Err(error);
        };
        if wait.is_over() {
            return Err(Error::Standby {
                database,
                target,
                waited: wait.limit(),
            });
        }
        if !self.told {
            run.observer
                .observe(&Event::WaitingForPromotion { database, target });
            self.told = true;
        }
        wait.pause();
        Ok(())
    }
}
