//! Settings with every variable looked up.

use std::time::Duration;

use migrate_postgres::target::{SSL_MODES, Target};
use migrate_text::document::{Located, parse_count, parse_duration, parse_timeout};
use migrate_text::prerequisites::Prerequisites;
use migrate_text::problem::{Problem, ProblemKind, Problems};

use super::database::{Address, Database, Pool};
use super::expand::expand;
use super::manifest::DatabaseSettings;
use super::settings::{Selection, Workspace};
use super::variables::Environment;

const DEFAULT_POOL_SIZE: u32 = 10;
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_LOCK_RETRIES: u32 = 5;

impl Workspace {
    /// The selected databases, or all, in the order of the file, every variable looked up. All
    /// that is missing or malformed is reported at once.
    pub fn databases(&self, selection: &Selection) -> Result<Vec<Database>, Problems> {
        let wanted = self.wanted(selection)?;
        databases(self, |name| {
            wanted.as_deref().is_none_or(|wanted| wanted == name)
        })
    }
}

/// Resolves the databases whose names are wanted.
fn databases(
    workspace: &Workspace,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Database>, Problems> {
    let mut resolver = Resolver::of(workspace);
    let databases = workspace
        .settings
        .iter()
        .filter(|settings| wanted(&settings.name.value))
        .map(|settings| resolver.database(settings, workspace))
        .collect::<Vec<_>>();
    resolver.problems.into_result()?;
    Ok(databases.into_iter().flatten().collect())
}

pub(super) struct Resolver {
    pub(super) environment: Environment,
    production: bool,
    pub(super) problems: Problems,
}

impl Resolver {
    /// With the variables of a workspace's environment.
    pub(super) fn of(workspace: &Workspace) -> Self {
        let mut problems = Problems(Vec::new());
        let environment = format!(".env.{}", workspace.environment);
        let mut files = vec![workspace.root.join(environment)];
        if !workspace.has_manifest && !workspace.is_production() {
            // Where Diesel's own tool looks.
            files.push(workspace.root.join(".env"));
        }
        Self {
            environment: Environment::read(workspace.variables.clone(), &files, &mut problems),
            production: workspace.is_production(),
            problems,
        }
    }

    /// What a database needs before its first migration; what could not be looked up is left out, and
    /// a problem.
    pub(super) fn prerequisites(&mut self, settings: &DatabaseSettings) -> Prerequisites {
        let mut texts = |list: &[Located<String>]| {
            // A default is nobody's schema by mistake: it stands in the same file.
            let texts = list.iter();
            let texts = texts.filter_map(|text| self.expand(text, Defaults::Always));
            texts.collect()
        };
        Prerequisites {
            extensions: texts(&settings.extensions),
            schemas: texts(&settings.schemas),
        }
    }

    /// Where a database is.
    pub(super) fn address(&mut self, settings: &DatabaseSettings) -> Option<Address> {
        match &settings.url {
            Some(url) => self.address_of_url(&settings.name.value, url),
            None => self.address_of_parts(settings),
        }
    }

    /// `None` when a problem was found; all of the database's settings are looked at first.
    fn database(&mut self, settings: &DatabaseSettings, workspace: &Workspace) -> Option<Database> {
        let address = self.address(settings);
        let max_size = self.number("max_size", settings.pool_max_size.as_ref());
        let pool = Pool {
            max_size: max_size.unwrap_or(DEFAULT_POOL_SIZE),
            idle_timeout: self
                .parsed(
                    "idle_timeout",
                    settings.pool_idle_timeout.as_ref(),
                    parse_duration,
                )
                .unwrap_or(DEFAULT_IDLE_TIMEOUT),
        };
        let lock_timeout = settings.lock_timeout.as_ref();
        let lock_timeout = self.parsed("lock_timeout", lock_timeout, parse_timeout);
        let lock_retries = settings.lock_retries.as_ref();
        let lock_retries = self.parsed("lock_retries", lock_retries, parse_count);
        let statement_timeout = settings.statement_timeout.as_ref();
        let statement_timeout = self.parsed("statement_timeout", statement_timeout, parse_timeout);
        Some(Database {
            name: settings.name.value.clone(),
            address: address?,
            create: settings.create,
            prerequisites: self.prerequisites(settings),
            pool,
            lock_timeout: lock_timeout.unwrap_or(DEFAULT_LOCK_TIMEOUT),
            lock_retries: lock_retries.unwrap_or(DEFAULT_LOCK_RETRIES),
            statement_timeout: statement_timeout.unwrap_or_default(),
            roles: settings.roles,
            strict_order: settings.strict_order,
            services: self.services(settings, workspace),
        })
    }

    fn address_of_url(&mut self, database: &str, url: &Located<String>) -> Option<Address> {
        let text = self.expand(url, Defaults::NotInProduction)?;
        if let Some(name) = text.trim().strip_prefix("embedded:") {
            if self.production {
                self.problem(url, ProblemKind::EmbeddedInProduction);
                return None;
            }
            let name = name.trim_start_matches('/');
            if let Err(problem) = one_line("url", name) {
                self.problem(url, problem);
                return None;
            }
            return Some(Address::Embedded {
                database: if name.is_empty() { database } else { name }.to_owned(),
            });
        }
        match Target::parse(&text) {
            Ok(target) => Some(Address::Server(target.resolved())),
            Err(error) => {
                let database = database.to_owned();
                self.problem(url, ProblemKind::BadUrl { database, error });
                None
            }
        }
    }

    fn address_of_parts(&mut self, settings: &DatabaseSettings) -> Option<Address> {
        let mut target = Target::default();
        let mut complete = true;
        for (keyword, value) in &settings.parts {
            // A port's or TLS mode's default is no one's database by mistake.
            let defaults = match *keyword {
                "port" | "sslmode" => Defaults::Always,
                _ => Defaults::NotInProduction,
            };
            match self.expand(value, defaults) {
                Some(text) => match part(keyword, text) {
                    Ok(text) => target = target.with(keyword, text),
                    Err(problem) => {
                        self.problem(value, problem);
                        complete = false;
                    }
                },
                None => complete = false,
            }
        }
        complete.then(|| Address::Server(target.resolved()))
    }

    fn number(&mut self, key: &str, value: Option<&Located<String>>) -> Option<u32> {
        let value = value?;
        let text = self.expand(value, Defaults::Always)?;
        let number = text.trim().parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            let key = key.to_owned();
            let expected = "a whole number above zero";
            self.problem(value, ProblemKind::BadValue { key, expected });
        }
        number
    }

    /// A value with its variables looked up; `None` where it is not set, or wrong.
    fn parsed<T>(
        &mut self,
        key: &str,
        value: Option<&Located<String>>,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let value = value?;
        let text = self.expand(value, Defaults::Always)?;
        let parsed = parse(&text);
        if let Err(expected) = parsed {
            let key = key.to_owned();
            self.problem(value, ProblemKind::BadValue { key, expected });
        }
        parsed.ok()
    }

    pub(super) fn expand(&mut self, value: &Located<String>, defaults: Defaults) -> Option<String> {
        let keep_defaults = !self.production || defaults == Defaults::Always;
        let expanded = expand(&value.value, |name, default| {
            if default.is_some() && !keep_defaults && self.environment.get(name).is_none() {
                return Err(ProblemKind::DefaultInProduction {
                    name: name.to_owned(),
                });
            }
            self.environment.resolve(name, default)
        });
        match expanded {
            Ok(text) => Some(text),
            Err(kinds) => {
                for kind in kinds {
                    self.problem(value, kind);
                }
                None
            }
        }
    }

    fn problem(&mut self, value: &Located<String>, kind: ProblemKind) {
        // A plain Diesel project has no file that asks for the variable.
        let written = !value.location.file.path().as_os_str().is_empty();
        self.problems.0.push(Problem {
            kind,
            location: written.then(|| value.location.clone()),
        });
    }
}

