//! The history of one database, attributed once somebody asks.

use std::sync::OnceLock;

use crate::history::History;
use crate::ownership::{Owners, Policy};

use super::breach::{Breach, Reason};
use super::judged::Attribution;

/// The history of one database and what the services may do with it.
pub(crate) struct Guarded {
    pub(crate) history: History,
    pub(crate) policy: Policy,
}

/// The history of one database with who touches what in it.
pub(crate) struct Attributed<'a> {
    pub(crate) history: &'a History,
    pub(crate) policy: &'a Policy,
    /// Once somebody has asked.
    attribution: OnceLock<Attribution<'a>>,
    /// What not even the only service may do.
    never: OnceLock<Vec<Breach>>,
    owners: OnceLock<Owners>,
}

impl<'a> Attributed<'a> {
    /// Who touches what. `None` where there are no two services: then nobody has to be protected
    /// from anybody, and no file is looked through.
    pub(crate) fn attribution(&self) -> Option<&Attribution<'a>> {
        let of = || Attribution::of(self.history, self.policy);
        let several = self.policy.has_several();
        several.then(|| self.attribution.get_or_init(of))
    }

    /// What the `up.sql` files do and may not.
    pub(crate) fn breaches(&self) -> &[Breach] {
        match self.attribution() {
            Some(attribution) => attribution.breaches(),
            None => self.never.get_or_init(|| self.never()),
        }
    }

    /// What the `down.sql` files of these migrations do and may not.
    pub(crate) fn breaches_of_down(&self, versions: &[&str]) -> Vec<Breach> {
        if let Some(attribution) = self.attribution() {
            return attribution.breaches_of_down(versions);
        }
        let migrations = self.history.migrations().iter();
        let mut files = migrations
            .filter(|migration| versions.contains(&migration.version.as_str()))
            .filter_map(|migration| migration.down.as_ref());
        if !files.any(|down| may_never(down.text())) {
            return Vec::new();
        }
        let attribution = Attribution::of(self.history, self.policy);
        only_never(attribution.breaches_of_down(versions))
    }

    /// What touches our own records, or a database that `migrate.toml` names: where there are no
    /// two services nothing else is refused, and only files that speak of these are looked at.
    fn never(&self) -> Vec<Breach> {
        let mut files = self.history.migrations().iter();
        if !files.any(|migration| may_never(migration.up.text())) {
            return Vec::new();
        }
        let attribution = Attribution::of(self.history, self.policy);
        only_never(attribution.breaches().to_vec())
    }

    /// Whose everything is once the whole history is applied.
    pub(crate) fn owners(&self) -> &Owners {
        self.owners.get_or_init(|| {
            let attribution = self.attribution();
            attribution.map_or_else(|| self.policy.owners(), Attribution::owners)
        })
    }
}

impl Guarded {
    /// Attributes everything, once somebody asks.
    pub(crate) fn attributed(&self) -> Attributed<'_> {
        Attributed {
            history: &self.history,
            policy: &self.policy,
            attribution: OnceLock::new(),
            never: OnceLock::new(),
            owners: OnceLock::new(),
        }
    }
}

/// Whether a text may speak of our own records, however it writes their names, or of a database
/// that is no more to be found by its name.
fn may_never(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let of_database =
        text.contains("database") && ["drop", "rename"].iter().any(|word| text.contains(word));
    of_database
        || text.contains("__migrate_")
        || text.contains("__diesel_schema_migrations")
        // `U&"\005f..."`
        || text.contains("u&\"")
}

fn only_never(mut breaches: Vec<Breach>) -> Vec<Breach> {
    breaches.retain(|breach| match breach.reason {
        Reason::Ledger | Reason::NamedDatabase => true,
        Reason::Owned { .. }
        | Reason::UsedBy { .. }
        | Reason::Nobodys
        | Reason::NotRead { .. }
        | Reason::NotUsed { .. }
        | Reason::ForAll { .. }
        | Reason::WayOut
        | Reason::SystemCatalog
        | Reason::Several { .. } => false,
    });
    breaches
}
