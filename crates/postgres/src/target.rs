//! Where a database is: libpq's connection parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use migrate_text::secret::Secret;
use migrate_text::target_error::TargetError;

use super::libpq::{parse_conninfo, resolve};

/// Everything but the characters that RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The address of a database with the credentials for it: libpq's parameters by keyword, read
/// by libpq itself, so that whatever `psql` accepts is accepted and means the same.
///
/// `Debug` and `Display` never show the password, nor any other secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Target {
    parameters: BTreeMap<String, String>,
}

impl Target {
    /// Reads a `postgresql://` URL or a `keyword=value` string with libpq's own parser. Blanks and
    /// line breaks at its ends came with the file or variable that it stands in, and go.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let after_scheme = ["postgresql://", "postgres://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        match after_scheme {
            None if !text.contains('=') || text.contains("://") => {
                return Err(TargetError::NotAUrl);
            }
            None => {}
            Some(rest) => check_url(rest)?,
        }
        let options = parse_conninfo(text).map_err(|message| explain(&message, text))?;
        let parameters: BTreeMap<String, String> = options
            .into_iter()
            .filter_map(|option| Some((option.keyword, option.value?)))
            .collect();
        if let Some(ports) = parameters.get("port") {
            // libpq looks at the port only when it connects.
            let is_port = |port: &str| port.is_empty() || port.parse().is_ok_and(|n: u16| n > 0);
            if !ports.split(',').all(is_port) {
                return Err(TargetError::Port);
            }
        }
        let modes = parameters.get("sslmode").filter(|mode| !mode.is_empty());
        if modes.is_some_and(|mode| !SSL_MODES.contains(&mode.as_str())) {
            return Err(TargetError::SslMode);
        }
        Ok(Self { parameters })
    }

    /// The same with what libpq takes from `PG*` variables, a service file or its own defaults to say
    /// where the database is: server, port, user and name. Connects to nothing. Where a service
    /// cannot be read it stays as it is, and who connects is told.
    #[must_use]
    pub fn resolved(&self) -> Self {
        let found = resolve(self.parameters());
        let mut target = self.clone();
        // The server that libpq would take first comes last: it counts where none is named.
        for (keyword, value) in found {
            let names_a_server = matches!(keyword.as_str(), "host" | "hostaddr");
            let is_named =
                names_a_server && target.get("host").or(target.get("hostaddr")).is_some();
            let says_where =
                names_a_server || matches!(keyword.as_str(), "port" | "user" | "dbname");
            // What is the same everywhere needs no words.
            let is_usual = keyword == "port" && value.as_deref() == Some(USUAL_PORT);
            let Some(value) = value.filter(|value| says_where && !value.is_empty()) else {
                continue;
            };
            if target.get(&keyword).is_none() && !is_named && !is_usual {
                target = target.with(&keyword, value);
            }
        }
        target
    }

    /// Sets a parameter by libpq's keyword (`host`, `port`, `user`, `password`, `dbname`, ...).
    #[must_use]
    pub fn with(mut self, keyword: &str, value: impl Into<String>) -> Self {
        self.parameters.insert(keyword.to_owned(), value.into());
        self
    }

    /// The same server and credentials, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        self.clone().with("dbname", name)
    }

    /// A parameter by libpq's keyword.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.parameters
            .get(keyword)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The keywords of the secrets that are set: the password, and whatever else libpq says a
    /// program must not show, such as the password of a client's key.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.parameters
            .keys()
            .map(String::as_str)
            .filter(|keyword| is_secret(keyword) && self.get(keyword).is_some())
    }

    /// The same without any secret.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut target = self.clone();
        target.parameters.retain(|keyword, _| !is_secret(keyword));
        target
    }

    /// The same without a parameter.
    #[must_use]
    pub fn without(&self, keyword: &str) -> Self {
        let mut target = self.clone();
        target.parameters.remove(keyword);
        target
    }

    /// The database's name. Like libpq, falls back to the user's.
    pub fn database(&self) -> Option<&str> {
        self.get("dbname").or_else(|| self.get("user"))
    }

    /// All parameters, in the order of their keywords.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(keyword, value)| (keyword.as_str(), value.as_str()))
    }

    /// A URL that every libpq program accepts. Holds the password.
    pub fn url(&self) -> Secret {
        let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let mut url = String::from("postgresql://");
        if let Some(user) = self.get("user") {
            url.push_str(&escape(user));
            if let Some(password) = self.get("password") {
                url.push(':');
                url.push_str(&escape(password));
            }
            url.push('@');
        }
        // A socket's folder, or several hosts, go into the query: there every form is allowed.
        let plain = |host: &str| !host.contains(['/', ',', '@', ':']);
        let in_authority = self.get("host").filter(|host| plain(host));
        if let Some(host) = in_authority {
            url.push_str(host);
            if let Some(port) = self.get("port") {
                url.push(':');
                url.push_str(port);
            }
        }
        url.push('/');
        url.push_str(&escape(self.get("dbname").unwrap_or_default()));
        let written = |keyword: &str| match keyword {
            "user" | "dbname" => true,
            "password" => self.get("user").is_some(),
            "host" | "port" => in_authority.is_some(),
            _ => false,
        };
        let mut separator = '?';
        for (keyword, value) in self.parameters().filter(|(keyword, _)| !written(keyword)) {
            url.push(separator);
            url.push_str(&format!("{keyword}={}", escape(value)));
            separator = '&';
        }
        Secret::new(url)
    }
}

