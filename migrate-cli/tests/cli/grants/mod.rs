//! Wall 3: PostgreSQL's own privileges.

mod deployer;
mod findings;
mod matrix;
mod passwords;
mod shown;
mod standing;
mod taken_back;
mod trouble;

use migrate_postgres::{ServerError, Session};
use migrate_text::name::quote_identifier;
use testkit::{Run, Workspace, server_version};

use crate::workspace;

/// A workspace with roles of its own, which are dropped with it: they belong to the whole server.
struct Walled {
    workspace: Workspace,
    /// The services with their roles.
    roles: Vec<(&'static str, String)>,
}

/// A service: its name, `owns`, `reads`.
type Service = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// The services that most tests have.
const AUTH_AND_POST: [Service; 2] = [("auth", &["users"], &[]), ("post", &["posts"], &["users"])];

impl Walled {
    /// Services whose roles are named by this test's database.
    fn new(services: &[Service]) -> Self {
        Self::with(services, |database, service| {
            format!("{database}_{service}")
        })
    }

    fn with(services: &[Service], name: impl Fn(&str, &str) -> String) -> Self {
        let workspace = workspace();
        let database = workspace.database().name().to_owned();
        let roles = services
            .iter()
            .map(|(service, ..)| (*service, name(&database, service)))
            .collect();
        let walled = Self { workspace, roles };
        walled.settings("roles = true", services);
        walled
    }

    /// Two migrations that fit each other, of `auth` and `post`.
    fn users_and_posts() -> Self {
        let walled = Self::new(&AUTH_AND_POST);
        walled.workspace.migration(
            "1_users",
            "create table users (id int primary key, name text);\n",
            "drop table users;\n",
        );
        walled.workspace.migration_with(
            "2_posts",
            "create table posts (id serial primary key, author int references users);\n",
            "drop table posts;\n",
            "run_in_transaction = true\nservices = [\"post\"]\n",
        );
        walled
    }

    /// A migration that is for every service.
    fn migration_of_all(&self, name: &str, up: &str) {
        let services: Vec<&str> = self.roles.iter().map(|(service, _)| *service).collect();
        let metadata = format!("run_in_transaction = true\nservices = {services:?}\n");
        self.workspace.migration_with(name, up, "", &metadata);
    }

    /// Writes `migrate.toml` anew.
    fn settings(&self, roles: &str, services: &[Service]) {
        let mut text =
            format!("[databases.main]\nurl = \"${{DATABASE_URL}}\"\ncreate = true\n{roles}\n");
        for (service, owns, reads) in services {
            let role = toml_text(self.role(service));
            text.push_str(&format!(
                "\n[services.{service}]\nowns = {owns:?}\nreads = {reads:?}\nrole = {role}\n"
            ));
        }
        self.workspace.write("migrate.toml", &text);
    }

    /// The role of a service.
    fn role(&self, service: &str) -> &str {
        let mut roles = self.roles.iter();
        let found = roles.find(|(name, _)| *name == service);
        &found.expect("the service is this test's").1
    }

    /// A role for SQL.
    fn quoted(&self, service: &str) -> String {
        quote_identifier(self.role(service))
    }

    /// A real login as the role of a service.
    fn login(&self, service: &str) -> Session {
        let target = self.workspace.database().target().clone();
        Session::connect(&target.with("user", self.role(service))).expect("the role may log in")
    }

    /// Whether the role of a service may run a statement. It is rolled back.
    #[track_caller]
    fn may(&self, service: &str, sql: &str) -> bool {
        let mut session = self.login(service);
        may(&mut session, sql)
    }

    fn execute(&self, sql: &str) {
        self.workspace.database().execute(sql);
    }
}

impl Drop for Walled {
    fn drop(&mut self) {
        let mut session = match Session::connect(self.workspace.database().target()) {
            Ok(session) => session,
            // The test has not got as far as a database.
            Err(_) => return,
        };
        for (_, role) in &self.roles {
            drop_role(&mut session, role);
        }
    }
}

/// Drops a role with all that it has in this database, if it is there.
pub(crate) fn drop_role(session: &mut Session, role: &str) {
    let role = quote_identifier(role);
    // Nobody is to be told: it may not be there.
    let _ = session.execute(&format!("drop owned by {role} cascade"));
    let _ = session.execute(&format!("drop role {role}"));
}

/// Runs a statement in a transaction of its own, which is rolled back; whether that was allowed.
/// Every other failure is this test's own fault.
#[track_caller]
fn may(session: &mut Session, sql: &str) -> bool {
    session.execute("begin").expect("a transaction can begin");
    let result = session.execute(sql);
    session.execute("rollback").expect("it can be rolled back");
    match result {
        Ok(()) => true,
        Err(error) if error.is("42501") => false,
        // There is nobody at the other end of a COPY, or it is none of a partitioned table's: in
        // both cases it was allowed.
        Err(error) if sql.starts_with("copy") && (error.is("0A000") || error.is("42809")) => true,
        Err(ServerError {
            sqlstate, message, ..
        }) => panic!("{sql}: {message} ({sqlstate})"),
    }
}

/// A first run, as it is since 15. Before, there is one more privilege to take from everybody: to
/// create in the schema `public`.
fn taken_as_since_15(run: Run) -> Run {
    match server_version() {
        15.. => run,
        _ => run
            .hiding(", 2 taken", ", 1 taken")
            .hiding("\"taken\": 2\n", "\"taken\": 1\n"),
    }
}

/// What a person saw, without the padding: it is as wide as this test's names.
fn squeezed(shown: impl std::fmt::Display) -> String {
    let padding = regex::Regex::new("(?m)^ +|(\\S) {2,}").expect("the pattern is a constant");
    padding.replace_all(&shown.to_string(), "$1  ").into_owned()
}

/// A text as TOML has it.
fn toml_text(text: &str) -> String {
    format!("'{text}'")
}
