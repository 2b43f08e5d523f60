//! Everything that the commands of this library can fail with.

mod doing;

use std::time::Duration;

use crate::generate::FileReport;
use crate::grants::Change;
use crate::plan::Edit;
use crate::report::DeployReport;
use migrate_postgres::blocker::Blocker;
use migrate_postgres::embedded::EmbeddedError;
use migrate_postgres::holder::Holder;
use migrate_postgres::{AdminError, ConnectError, PoolMode, ServerError, ServerState};
use migrate_text::causes::with_causes;
use migrate_text::problem::Problems;

// What the variants carry.
pub use crate::attribution::{Breach, Collision, Reason};
pub use crate::deploy::{
    Escape, ExecuteError, FailedPart, ForbiddenText, ForeignChange, GuardBreach, MigrationFailure,
    Offence, Remains,
};
pub use crate::generate::GenerateError;
pub use crate::ledger::{Begun, LedgerError, Unfinished, is_not_kept};
pub use crate::plan::{PlanError, Unfit};
pub use crate::shadow::ShadowError;
pub use doing::{Changing, Destroying, Doing};

/// A command failed. `Display` says what happened in one sentence, `source()` why, and
/// [`with_causes`] both; the fields say the rest.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Settings, metadata or names are wrong; nothing was touched.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// The embedded server cannot be had.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// A database cannot be connected to.
    #[error("cannot connect to database {database} at {target}")]
    Connect {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
        /// Why.
        #[source]
        error: ConnectError,
        /// How long we tried; zero for once.
        waited: Duration,
    },
    /// A server can only be read, and there is something to write.
    #[error("database {database} at {target} is a standby: it can only be read")]
    Standby {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
        /// How long we waited for it to be promoted.
        waited: Duration,
    },
    /// Several things went wrong; the first is the one that counts.
    #[error("{}", each(.0))]
    Several(Vec<Error>),
    /// Work had begun when something went wrong.
    #[error("{}", stopped(.report))]
    Stopped {
        /// What went wrong.
        #[source]
        error: Box<Error>,
        /// What was done before it; its last database is the one that it went wrong with.
        report: Box<DeployReport>,
    },
    /// A server did not answer in the time given.
    #[error("the server of database {database} did not answer within {} s", waited.as_secs())]
    NoServer {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
        /// The last answer.
        state: ServerState,
        /// The time given.
        waited: Duration,
    },
    /// A database could not be created or dropped.
    #[error("cannot {action} database {database}")]
    Admin {
        /// The database.
        database: String,
        /// `create` or `drop`.
        action: &'static str,
        /// Why.
        #[source]
        error: AdminError,
    },
    /// The ledger could not be read or written.
    #[error("the ledger of database {database} cannot be used")]
    Ledger {
        /// The database.
        database: String,
        /// Why.
        #[source]
        error: LedgerError,
    },
    /// Somebody has locked the ledger, so that nobody can read it.
    #[error("the ledger of database {database} is locked: it could not be read within {} s", waited.as_secs())]
    LedgerLocked {
        /// The database.
        database: String,
        /// Who holds it, as far as the server told.
        blockers: Vec<Blocker>,
        /// How long we waited.
        waited: Duration,
    },
    /// A statement of our own failed.
    #[error("{doing} failed in database {database}")]
    Server {
        /// The database.
        database: String,
        /// What was being done.
        doing: Doing,
        /// What the server said.
        #[source]
        error: ServerError,
    },
    /// Another deploy held the lock all the time.
    #[error("another deploy holds the lock of database {database}")]
    Locked {
        /// The database.
        database: String,
        /// Who, if the server told.
        holder: Option<Holder>,
        /// How long we waited.
        waited: Duration,
    },
    /// A connection pooler shares the sessions in which the lock would be held.
    #[error(
        "a connection pooler in {mode} mode stands before database {database}: the lock of a deploy would not hold"
    )]
    Pooler {
        /// The database.
        database: String,
        /// Where, without the password.
        target: String,
        /// How it shares them.
        mode: PoolMode,
    },
    /// Applied migrations were edited or are missing, or a version is unknown.
    #[error("nothing is planned for database {database}")]
    Plan {
        /// The database.
        database: String,
        /// Why.
        #[source]
        error: PlanError,
        /// What edited migrations were and are: the applied and the present text.
        edits: Vec<Edit>,
    },
    /// A file holds what no migration may hold; nothing was applied.
    #[error(transparent)]
    Forbidden(#[from] ForbiddenText),
    /// Migrations touch what they may not; nothing was applied.
    #[error("{}", listed(.0))]
    Ownership(Vec<Breach>),
    /// Migrations come late and touch what was touched after them; nothing was applied.
    #[error("migrations come too late for database {database}: {}", listed(.conflicts))]
    Late {
        /// The database.
        database: String,
        /// What they touch; never nothing.
        conflicts: Vec<Collision>,
    },
    /// Migrations are not reverted, as applied ones that would stay build on them.
    #[error("migrations of database {database} are built upon: {}", listed(.collisions))]
    BuiltUpon {
        /// The database.
        database: String,
        /// What they touch; never nothing.
        collisions: Vec<Collision>,
        /// How many steps lead back to before the first of them.
        steps: usize,
        /// The folder name of one that would stay of which only a part is done.
        half_done: Option<String>,
    },
    /// Running migrations came to no good end.
    #[error("the migrations of database {database} did not come to their end")]
    Execute {
        /// The database.
        database: String,
        /// Why.
        #[source]
        error: ExecuteError,
    },
    /// A migration has no `down.sql`, neither on disk nor in the ledger.
    #[error("migration {} of database {database} cannot be reverted: it has no `down.sql`", .standing)]
    NoDownSql {
        /// The database.
        database: String,
        /// The migration's folder name.
        standing: String,
    },
    /// A migration's files are gone, and its `down.sql` in the ledger has stars for a password.
    #[error(
        "migration {migration} of database {database} cannot be reverted from the ledger: its `down.sql` held a password, and passwords are not kept"
    )]
    PasswordNotKept {
        /// The database.
        database: String,
        /// The migration's folder name.
        migration: String,
    },
    /// A `down.sql` holds no statement: it would take the row away and leave what it tells of.
    #[error(
        "migration {migration} of database {database} cannot be reverted: its `down.sql` does nothing"
    )]
    EmptyDownSql {
        /// The database.
        database: String,
        /// The migration's folder name.
        migration: String,
    },
    /// A migration that is to be applied again is not on disk.
    #[error("migration {migration} of database {database} is not on disk")]
    NotOnDisk {
        /// The database.
        database: String,
        /// The migration's folder name.
        migration: String,
    },
    /// Nothing is applied that could be reverted.
    #[error("nothing is applied to database {database}")]
    NothingApplied {
        /// The database.
        database: String,
    },
    /// The role that deploys may not give or take all that it should.
    #[error("the privileges of database {database} are not all as they should be: role {role} could not {}", statements(.refused))]
    Privileges {
        /// The database.
        database: String,
        /// Who deploys there, as the server knows it.
        role: String,
        /// Whether a part was done.
        partly: bool,
        /// What could not be done.
        refused: Vec<Change>,
    },
    /// Privileges shall be set in a database where nothing says that roles are ours.
    #[error("database {database} has no `roles = true`")]
    RolesNotSet {
        /// The database.
        database: String,
    },
    /// The command does not run against production.
    #[error("`{command}` does not run with `--env prod`")]
    NotInProduction {
        /// The command.
        command: Destroying,
    },
    /// The command changes production, and nobody was asked.
    #[error("`{command}` changes production, and nobody has approved it")]
    NotApproved {
        /// The command.
        command: Changing,
    },
    /// Somebody approved a plan, and by now another one would be carried out.
    #[error("what would be done to database {database} is not what was approved")]
    Changed {
        /// The database.
        database: String,
        /// Whether a part of what was approved was done, before the connection was lost.
        resumed: bool,
    },
    /// The command is for the embedded server, and no database uses it.
    #[error("no database uses the embedded server")]
    NotEmbedded,
    /// The history could not be replayed into a shadow database.
    #[error("the history of database {database} cannot be replayed")]
    Shadow {
        /// The database.
        database: String,
        /// Why.
        #[source]
        error: ShadowError,
    },
    /// A file could not be printed.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// Files that people wrote stand where generated ones would be; nothing was written.
    #[error("what a person wrote would be overwritten: {}", paths(.0))]
    HandWritten(Vec<FileReport>),
    /// The file system refused.
    #[error("cannot read or write {path}")]
    Io {
        /// The file or folder.
        path: String,
        /// The operating system's words.
        #[source]
        error: std::io::Error,
    },
}

