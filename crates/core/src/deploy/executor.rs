//! Who runs migrations of one database, and tells of it.

use crate::attribution::Attribution;
use crate::event::{Event, Observer};
use crate::ledger::{self, Client, LedgerPlace, Sent};
use crate::lock::Held;
use migrate_postgres::Notice;
use migrate_sql::mask_passwords;
use migrate_text::migration_ref::MigrationRef;

use super::interrupt::Interrupt;
use super::job::Job;
use super::limits::Limits;
use super::patience::Patience;
use super::remains::MigrationFailure;

/// A session that runs migrations of one database.
pub struct Executor<'a> {
    /// The session, with the lock.
    pub session: Held<'a>,
    /// Where the ledger is; its tables exist.
    pub place: &'a LedgerPlace,
    /// Who we are.
    pub client: &'a Client,
    /// The database's name in `migrate.toml`.
    pub database: &'a str,
    /// How long a migration may wait and work, unless it says otherwise.
    pub limits: Limits,
    /// Its waiting.
    pub patience: Patience,
    /// What each migration may touch; all, where there is nobody to be protected from anybody.
    pub attribution: Option<&'a Attribution<'a>>,
    /// Whether a person said that what stopped half way is to be run again: a statement of which
    /// nobody can say whether it happened too, and an invalid index in its way is dropped.
    pub retry: bool,
    /// Stops the run when asked.
    pub interrupt: &'a Interrupt,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
}

/// What ran and how long it took.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DoneMigration {
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// In milliseconds: the round trip included, or the server's time for one that went together
    /// with others.
    pub duration_ms: f64,
}

impl Executor<'_> {
    pub(super) fn tell_started(&mut self, job: &Job<'_>) {
        self.observer.observe(&Event::Started {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            direction: job.direction,
            sql: mask_passwords(job.script.file().text()).into_owned(),
        });
    }

    pub(super) fn tell_done(&mut self, job: &Job<'_>, duration_ms: f64) -> DoneMigration {
        self.observer.observe(&Event::Done {
            database: self.database.to_owned(),
            migration: job.migration.clone(),
            direction: job.direction,
            duration_ms,
        });
        DoneMigration {
            migration: job.migration.clone(),
            duration_ms,
        }
    }

    pub(super) fn tell_notices(&mut self, job: &Job<'_>) {
        for notice in self.session.take_notices() {
            self.tell_notice(job, notice);
        }
    }

    pub(super) fn tell_notice(&mut self, job: &Job<'_>, notice: Notice) {
        self.observer.observe(&Event::Notice {
            database: self.database.to_owned(),
            version: job.migration.version.clone(),
            severity: notice.severity,
            message: notice.message,
        });
    }

    /// Records a failure if that is still possible. Its commit waits for the disk, and with it
    /// for all asynchronous commits before it.
    pub(super) fn record_failure(&mut self, job: &Job<'_>, failure: &MigrationFailure) {
        // A cancel that is repeated must not hit this.
        self.interrupt.end();
        let escaped = failure.is_escape().then(|| Sent::escaped(1));
        // The failure itself is what the caller has to hear of.
        let _ = ledger::record_failure(
            &mut self.session,
            self.place,
            self.client,
            job.attempted,
            job.direction,
            self.patience.since_begin(),
            &failure.recorded(),
            escaped.as_ref(),
        );
    }
}
