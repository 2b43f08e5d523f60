//! What stands in the way of a connection, read from what libpq says.
//!
//! libpq tells a failed connection by words alone. Those of the server are in the server's
//! language, so it is asked for the SQLSTATE with them; libpq's own are always English, because
//! no program of ours sets a locale.

use std::sync::LazyLock;

use regex::Regex;

use super::server_error::sqlstate;

/// Why no connection came about. Of several hosts or tries, the one that waiting helps least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// The name of the host means no address.
    UnknownHost,
    /// No way leads to the address.
    Unreachable,
    /// Nothing listens there.
    Refused,
    /// No answer within the time allowed.
    Silent,
    /// The connection was accepted, and closed before the server had said anything.
    Closed,
    /// The server is starting, stopping or recovering.
    NotReady,
    /// All connections are in use, but for those kept for superusers.
    Full,
    /// No host is what `target_session_attrs` asks for, such as one that can be written to.
    WrongMode,
    /// What answers there is no PostgreSQL.
    NotPostgres,
    /// The password is wrong, or one is needed and there is none.
    Password,
    /// The server lets nobody in from here as this role, or has no such role.
    NotLetIn(Refusal),
    /// The server has no such database.
    MissingDatabase,
    /// The role may not connect to this database, or nobody may.
    NotToThisDatabase,
    /// Encryption, or a certificate.
    Tls(Tls),
    /// The server is older than we support.
    TooOld,
    /// The parameters are such that nothing was tried.
    Parameters,
    /// Anything else; the message says it.
    Other,
}

/// Why a server lets somebody not in. All of it has the same SQLSTATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// No line of `pg_hba.conf` fits.
    NoLine,
    /// It wants a certificate of ours, or another one.
    Certificate,
    /// The role is not there, may not log in, or is not who asks.
    Role,
}

/// What went wrong with TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tls {
    /// The server offers none.
    NotOffered,
    /// The server's certificate comes from an authority that we do not trust, or is not valid now.
    Untrusted,
    /// The server's certificate is for another name.
    WrongName,
    /// The file with the authorities that we trust cannot be read.
    NoRoot,
    /// Our own certificate or its key cannot be used.
    OwnCertificate,
    /// The server did not take our certificate.
    Refused,
    /// Anything else.
    Other,
}

impl Obstacle {
    /// Whether it may go away by itself, so that waiting for it makes sense.
    pub fn may_pass(self) -> bool {
        self <= Self::WrongMode
    }
}

/// What libpq says in [`PQERRORS_VERBOSE`](pq_sys::PGVerbosity), as people shall see it, and what
/// it means.
pub(super) fn read(verbose: &str) -> (String, Obstacle) {
    // `severity:  SQLSTATE: message`; the two spaces are libpq's.
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r":  ([0-9A-Z]{5}): ").expect("the pattern is a constant"));
    let mut shown = Vec::new();
    let mut obstacles = Vec::new();
    for line in verbose.lines() {
        // Where in PostgreSQL's own source.
        if line.starts_with("LOCATION:  ") {
            continue;
        }
        match CODE.captures(line) {
            Some(found) => {
                obstacles.push(of_sqlstate(&found[1], line));
                shown.push(CODE.replace(line, ":  ").into_owned());
            }
            None => {
                obstacles.extend(of_words(line));
                shown.push(line.to_owned());
            }
        }
    }
    let worst = obstacles.into_iter().max();
    let message = shown.join("\n").trim_end().to_owned();
    (message, worst.unwrap_or(Obstacle::Other))
}

/// What the server means by a SQLSTATE.
fn of_sqlstate(code: &str, line: &str) -> Obstacle {
    match code {
        sqlstate::CANNOT_CONNECT_NOW | sqlstate::ADMIN_SHUTDOWN | sqlstate::CRASH_SHUTDOWN => {
            Obstacle::NotReady
        }
        sqlstate::TOO_MANY_CONNECTIONS => Obstacle::Full,
        sqlstate::INVALID_PASSWORD => Obstacle::Password,
        sqlstate::INVALID_CATALOG_NAME => Obstacle::MissingDatabase,
        sqlstate::INSUFFICIENT_PRIVILEGE | sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE => {
            Obstacle::NotToThisDatabase
        }
        // The words may be translated, a file's name and TLS' own word are kept.
        sqlstate::INVALID_AUTHORIZATION => Obstacle::NotLetIn(if line.contains("pg_hba.conf") {
            Refusal::NoLine
        } else if line.contains("certificate") {
            Refusal::Certificate
        } else {
            Refusal::Role
        }),
        _ => Obstacle::Other,
    }
}

