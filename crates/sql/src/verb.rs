//! What is done to an object, as one of the verbs that a message can name. The verb decides; only a
//! message turns it into a word.

use std::fmt;

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "most names say it all")]
pub enum Verb {
    Create,
    Replace,
    /// It takes this name, which it had not before.
    RenameTo,
    Rename,
    RenameSchemaOf,
    Move,
    Drop,
    DropForeignKeyOf,
    DropPartOf,
    Alter,
    ChangeExtensionOf,
    /// It becomes a partition, or the sequence of a column.
    MakePart,
    AddPartitionTo,
    Detach,
    InheritFrom,
    TieSequenceTo,
    Index {
        /// With a unique one a foreign key may refer to its columns.
        unique: bool,
    },
    Reindex,
    Cluster,
    KeepStatisticsOf,
    PutTriggerOn,
    AlterTriggerOf,
    DropTriggerOf,
    PutPolicyOn,
    AlterPolicyOf,
    DropPolicyOf,
    PutRuleOn,
    AlterRuleOf,
    DropRuleOf,
    CommentOn,
    Label,
    GrantOn,
    RevokeOn,
    SetPrivilegesIn,
    Publish,
    InsertInto,
    Update,
    DeleteFrom,
    MergeInto,
    CopyInto,
    Truncate,
    Refresh,
    Advance,
    AdvanceSequenceOf,
    Read,
    /// `LOCK TABLE`: nobody else can use it until the migration ends.
    Lock,
    /// Another table is made like it, with its indexes, statistics and comments where it says so.
    MakeLike,
    /// A foreign key refers to it.
    ReferTo,
    /// It is done to what no service owns and all depend on.
    Sway(Common),
}

/// What no service owns and all depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each name says it all")]
pub enum Common {
    EventTrigger,
    DatabaseSetting,
    ServerSetting,
    DefaultPrivileges,
    /// `session_replication_role`
    TriggersActing,
}

/// What a verb changes, as far as it matters for what others do to the same object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it reads.
    Reads,
    /// Nothing: it reads the table itself, with all that stands beside the rows.
    Copies,
    /// Nothing: it refers.
    Refers,
    /// The object takes a name.
    Takes,
    /// The object, or its name, is there no more.
    TakesAway,
    /// Rows, and no table.
    ChangesRows,
    /// What stands beside the rows: neither who reads them nor who refers to them sees it.
    IsBeside,
    /// The same to who reads; but there may be no foreign key before it.
    GivesKey,
    /// More than that.
    Changes,
    /// What all services depend on.
    Sways,
}

impl Verb {
    /// What it changes. In doubt more than less.
    pub fn effect(self) -> Effect {
        match self {
            Self::Read | Self::Lock => Effect::Reads,
            Self::MakeLike => Effect::Copies,
            Self::ReferTo => Effect::Refers,
            Self::Create | Self::RenameTo => Effect::Takes,
            Self::Drop | Self::Rename | Self::RenameSchemaOf | Self::Move => Effect::TakesAway,
            Self::InsertInto
            | Self::Update
            | Self::DeleteFrom
            | Self::MergeInto
            | Self::CopyInto => Effect::ChangesRows,
            Self::Index { unique: true } => Effect::GivesKey,
            Self::Index { unique: false }
            | Self::Reindex
            | Self::Cluster
            | Self::KeepStatisticsOf
            | Self::TieSequenceTo
            // Reading fires no trigger, and those of a foreign key come in an order of their own.
            | Self::PutTriggerOn
            | Self::AlterTriggerOf
            | Self::DropTriggerOf
            | Self::CommentOn
            | Self::Label
            | Self::GrantOn
            | Self::RevokeOn
            | Self::SetPrivilegesIn
            | Self::Publish => Effect::IsBeside,
            // Policies and rules decide what a query finds.
            Self::PutPolicyOn
            | Self::AlterPolicyOf
            | Self::DropPolicyOf
            | Self::PutRuleOn
            | Self::AlterRuleOf
            | Self::DropRuleOf
            | Self::Replace
            | Self::DropForeignKeyOf
            | Self::DropPartOf
            | Self::Alter
            | Self::ChangeExtensionOf
            | Self::MakePart
            | Self::AddPartitionTo
            | Self::Detach
            | Self::InheritFrom
            | Self::Truncate
            | Self::Refresh
            | Self::Advance
            | Self::AdvanceSequenceOf => Effect::Changes,
            Self::Sway(_) => Effect::Sways,
        }
    }

    /// Whether it changes rows and no table.
    pub fn changes_rows(self) -> bool {
        self.effect() == Effect::ChangesRows
    }

    /// In the words of a message: `drop`, `insert into`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::RenameTo => "rename to",
            Self::Rename => "rename",
            Self::RenameSchemaOf => "rename the schema of",
            Self::Move => "move",
            Self::Drop => "drop",
            Self::DropForeignKeyOf => "drop a foreign key of",
            Self::DropPartOf => "drop a part of",
            Self::Alter => "alter",
            Self::ChangeExtensionOf => "change the extension of",
            Self::MakePart => "make a part of another table",
            Self::AddPartitionTo => "add a partition to",
            Self::Detach => "detach",
            Self::InheritFrom => "inherit from",
            Self::TieSequenceTo => "tie a sequence to",
            Self::Index { .. } => "index",
            Self::Reindex => "reindex",
            Self::Cluster => "cluster",
            Self::KeepStatisticsOf => "keep statistics of",
            Self::PutTriggerOn => "put a trigger on",
            Self::AlterTriggerOf => "alter a trigger of",
            Self::DropTriggerOf => "drop a trigger of",
            Self::PutPolicyOn => "put a policy on",
            Self::AlterPolicyOf => "alter a policy of",
            Self::DropPolicyOf => "drop a policy of",
            Self::PutRuleOn => "put a rule on",
            Self::AlterRuleOf => "alter a rule of",
            Self::DropRuleOf => "drop a rule of",
            Self::CommentOn => "comment on",
            Self::Label => "label",
            Self::GrantOn => "grant privileges on",
            Self::RevokeOn => "revoke privileges on",
            Self::SetPrivilegesIn => "set privileges in",
            Self::Publish => "publish",
            Self::InsertInto => "insert into",
            Self::Update => "update",
            Self::DeleteFrom => "delete from",
            Self::MergeInto => "merge into",
            Self::CopyInto => "copy rows into",
            Self::Truncate => "truncate",
            Self::Refresh => "refresh",
            Self::Advance => "advance",
            Self::AdvanceSequenceOf => "advance a sequence of",
            Self::Read | Self::MakeLike => "read",
            Self::Lock => "lock",
            Self::ReferTo => "refer to",
            Self::Sway(common) => common.words(),
        }
    }
}

impl Common {
    /// In the words of a message: `an event trigger`.
    pub fn words(self) -> &'static str {
        match self {
            Self::EventTrigger => "an event trigger",
            Self::DatabaseSetting => "a setting of the database",
            Self::ServerSetting => "a setting of the server",
            Self::DefaultPrivileges => "the default privileges of every schema",
            Self::TriggersActing => "whether triggers and foreign keys act",
        }
    }
}

impl Effect {
    /// Whether an object is another afterwards, in its name, its rows or what stands beside them.
    pub fn is_change(self) -> bool {
        !matches!(
            self,
            Self::Reads | Self::Copies | Self::Refers | Self::Sways
        )
    }
}

/// In words.
impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
