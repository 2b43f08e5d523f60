//! Who may do what, where owners are more than patterns over tables: routines by name, several
//! services of one table, views that lead elsewhere.

use std::time::Duration;

use super::{ChangesMade, Passwords, apply};
use crate::grants::{Excess, Finding, Privileges, Wall, WallRole, read};
use crate::lock::Held;
use crate::ownership::{OwnerRule, Owners, QualifiedPattern};
use migrate_postgres::Session;
use migrate_text::class::Class;
use migrate_text::name::{QualifiedName, quote_identifier};
use testkit::Database;

/// A database with two services, `a` and `b`, whose roles are dropped with it.
struct Case {
    database: Database,
    wall: Wall,
}

impl Case {
    /// Rules are a class, a name in `public`, and services.
    fn new(sql: &str, rules: &[(Class, &str, &[&str])], reads_of_b: &[&str]) -> Self {
        let database = Database::fresh();
        database.execute(sql);
        let role = |service: &str, reads: &[&str]| WallRole {
            service: service.to_owned(),
            role: format!("{}_{service}", database.name()),
            reads: reads.iter().map(|name| exact(name)).collect(),
            uses: Vec::new(),
        };
        let owners = rules.iter().map(|(class, name, services)| OwnerRule {
            class: *class,
            pattern: exact(name),
            services: services.iter().map(ToString::to_string).collect(),
        });
        let wall = Wall {
            roles: vec![role("a", &[]), role("b", reads_of_b)],
            owners: Owners(owners.collect()),
            versions: None,
        };
        let case = Self { database, wall };
        let applied = case.apply();
        assert_eq!(applied.refused, []);
        case
    }

    fn apply(&self) -> ChangesMade {
        let passwords = Passwords::default();
        let mut session = self.database.session();
        let mut session = Held::scratch(&mut session);
        apply(&mut session, &self.wall, &passwords, Duration::from_secs(5))
            .expect("the privileges can be set")
    }

    /// Whether a service's role may run a statement. It is rolled back.
    fn may(&self, service: &str, sql: &str) -> bool {
        let role = format!("{}_{service}", self.database.name());
        let target = self.database.target().clone().with("user", role);
        let mut session = Session::connect(&target).expect("the role may log in");
        session.execute("begin").expect("a transaction can begin");
        match session.execute(sql) {
            Ok(()) => true,
            Err(error) if error.is("42501") => false,
            Err(error) => panic!("{sql}: {error} ({})", error.sqlstate),
        }
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        let mut session = self.database.session();
        for role in &self.wall.roles {
            let role = quote_identifier(&role.role);
            // A test that failed for another reason shall not be told of this one.
            let _ = session.execute(&format!("drop owned by {role} cascade; drop role {role}"));
        }
    }
}

fn exact(name: &str) -> QualifiedPattern {
    QualifiedPattern::exact(&QualifiedName::new("public", name))
}

#[test]
fn routines_are_their_owners_and_those_of_nobody_stay() {
    let mut case = Case::new(
        "create function mine() returns int language sql as 'select 1';
         create function mine(int) returns int language sql as 'select 1';
         create function nobodys() returns int language sql as 'select 1';
         create function closed() returns int language sql as 'select 1';
         revoke execute on function closed() from public;
         create table t (n int default closed());",
        &[
            (Class::Routine, "mine", &["a"]),
            (Class::Relation, "t", &["b"]),
        ],
        &[],
    );
    for sql in ["select mine()", "select mine(1)"] {
        assert!(case.may("a", sql), "{sql}");
        assert!(!case.may("b", sql), "{sql}");
    }
    assert!(case.may("b", "select nobodys()"));
    // Its table calls it; but whoever closed it decides for whom, and not whoever has such a table.
    assert!(!case.may("b", "insert into t default values"));
    case.wall.roles[1].uses = vec![exact("closed")];
    assert_eq!(case.apply().refused, []);
    assert!(case.may("b", "insert into t default values"));
    assert!(!case.may("a", "select closed()"));
}