impl fmt::Display for Target {
    /// `user@host:port/database`, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = self.get("user") {
            write!(f, "{user}@")?;
        }
        let hosts = self.get("host").or_else(|| self.get("hostaddr"));
        let hosts: Vec<&str> = hosts.unwrap_or("localhost").split(',').collect();
        let ports: Vec<&str> = self.get("port").unwrap_or_default().split(',').collect();
        for (index, host) in hosts.iter().enumerate() {
            // One port counts for all hosts.
            let port = ports.get(index).unwrap_or(&ports[0]);
            let separator = if index == 0 { "" } else { "," };
            let colon = if port.is_empty() { "" } else { ":" };
            match host.contains(':') && !host.starts_with(['/', '@']) {
                true => write!(f, "{separator}[{host}]{colon}{port}")?,
                false => write!(f, "{separator}{host}{colon}{port}")?,
            }
        }
        write!(f, "/{}", self.database().unwrap_or_default())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// Where a server listens unless somebody says otherwise.
const USUAL_PORT: &str = "5432";

/// libpq's words for how a connection is encrypted.
pub const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// Finds in a URL, after its scheme, what libpq takes for something else than was meant: a raw `@` or
/// `/` in a password puts the password's end into the host or the database's name.
fn check_url(rest: &str) -> Result<(), TargetError> {
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(TargetError::Blank);
    }
    // As libpq does it: what stands before the first `@` is user and password, if no `/` does.
    let slash = rest.find('/').unwrap_or(rest.len());
    let server = rest
        .find('@')
        .filter(|at| *at < slash)
        .map_or(0, |at| at + 1);
    let before_query = rest[server..].split('?').next().unwrap_or_default();
    match before_query.contains('@') {
        true => Err(TargetError::Malformed),
        false => Ok(()),
    }
}

/// Whether libpq says of a parameter that it is to be shown as stars (`dispchar` in the manual's
/// `PQconndefaults`).
fn is_secret(keyword: &str) -> bool {
    static SECRETS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let mut secrets = BTreeSet::from(["password".to_owned()]);
        // An empty text is well formed: this fails only when there is no memory left.
        let options = parse_conninfo("").unwrap_or_default();
        let secret = options.into_iter().filter(|option| option.is_secret);
        secrets.extend(secret.map(|option| option.keyword));
        secrets
    });
    SECRETS.contains(keyword)
}

