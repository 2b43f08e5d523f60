//! Who runs the program.

use migrate_core::migrator::Client;

/// Who we are, for the ledger.
pub fn client() -> Client {
    let host = nix::unistd::gethostname().unwrap_or_default();
    Client {
        host: host.to_string_lossy().into_owned(),
        pid: std::process::id(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