/// What libpq or the operating system means by their words; `None` for words that only explain.
fn of_words(line: &str) -> Option<Obstacle> {
    const WORDS: [(&str, Obstacle); 35] = [
        ("could not translate host name", Obstacle::UnknownHost),
        ("could not look up", Obstacle::UnknownHost),
        ("No route to host", Obstacle::Unreachable),
        ("Network is unreachable", Obstacle::Unreachable),
        ("Host is down", Obstacle::Unreachable),
        ("Connection refused", Obstacle::Refused),
        // A socket's file.
        ("No such file or directory", Obstacle::Refused),
        ("timeout expired", Obstacle::Silent),
        ("timed out", Obstacle::Silent),
        ("server closed the connection", Obstacle::Closed),
        ("Connection reset by peer", Obstacle::Closed),
        ("Broken pipe", Obstacle::Closed),
        ("EOF detected", Obstacle::Closed),
        ("session is read-only", Obstacle::WrongMode),
        ("session is not read-only", Obstacle::WrongMode),
        ("server is in hot standby mode", Obstacle::WrongMode),
        ("server is not in hot standby mode", Obstacle::WrongMode),
        ("invalid response to SSL negotiation", Obstacle::NotPostgres),
        ("expected authentication request", Obstacle::NotPostgres),
        ("no password supplied", Obstacle::Password),
        ("root certificate file", Obstacle::Tls(Tls::NoRoot)),
        ("does not support SSL", Obstacle::Tls(Tls::NotOffered)),
        ("certificate verify failed", Obstacle::Tls(Tls::Untrusted)),
        ("self-signed certificate", Obstacle::Tls(Tls::Untrusted)),
        ("self signed certificate", Obstacle::Tls(Tls::Untrusted)),
        ("does not match host name", Obstacle::Tls(Tls::WrongName)),
        ("could not get server's host", Obstacle::Tls(Tls::WrongName)),
        ("private key file", Obstacle::Tls(Tls::OwnCertificate)),
        (
            "certificate present, but",
            Obstacle::Tls(Tls::OwnCertificate),
        ),
        ("read certificate file", Obstacle::Tls(Tls::OwnCertificate)),
        ("alert certificate", Obstacle::Tls(Tls::Refused)),
        ("alert bad certificate", Obstacle::Tls(Tls::Refused)),
        ("alert unknown ca", Obstacle::Tls(Tls::Refused)),
        ("SSL error", Obstacle::Tls(Tls::Other)),
        ("sslmode value", Obstacle::Parameters),
    ];
    let found = WORDS.iter().find(|(words, _)| line.contains(words));
    found.map(|(_, obstacle)| *obstacle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_servers_code_counts_and_not_its_language() {
        let verbose = "connection to server at \"db\" (10.0.0.1), port 5432 failed: \
             FATAL:  28P01: Passwort-Authentifizierung für Benutzer »app« fehlgeschlagen\n\
             LOCATION:  auth_failed, auth.c:335";
        let (message, obstacle) = read(verbose);
        assert_eq!(obstacle, Obstacle::Password);
        assert_eq!(
            message,
            "connection to server at \"db\" (10.0.0.1), port 5432 failed: \
             FATAL:  Passwort-Authentifizierung für Benutzer »app« fehlgeschlagen"
        );
    }

    #[test]
    fn of_several_hosts_counts_what_waiting_helps_least() {
        let refused = "connection to server at \"a\", port 1 failed: Connection refused\n\
             \tIs the server running on that host and accepting TCP/IP connections?";
        let starting = "connection to server at \"b\", port 2 failed: FATAL:  57P03: the database \
             system is starting up\nLOCATION:  ProcessStartupPacket, postmaster.c:2391";
        let (_, obstacle) = read(&format!("{refused}\n{starting}"));
        assert_eq!(obstacle, Obstacle::NotReady);
        assert!(obstacle.may_pass());
        let missing = "connection to server at \"b\", port 2 failed: FATAL:  3D000: database \
             \"app\" does not exist";
        let (_, obstacle) = read(&format!("{refused}\n{missing}"));
        assert_eq!(obstacle, Obstacle::MissingDatabase);
        assert!(!obstacle.may_pass());
    }

    #[test]
    fn what_stands_in_the_way_is_known_by_code_or_by_libpqs_words() {
        for (verbose, obstacle) in [
            ("", Obstacle::Other),
            ("FATAL:  28P01: no", Obstacle::Password),
            ("FATAL:  53300: no", Obstacle::Full),
            ("FATAL:  57P03: no", Obstacle::NotReady),
            ("FATAL:  3D000: no", Obstacle::MissingDatabase),
            ("FATAL:  42501: no", Obstacle::NotToThisDatabase),
            ("FATAL:  55000: no", Obstacle::NotToThisDatabase),
            (
                "FATAL:  28000: no pg_hba.conf entry",
                Obstacle::NotLetIn(Refusal::NoLine),
            ),
            (
                "FATAL:  28000: a certificate",
                Obstacle::NotLetIn(Refusal::Certificate),
            ),
            (
                "FATAL:  28000: role \"a\"",
                Obstacle::NotLetIn(Refusal::Role),
            ),
            ("FATAL:  XX000: no", Obstacle::Other),
            (
                "could not translate host name \"db\"",
                Obstacle::UnknownHost,
            ),
            ("failed: Connection refused", Obstacle::Refused),
            ("failed: timeout expired", Obstacle::Silent),
            (
                "server does not support SSL",
                Obstacle::Tls(Tls::NotOffered),
            ),
        ] {
            assert_eq!(read(verbose).1, obstacle, "{verbose}");
        }
    }

    proptest! {
        #![proptest_config(crate::property::config())]

        #[test]
        fn no_words_make_reading_panic(verbose in any::<String>()) {
            read(&verbose);
        }

        #[test]
        fn a_code_counts_whatever_the_words_are(words in "[^\r\n]{0,40}") {
            let (message, obstacle) = read(&format!("FATAL:  28P01: {words}"));
            prop_assert_eq!(obstacle, Obstacle::Password);
            let shown = format!("FATAL:  {words}");
            prop_assert_eq!(message, shown.trim_end());
        }
    }
}
