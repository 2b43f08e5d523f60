//! Remembers of a long history that nothing in it touches what it may not: to look through
//! thousands of files takes longer than everything else that a deploy with nothing to do does.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::attribution::Attributed;
use crate::error::Error;
use crate::turn::refuse;
use migrate_text::checksum::hex;

use super::Migrator;

/// Changed when the same history and the same settings are judged in another way.
const FORMAT: u32 = 1;

impl Migrator {
    /// Refuses histories that touch what they may not; each with the name of its database.
    pub(super) fn refuse_breaches(
        &self,
        databases: &[(&str, &Attributed<'_>)],
    ) -> Result<(), Error> {
        let mut breaches = Vec::new();
        for (database, attributed) in databases {
            if !attributed.policy.has_several() {
                continue;
            }
            let is_long = attributed.history.is_long();
            let known = is_long.then(|| (self.clean_path(database), fingerprint(attributed)));
            let is_clean = |(path, now): &(PathBuf, String)| {
                fs::read_to_string(path).is_ok_and(|clean| &clean == now)
            };
            // In a folder of someone else's nothing would be worth reading.
            if self.embedded.check_folder().is_ok() && known.as_ref().is_some_and(is_clean) {
                continue;
            }
            let found = attributed.breaches();
            breaches.extend(found.iter().cloned());
            if let Some((path, now)) = known.filter(|_| found.is_empty())
                && self.embedded.create_folder().is_ok()
            {
                // It can be done without.
                let _ = fs::write(path, now);
            }
        }
        refuse(breaches)
    }

    fn clean_path(&self, database: &str) -> PathBuf {
        let name = hex(&Sha256::digest(database)[..8]);
        self.embedded.folder().join(format!("clean-{name}"))
    }
}

/// Of all that a verdict depends on: the texts, what their metadata says, and who owns what.
fn fingerprint(attributed: &Attributed<'_>) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{FORMAT} {}\n", env!("CARGO_PKG_VERSION")));
    digest.update(attributed.policy.said());
    for migration in attributed.history.migrations() {
        digest.update(format!(
            "\n{:?} {} {} {:?} {:?}",
            migration.folder_name,
            migration.checksum(),
            migration.run_in_transaction,
            migration.services,
            migration.allow
        ));
    }
    hex(&digest.finalize())
}
