//! Results, as they go to `--format json`. A shape once released is only added to; [`VERSION`]
//! changes when that is not possible.

use std::path::PathBuf;

use serde::Serialize;

use migrate_postgres::holder::Holder;
use migrate_sql::act::Opaque;
use migrate_text::migration_ref::MigrationRef;
use migrate_text::source::Position;

// What reports are put together of.
pub use crate::deploy::DoneMigration;
pub use crate::generate::{CombinedFile, FileReport, FileState};
pub use crate::grants::{
    Because, Change, ChangeKind, Excess, Finding, Obstacle, Privileges, RolePrivileges, Written,
};
pub use crate::ledger::{Attempt, ByHand, Outcome};
pub use crate::ownership::shown;
pub use crate::plan::{Doubt, Edit, Happened, Resolution, Standing, State};

/// The version of these shapes, in every document as `format`.
pub const VERSION: u32 = 1;

/// What a deploy did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeployReport {
    /// Whether nothing was touched.
    pub dry_run: bool,
    /// The databases, in the order of the file.
    pub databases: Vec<DatabaseDeploy>,
    /// Databases that came after one that something went wrong with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_reached: Vec<String>,
}

/// One database of a [`DeployReport`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DatabaseDeploy {
    /// Its name.
    pub database: String,
    /// Where, without the password.
    pub target: String,
    /// What was applied, in order.
    pub applied: Vec<DoneMigration>,
    /// What was reverted, in order, where a revert stopped half way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverted: Vec<DoneMigration>,
    /// What a dry run would apply, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_apply: Vec<PlannedMigration>,
    /// The database, schemas and extensions that a dry run would create, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_create: Vec<String>,
    /// Migrations that were applied although a later one was already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<LateMigration>,
    /// Migrations in the database that are newer than all files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<Standing>,
    /// Applied migrations of whose files only comments or white space were edited since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reformatted: Vec<Standing>,
    /// How many are applied now.
    pub total_applied: usize,
    /// Whether what was reverted was to be applied again.
    #[serde(skip)]
    pub redo: bool,
    /// Who was at work on it during a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_work: Option<Holder>,
    /// What was done to the services' roles, or would be. Missing where nothing was to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileges: Option<PrivilegesDone>,
}

/// A migration that came late, and touches nothing that was touched after it as far as one can see.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LateMigration {
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// What of it, and of the applied ones that come after it, could not be seen through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<UnseenReport>,
    /// The applied ones after it of which neither the disk nor the ledger has a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// A migration that is reverted while others stay that were applied after it, and of which it
/// cannot be seen whether they build on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UncertainRevert {
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// What of it, and of those that stay, could not be seen through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<UnseenReport>,
    /// Those of which neither the disk nor the ledger has a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// What was done to the services' roles.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PrivilegesDone {
    /// Roles that were created.
    pub roles_created: Vec<String>,
    /// Roles that were there, and may log in now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logins_allowed: Vec<String>,
    /// Roles whose password was set.
    pub passwords_set: Vec<String>,
    /// How many privileges were given.
    pub given: usize,
    /// How many were taken.
    pub taken: usize,
}

impl PrivilegesDone {
    /// Whether nothing was to do.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// How the privileges of the services' roles stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GrantsReport {
    /// The databases, in the order of the file.
    pub databases: Vec<DatabaseGrants>,
}

/// One database of a [`GrantsReport`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DatabaseGrants {
    /// Its name.
    pub database: String,
    /// Where, without the password.
    pub target: String,
    /// Whether the database exists; if not, there are no privileges.
    pub exists: bool,
    /// Whether `roles = true`: what is wrong, a deploy mends.
    pub enabled: bool,
    /// How they stand.
    #[serde(flatten)]
    pub privileges: Privileges,
    /// The roles for which a variable has a password.
    #[serde(skip)]
    pub with_password: Vec<String>,
}

/// How the privileges stand, in short: for `status`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GrantsStanding {
    /// How many privileges are missing.
    pub to_give: usize,
    /// How many are too much.
    pub to_take: usize,
    /// Roles that do not exist.
    pub roles_missing: Vec<String>,
    /// Roles that exist and may not log in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_login: Vec<String>,
    /// What no deploy can mend.
    pub findings: Vec<Finding>,
}

impl GrantsStanding {
    /// Whether everything is as it should be.
    pub fn is_right(&self) -> bool {
        !self.differs() && self.findings.is_empty()
    }

    /// Whether there is something to do.
    pub fn differs(&self) -> bool {
        let roles = [&self.roles_missing, &self.without_login];
        self.to_give + self.to_take > 0 || roles.iter().any(|roles| !roles.is_empty())
    }
}

