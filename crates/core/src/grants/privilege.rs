//! What PostgreSQL calls the privileges.

/// A privilege on an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Privilege {
    Select,
    Insert,
    Update,
    Delete,
    Maintain,
    Usage,
    Execute,
    Create,
    Connect,
    Temporary,
    /// One that no service needs, in PostgreSQL's word: it can be taken all the same, also where a
    /// later version brings it.
    Other(String),
}

impl Privilege {
    /// The privilege of a word of `aclexplode`.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "SELECT" => Self::Select,
            "INSERT" => Self::Insert,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            "MAINTAIN" => Self::Maintain,
            "USAGE" => Self::Usage,
            "EXECUTE" => Self::Execute,
            "CREATE" => Self::Create,
            "CONNECT" => Self::Connect,
            "TEMPORARY" => Self::Temporary,
            other => Self::Other(other.to_owned()),
        }
    }

    /// As SQL that we write has it.
    pub(super) fn sql(&self) -> String {
        let word = match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Maintain => "maintain",
            Self::Usage => "usage",
            Self::Execute => "execute",
            Self::Create => "create",
            Self::Connect => "connect",
            Self::Temporary => "temporary",
            Self::Other(word) => return word.to_lowercase(),
        };
        word.to_owned()
    }
}
