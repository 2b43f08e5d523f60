//! Reads files that people write: files, and of a length that somebody can have written.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// No message to PostgreSQL can be longer than 1 GB, and ours holds the file twice.
pub const LONGEST_SQL: u64 = 400 * 1024 * 1024;
/// Settings, variables, generated files.
pub const LONGEST_SETTINGS: u64 = 64 * 1024 * 1024;

/// The bytes of a file.
///
/// # Errors
///
/// Whatever the file system says; and what is no file, or longer than that, is refused: a named
/// pipe would be waited for for ever, and a device never ends.
pub fn read(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    // Asked before it is opened: to open a pipe waits for somebody who writes.
    let metadata = fs::metadata(path)?;
    let kind = metadata.file_type();
    if !kind.is_file() {
        let message = format!("it is {}, and no file", kind_of(kind));
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    if metadata.len() > longest {
        return Err(too_long(longest));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // Files of the system say that they are empty.
    File::open(path)?
        .take(longest + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > longest {
        true => Err(too_long(longest)),
        false => Ok(bytes),
    }
}

/// The text of a file.
///
/// # Errors
///
/// As of [`read`]; and bytes that are no UTF-8.
pub fn read_text(path: &Path, longest: u64) -> io::Result<String> {
    String::from_utf8(read(path, longest)?).map_err(|_| {
        let message = "stream did not contain valid UTF-8";
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

/// Makes sure that what is there can be read as a file, before somebody else does. What is not
/// there is none of our business.
///
/// # Errors
///
/// As of [`read`].
pub fn check(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() || metadata.len() > LONGEST_SETTINGS => {
            read(path, LONGEST_SETTINGS).map(drop)
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn too_long(longest: u64) -> io::Error {
    let megabytes = longest / (1024 * 1024);
    let message = format!("it is longer than {megabytes} MB");
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

fn kind_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    #[test]
    fn only_a_file_of_some_length_is_read() {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "abc").expect("it can be written");
        symlink("file", path("link")).expect("it can be linked");
        symlink("loop", path("loop")).expect("it can be linked");
        let made = Command::new("mkfifo").arg(path("pipe")).status();
        assert!(made.expect("mkfifo runs").success());
        let _listener = UnixListener::bind(path("socket")).expect("a socket can be made");
        let refused = |name: &str| {
            let error = read(&path(name), 3).expect_err(name).to_string();
            assert!(check(&path(name)).is_err(), "{name}");
            error
        };
        assert_eq!(read(&path("file"), 3).expect("a file"), b"abc");
        assert_eq!(read_text(&path("link"), 3).expect("a file"), "abc");
        check(&path("link")).expect("a file");
        check(&path("nothing")).expect("nothing");
        assert_eq!(refused("pipe"), "it is a named pipe, and no file");
        assert_eq!(refused("socket"), "it is a socket, and no file");
        assert_eq!(refused("."), "it is a folder, and no file");
        assert!(refused("loop").contains("symbolic links"));
        let device = read(Path::new("/dev/zero"), 3).expect_err("no file");
        assert_eq!(device.to_string(), "it is a device, and no file");
        let long = read(&path("file"), 2).expect_err("too long");
        assert_eq!(long.kind(), io::ErrorKind::FileTooLarge);
        // One without an end that says that it is a file.
        let huge = File::create(path("huge")).expect("it can be made");
        huge.set_len(1 << 40).expect("it takes no room");
        assert!(refused("huge").contains("longer than"));
    }
}