impl From<Privileges> for GrantsStanding {
    fn from(privileges: Privileges) -> Self {
        let roles = |kind| {
            let all = privileges.changes.iter();
            let of_kind = all.filter(|change| change.kind == kind);
            of_kind.filter_map(|change| change.role.clone()).collect()
        };
        Self {
            to_give: privileges.count(ChangeKind::Give),
            to_take: privileges.count(ChangeKind::Take),
            roles_missing: roles(ChangeKind::CreateRole),
            without_login: roles(ChangeKind::Login),
            findings: privileges.findings,
        }
    }
}

/// A migration that would be applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedMigration {
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// Whether it is one transaction.
    pub run_in_transaction: bool,
    /// How many of its statements are done for good, outside a transaction: it goes on after them.
    #[serde(skip_serializing_if = "is_zero")]
    pub statements_done: usize,
    /// Its SQL, passwords masked.
    pub sql: String,
}

/// What a redo did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RedoReport {
    /// The database.
    pub database: String,
    /// What was reverted, in order.
    pub reverted: Vec<DoneMigration>,
    /// What was applied again, in order.
    pub applied: Vec<DoneMigration>,
    /// Of what was reverted, that on which others may build that stayed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncertain: Vec<UncertainRevert>,
}

/// What a revert did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RevertReport {
    /// Whether nothing was touched.
    pub dry_run: bool,
    /// The database.
    pub database: String,
    /// What was reverted, in order.
    pub reverted: Vec<DoneMigration>,
    /// What a dry run would revert, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_revert: Vec<PlannedMigration>,
    /// Of these, those on which others may build that stay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncertain: Vec<UncertainRevert>,
    /// How many are applied still.
    pub total_applied: usize,
}

/// What a person said of a migration, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResolveReport {
    /// Whether nothing was touched.
    pub dry_run: bool,
    /// The database.
    pub database: String,
    /// The migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// What was said.
    pub resolution: Resolution,
    /// How it stood.
    pub was: State,
    /// How many statements of it were done for good, outside a transaction.
    pub statements_done: usize,
    /// How it stands now, or would; missing where nothing of it is left anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<State>,
    /// Invalid indexes that it left, as they are written in SQL: they stay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invalid_indexes: Vec<String>,
    /// What was edited, where that was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// The deploy of nothing but it, where it was run again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retried: Option<DatabaseDeploy>,
}

/// What was generated, or how it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GenerateReport {
    /// Whether nothing was written.
    pub check: bool,
    /// Every generated file.
    pub files: Vec<FileReport>,
    /// How many migrations were replayed; the others had been before.
    pub replayed: usize,
    /// How many messages were sent to read databases.
    #[serde(skip)]
    pub messages: u64,
    /// What may be trouble for the users of the files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// How everything stands that needs no target database.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CheckReport {
    /// How many migrations there are.
    pub migrations: usize,
    /// Whether there are services to be protected from each other.
    pub attributed: bool,
    /// What of the files could not be seen through.
    pub unseen: Vec<UnseenReport>,
    /// How the generated files stand.
    pub generated: GenerateReport,
}

/// What was handed over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TransferReport {
    /// The table.
    pub table: String,
    /// Whose it was.
    pub from: String,
    /// Whose it is.
    pub to: String,
    /// The last version that saw it as it was; none in an empty history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A statement whose text does not show what it does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnseenReport {
    /// Why.
    pub what: Opaque,
    /// The file.
    pub file: PathBuf,
    /// Where it begins.
    #[serde(flatten)]
    pub position: Position,
}

/// How all migrations stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StatusReport {
    /// The databases, in the order of the file.
    pub databases: Vec<DatabaseStatus>,
}

/// One database of a [`StatusReport`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DatabaseStatus {
    /// Its name.
    pub database: String,
    /// Where, without the password.
    pub target: String,
    /// Whether the database exists; if not, everything is pending.
    pub exists: bool,
    /// The migrations, in the order of their versions.
    pub migrations: Vec<Standing>,
    /// Who is at work on it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_work: Option<Holder>,
    /// How the services' roles stand, where `roles = true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<GrantsStanding>,
}

impl StatusReport {
    /// How many migrations of all databases are in one of these states.
    pub fn count(&self, states: &[State]) -> usize {
        let all = self
            .databases
            .iter()
            .flat_map(|database| &database.migrations);
        all.filter(|standing| states.contains(&standing.state))
            .count()
    }
}

/// Everything that was ever done.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HistoryReport {
    /// The databases, in the order of the file.
    pub databases: Vec<DatabaseHistory>,
}

/// One database of a [`HistoryReport`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DatabaseHistory {
    /// Its name.
    pub database: String,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}
