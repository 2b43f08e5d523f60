//! Reaches the databases of a deploy, such that they can be written to.

use crate::error::Error;
use crate::event::{Event, Observer};
use crate::workspace::Database;
use migrate_postgres::ServerWait;

use super::connect::Opened;
use super::ownership::{Attributed, Guarded};
use super::pending::Looked;
use super::{ConnectOptions, Connected, DeployOptions, Migrator};

impl Migrator {
    /// Connects to every database and looks at it. Where something is to be written, makes sure
    /// that it can be; a standby that is not promoted yet is waited for.
    pub(super) fn reach(
        &self,
        databases: Vec<Database>,
        attributed: &[Attributed<'_>],
        options: &DeployOptions,
        observer: &dyn Observer,
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

impl Migrator {
    /// Makes sure that a database can be written to. A standby that is not promoted yet is waited
    /// for.
    pub(super) fn make_writable(
        &self,
        connected: &mut Connected,
        wait: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let mut promotion = Promotion::default();
        while let Err(error) = connected.prepare_to_write() {
            promotion.wait_after(error, wait, observer)?;
            // Another host may have become the one to write to.
            self.reconnect(connected, wait, observer)?;
        }
        Ok(())
    }

    /// Connects anew to the same database.
    pub(super) fn reconnect(
        &self,
        connected: &mut Connected,
        wait: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<(), Error> {
        let database = connected.database.clone();
        let target = self.target_of(&database);
        match self.open(database, target, wait, observer)? {
            Opened::Connected(mut again) => {
                again.owners = connected.owners.take();
                *connected = *again;
                Ok(())
            }
            Opened::Missing(lost) => Err(lost.error()),
        }
    }

    /// The one selected database and its history.
    pub(super) fn connect_one(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<(Connected, Guarded), Error> {
        self.connect_one_within(options, &mut ServerWait::of(options.wait), observer)
    }

    fn connect_one_within(
        &self,
        options: &ConnectOptions,
        wait: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<(Connected, Guarded), Error> {
        self.one_database(&options.selection)?;
        let (history, databases) = self.read(&options.selection)?;
        let mut all = self.connect(databases, wait, observer)?;
        // `one_database` has seen that exactly one is selected.
        let connected = all.pop().expect("one database is selected");
        let guarded = self.guarded(&history, &connected.database.name)?;
        Ok((connected, guarded))
    }

    /// The same, such that it can be written to.
    pub(super) fn connect_one_to_write(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<(Connected, Guarded), Error> {
        let mut wait = ServerWait::of(options.wait);
        let (mut connected, guarded) = self.connect_one_within(options, &mut wait, observer)?;
        self.make_writable(&mut connected, &mut wait, observer)?;
        Ok((connected, guarded))
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
        observer: &dyn Observer,
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
