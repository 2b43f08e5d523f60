//! What is done to an object, as one of the verbs that a message can name. The verb decides; only a
//! message turns it into a word.

use std::fmt;

use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use super::way_out::WayOut;

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
    /// What it is converted to, or from, is made.
    ConvertOf,
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
    /// It gives its next number.
    Advance,
    AdvanceSequenceOf,
    /// It is set to a number.
    SetNumberOf,
    Read,
    /// A function, operator or sequence does something for another object, or for a query.
    Use,
    /// Nobody else can write to it, or read it, until the transaction ends.
    Lock,
    /// Another table is made like it, with its indexes, statistics and comments where it says so.
    MakeLike,
    /// A foreign key refers to it.
    ReferTo,
    /// It is done to what no service owns and all depend on.
    Sway(Common),
    /// It leads to where no wall looks.
    Leave(WayOut),
}

/// What no service owns and all depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "most names say it all")]
pub enum Common {
    EventTrigger,
    NewDatabase,
    /// One that is dropped, or gets another name: it is gone to all who come by its name.
    Database,
    DatabaseSetting,
    DatabasePrivileges,
    ServerSetting,
    DefaultPrivileges,
    /// `session_replication_role`
    TriggersActing,
    Role,
    Tablespace,
    Subscription,
    /// A publication of every table, or of a schema that is everybody's.
    Publication,
    Language,
    AccessMethod,
    LargeObject,
    /// The schema `public`, which is everybody's.
    PublicSchema,
    /// What PostgreSQL brings along, or an extension, or somebody by hand: no migration made it.
    Given(ObjectKind),
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
    /// Nothing of its own: something else works with it.
    Uses,
    /// Nothing that stays.
    Locks,
    /// What no wall sees.
    Leaves,
}

impl Verb {
    /// What it changes. In doubt more than less.
    pub fn effect(self) -> Effect {
        match self {
            Self::Read => Effect::Reads,
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
            | Self::ConvertOf
            | Self::MakePart
            | Self::AddPartitionTo
            | Self::Detach
            | Self::InheritFrom
            | Self::Truncate
            | Self::Refresh
            | Self::Advance
            | Self::AdvanceSequenceOf
            | Self::SetNumberOf => Effect::Changes,
            Self::Sway(_) => Effect::Sways,
            Self::Use => Effect::Uses,
            Self::Lock => Effect::Locks,
            Self::Leave(_) => Effect::Leaves,
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
            Self::ConvertOf => "change what becomes of",
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
            Self::SetNumberOf => "set the number of",
            Self::Read | Self::MakeLike => "read",
            Self::Use => "use",
            Self::Lock => "lock",
            Self::ReferTo => "refer to",
            Self::Sway(common) => common.words(),
            Self::Leave(way) => way.words(),
        }
    }
}

impl Common {
    /// What it is an object of.
    pub fn class(self) -> Class {
        match self {
            Self::EventTrigger => Class::EventTrigger,
            Self::NewDatabase
            | Self::Database
            | Self::DatabaseSetting
            | Self::DatabasePrivileges => Class::Database,
            Self::ServerSetting | Self::TriggersActing => Class::Parameter,
            Self::DefaultPrivileges => Class::DefaultPrivileges,
            Self::Role => Class::Role,
            Self::Tablespace => Class::Tablespace,
            Self::Subscription => Class::Subscription,
            Self::Publication => Class::Publication,
            Self::Language => Class::Language,
            Self::AccessMethod => Class::AccessMethod,
            Self::LargeObject => Class::LargeObject,
            Self::PublicSchema => Class::Schema,
            // All kinds that are given have one.
            Self::Given(kind) => kind.class().unwrap_or(Class::Parameter),
        }
    }

    /// In the words of a message: `an event trigger`.
    pub fn words(self) -> &'static str {
        match self {
            Self::EventTrigger => "an event trigger",
            Self::NewDatabase | Self::Database => "a database",
            Self::DatabaseSetting => "a setting of the database",
            Self::DatabasePrivileges => "the privileges of a database",
            Self::ServerSetting => "a setting of the server",
            Self::DefaultPrivileges => "the default privileges of every schema",
            Self::TriggersActing => "whether triggers and foreign keys act",
            Self::Role => "a role",
            Self::Tablespace => "a tablespace",
            Self::Subscription => "a subscription",
            Self::Publication => "a publication of what everybody has",
            Self::Language => "a language",
            Self::AccessMethod => "an access method",
            Self::LargeObject => "a large object",
            Self::PublicSchema => "the schema of all",
            Self::Given(kind) => given(kind),
        }
    }
}

/// What no migration made.
fn given(kind: ObjectKind) -> &'static str {
    if kind == ObjectKind::Cast {
        "a cast between types of all"
    } else if kind == ObjectKind::Transform {
        "a transform of a type of all"
    } else if kind == ObjectKind::Conversion {
        "a conversion that is used by default"
    } else if kind.class() == Some(Class::Routine) {
        "a function of PostgreSQL's own"
    } else {
        kind.words()
    }
}

impl Effect {
    /// Whether an object is another afterwards, in its name, its rows or what stands beside them.
    pub fn is_change(self) -> bool {
        !matches!(
            self,
            Self::Reads
                | Self::Copies
                | Self::Refers
                | Self::Sways
                | Self::Uses
                | Self::Locks
                | Self::Leaves
        )
    }
}

/// In words.
impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
