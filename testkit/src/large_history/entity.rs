//! What a company keeps records of, and what its table has.

/// How the rows of a table are numbered. The column is always called `id`.
#[derive(Clone, Copy)]
pub(super) enum Key {
    Identity,
    Serial,
    Uuid,
}

impl Key {
    pub(super) fn definition(self) -> &'static str {
        match self {
            Key::Identity => "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            Key::Serial => "id serial PRIMARY KEY",
            Key::Uuid => "id uuid PRIMARY KEY DEFAULT gen_random_uuid()",
        }
    }

    /// The type of a column that refers to such a key.
    pub(super) fn referring_type(self) -> &'static str {
        match self {
            Key::Identity => "bigint",
            Key::Serial => "integer",
            Key::Uuid => "uuid",
        }
    }
}

/// A column whose type turns out to be wrong, with the conversions there and back.
pub(super) struct Retyped {
    pub(super) column: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) there: &'static str,
    pub(super) back: &'static str,
}

/// One table the company founds.
pub(super) struct Entity {
    /// The schema of the head company; a subsidiary puts its code before it.
    pub(super) schema: &'static str,
    pub(super) table: &'static str,
    pub(super) singular: &'static str,
    pub(super) key: Key,
    /// An earlier entity this one belongs to.
    pub(super) parent: Option<&'static str>,
    /// The text people search by.
    pub(super) label: &'static str,
    /// A sum of money.
    pub(super) amount: &'static str,
    /// Further columns. None may be required, since the first rows do not fill them, and each type
    /// needs an equality, since Diesel's `updated_at` trigger compares whole rows.
    pub(super) columns: &'static [&'static str],
    /// The states of a row at first, the initial one first, and one added years later.
    pub(super) states: &'static [&'static str],
    pub(super) later_state: &'static str,
    /// Name, type and default of a column that comes later and is then required.
    pub(super) late: (&'static str, &'static str, &'static str),
    /// A column of `columns` that was badly named, and its better name.
    pub(super) renamed: (&'static str, &'static str),
    pub(super) retyped: Retyped,
}
