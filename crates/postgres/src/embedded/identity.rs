//! Tells whether a process works on the server's data.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// Whether a process works on our data, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ours {
    Yes,
    No,
    /// The system keeps it to itself: nothing may be decided against the process.
    Unknown,
}

/// Whether a process works on the data.
///
/// The working folder of all of a server's processes is its data directory, but it can be read
/// by the process's own user only, and by root only with a right (`CAP_SYS_PTRACE`) that
/// containers are not given. User, parent and arguments can be read by everybody.
pub(super) fn works_on(data: &Path, pid: Pid) -> Ours {
    let process = process(pid);
    let Some(status) = Status::read(&process) else {
        // It has ended, or the system has no `/proc`, or hides this one there.
        return match kill(pid, None) {
            Err(Errno::ESRCH) => Ours::No,
            _ => Ours::Unknown,
        };
    };
    if status.has_ended {
        return Ours::No;
    }
    let (Ok(real), Ok(metadata)) = (data.canonicalize(), data.metadata()) else {
        return Ours::Unknown;
    };
    // PostgreSQL works on data of its own user only.
    if metadata.uid() != status.user {
        return Ours::No;
    }
    match fs::read_link(process.join("cwd")) {
        Ok(folder) if folder == real => Ours::Yes,
        // A server that has only just started is not there yet.
        Ok(_) => match Program::of(pid) {
            Program::Server(folder) if same_folder(&folder, &real) == Ours::Yes => Ours::Yes,
            _ => Ours::No,
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ours::No,
        Err(_) => by_arguments(pid, status.parent, &real),
    }
}

fn by_arguments(pid: Pid, parent: Pid, data: &Path) -> Ours {
    match Program::of(pid) {
        Program::Server(folder) => same_folder(&folder, data),
        // It shows a title instead of arguments, so its server is asked.
        Program::Backend => match Program::of(parent) {
            // The first process adopts the orphans of all servers, also if it is one itself.
            Program::Server(folder) if parent.as_raw() > 1 => same_folder(&folder, data),
            _ => Ours::Unknown,
        },
        Program::Untold => Ours::Unknown,
        Program::Other => Ours::No,
    }
}

fn same_folder(folder: &Path, data: &Path) -> Ours {
    if folder.is_relative() {
        return Ours::Unknown;
    }
    match folder.canonicalize() {
        Ok(real) if real == data => Ours::Yes,
        Ok(_) => Ours::No,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ours::No,
        Err(_) => Ours::Unknown,
    }
}

fn process(pid: Pid) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}

/// What `/proc/<pid>/status` says.
#[derive(Debug, PartialEq, Eq)]
struct Status {
    /// It is only waiting for its parent to take notice of its end.
    has_ended: bool,
    user: u32,
    parent: Pid,
}

impl Status {
    fn read(process: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(process.join("status")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let first_word = |label: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(label))?;
            line.split_whitespace().next()
        };
        Some(Self {
            has_ended: matches!(first_word("State:")?, "Z" | "X"),
            user: first_word("Uid:")?.parse().ok()?,
            parent: Pid::from_raw(first_word("PPid:")?.parse().ok()?),
        })
    }
}

/// What a process's arguments say.
#[derive(Debug, PartialEq, Eq)]
enum Program {
    /// A server on this data. A process that it has only just begun has the same arguments.
    Server(PathBuf),
    /// A process of some server.
    Backend,
    /// Perhaps a server, and on data unknown.
    Untold,
    Other,
}

impl Program {
    fn of(pid: Pid) -> Self {
        match fs::read(process(pid).join("cmdline")) {
            Ok(text) => Self::parse(&text),
            Err(_) => Self::Untold,
        }
    }

    /// Reads `/proc/<pid>/cmdline`: arguments that end with NUL.
    fn parse(text: &[u8]) -> Self {
        let mut arguments = text.split(|byte| *byte == 0);
        let program = arguments.next().unwrap_or_default();
        if program.is_empty() {
            return Self::Untold;
        }
        if program.starts_with(b"postgres: ") {
            return Self::Backend;
        }
        let name = Path::new(OsStr::from_bytes(program)).file_name();
        let name = name.unwrap_or_default().to_string_lossy();
        if !name.contains("postgres") && !name.contains("postmaster") {
            return Self::Other;
        }
        // As `Embedded::server` writes it; a server started otherwise may say it otherwise.
        arguments
            .find(|argument| *argument == b"-D")
            .and_then(|_| arguments.next())
            .map_or(Self::Untold, |folder| {
                Self::Server(PathBuf::from(OsStr::from_bytes(folder)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_tell_servers_and_their_processes_from_others() {
        let server = |folder: &str| Program::Server(PathBuf::from(folder));
        for (text, program) in [
            (
                "/bin/postgres\0-D\0/a b/data\0-c\0port=1\0",
                server("/a b/data"),
            ),
            ("postgres: checkpointer \0\0\0", Program::Backend),
            ("postgres: 15/main: walwriter \0", Program::Backend),
            ("postgres\0", Program::Untold),
            ("/bin/postgres\0--single\0-F\0", Program::Untold),
            ("", Program::Untold),
            ("/bin/sleep\0-D\0/a b/data\0", Program::Other),
            ("/srv/postgres/backup\0", Program::Other),
        ] {
            assert_eq!(Program::parse(text.as_bytes()), program, "{text:?}");
        }
    }

    #[test]
    fn a_status_gives_user_and_parent() {
        let text = "Name:\tpostgres\nState:\tZ (zombie)\nPid:\t7\nPPid:\t5\nUid:\t33\t33\t33\t33\n";
        let status = Status {
            has_ended: true,
            user: 33,
            parent: Pid::from_raw(5),
        };
        assert_eq!(Status::parse(text), Some(status));
        assert_eq!(Status::parse("Name:\tpostgres\n"), None);
    }

    #[test]
    #[cfg_attr(miri, ignore = "reads folders")]
    fn a_path_counts_by_where_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().canonicalize().unwrap();
        let roundabout = data.join("..").join(data.file_name().unwrap());
        assert_eq!(same_folder(&roundabout, &data), Ours::Yes);
        assert_eq!(same_folder(Path::new("/"), &data), Ours::No);
        assert_eq!(same_folder(&data.join("gone"), &data), Ours::No);
        assert_eq!(same_folder(Path::new("data"), &data), Ours::Unknown);
    }
}
