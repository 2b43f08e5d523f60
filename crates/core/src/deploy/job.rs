//! One way of one migration, ready to run.

use crate::attribution::{Attribution, Late};
use crate::history::Migration;
use crate::ledger::{Attempted, Unfinished};
use crate::ownership::Mandate;
use crate::plan::{RevertStep, Step};
use migrate_text::migration_ref::{Direction, MigrationRef};

use super::limits::Limits;
use super::script::Script;

/// Whether a commit waits for the disk. All but the last of a deploy need not: a crash can then
/// lose a suffix of the deploy, ledger rows included, never a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    /// Returns before it is on disk.
    Asynchronous,
    /// As the server is configured.
    Synchronous,
}

/// What has to be done before a migration that stopped half way can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing.
    None,
    /// These indexes are invalid, left by a build that did not end.
    Drop(Vec<String>),
    /// The next statement stopped half way, and this ends it.
    Finish(String),
}

/// One way of one migration, ready to run.
pub(super) struct Job<'a> {
    pub(super) script: &'a Script,
    pub(super) migration: MigrationRef,
    pub(super) attempted: Attempted<'a>,
    pub(super) direction: Direction,
    pub(super) late: Late,
    /// What an earlier attempt has left.
    pub(super) unfinished: Unfinished,
    pub(super) remedy: Remedy,
    pub(super) commit: Commit,
    pub(super) limits: Limits,
    /// Whether nobody else is there to wait for: in a database of our own.
    pub(super) unlocked: bool,
}

impl<'a> Job<'a> {
    /// To apply a migration, by itself and with no limits.
    pub(super) fn up(step: &'a Step, script: &'a Script) -> Self {
        Self {
            script,
            migration: step.migration.reference(),
            attempted: attempted(&step.migration),
            direction: Direction::Up,
            late: if step.late { Late::Yes } else { Late::No },
            unfinished: step.unfinished.clone(),
            remedy: Remedy::None,
            commit: Commit::Synchronous,
            limits: Limits::default(),
            unlocked: false,
        }
    }

    /// What it may touch, if not everything.
    pub(super) fn mandate(&self, attribution: Option<&Attribution<'_>>) -> Option<Mandate> {
        let MigrationRef {
            version, services, ..
        } = &self.migration;
        match attribution {
            Some(attribution) => Some(attribution.mandate(version, services, self.late)),
            // Nobody has to be protected from anybody but the ledger.
            None => self.script.runs_unseen().then(Mandate::default),
        }
    }

    /// Whether its folder is there; the ledger has the `down.sql` of one that is gone.
    pub(super) fn on_disk(&self) -> bool {
        self.attempted.up_sql.is_some()
    }
}

/// What the ledger is told of a migration on disk.
pub fn attempted(migration: &Migration) -> Attempted<'_> {
    Attempted {
        version: &migration.version,
        name: &migration.folder_name,
        run_in_transaction: migration.run_in_transaction,
        services: &migration.services,
        up_sql: Some(migration.up.text()),
        down_sql: migration.down.as_ref().map(|down| down.text()),
    }
}

/// What the ledger is told of a migration that is reverted.
pub(super) fn reverted<'a>(step: &'a RevertStep, script: &'a Script) -> Attempted<'a> {
    match &step.migration {
        Some(migration) => attempted(migration),
        None => Attempted {
            version: &step.version,
            name: &step.folder_name,
            run_in_transaction: step.run_in_transaction,
            services: &step.services,
            up_sql: None,
            down_sql: Some(script.file().text()),
        },
    }
}
