//! The lock of a database, and who holds it.

use std::time::Duration;

use migrate_core::error::Error;
use migrate_postgres::holder::Holder;

use crate::code::Code;
use crate::message::Message;
use crate::words::duration;

/// Words a lock that was not had in time.
pub fn word(error: &Error, database: &str, holder: Option<&Holder>, waited: Duration) -> Message {
    let waited = match waited.is_zero() {
        true => "did not wait".to_owned(),
        false => format!("waited {}", duration(waited.as_secs_f64() * 1000.0)),
    };
    let message = Message::new(Code::Locked, error.to_string())
        .maybe_note("holder", holder.map(holder_text))
        .state(format!("nothing was touched in {database}; {waited}"));
    let again = "run it again when the other is done; `--lock-wait` waits longer";
    match holder {
        Some(Holder { pid, .. }) => message.next(format!(
            "{again}\nif the other will never be done: `select pg_terminate_backend({pid})` ends it"
        )),
        None => message.next(again),
    }
}

/// Who holds the lock, in one line.
pub fn holder_text(holder: &Holder) -> String {
    let mut text = match &*holder.application {
        "" => "an unnamed program".to_owned(),
        application => application.to_owned(),
    };
    if !holder.user.is_empty() {
        text.push_str(&format!(" as {}", holder.user));
    }
    // Through a pooler the address is the pooler's: what the program says of itself goes before.
    if let Some(connected) = holder.connected.as_ref().filter(|_| !names_host(holder)) {
        text.push_str(&match &connected.address {
            Some(address) => format!(" from {address}"),
            None => " on the server's machine".to_owned(),
        });
    }
    text.push_str(&format!(" (server process {})", holder.pid));
    if let Some(connected) = &holder.connected {
        let since = connected.since.replace('T', " ");
        text.push_str(&format!(", connected since {since}"));
    }
    text
}

/// That a deploy runs meanwhile.
pub fn at_work(holder: &Holder) -> String {
    format!(
        "a deploy is at work now: {}; what is pending may be less soon",
        holder_text(holder)
    )
}

/// Whether a holder says on which machine it runs: `migrate 4711@web-1`.
fn names_host(holder: &Holder) -> bool {
    let ours = holder.application.strip_prefix("migrate ");
    let ours = ours.and_then(|rest| rest.split_once('@'));
    ours.is_some_and(|(pid, host)| pid.parse::<u32>().is_ok() && !host.is_empty())
}

#[cfg(test)]
mod tests {
    use migrate_postgres::holder::Connected;

    use super::*;

    fn shown(application: &str, address: Option<&str>) -> String {
        holder_text(&Holder {
            pid: 42,
            user: "app".to_owned(),
            application: application.to_owned(),
            connected: Some(Connected {
                since: "2026-11-20T10:19:13Z".to_owned(),
                address: address.map(str::to_owned),
            }),
        })
    }

    #[test]
    fn an_address_is_shown_where_no_host_is_known() {
        let since = "(server process 42), connected since 2026-11-20 10:19:13Z";
        for (application, address, shown_as) in [
            ("psql", Some("10.0.0.7"), "psql as app from 10.0.0.7"),
            ("psql", None, "psql as app on the server's machine"),
            (
                "",
                Some("10.0.0.7"),
                "an unnamed program as app from 10.0.0.7",
            ),
            // A machine without a name.
            (
                "migrate 4711@",
                Some("10.0.0.7"),
                "migrate 4711@ as app from 10.0.0.7",
            ),
            (
                "migrate 4711@web-1",
                Some("10.0.0.7"),
                "migrate 4711@web-1 as app",
            ),
            // With what PgBouncer adds.
            (
                "migrate 4711@web-1 - 10.0.0.7:40112",
                Some("10.0.0.2"),
                "migrate 4711@web-1 - 10.0.0.7:40112 as app",
            ),
        ] {
            let text = shown(application, address);
            assert_eq!(text, format!("{shown_as} {since}"));
        }
    }
}
