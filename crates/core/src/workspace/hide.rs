//! What of `migrate.toml` may be shown. An error shows its line, and a password may stand there.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use migrate_text::name::nearest;

use super::expand::is_name;

/// The keys whose values are no secrets.
const HARMLESS: [&str; 14] = [
    "host",
    "port",
    "user",
    "name",
    "sslmode",
    "create",
    "strict_order",
    "extensions",
    "schemas",
    "lock_timeout",
    "lock_retries",
    "statement_timeout",
    "max_size",
    "idle_timeout",
];

/// The keys whose values are.
const SECRET: [&str; 2] = ["url", "password"];

/// The keys of a service and of a transfer.
const SERVICES: [&str; 6] = ["crate", "database", "owns", "reads", "uses", "role"];
const TRANSFERS: [&str; 4] = ["table", "from", "to", "after"];

/// What people call a secret.
const SECRET_WORDS: [&str; 10] = [
    "url",
    "uri",
    "dsn",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "credentials",
];

/// The text with stars for all that may be a secret, a star for each byte, so that places in the
/// one are places in the other. References such as `${DATABASE_URL}` stay: they are what an error
/// is about, and no secret. Their defaults do not stay.
pub(super) fn hide_secrets(text: &str) -> String {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut secrets = Vec::new();
    if errors.is_empty() {
        for (key, item) in document.get_ref() {
            match key.get_ref().as_ref() {
                "services" => of_services(item, &SERVICES, &mut secrets),
                "transfers" => of_services(item, &TRANSFERS, &mut secrets),
                _ => value(item, false, &mut secrets),
            }
        }
    } else {
        // What could not be read is in no table.
        unread_lines(text, &mut secrets);
    }
    let mut shown = text.as_bytes().to_vec();
    for span in secrets {
        hide(text, span, &mut shown);
    }
    // Whole characters became stars, so this is never lossy.
    String::from_utf8_lossy(&shown).into_owned()
}

fn table(table: &DeTable<'_>, secrets: &mut Vec<Range<usize>>) {
    for (key, item) in table {
        value(item, is_harmless(key.get_ref()), secrets);
    }
}