impl Error {
    /// This error and one that came after it. What was done before both is told once.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        match self {
            Self::Stopped { error, report } => Self::Stopped {
                error: Box::new(error.and(other)),
                report,
            },
            Self::Several(mut errors) => {
                errors.push(other);
                Self::Several(errors)
            }
            one => Self::Several(vec![one, other]),
        }
    }
}

fn each(errors: &[Error]) -> String {
    let errors: Vec<String> = errors.iter().map(|error| with_causes(error)).collect();
    errors.join("; ")
}

fn listed(all: &[impl ToString]) -> String {
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    all.join("; ")
}

fn statements(refused: &[Change]) -> String {
    let sql: Vec<&str> = refused
        .iter()
        .map(|change| change.sql.trim_end_matches(';'))
        .collect();
    sql.join("; ")
}

fn paths(files: &[FileReport]) -> String {
    let paths: Vec<String> = files
        .iter()
        .map(|file| file.path.display().to_string())
        .collect();
    paths.join(", ")
}

/// What was done before something went wrong, and what was not for that.
fn stopped(report: &DeployReport) -> String {
    let mut so_far = Vec::new();
    for database in &report.databases {
        let name = &database.database;
        let done = [
            (database.reverted.len(), "reverted in"),
            (database.applied.len(), "applied to"),
        ];
        let done = done.iter().filter(|(number, _)| *number > 0);
        so_far.extend(done.map(|(number, what)| format!("{number} {what} {name}")));
    }
    let left = report.not_reached.iter();
    so_far.extend(left.map(|name| format!("{name} not reached")));
    match so_far.is_empty() {
        true => "stopped half way".to_owned(),
        false => format!("stopped half way ({})", so_far.join(", ")),
    }
}
