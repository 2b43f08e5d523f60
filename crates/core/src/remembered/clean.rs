//! That nothing in a long history touches what it may not: to look through thousands of files
//! takes longer than everything else that a deploy with nothing to do does.

use crate::history::History;
use crate::ownership::Policy;

use super::fingerprint::{Fingerprint, Fingerprinter};
use super::store::Remembered;

/// All that a verdict on a history depends on: the texts, what their metadata says, and who owns
/// what.
pub(crate) fn what_is_judged(history: &History, policy: &Policy) -> Fingerprint {
    let mut fingerprinter = Fingerprinter::new();
    fingerprinter.feed(&policy.said());
    for migration in history.migrations() {
        fingerprinter.feed(&format!(
            "{:?} {} {} {:?} {:?}",
            migration.folder_name,
            migration.checksum(),
            migration.run_in_transaction,
            migration.services,
            migration.allow
        ));
    }
    fingerprinter.fingerprint()
}

impl Remembered<'_> {
    /// Whether a history of a database was found clean.
    pub(crate) fn is_clean(&self, database: &str, judged: &Fingerprint) -> bool {
        self.recall(&name(database), judged).is_some()
    }

    /// Remembers that it is.
    pub(crate) fn keep_clean(&self, database: &str, judged: &Fingerprint) {
        // It can be done without.
        let _ = self.keep(&name(database), judged, &[]);
    }
}

/// A database may be called anything, a file not.
fn name(database: &str) -> String {
    format!("clean-{}", Fingerprint::of([database]).as_str())
}