/// Turns libpq's message into an error that repeats nothing secret: its messages quote parts of
/// the URL, and a password with an unescaped `@` or `%` ends up in them.
fn explain(message: &str, text: &str) -> TargetError {
    let quoted = message.split('"').nth(1).unwrap_or_default();
    let is_query_parameter = text.split_once('?').is_some_and(|(before, query)| {
        !before.contains(quoted)
            && query
                .split('&')
                .filter_map(|pair| pair.split('=').next())
                .any(|keyword| percent_decode_str(keyword).eq(quoted.bytes()))
    });
    if !quoted.is_empty() && is_query_parameter {
        TargetError::UnknownParameter(quoted.to_owned())
    } else {
        TargetError::Malformed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn a_url_comes_back_as_it_went_in() {
        for url in [
            "postgresql://app:p%40ss%3A@db.example:5433/shop?sslmode=require",
            "postgresql://app@localhost/shop",
            "postgresql:///shop?host=%2Frun%2Fmy%20socket&port=5433",
        ] {
            let target = Target::parse(url).unwrap();
            assert_eq!(target.url().reveal(), url);
            assert_eq!(Target::parse(target.url().reveal()), Ok(target));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn the_password_is_never_shown() {
        let target = Target::parse("postgres://app:hunter2@db:5433/shop").unwrap();
        assert_eq!(target.to_string(), "app@db:5433/shop");
        assert_eq!(format!("{target:?}"), "Target(app@db:5433/shop)");
        assert_eq!(format!("{:?}", target.url()), "***");
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn every_secret_of_libpqs_is_left_out() {
        let target = Target::parse("postgres://app:a@db/shop?sslpassword=b&sslkey=k").unwrap();
        let secrets: Vec<&str> = target.secrets().collect();
        assert_eq!(secrets, ["password", "sslpassword"]);
        let without = target.without_secrets();
        assert_eq!(without.url().reveal(), "postgresql://app@db/shop?sslkey=k");
        assert_eq!(without.secrets().count(), 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn errors_name_no_part_of_a_password() {
        for url in [
            "postgres://app:hunter%2@db/shop",
            "postgres://app:hunter2@db:port/shop",
            "postgres://app:hun/ter2@db/shop",
        ] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(
                !error.contains("hun") && !error.contains("ter2"),
                "{url}: {error}"
            );
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn several_hosts_are_shown_with_their_ports() {
        let shown = |url| Target::parse(url).unwrap().to_string();
        assert_eq!(shown("postgres://app@a:1,b:2/shop"), "app@a:1,b:2/shop");
        assert_eq!(
            shown("host=a,b port=5433 dbname=shop"),
            "a:5433,b:5433/shop"
        );
        assert_eq!(shown("host=a,b dbname=shop"), "a,b/shop");
        assert_eq!(shown("host=::1,b port=1 dbname=shop"), "[::1]:1,b:1/shop");
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn an_unknown_parameter_is_named() {
        assert_eq!(
            Target::parse("postgres://app:x@db/shop?schema=public"),
            Err(TargetError::UnknownParameter("schema".to_owned()))
        );
        assert_eq!(Target::parse("mysql://a/b?c=d"), Err(TargetError::NotAUrl));
        assert_eq!(Target::parse("shop"), Err(TargetError::NotAUrl));
        assert_eq!(
            Target::parse("postgres://db:99999/shop"),
            Err(TargetError::Port)
        );
        assert_eq!(
            Target::parse("host=db dbname=shop").unwrap().to_string(),
            "db/shop"
        );
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn blanks_around_an_address_go_and_inside_a_url_are_refused() {
        let plain = Target::parse("postgres://app@db/shop");
        for text in ["postgres://app@db/shop\n", " postgres://app@db/shop\r\n\t"] {
            assert_eq!(Target::parse(text), plain, "{text:?}");
        }
        let pairs = Target::parse(" host=db user=app dbname='my shop'\n").unwrap();
        assert_eq!(pairs.get("dbname"), Some("my shop"));
        for text in [
            "postgres://app@db/my shop",
            "postgres://app@db\n/shop",
            "postgres://app@db/shop\r\nx",
            "postgres://app:a\tb@db/shop",
            "postgres://app@db/shop\u{7f}x",
        ] {
            assert_eq!(Target::parse(text), Err(TargetError::Blank), "{text:?}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn a_raw_character_of_a_password_does_not_become_a_host_or_a_name() {
        for url in [
            "postgres://app:p@ss@db/shop",
            "postgres://app:p@@db/shop",
            "postgres://app:1/ss@db/shop",
            "postgres://a@b:pw@db/shop",
            "postgres://app:5432/p@ss@db:5433/shop?sslmode=require",
        ] {
            assert_eq!(Target::parse(url), Err(TargetError::Malformed), "{url}");
        }
        for url in [
            "postgres://app:p%40ss@db/shop",
            "postgres://app:p?s#s@db/shop",
            "postgres://app@a,b/shop?options=-csearch_path%3Da@b",
            "postgres:///shop?host=@abstract",
        ] {
            assert!(Target::parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn an_unknown_way_of_encrypting_is_found_before_anybody_connects() {
        for text in [
            "postgres://db/shop?sslmode=no-verify",
            "host=db dbname=shop sslmode=true",
        ] {
            assert_eq!(Target::parse(text), Err(TargetError::SslMode), "{text}");
        }
        for mode in SSL_MODES {
            assert!(Target::parse(&format!("postgres://db/shop?sslmode={mode}")).is_ok());
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn other_clients_words_for_the_search_path_are_named() {
        for (query, name) in [
            ("search_path=shop", "search_path"),
            ("options[search_path]=shop", "options[search_path]"),
            ("options%5Bsearch_path%5D=shop", "options[search_path]"),
            ("currentSchema=shop", "currentSchema"),
        ] {
            assert_eq!(
                Target::parse(&format!("postgres://db/shop?{query}")),
                Err(TargetError::UnknownParameter(name.to_owned()))
            );
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks libpq")]
    fn what_is_not_said_is_what_libpq_would_take() {
        let said = Target::parse("postgres://app:pw@db:5433/shop?sslmode=require").unwrap();
        assert_eq!(said.resolved(), said);
        let user = Target::parse("postgres://app@db").unwrap().resolved();
        assert_eq!(user.database(), Some("app"));
        let several = Target::parse("postgres://app@a:1,b:2/shop").unwrap();
        assert_eq!(several.resolved(), several);
        let nothing = Target::parse("postgres://").unwrap().resolved();
        assert!(nothing.get("host").is_some() && nothing.database().is_some());
    }

    proptest! {
        #![proptest_config(crate::property::config())]

        #[test]
        #[cfg_attr(miri, ignore = "asks libpq")]
        fn every_password_survives_the_way_through_a_url(
            user in "[^\0]{1,8}",
            password in "[^\0]{1,12}",
            database in "[^\0]{1,8}",
        ) {
            let target = Target::default()
                .with("host", "db.example")
                .with("user", user)
                .with("password", password)
                .with("dbname", database);
            prop_assert_eq!(Target::parse(target.url().reveal()), Ok(target));
        }

        #[test]
        #[cfg_attr(miri, ignore = "asks libpq")]
        fn no_text_makes_reading_an_address_panic(text in any::<String>()) {
            let _ = Target::parse(&text);
            let _ = Target::parse(&format!("postgresql://{text}"));
        }
    }
}
