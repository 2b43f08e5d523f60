//! Opens connections step by step, so that nothing waits for ever.

use std::net::ToSocketAddrs;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use crate::target::Target;

use super::libpq::{self, Connection, Opening, Parameters, ServerState, Words};
use super::obstacle::{self, Obstacle};
use super::socket::{self, Polled};

/// How long a connection may take to be made, in seconds, unless the target says otherwise.
pub(super) const TIMEOUT: &str = "10";

/// A host that is gone without a word is noticed within half a minute, however long a statement
/// may take: what the server's system does not confirm, its keepalives included, ends the
/// connection. A URL may say otherwise. Milliseconds for the last, seconds for the others.
const KEEPALIVES: [(&str, &str); 5] = [
    ("keepalives", "1"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
];

/// The oldest server that we support.
const OLDEST: i32 = 130_000;

/// A connection could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// What libpq says, the password never in it.
    pub message: String,
    /// What stood in the way.
    pub obstacle: Obstacle,
}

impl ConnectError {
    /// What libpq says when it is as verbose as it can be.
    fn told(verbose: &str) -> Self {
        let (message, obstacle) = obstacle::read(verbose);
        Self { message, obstacle }
    }

    fn timed_out(limit: Option<Duration>) -> Self {
        Self {
            message: format!("no answer within {} s", limit.unwrap_or_default().as_secs()),
            obstacle: Obstacle::Silent,
        }
    }

    /// The parameter that PgBouncer refused: it takes only those that it can pass on to each of
    /// the server's sessions. Its messages are never translated.
    pub fn refused_parameter(&self) -> Option<&str> {
        let (_, after) = self.message.split_once("unsupported startup parameter")?;
        match after.strip_prefix(" in options: ") {
            Some(_) => Some("options"),
            None => after.strip_prefix(": ")?.split_whitespace().next(),
        }
    }
}

/// Makes sure that a server, by its version as a number, is one that we support.
fn check_version(version: i32) -> Result<(), ConnectError> {
    if version >= OLDEST {
        return Ok(());
    }
    // Since 10 there are two parts, before it there were three.
    let shown = match version / 10_000 {
        major @ 10.. => format!("{major}.{}", version % 10_000),
        major => format!("{major}.{}.{}", version / 100 % 100, version % 100),
    };
    Err(ConnectError {
        message: format!("the server is PostgreSQL {shown}"),
        obstacle: Obstacle::TooOld,
    })
}

/// Asks a server whether it takes connections; needs no valid credentials.
pub fn ping(target: &Target) -> ServerState {
    libpq::ping(&parameters(target))
}

/// Connects, and gives the time that it might have taken.
pub(super) fn open(target: &Target) -> Result<(Connection, Option<Duration>), ConnectError> {
    let limit = time_limit(target)?;
    let parameters = parameters(target);
    let mut connection = Connection::begin(&parameters);
    connection.say(Words::All);
    match go_on(&mut connection, limit) {
        Ok(()) => {}
        Err(NotOpen::TimedOut) if has_several_addresses(target) => {
            // When the first is silent only libpq can go on with the next, inside this call,
            // which writes notices to standard error.
            connection = Connection::open(&parameters);
            if connection.is_broken() {
                return Err(ConnectError::told(&connection.error_message()));
            }
        }
        Err(NotOpen::TimedOut) => return Err(ConnectError::timed_out(limit)),
        Err(NotOpen::Failed) => return Err(ConnectError::told(&connection.error_message())),
    }
    check_version(connection.server_version())?;
    connection.say(Words::Usual);
    Ok((connection, limit))
}

/// A connection that was begun is not open.
pub(super) enum NotOpen {
    /// libpq says why.
    Failed,
    /// The time was over.
    TimedOut,
}

/// Goes on with a connection that was begun until it is open.
pub(super) fn go_on(connection: &mut Connection, limit: Option<Duration>) -> Result<(), NotOpen> {
    let deadline = limit.map(|limit| Instant::now() + limit);
    // The manual: before the first call behave as if it had returned this.
    let mut step = Opening::Writing;
    loop {
        let flags = match step {
            Opening::Reading => PollFlags::POLLIN,
            Opening::Writing => PollFlags::POLLOUT,
            Opening::Open => return Ok(()),
            Opening::Failed => return Err(NotOpen::Failed),
        };
        match socket::wait(connection.socket(), flags, deadline) {
            Polled::Ready => step = connection.go_on_opening(),
            Polled::Nothing => return Err(NotOpen::TimedOut),
            Polled::Failed => return Err(NotOpen::Failed),
        }
    }
}