/// A table, view or policy can be made to call what another service keeps for itself.
#[test]
fn what_anothers_function_does_is_given_by_uses_alone() {
    let mut case = Case::new(
        "create table posts (id int);
         create function purge() returns int language sql security definer as 'delete from posts; select 1';
         create function shown() returns int language sql as 'select 1';
         create sequence numbers;
         create table by_default (id int default purge());
         create view by_view as select purge() as id;
         create table by_policy (id int);
         alter table by_policy enable row level security;
         create policy p on by_policy using (purge() = 1);
         create table by_check (id int check (purge() = 1));
         create table by_sequence (id int default nextval('numbers'));
         create view feed as select shown() as id;",
        &[
            (Class::Relation, "posts", &["a"]),
            (Class::Relation, "numbers", &["a"]),
            (Class::Relation, "feed", &["a"]),
            (Class::Routine, "purge", &["a"]),
            (Class::Routine, "shown", &["a"]),
            (Class::Relation, "by_default", &["b"]),
            (Class::Relation, "by_view", &["b"]),
            (Class::Relation, "by_policy", &["b"]),
            (Class::Relation, "by_check", &["b"]),
            (Class::Relation, "by_sequence", &["b"]),
        ],
        &["feed"],
    );
    let uses = [
        "insert into by_default default values",
        "select * from by_view",
        "select * from by_policy",
        "insert into by_check values (1)",
        "insert into by_sequence default values",
    ];
    for sql in uses {
        assert!(!case.may("b", sql), "{sql}");
    }
    assert!(!case.may("b", "select purge()"));
    // Its owner shows it to whoever reads it.
    assert!(case.may("b", "select * from feed"));
    let mut session = case.database.session();
    let snapshot = read(&mut session, &case.wall).expect("it can be read");
    let findings = Privileges::of(&case.wall, &snapshot).findings;
    let role = case.wall.roles[1].role.clone();
    let objects = vec!["numbers".to_owned(), "purge()".to_owned()];
    let excess = Excess::NotInUses { objects };
    assert_eq!(findings, [Finding { role, excess }]);
    case.wall.roles[1].uses = vec![exact("purge"), exact("numbers")];
    assert_eq!(case.apply().refused, []);
    for sql in uses {
        assert!(case.may("b", sql), "{sql}");
    }
    // What is not used any more is taken.
    case.wall.roles[1].uses = Vec::new();
    assert_eq!(case.apply().refused, []);
    assert!(!case.may("b", "select purge()"));
    assert!(!case.may("b", "select nextval('numbers')"));
}

#[test]
fn rights_that_lead_beyond_the_tables_are_taken() {
    let case = Case::new(
        "create foreign data wrapper elsewhere; create server far foreign data wrapper elsewhere",
        &[],
        &[],
    );
    let role = quote_identifier(&case.wall.roles[0].role);
    let mut session = case.database.session();
    let mut rights = vec![
        "usage on foreign data wrapper elsewhere",
        "usage on foreign server far",
        "execute on function pg_catalog.pg_read_file(text)",
        "execute on function pg_catalog.pg_ls_dir(text)",
    ];
    if session.server_version() >= 150_000 {
        rights.extend([
            "set on parameter session_replication_role",
            "alter system on parameter work_mem",
        ]);
    }
    for right in &rights {
        session
            .execute(&format!("grant {right} to {role}"))
            .expect("a superuser may give everything");
    }
    assert!(case.may("a", "select pg_read_file('PG_VERSION')"));
    let made = case.apply();
    assert_eq!((made.taken, made.refused), (rights.len(), Vec::new()));
    assert!(!case.may("a", "select pg_read_file('PG_VERSION')"));
    assert_eq!(case.apply().taken, 0);
}

#[test]
fn what_stops_a_role_or_leads_it_round_the_walls_is_found() {
    let case = Case::new("", &[], &[]);
    let role = case.wall.roles[0].role.clone();
    let quoted = quote_identifier(&role);
    let found = |sql: &str| {
        let mut session = case.database.session();
        let sql = sql.replace("{role}", &quoted);
        session.execute(&sql).expect("a superuser may");
        let snapshot = read(&mut session, &case.wall).expect("it can be read");
        let findings = Privileges::of(&case.wall, &snapshot).findings;
        assert!(findings.iter().all(|finding| finding.role == role));
        findings
            .into_iter()
            .map(|finding| finding.excess)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("alter role {role} connection limit 0"),
        [Excess::ShutOut]
    );
    let setting = |setting: &str| Excess::Setting {
        setting: setting.to_owned(),
    };
    assert_eq!(
        found(
            "alter role {role} connection limit 5;
             alter role {role} set default_transaction_read_only = on;
             alter role {role} set session_replication_role = replica"
        ),
        [
            setting("default_transaction_read_only=on"),
            setting("session_replication_role=replica")
        ]
    );
    // What people set with good reason.
    assert_eq!(
        found(
            "alter role {role} reset all; alter role {role} set statement_timeout = '30s';
             alter role {role} set search_path = app, public; alter role {role} set row_security = on;
             alter role {role} set default_transaction_read_only = off"
        ),
        []
    );
}

