//! `status` and `history`: commands that only look. They write nothing, so a role that may only
//! read can run them.

use crate::deploy;
use crate::error::Error;
use crate::event::Observer;
use crate::history::History;
use crate::ledger::{self, LedgerError, LedgerState};
use crate::plan::{Standing, State, standings};
use crate::reach::{ConnectOptions, Connected, Opened, Question};
use crate::report::{DatabaseHistory, DatabaseStatus, HistoryReport, StatusReport};
use migrate_postgres::ServerWait;

use super::Migrator;

impl Migrator {
    /// How every migration stands in each selected database. A database that does not exist yet
    /// has everything pending.
    pub fn status(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<StatusReport, Error> {
        let run = self.run(observer);
        let (history, databases) = self.read_and_ask(options, Question::Ledger, run)?;
        let mut report = StatusReport::default();
        for one in run.open_all(databases, options.wait)? {
            let database = one.database();
            let history = &history.of_database(&database.name);
            let mut status = DatabaseStatus {
                database: database.name.clone(),
                target: database.address.to_string(),
                exists: true,
                migrations: Vec::new(),
                at_work: None,
                grants: None,
            };
            match one {
                Opened::Connected(mut connected) => {
                    // Who owns what matters only to roles; settings that are wrong about it are
                    // no reason to hide how things stand.
                    if connected.database.roles {
                        let guarded = self.guarded(history, &status.database)?;
                        status.grants = connected.grants_standing(&guarded.attributed())?;
                    }
                    let ledger = match connected.read_ledger_of(history) {
                        Err(Error::Ledger {
                            error: LedgerError::NoSchema,
                            ..
                        }) => LedgerState::empty("public"),
                        other => other?,
                    };
                    status.at_work = connected.at_work(&ledger)?;
                    status.migrations = standings(history, &ledger);
                    if status.migrations.iter().any(is_open) {
                        let at_work = status.at_work.is_some();
                        status.migrations = connected.look_at_unended(history, ledger, at_work)?;
                    }
                }
                Opened::Missing(_) => {
                    status.exists = false;
                    status.migrations = standings(history, &LedgerState::empty("public"));
                }
            }
            if let Some(service) = &options.selection.service {
                status
                    .migrations
                    .retain(|standing| standing.services.contains(service));
            }
            report.databases.push(status);
        }
        Ok(report)
    }

    /// Everything that was ever done to each selected database, oldest first.
    pub fn attempts(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<HistoryReport, Error> {
        let mut report = HistoryReport::default();
        let databases = self.workspace.databases(&options.selection)?;
        let mut wait = ServerWait::of(options.wait);
        for mut connected in self.run(observer).connect(databases, &mut wait)? {
            let place = connected.locate()?;
            let attempts = ledger::all_attempts(&mut connected.session, &place);
            let mut attempts = attempts.map_err(|error| connected.not_read(error))?;
            if let Some(service) = &options.selection.service {
                attempts.retain(|attempt| attempt.services.contains(service));
            }
            report.databases.push(DatabaseHistory {
                database: connected.database.name,
                attempts,
            });
        }
        Ok(report)
    }
}

impl Connected {
    /// How versions stand of which some, outside a transaction, did not come to their end: whether
    /// they are at work now, and whether the statement happened that they had begun.
    fn look_at_unended(
        &mut self,
        history: &History,
        ledger: LedgerState,
        at_work: bool,
    ) -> Result<Vec<Standing>, Error> {
        // What was at work when the ledger was read may have ended before somebody was looked for.
        let ledger = match at_work {
            true => ledger,
            false => self.read_ledger_of(history)?,
        };
        let mut standings = standings(history, &ledger);
        for standing in standings.iter_mut().filter(|standing| is_open(standing)) {
            if standing.unended && at_work {
                standing.unended = false;
                standing.state = State::Running;
            } else if let Some(begun) = &standing.unfinished.begun {
                standing.in_doubt = deploy::look(&mut self.session, begun);
            }
        }
        Ok(standings)
    }
}

/// Whether only the server can tell how it stands.
fn is_open(standing: &Standing) -> bool {
    standing.unended || standing.unfinished.begun.is_some()
}