/// The target with which a connection was made, and the very address that answered: a name may
/// stand for several servers.
pub(super) fn target_of(connection: &Connection) -> Target {
    let set = |value: &String| !value.is_empty();
    connection
        .parameters()
        .into_iter()
        .fold(Target::default(), |target, (keyword, value)| {
            match value.filter(set) {
                Some(value) => target.with(&keyword, value),
                None => target.without(&keyword),
            }
        })
}

/// How long a connection to the target may take; `None` for ever, as libpq takes 0.
pub(super) fn time_limit(target: &Target) -> Result<Option<Duration>, ConnectError> {
    let text = target.get("connect_timeout").unwrap_or(TIMEOUT);
    match text.trim().parse::<i32>() {
        Ok(seconds) => Ok(u64::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs)),
        Err(_) => Err(ConnectError {
            message: format!("`connect_timeout` is a number of seconds, not `{text}`"),
            obstacle: Obstacle::Parameters,
        }),
    }
}

/// Whether the target names more than one address, of which another may answer.
fn has_several_addresses(target: &Target) -> bool {
    let Some(hosts) = target.get("hostaddr").or_else(|| target.get("host")) else {
        return false;
    };
    // A folder is a socket's; no name server shall be asked for it.
    let is_name = !hosts.starts_with('/');
    let addresses = || (hosts, 0).to_socket_addrs();
    hosts.contains(',') || is_name && addresses().is_ok_and(|addresses| addresses.count() > 1)
}

/// A target's parameters with ours, which count where it has none.
pub(super) fn parameters(target: &Target) -> Parameters {
    let ours = [
        ("connect_timeout", TIMEOUT),
        ("fallback_application_name", "migrate"),
    ];
    let fixed = [("client_encoding", "UTF8")];
    let ours = ours.into_iter().chain(KEEPALIVES);
    Parameters::of(ours.chain(target.parameters()).chain(fixed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(message: &str) -> ConnectError {
        ConnectError {
            message: message.to_owned(),
            obstacle: Obstacle::Other,
        }
    }

    #[test]
    fn a_server_is_too_old_before_13() {
        for (version, shown) in [
            (130_000, None),
            (180_001, None),
            (120_022, Some("12.22")),
            (100_023, Some("10.23")),
            (90_624, Some("9.6.24")),
        ] {
            let message = shown.map(|shown| format!("the server is PostgreSQL {shown}"));
            let said = check_version(version).err().map(|error| error.message);
            assert_eq!(said, message, "{version}");
        }
    }

    #[test]
    fn the_parameter_that_pgbouncer_refuses_is_named() {
        for (message, parameter) in [
            ("FATAL:  unsupported startup parameter: geqo", Some("geqo")),
            (
                "FATAL:  unsupported startup parameter in options: geqo",
                Some("options"),
            ),
            ("FATAL:  unsupported startup parameter", None),
            ("FATAL:  no such user", None),
        ] {
            assert_eq!(told(message).refused_parameter(), parameter, "{message}");
        }
    }

    #[test]
    fn a_time_limit_is_seconds_and_zero_is_for_ever() {
        let limit = |text| time_limit(&Target::default().with("connect_timeout", text)).ok();
        assert_eq!(limit("3"), Some(Some(Duration::from_secs(3))));
        assert_eq!(limit(" 3 "), Some(Some(Duration::from_secs(3))));
        assert_eq!(limit("0"), Some(None));
        assert_eq!(limit("-1"), Some(None));
        assert_eq!(limit("soon"), None);
        let default = time_limit(&Target::default()).ok();
        assert_eq!(default, Some(Some(Duration::from_secs(10))));
    }

    proptest! {
        #![proptest_config(crate::property::config())]

        #[test]
        fn no_words_make_reading_a_refusal_panic(words in any::<String>()) {
            told(&words).refused_parameter();
            told(&format!("unsupported startup parameter{words}")).refused_parameter();
        }
    }
}
