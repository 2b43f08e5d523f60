//! What a command, or one statement of ours, was about when it failed. What follows from that is
//! decided by these values; only a message turns them into words.

use std::fmt;

/// What of ours was being done when a server refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Doing {
    AskingForStandby,
    PreparingSession,
    LookingForPrerequisites,
    CreatingPrerequisites,
    AskingForProcess,
    LookingForHolder,
    TakingLock,
    ReadingLedger,
    WritingLedger,
    /// Adding our ledger rows for what Diesel's own tool applied.
    TakingOver,
    ReadingPrivileges,
    SettingPrivileges,
    ReadingCatalog,
}

/// A command that destroys data, and therefore never runs against production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Destroying {
    Reset,
    DropDatabase,
}

/// A command that changes a database, and therefore needs a yes in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Changing {
    Deploy,
    Revert,
    Redo,
    Resolve,
    ApplyGrants,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AskingForStandby => "asking whether the server is a standby",
            Self::PreparingSession => "preparing the session",
            Self::LookingForPrerequisites => "looking for schemas and extensions",
            Self::CreatingPrerequisites => "creating schemas and extensions",
            Self::AskingForProcess => "asking for the process that serves us",
            Self::LookingForHolder => "looking for who holds the lock",
            Self::TakingLock => "taking the lock",
            Self::ReadingLedger => "reading the ledger",
            Self::WritingLedger => "writing the ledger",
            Self::TakingOver => "taking over what Diesel's own tool applied",
            Self::ReadingPrivileges => "reading the privileges",
            Self::SettingPrivileges => "setting the privileges",
            Self::ReadingCatalog => "reading the catalog",
        })
    }
}

impl fmt::Display for Destroying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "reset",
            Self::DropDatabase => "db drop",
        })
    }
}

impl fmt::Display for Changing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deploy => "deploy",
            Self::Revert => "revert",
            Self::Redo => "redo",
            Self::Resolve => "resolve",
            Self::ApplyGrants => "grants --apply",
        })
    }
}
