//! `status` and `history`: commands that only look. They write nothing, so a role that may only
//! read can run them.

use crate::error::Error;
use crate::event::Observer;
use crate::ledger::{self, LedgerError, LedgerState};
use crate::plan::standings;
use crate::report::{DatabaseHistory, DatabaseStatus, HistoryReport, StatusReport};

use super::connect::MissingDatabase;
use super::{ConnectOptions, Migrator};

impl Migrator {
    /// How every migration stands in each selected database. A database that does not exist yet
    /// has everything pending.
    pub fn status(
        &self,
        options: &ConnectOptions,
        observer: &mut dyn Observer,
    ) -> Result<StatusReport, Error> {
        let (history, databases) = self.read(&options.selection)?;
        let mut report = StatusReport::default();
        for (database, target) in self.targets(databases, options.wait, observer)? {
            let history = history.of_database(&database.name);
            let opened = self.open(&database, &target, MissingDatabase::Refuse, observer);
            let mut status = DatabaseStatus {
                database: database.name.clone(),
                target: database.address.to_string(),
                exists: true,
                migrations: Vec::new(),
            };
            let ledger = match opened {
                Ok(session) => {
                    let mut connected = super::Connected { database, session };
                    match connected.read_ledger() {
                        Err(Error::Ledger {
                            error: LedgerError::NoSchema,
                            ..
                        }) => nothing(),
                        other => other?,
                    }
                }
                Err(Error::Connect {
                    database_missing: Some(true),
                    ..
                }) => {
                    status.exists = false;
                    nothing()
                }
                Err(error) => return Err(error),
            };
            status.migrations = standings(&history, &ledger);
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
        observer: &mut dyn Observer,
    ) -> Result<HistoryReport, Error> {
        let mut report = HistoryReport::default();
        let databases = self.workspace.databases(&options.selection)?;
        let refuse = MissingDatabase::Refuse;
        for mut connected in self.connect(databases, options.wait, refuse, observer)? {
            let place =
                ledger::locate(&mut connected.session).map_err(connected.ledger_failed())?;
            let mut attempts = ledger::all_attempts(&mut connected.session, &place)
                .map_err(connected.failed("reading the ledger"))?;
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

/// The ledger of a database in which nothing is.
fn nothing() -> LedgerState {
    LedgerState {
        place: ledger::LedgerPlace {
            schema: "public".to_owned(),
            diesel_table: false,
            format: None,
        },
        entries: Vec::new(),
    }
}
