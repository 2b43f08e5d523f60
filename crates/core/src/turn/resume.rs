//! Goes on with a deploy whose connection was lost, as the next `deploy` would.

use crate::deploy::{DoneMigration, ExecuteError};
use crate::error::Error;
use crate::event::Event;
use crate::ledger::LedgerError;
use crate::report::DatabaseDeploy;
use migrate_postgres::{Ailment, ServerError, ServerWait};

use super::approval::Consent;
use super::deploy::DeployOptions;
use super::one::Turn;

impl Turn<'_> {
    /// Everything that is to be done in this database. Where there is a time to wait for servers
    /// and the connection is lost, connects again and goes on: the ledger tells what became of the
    /// migration that was running.
    ///
    /// A migration that loses the connection twice is not tried a third time: it may be what
    /// brings the server down.
    pub(super) fn deploy_through(
        &mut self,
        options: &DeployOptions,
        mut consent: Consent<'_>,
        done: &mut DatabaseDeploy,
    ) -> Result<(), Error> {
        let mut earlier: Vec<DoneMigration> = Vec::new();
        let mut lost_before = false;
        loop {
            let result = self.deploy_once(options, consent, done);
            // Not what a crash took back: that is applied again each time.
            let is_new = |one: &DoneMigration| {
                let mut before = earlier.iter();
                !before.any(|two| two.migration == one.migration)
            };
            let went_on = done.applied.iter().any(is_new);
            // A server that crashes loses the end of what it had not put on its disk yet.
            let again = |one: &DoneMigration| {
                done.applied
                    .iter()
                    .any(|two| two.migration == one.migration)
            };
            earlier.retain(|one| !again(one));
            earlier.append(&mut done.applied);
            let goes_on = match &result {
                Err(error) => {
                    let lost = lost(error).filter(|_| !options.connect.wait.is_zero());
                    let again = lost.filter(|_| went_on || !lost_before);
                    again.filter(|_| !self.run.interrupt.was_asked())
                }
                Ok(()) => None,
            };
            let Some(lost) = goes_on else {
                done.applied = earlier;
                return result;
            };
            lost_before = true;
            consent = consent.rest();
            self.run.observer.observe(&Event::ConnectionLost {
                database: self.database().name.clone(),
                target: self.database().address.to_string(),
                message: lost.message.clone(),
            });
            let mut wait = ServerWait::of(options.connect.wait);
            let (run, connected) = (self.run, &mut self.connected);
            let again = run
                .reconnect(connected, &mut wait)
                .and_then(|()| run.make_writable(connected, &mut wait));
            if let Err(error) = again {
                done.applied = earlier;
                // What became of the migration counts more than that the server is still down.
                return Err(match result {
                    Err(first) => first.and(error),
                    Ok(()) => error,
                });
            }
        }
    }
}

/// The error of a server that has gone, and may come back.
fn lost(error: &Error) -> Option<&ServerError> {
    let error = match error {
        Error::Execute {
            error: ExecuteError::Migration(failure),
            ..
        } => &failure.error,
        Error::Server { error, .. }
        | Error::Ledger {
            error: LedgerError::Server(error),
            ..
        } => error,
        _ => return None,
    };
    let gone = matches!(error.ailment(), Some(Ailment::Lost | Ailment::Stopped));
    (error.connection_lost && gone).then_some(error)
}
