//! Replaces a file whole.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file by a rename, so that whoever reads it at that moment sees the old one or the new
/// one, and a full disk costs neither. The folders above it are made.
///
/// # Errors
///
/// Whatever the file system says.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".migrate")
        .permissions(permissions(&path))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(&path)?;
    Ok(())
}

/// Those of the file that is replaced; for a new one, those that files have.
fn permissions(path: &Path) -> fs::Permissions {
    fs::metadata(path).map_or_else(
        |_| fs::Permissions::from_mode(0o644),
        |metadata| metadata.permissions(),
    )
}
