//! The door: a program that brings its own history plans it, approves of it and deploys it, and
//! what a front end could forget to ask is refused here.

use std::path::Path;

use migrate_core::error::{Changing, Destroying, Error};
use migrate_core::event::Unobserved;
use migrate_core::history::{History, Rules};
use migrate_core::migrator::{
    Approval, Client, DeployOptions, GrantsOptions, Migrator, Reach, RevertOptions,
};
use migrate_core::report::DeployReport;
use migrate_core::workspace::{OpenOptions, Workspace};
use migrate_postgres::embedded::EmbeddedOptions;
use migrate_text::variables::Variables;
use tempfile::TempDir;
use testkit::Database;

const USERS: (&str, &str) = ("20250101000000_users", "create table users (id bigint)");
const POSTS: (&str, &str) = ("20250102000000_posts", "create table posts (id bigint)");

/// A workspace with no migrations in it, and a database of this test's own.
struct House {
    folder: TempDir,
    database: Database,
}

impl House {
    /// With these lines for the database.
    fn with(lines: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be created");
        let database = Database::fresh();
        let role = database.name();
        let manifest = format!(
            "[databases.main]\nurl = \"${{DATABASE_URL}}\"\n{lines}\n\n\
             [services.auth]\nowns = [\"*\"]\nrole = \"{role}_auth\"\n"
        );
        std::fs::write(folder.path().join("migrate.toml"), manifest).expect("can be written");
        Self { folder, database }
    }

