//! Refuses what touches what is another's, and of a long history remembers that nothing does.

use crate::attribution::Attributed;
use crate::error::Error;
use crate::remembered::{Fingerprint, what_is_judged};
use crate::turn::refuse;

use super::Migrator;

impl Migrator {
    /// Refuses histories that touch what they may not; each with the name of its database.
    pub(super) fn refuse_breaches(
        &self,
        databases: &[(&str, &Attributed<'_>)],
    ) -> Result<(), Error> {
        let mut breaches = Vec::new();
        for (database, attributed) in databases {
            let Attributed {
                history, policy, ..
            } = attributed;
            let judged = history.is_long().then(|| what_is_judged(history, policy));
            let is_clean = |judged: &Fingerprint| self.remembered().is_clean(database, judged);
            if judged.as_ref().is_some_and(is_clean) {
                continue;
            }
            let found = attributed.breaches();
            breaches.extend(found.iter().cloned());
            if let Some(judged) = judged.filter(|_| found.is_empty()) {
                self.remembered().keep_clean(database, &judged);
            }
        }
        refuse(breaches)
    }
}