#[test]
fn a_table_of_two_services_is_for_both() {
    let case = Case::new(
        "create table t (id serial)",
        &[(Class::Relation, "t", &["a", "b"])],
        &[],
    );
    for service in ["a", "b"] {
        assert!(case.may(service, "insert into t default values"));
        assert!(!case.may(service, "truncate t"));
    }
}

/// Whoever writes to a view writes to its tables as the view's owner.
#[test]
fn a_view_is_no_door_to_the_tables_of_others() {
    let mut sql = "
        create table ours (id int);
        create table theirs (id int);
        create view plain as select * from ours;
        create view door as select * from theirs;
        create view behind as select * from door;
        create view rules as select 1 as id;
        create rule r as on insert to rules do instead insert into theirs values (new.id);
        create view triggers as select count(*) as id from theirs;
        create function write() returns trigger language plpgsql as
            'begin insert into ours values (1); return new; end';
        create trigger t instead of insert on triggers
            for each row execute function write();"
        .to_owned();
    let version = Database::fresh().session().server_version();
    if version >= 150_000 {
        sql.push_str("create view invoker with (security_invoker) as select * from theirs;");
    }
    let views = [
        "ours", "plain", "door", "behind", "rules", "triggers", "invoker",
    ];
    let mut rules: Vec<(Class, &str, &[&str])> = vec![(Class::Relation, "theirs", &["a"])];
    rules.extend(views.map(|view| (Class::Relation, view, &["b"] as &[_])));
    let case = Case::new(&sql, &rules, &["theirs"]);
    for (view, may_write) in [
        ("ours", true),
        ("plain", true),
        ("door", false),
        ("behind", false),
        ("rules", false),
        // Runs with the rights of whoever writes.
        ("triggers", true),
    ] {
        let sql = format!("insert into {view} values (1)");
        assert_eq!(case.may("b", &sql), may_write, "{view}");
        assert!(case.may("b", &format!("select * from {view}")), "{view}");
    }
    if version >= 150_000 {
        assert!(case.may("b", "select * from invoker"));
        assert!(!case.may("b", "insert into invoker values (1)"));
    }
}

/// A heir or partition is its parent's, unless it has an owner of its own.
#[test]
fn parts_are_their_tables() {
    let case = Case::new(
        "create table parent (id int) partition by list (id);
         create table first partition of parent for values in (1);
         create table second partition of parent for values in (2) partition by list (id);
         create table deep partition of second for values in (2);
         create table base (id int);
         create table heir (extra int) inherits (base);",
        &[
            (Class::Relation, "parent", &["a"]),
            (Class::Relation, "second", &["b"]),
            (Class::Relation, "base", &["b"]),
        ],
        &[],
    );
    assert!(case.may("b", "insert into heir values (1, 1)"));
    assert!(case.may("a", "insert into first values (1)"));
    assert!(!case.may("a", "insert into second values (2)"));
    assert!(case.may("b", "insert into deep values (2)"));
    assert!(!case.may("b", "insert into first values (1)"));
}

#[test]
fn what_an_extension_brings_stays() {
    let case = Case::new(
        "create schema ext; create extension pgcrypto schema ext",
        &[(Class::Routine, "gen_random_bytes", &["a"])],
        &[],
    );
    for service in ["a", "b"] {
        assert!(case.may(service, "select ext.gen_random_bytes(1)"));
    }
}

#[test]
fn it_takes_the_same_number_of_messages_however_many_tables() {
    let count = |tables: u32| {
        let tables = format!(
            "do $$ begin for n in 1..{tables} loop
                 execute format('create table t%s (id serial)', n);
             end loop; end $$"
        );
        let rules: Vec<String> = (1..=300).map(|n| format!("t{n}")).collect();
        let rules: Vec<(Class, &str, &[&str])> = rules
            .iter()
            .map(|name| (Class::Relation, name.as_str(), &["a"] as &[_]))
            .collect();
        let case = Case::new(&tables, &rules, &[]);
        let mut session = case.database.session();
        let snapshot = read(&mut session, &case.wall).expect("it can be read");
        assert!(Privileges::of(&case.wall, &snapshot).is_right());
        session.messages_sent()
    };
    assert_eq!(count(3), count(300));
}
