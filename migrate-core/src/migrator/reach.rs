//! Reaches the databases of a deploy, such that they can be written to.

use crate::database::ServerWait;
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::workspace::Database;

use super::connect::Opened;
use super::ownership::Attributed;
use super::pending::Looked;
use super::{DeployOptions, Migrator};

impl Migrator {
    /// Connects to every database and looks at it. Where something is to be written, makes sure
    /// that it can be; a standby that is not promoted yet is waited for.
    pub(super) fn reach(
        &self,
        databases: Vec<Database>,
        attributed: &[Attributed<'_>],
        options: &DeployOptions,
        observer: &mut dyn Observer,
    ) -> Result<(Vec<Opened>, Vec<Looked>), Error> {
        let mut wait = ServerWait::of(options.connect.wait);
        let mut promotion = Promotion::default();
        loop {
            // Connected to anew each time: another host may have become the one to write to.
            let mut opened = self.open_within(databases.clone(), &mut wait, observer)?;
            let looked = self.look_at_all(&mut opened, attributed, &options.request)?;
            if options.dry_run {
                return Ok((opened, looked));
            }
            match require_primaries(&mut opened, &looked) {
                Ok(()) => return Ok((opened, looked)),
                Err(error) => promotion.wait_after(error, &mut wait, observer)?,
            }
        }
    }
}

/// The wait for a standby to become the server that can be written to.
#[derive(Default)]
pub(super) struct Promotion {
    told: bool,
}

impl Promotion {
    /// Pauses where the error is of a standby and there is time left. Otherwise it is the answer.
    pub(super) fn wait_after(
        &mut self,
        error: Error,
        wait: &mut ServerWait,
        observer: &mut dyn Observer,
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
            observer.observe(&Event::WaitingForPromotion { database, target });
            self.told = true;
        }
        wait.pause();
        Ok(())
    }
}

/// Makes sure that all databases in which there is something to do can be written to.
fn require_primaries(opened: &mut [Opened], looked: &[Looked]) -> Result<(), Error> {
    for (one, looked) in opened.iter_mut().zip(looked) {
        if let (Opened::Connected(connected), false) = (one, looked.nothing_to_do()) {
            connected.require_primary()?;
        }
    }
    Ok(())
}
