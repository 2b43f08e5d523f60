//! How a map is written: as a list of its values, since each value holds its own key, and since
//! the keys of JSON can be nothing but text.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use migrate_text::name::QualifiedName;

/// A value that holds what it is known by among those of its kind.
pub trait Keyed {
    /// What it is known by.
    type Key: Ord;

    /// What it is known by.
    fn key(&self) -> Self::Key;
}

pub(super) fn serialize<V, S>(map: &BTreeMap<V::Key, V>, serializer: S) -> Result<S::Ok, S::Error>
where
    V: Keyed + Serialize,
    S: Serializer,
{
    serializer.collect_seq(map.values())
}

pub(super) fn deserialize<'de, V, D>(deserializer: D) -> Result<BTreeMap<V::Key, V>, D::Error>
where
    V: Keyed + Deserialize<'de>,
    D: Deserializer<'de>,
{
    let values = Vec::<V>::deserialize(deserializer)?;
    let count = values.len();
    let map: BTreeMap<_, _> = values
        .into_iter()
        .map(|value| (value.key(), value))
        .collect();
    if map.len() == count {
        Ok(map)
    } else {
        Err(D::Error::custom("two objects have the same name"))
    }
}

/// Implements [`Keyed`] for types whose key is their field `name`.
macro_rules! keyed_by_name {
    ($($value:ty => $key:ty),* $(,)?) => {
        $(impl Keyed for $value {
            type Key = $key;

            fn key(&self) -> $key {
                self.name.clone()
            }
        })*
    };
}

keyed_by_name! {
    super::Schema => String,
    super::Extension => String,
    super::EventTrigger => String,
    super::UserType => QualifiedName,
    super::Relation => QualifiedName,
    super::Sequence => QualifiedName,
    super::Statistics => QualifiedName,
}
