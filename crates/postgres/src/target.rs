//! Where a database is: libpq's connection parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use migrate_text::secret::Secret;
use migrate_text::target_error::TargetError;

use super::libpq::parse_conninfo;

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
    /// Reads a `postgresql://` URL or a `keyword=value` string with libpq's own parser.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let is_url = text.starts_with("postgresql://") || text.starts_with("postgres://");
        if !is_url && (!text.contains('=') || text.contains("://")) {
            return Err(TargetError::NotAUrl);
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
        Ok(Self { parameters })
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
            write!(f, "{separator}{host}{colon}{port}")?;
        }
        write!(f, "/{}", self.database().unwrap_or_default())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
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
                .any(|pair| pair.split('=').next() == Some(quoted))
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
