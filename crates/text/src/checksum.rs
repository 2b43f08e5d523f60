//! Checksums of migrations.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 of a text with its line endings normalised, as `sha256:<64 hex digits>`.
///
/// The algorithm is part of the text, so that a later one can stand beside it in a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checksum(String);

impl Checksum {
    /// The checksum of a text. `CRLF` counts as `LF`: Git changes the one into the other.
    pub fn of(text: &str) -> Self {
        let mut hasher = Sha256::new();
        for (index, line) in text.split("\r\n").enumerate() {
            if index > 0 {
                hasher.update(b"\n");
            }
            hasher.update(line.as_bytes());
        }
        Self(format!("sha256:{}", hex(&hasher.finalize())))
    }

    /// A checksum as it stands in a ledger.
    pub fn from_ledger(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Bytes as a person copies them: two digits for each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_do_not_count_and_everything_else_does() {
        assert_eq!(Checksum::of("a\r\nb\r\n"), Checksum::of("a\nb\n"));
        assert_ne!(Checksum::of("a\nb"), Checksum::of("a\nb\n"));
        // The digest of "abc" in FIPS 180-2, appendix B.1.
        assert_eq!(
            Checksum::of("abc").to_string(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
