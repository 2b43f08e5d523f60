//! The history of one database, attributed once somebody asks.

use std::sync::OnceLock;

use crate::history::History;
use crate::ownership::{Owners, Policy};

use super::breach::Breach;
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
        self.attribution().map_or(&[], |a| a.breaches())
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
            owners: OnceLock::new(),
        }
    }
}
