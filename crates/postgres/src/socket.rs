//! Waits for a socket.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What came of waiting for a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polled {
    /// It is as it was waited for, or broken, which whoever uses it will find out.
    Ready,
    /// Nothing within the time.
    Nothing,
    /// There is no socket, or the system refused to wait.
    Failed,
}

/// Waits until a socket can be read from or written to, or until a given moment; `None` for ever.
/// Looks once at least.
pub(super) fn wait(
    socket: Option<BorrowedFd<'_>>,
    flags: PollFlags,
    until: Option<Instant>,
) -> Polled {
    let Some(socket) = socket else {
        return Polled::Failed;
    };
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let timeout = match left {
            None => PollTimeout::NONE,
            Some(Duration::ZERO) => PollTimeout::ZERO,
            // Rounded up, not to ask again and again in the last millisecond.
            Some(left) => {
                PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
            }
        };
        match poll(&mut [PollFd::new(socket, flags)], timeout) {
            Ok(0) | Err(Errno::EINTR) if left == Some(Duration::ZERO) => return Polled::Nothing,
            // Over, or interrupted by a signal: the time tells.
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return Polled::Ready,
            Err(_) => return Polled::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "asks the operating system")]
    fn a_socket_is_looked_at_even_when_the_time_is_over() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let now = Some(Instant::now());
        let look = || wait(Some(ours.as_fd()), PollFlags::POLLIN, now);
        assert_eq!(look(), Polled::Nothing);
        theirs.write_all(b"x").unwrap();
        assert_eq!(look(), Polled::Ready);
    }

    #[test]
    fn without_a_socket_nothing_is_waited_for() {
        assert_eq!(wait(None, PollFlags::POLLIN, None), Polled::Failed);
    }
}