/// Whether `${VAR:-default}` counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Defaults {
    Always,
    NotInProduction,
}

/// Checks one part, and puts it as libpq wants it.
fn part(keyword: &str, text: String) -> Result<String, ProblemKind> {
    let bad = |key: &str, expected| ProblemKind::BadValue {
        key: key.to_owned(),
        expected,
    };
    match keyword {
        "port" => match text.trim().parse::<u16>() {
            Ok(port) if port > 0 => Ok(port.to_string()),
            _ => Err(bad("port", "a number from 1 to 65535")),
        },
        // `DATABASE_SSL` is a yes or no in most tools.
        "sslmode" => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok("require".to_owned()),
            "false" | "no" | "off" | "0" => Ok("disable".to_owned()),
            mode if SSL_MODES.contains(&mode) => Ok(mode.to_owned()),
            _ => Err(bad(
                "sslmode",
                "`disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`, `true` or `false`",
            )),
        },
        // A file that holds nothing else ends its line, and no password does.
        "password" => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        "host" if text.trim().contains(char::is_whitespace) => {
            Err(bad("host", "the name of a host, without blanks"))
        }
        _ => {
            let ours = if keyword == "dbname" { "name" } else { keyword };
            one_line(ours, text.trim()).map(str::to_owned)
        }
    }
}

/// A text without line breaks and their like: with them it is another name than the one that is meant.
fn one_line<'t>(key: &str, text: &'t str) -> Result<&'t str, ProblemKind> {
    match text.contains(char::is_control) {
        false => Ok(text),
        true => Err(ProblemKind::BadValue {
            key: key.to_owned(),
            expected: "one line of text",
        }),
    }
}
