//! What something that is remembered depends on, in one short text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Raised when what is remembered is written in another way, or the same history and settings are
/// judged or replayed in another way. A new version of this tool remembers nothing of the last.
const FORMAT: &str = concat!("migrate ", env!("CARGO_PKG_VERSION"), ", remembered 1");

/// 128 bits as hexadecimal digits: enough to tell any two apart, short enough for the name of a
/// database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(String);

/// Takes in what a fingerprint is of, part by part.
#[derive(Clone)]
pub(super) struct Fingerprinter(Sha256);

impl Fingerprint {
    /// Of these parts, in this order.
    pub(super) fn of<'p>(parts: impl IntoIterator<Item = &'p str>) -> Self {
        let mut fingerprinter = Fingerprinter::new();
        for part in parts {
            fingerprinter.feed(part);
        }
        fingerprinter.fingerprint()
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Fingerprinter {
    pub(super) fn new() -> Self {
        let mut new = Self(Sha256::new());
        new.feed(FORMAT);
        new
    }

    /// Takes in one part.
    pub(super) fn feed(&mut self, part: &str) {
        // The length keeps two parts from running into each other.
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part.as_bytes());
    }

    /// Of all parts so far. More may follow.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let digest = self.0.clone().finalize();
        let digits = digest[..16].iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Fingerprint(digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of = |parts: &[&str]| Fingerprint::of(parts.iter().copied());
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        for other in [&["a", "bc"][..], &["abc"], &["ab", "c", ""], &["c", "ab"]] {
            assert_ne!(of(&["ab", "c"]), of(other), "{other:?}");
        }
    }
}