    /// The way in, in an environment, with a history that no folder has.
    fn migrator(&self, environment: &str, migrations: &[(&str, &str)]) -> Migrator {
        let variables = [("DATABASE_URL", self.database.url())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables: Variables = variables.into_iter().collect();
        let embedded = EmbeddedOptions::from_variables(&variables);
        let workspace = Workspace::open(OpenOptions {
            directory: self.folder.path().to_owned(),
            environment: environment.to_owned(),
            variables,
        });
        let client = Client {
            host: "here".to_owned(),
            pid: 1,
            tool_version: "1.0".to_owned(),
        };
        Migrator::new(workspace.expect("is valid"), embedded, client)
            .with_history(history(migrations))
    }

    /// How many tables there are, ours and Diesel's included.
    fn tables(&self) -> Option<String> {
        self.database
            .value("select count(*) from pg_tables where schemaname = 'public'")
    }
}

fn history(migrations: &[(&str, &str)]) -> History {
    let mut files = Vec::new();
    for (folder, up) in migrations {
        let metadata = "run_in_transaction = true\nservices = [\"auth\"]\n";
        files.push((format!("{folder}/up.sql"), *up));
        files.push((format!("{folder}/down.sql"), "select 1"));
        files.push((format!("{folder}/metadata.toml"), metadata));
    }
    let files = files.iter().map(|(path, text)| (Path::new(path), *text));
    let rules = Rules {
        services: vec!["auth".to_owned()],
        ..Rules::default()
    };
    History::embedded(files, &rules).expect("is valid")
}

fn approved(approval: Approval) -> DeployOptions {
    DeployOptions {
        approval,
        ..DeployOptions::default()
    }
}

fn names(report: &DeployReport) -> Vec<&str> {
    let applied = report.databases[0].applied.iter();
    applied.map(|one| one.migration.name.as_str()).collect()
}

#[test]
fn an_embedded_history_is_planned_approved_and_deployed_and_then_there_is_nothing_to_do() {
    let house = House::with("");
    let migrator = house.migrator("prod", &[USERS, POSTS]);
    let planned = migrator.plan(&DeployOptions::default(), &Unobserved);
    let planned = planned.expect("can be planned");
    let would_apply = &planned.report.databases[0].would_apply;
    assert_eq!(would_apply.len(), 2);
    assert_eq!(
        house.tables().as_deref(),
        Some("0"),
        "a plan writes nothing"
    );

    let options = approved(Approval::ToPlan(planned.fingerprint));
    let report = migrator.deploy(&options, &Unobserved).expect("is applied");
    assert_eq!(names(&report), ["users", "posts"]);

    let again = approved(Approval::ToAnything);
    let report = migrator.deploy(&again, &Unobserved).expect("is in step");
    assert_eq!(names(&report), [""; 0]);
    assert_eq!(report.databases[0].total_applied, 2);
}

#[test]
fn production_takes_no_deploy_of_which_nobody_was_asked() {
    let house = House::with("");
    let migrator = house.migrator("prod", &[USERS]);
    let refused = migrator.deploy(&DeployOptions::default(), &Unobserved);
    assert!(
        matches!(
            refused,
            Err(Error::NotApproved {
                command: Changing::Deploy
            })
        ),
        "{refused:?}"
    );
    assert_eq!(house.tables().as_deref(), Some("0"));
}

#[test]
fn a_yes_to_one_plan_is_refused_for_another_and_nothing_is_created() {
    let house = House::with("schemas = [\"extra\"]");
    let looked_at = house.migrator("prod", &[USERS]);
    let planned = looked_at.plan(&DeployOptions::default(), &Unobserved);
    let approval = Approval::ToPlan(planned.expect("can be planned").fingerprint);
    let grown = house.migrator("prod", &[USERS, POSTS]);
    let refused = grown.deploy(&approved(approval), &Unobserved);
    assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
    assert_eq!(house.tables().as_deref(), Some("0"));
    let extra = "select count(*) from pg_namespace where nspname = 'extra'";
    assert_eq!(house.database.value(extra).as_deref(), Some("0"));
}

#[test]
fn a_revert_that_is_refused_adopts_nothing() {
    let house = House::with("");
    house.database.execute(
        "create table __diesel_schema_migrations (\
           version varchar(50) primary key, run_on timestamp not null default now()); \
         insert into __diesel_schema_migrations (version) \
         values ('20250101000000'), ('20250102000000')",
    );
    let migrator = house.migrator("prod", &[USERS, POSTS]);
    let mut options = RevertOptions {
        connect: DeployOptions::default().connect,
        reach: Reach::Steps(1),
        lock_wait: DeployOptions::default().lock_wait,
        approval: Approval::NotAsked,
    };
    let planned = migrator.plan_revert(&options, &Unobserved);
    options.approval = Approval::ToPlan(planned.expect("can be planned").fingerprint);
    options.reach = Reach::All;
    let refused = migrator.revert(&options, &Unobserved);
    assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
    assert_eq!(house.tables().as_deref(), Some("1"), "only Diesel's own");
}

#[test]
fn a_yes_to_privileges_is_a_yes_to_just_these() {
    let house = House::with("roles = true");
    let migrator = house.migrator("prod", &[]);
    let mut options = GrantsOptions {
        connect: DeployOptions::default().connect,
        lock_wait: DeployOptions::default().lock_wait,
        approval: Approval::NotAsked,
    };
    let planned = migrator.plan_grants(&options, &Unobserved);
    options.approval = Approval::ToPlan(planned.expect("can be planned").fingerprint);
    house.database.execute("create table users (id bigint)");
    let refused = migrator.apply_grants(&options, &Unobserved);
    assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");

    let planned = migrator.plan_grants(&options, &Unobserved);
    let planned = planned.expect("can be planned");
    options.approval = Approval::ToPlan(planned.fingerprint);
    let done = migrator.apply_grants(&options, &Unobserved);
    let done = done.expect("is what was approved");
    assert_eq!(done, planned.report);
    assert!(!done[0].1.is_nothing());
}

#[test]
fn production_is_never_reset() {
    let house = House::with("");
    let migrator = house.migrator("prod", &[USERS]);
    let refused = migrator.reset(&approved(Approval::ToAnything), &Unobserved);
    assert!(
        matches!(
            refused,
            Err(Error::NotInProduction {
                command: Destroying::Reset
            })
        ),
        "{refused:?}"
    );
}
