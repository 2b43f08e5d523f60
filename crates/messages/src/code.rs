//! The names of errors, and the exit codes that go with them.

/// What kind of error a message is about. It decides the exit code, so the two cannot disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Settings, metadata or names are wrong.
    Settings,
    /// A person has to say yes first.
    Confirm,
    /// The command is not for this database.
    Refused,
    /// Something else would be done than what was approved.
    Changed,
    /// A server or database cannot be reached.
    Connection,
    /// A server can only be read.
    Standby,
    /// A connection pooler stands in the way.
    Pooler,
    /// The embedded server cannot be had.
    Embedded,
    /// Another deploy holds the lock.
    Locked,
    /// The ledger cannot be used.
    Ledger,
    /// PostgreSQL refused a statement.
    Sql,
    /// A file holds what no migration may hold.
    Migration,
    /// Somebody stopped it.
    Interrupted,
    /// What is done of a migration was edited.
    Edited,
    /// Nobody can say whether a statement happened.
    Doubt,
    /// A migration ended the transaction that held it.
    Escaped,
    /// A migration touches what is another's.
    Ownership,
    /// A migration comes late.
    Late,
    /// An applied migration was edited.
    Modified,
    /// An applied migration is not on disk.
    Missing,
    /// A version that is not there.
    Version,
    /// What was said of a migration does not fit.
    Resolve,
    /// A migration cannot be reverted.
    Revert,
    /// Code cannot be generated.
    Generate,
    /// Privileges could not be set.
    Grants,
    /// The file system refused.
    Io,
    /// What was printed is lost.
    Output,
    /// Anything else.
    Failed,
}

impl Code {
    /// As it stands in brackets after `error`, for searching the docs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Confirm => "confirm",
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Connection => "connection",
            Self::Standby => "standby",
            Self::Pooler => "pooler",
            Self::Embedded => "embedded",
            Self::Locked => "locked",
            Self::Ledger => "ledger",
            Self::Sql => "sql",
            Self::Migration => "migration",
            Self::Interrupted => "interrupted",
            Self::Edited => "edited",
            Self::Doubt => "doubt",
            Self::Escaped => "escaped",
            Self::Ownership => "ownership",
            Self::Late => "late",
            Self::Modified => "modified",
            Self::Missing => "missing",
            Self::Version => "version",
            Self::Resolve => "resolve",
            Self::Revert => "revert",
            Self::Generate => "generate",
            Self::Grants => "grants",
            Self::Io => "io",
            Self::Output => "output",
            Self::Failed => "failed",
        }
    }

    /// What a command ends with.
    pub fn status(self) -> Status {
        match self {
            Self::Settings | Self::Confirm | Self::Refused | Self::Version | Self::Resolve => {
                Status::Misused
            }
            Self::Ownership | Self::Late | Self::Modified | Self::Missing | Self::Edited => {
                Status::Breach
            }
            Self::Changed
            | Self::Connection
            | Self::Standby
            | Self::Pooler
            | Self::Embedded
            | Self::Locked
            | Self::Ledger
            | Self::Sql
            | Self::Migration
            | Self::Interrupted
            | Self::Doubt
            | Self::Escaped
            | Self::Revert
            | Self::Generate
            | Self::Grants
            | Self::Io
            | Self::Output
            | Self::Failed => Status::Failed,
        }
    }
}

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done, or nothing to do.
    Done,
    /// It failed.
    Failed,
    /// The command line or the configuration is wrong; nothing was touched.
    Misused,
    /// Something is pending.
    Pending,
    /// A check found something.
    Breach,
}

impl Status {
    /// The exit code of a process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused => 2,
            Self::Pending => 3,
            Self::Breach => 4,
        }
    }
}