/// Nothing of services and transfers is a secret, and misspelt keys are better seen. But a person may
/// have put there what belongs to a database.
fn of_services(item: &Spanned<DeValue<'_>>, known: &[&str], secrets: &mut Vec<Range<usize>>) {
    match item.get_ref() {
        DeValue::Table(inner) => {
            for (key, item) in inner {
                match item.get_ref() {
                    DeValue::Table(_) => of_services(item, known, secrets),
                    _ if is_secret_there(key.get_ref(), known) => value(item, false, secrets),
                    _ => of_services(item, known, secrets),
                }
            }
        }
        DeValue::Array(items) => {
            for item in items {
                of_services(item, known, secrets);
            }
        }
        // A URL with somebody's name or password, whatever the key is called.
        DeValue::String(text) if text.contains("://") || text.contains("password=") => {
            secrets.push(item.span());
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

/// Whether a key of a service means a secret, as it is written or misspelt.
fn is_secret_there(key: &str, known: &[&str]) -> bool {
    let key = key.to_lowercase();
    if known.contains(&key.as_str()) {
        return false;
    }
    let meant = nearest(&key, known.iter().copied().chain(SECRET_WORDS));
    let parts = ["pass", "pwd", "secret", "token", "cred", "url", "dsn"];
    meant.is_some_and(|meant| SECRET_WORDS.contains(&meant))
        || parts.iter().any(|part| key.contains(part))
}

/// Whether a key is known as no secret, or clearly is such a key misspelt. Any other may be a
/// misspelt `password`.
fn is_harmless(key: &str) -> bool {
    let meant = nearest(key, HARMLESS.into_iter().chain(SECRET));
    meant.is_some_and(|meant| HARMLESS.contains(&meant))
}

fn value(item: &Spanned<DeValue<'_>>, harmless: bool, secrets: &mut Vec<Range<usize>>) {
    match item.get_ref() {
        DeValue::Table(inner) => table(inner, secrets),
        DeValue::Array(items) => {
            for item in items {
                value(item, harmless, secrets);
            }
        }
        _ if harmless => {}
        _ => secrets.push(item.span()),
    }
}

/// What stands after the first `=` of each line, or the line where there is none, but for
/// headings and the lines of one harmless key. Rather too much than too little: the file is not
/// TOML, so there is no telling which string ends where.
fn unread_lines(text: &str, secrets: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        let words = line.trim();
        let is_heading = words.starts_with('[')
            && words.ends_with(']')
            && words
                .chars()
                .all(|c| c.is_alphanumeric() || "[]._- ".contains(c));
        if is_heading {
            continue;
        }
        match line.split_once('=') {
            Some((key, rest)) if is_harmless(key.trim()) && !rest.contains(['=', ':']) => {}
            Some((key, _)) => secrets.push(range.start + key.len() + 1..range.end),
            None => secrets.push(range),
        }
    }
}

/// Puts stars over a span, past quotes, white space at its ends, line breaks and references.
fn hide(text: &str, span: Range<usize>, shown: &mut [u8]) {
    let words = &text[span.clone()];
    let blank = words.len() - words.trim_start().len();
    let end = span.start + words.trim_end().len();
    let mut place = span.start + blank;
    while place < end {
        let rest = &text[place..end];
        if let Some(length) = reference(rest) {
            place += length;
            continue;
        }
        let c = rest.chars().next().map_or(1, char::len_utf8);
        if !rest.starts_with(['"', '\'', '\n', '\r', '}']) {
            shown[place..place + c].fill(b'*');
        }
        place += c;
    }
}

/// The length of `${NAME}`, or of `${NAME:-` before a default, at the start of a text.
fn reference(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("${")?;
    let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let closing = ["}", ":-"]
        .into_iter()
        .find(|closing| inside[end..].starts_with(closing))?;
    is_name(&inside[..end]).then_some(2 + end + closing.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_become_stars_and_references_stay() {
        for (written, shown) in [
            ("url = 'pg://u:pw@h/db'", "url = '**************'"),
            ("url = \"${URL}\"", "url = \"${URL}\""),
            (
                "url = \"pg://${U}:pw@${H:-local}/db\"",
                "url = \"*****${U}****${H:-*****}***\"",
            ),
            ("password = 1234", "password = ****"),
            ("password = [\"ab\", 'c']", "password = [\"**\", '*']"),
            (
                "password = \"\"\"a\nß\"\"\"",
                "password = \"\"\"*\n**\"\"\"",
            ),
            (
                "[a]\nshemas = 'a'\npwd = 'a'\npasswrd = 'a'",
                "[a]\nshemas = 'a'\npwd = '*'\npasswrd = '*'",
            ),
            ("a.b.pasword = 'ab'", "a.b.pasword = '**'"),
            (
                "a = { url = 'ab', port = 'x' } # c",
                "a = { url = '**', port = 'x' } # c",
            ),
            (
                "[services.a]\nonws = ['t']\n[databases.a]\nowns = 't'\npasswd = 't'",
                "[services.a]\nonws = ['t']\n[databases.a]\nowns = '*'\npasswd = '*'",
            ),
            // What belongs to a database may stand at a service.
            (
                "[services.a]\npassword = 'ab'\npasword = 'ab'\nPASSWORD = 'ab'\ndb_pass = ['ab']",
                "[services.a]\npassword = '**'\npasword = '**'\nPASSWORD = '**'\ndb_pass = ['**']",
            ),
            (
                "services.a = { pwd = 'ab', tokn = 'ab', crate = 'c', rolle = 'r' }",
                "services.a = { pwd = '**', tokn = '**', crate = 'c', rolle = 'r' }",
            ),
            (
                "[services.a]\nadress = 'pg://u:pw@h/db'\n[[transfers]]\nsecrt = 'ab'\ntabel = 't'",
                "[services.a]\nadress = '**************'\n[[transfers]]\nsecrt = '**'\ntabel = 't'",
            ),
            (
                "[services.a.pool]\npassword = 'ab'\nmax = 3",
                "[services.a.pool]\npassword = '**'\nmax = 3",
            ),
        ] {
            assert_eq!(hide_secrets(written), shown);
        }
    }

    #[test]
    fn what_is_no_toml_is_hidden_rather_than_shown() {
        for (written, shown) in [
            ("[a]\nurl = \"pg://u\n", "[a]\nurl = \"******\n"),
            ("url = ${URL}\n", "url = ${URL}\n"),
            ("url 'pw'\n", "****'**'\n"),
            (
                "host = 'h' password = 'pw'\n",
                "host = '*'************'**'\n",
            ),
            ("port = x\nurl = [\n'pw'\n", "port = x\nurl = *\n'**'\n"),
            ("password = \"\"\"\npw\n", "password = \"\"\"\n**\n"),
        ] {
            assert_eq!(hide_secrets(written), shown);
        }
    }
}
