//! What is given and taken, of snapshots made of values.

use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;

use crate::ownership::{OwnerRule, Owners, QualifiedPattern};

use super::privilege::Privilege;
use super::snapshot::{Holding, Role, Securable, Snapshot};
use super::{Obstacle, Privileges, Wall, WallRole};

/// The role that asks. It owns everything, unless a case says otherwise.
const OURS: &str = "deployer";

const DATABASE: usize = 0;
const SCHEMA: usize = 1;
const POSTS: usize = 2;
const USERS: usize = 3;
const COUNTER: usize = 4;
const ROUTINE: usize = 5;
const LEDGER: usize = 6;

fn exact(name: &str) -> QualifiedPattern {
    QualifiedPattern::exact(&QualifiedName::new("public", name))
}

/// Service `post` owns `posts`, its counter and a routine, and reads `users`, which are of `auth`.
fn wall() -> Wall {
    let role = |service: &str, reads: &[&str]| WallRole {
        service: service.to_owned(),
        role: format!("{service}_role"),
        reads: reads.iter().map(|name| exact(name)).collect(),
        uses: Vec::new(),
    };
    let rule = |class, name: &str, service: &str| OwnerRule {
        class,
        pattern: exact(name),
        services: vec![service.to_owned()],
    };
    Wall {
        roles: vec![role("post", &["users"])],
        owners: Owners(vec![
            rule(Class::Relation, "posts", "post"),
            rule(Class::Relation, "counter", "post"),
            rule(Class::Routine, "f", "post"),
            rule(Class::Relation, "users", "auth"),
        ]),
        versions: None,
    }
}

fn securable(kind: ObjectKind, name: &str) -> Securable {
    Securable {
        kind,
        name: QualifiedName::new("public", name),
        identity: format!("public.{name}()"),
        owner: OURS.to_owned(),
        ours: true,
        parent: None,
        bases: Vec::new(),
        flag: false,
        creatable: true,
    }
}

/// A database in which nobody holds anything.
fn bare() -> Snapshot {
    let role = |can_login, creates_roles| Role {
        can_login,
        creates_roles,
        ..Role::default()
    };
    let mut snapshot = Snapshot {
        current_role: OURS.to_owned(),
        session_role: OURS.to_owned(),
        version: 150_000,
        objects: vec![
            securable(ObjectKind::Database, "main"),
            securable(ObjectKind::Schema, "public"),
            securable(ObjectKind::Table, "posts"),
            securable(ObjectKind::Table, "users"),
            securable(ObjectKind::Sequence, "counter"),
            securable(ObjectKind::Routine, "f"),
            securable(ObjectKind::Table, "__migrate_ledger"),
        ],
        ..Snapshot::default()
    };
    snapshot.roles.insert(OURS.to_owned(), role(true, true));
    snapshot
        .roles
        .insert("post_role".to_owned(), role(true, false));
    snapshot.schemas.insert("public".to_owned(), SCHEMA);
    snapshot
}

fn held(object: usize, role: Option<&str>, privilege: &str) -> Holding {
    Holding {
        object,
        column: None,
        role: role.map(str::to_owned),
        grantor: OURS.to_owned(),
        grantor_ours: true,
        privilege: Privilege::of(privilege),
        grantable: false,
    }
}

/// A database in which `post` holds what it should, and nobody else anything.
fn right() -> Snapshot {
    let mut snapshot = bare();
    for (object, privileges) in [
        (DATABASE, &["CONNECT"] as &[&str]),
        (SCHEMA, &["USAGE"]),
        (POSTS, &["SELECT", "INSERT", "UPDATE", "DELETE"]),
        (USERS, &["SELECT"]),
        (COUNTER, &["USAGE", "SELECT"]),
        (ROUTINE, &["EXECUTE"]),
    ] {
        for privilege in privileges {
            snapshot
                .held
                .push(held(object, Some("post_role"), privilege));
        }
    }
    snapshot
}

fn role<'s>(snapshot: &'s mut Snapshot, name: &str) -> &'s mut Role {
    snapshot.roles.get_mut(name).expect("the snapshot has it")
}

fn changes(snapshot: &Snapshot) -> Vec<String> {
    let changes = Privileges::of(&wall(), snapshot).changes;
    changes.into_iter().map(|change| change.sql).collect()
}

#[test]
fn what_is_missing_is_given() {
    assert_eq!(
        changes(&bare()),
        [
            r#"grant connect on database "main" to "post_role""#,
            r#"grant usage on schema "public" to "post_role""#,
            r#"grant select, usage on sequence "public"."counter" to "post_role""#,
            r#"grant delete, insert, select, update on table "public"."posts" to "post_role""#,
            r#"grant select on table "public"."users" to "post_role""#,
            r#"grant execute on routine public.f() to "post_role""#,
        ]
    );
    assert_eq!(changes(&right()), [""; 0]);
}

/// What somebody holds besides, and how it is taken.
#[test]
fn what_is_too_much_is_taken() {
    let post = Some("post_role");
    let of_column = |object, privilege| Holding {
        column: Some("id".to_owned()),
        ..held(object, post, privilege)
    };
    let grantable = |object, privilege| Holding {
        grantable: true,
        ..held(object, post, privilege)
    };
    let by_another = |object, privilege| Holding {
        grantor: "other".to_owned(),
        ..held(object, post, privilege)
    };
    for (besides, expected) in [
        (
            held(POSTS, post, "TRUNCATE"),
            r#"revoke truncate on table "public"."posts" from "post_role" cascade"#,
        ),
        (
            held(USERS, post, "UPDATE"),
            r#"revoke update on table "public"."users" from "post_role" cascade"#,
        ),
        (
            held(SCHEMA, post, "CREATE"),
            r#"revoke create on schema "public" from "post_role" cascade"#,
        ),
        (
            held(COUNTER, post, "UPDATE"),
            r#"revoke update on sequence "public"."counter" from "post_role" cascade"#,
        ),
        (
            of_column(POSTS, "REFERENCES"),
            r#"revoke references ("id") on table "public"."posts" from "post_role" cascade"#,
        ),
        (
            grantable(POSTS, "TRIGGER"),
            r#"revoke trigger on table "public"."posts" from "post_role" cascade"#,
        ),
        (
            by_another(POSTS, "TRUNCATE"),
            r#"set local role "other"; revoke truncate on table "public"."posts" from "post_role" cascade; reset role"#,
        ),
        // A privilege that we do not know yet.
        (
            held(POSTS, post, "MARVEL"),
            r#"revoke marvel on table "public"."posts" from "post_role" cascade"#,
        ),
        // Of everyone: what is somebody's, and creating.
        (
            held(POSTS, None, "SELECT"),
            r#"revoke select on table "public"."posts" from public cascade"#,
        ),
        (
            held(ROUTINE, None, "EXECUTE"),
            r#"revoke execute on routine public.f() from public cascade"#,
        ),
        (
            held(SCHEMA, None, "CREATE"),
            r#"revoke create on schema "public" from public cascade"#,
        ),
        (
            held(DATABASE, None, "TEMPORARY"),
            r#"revoke temporary on database "main" from public cascade"#,
        ),
        (
            held(LEDGER, None, "SELECT"),
            r#"revoke select on table "public"."__migrate_ledger" from public cascade"#,
        ),
    ] {
        let mut snapshot = right();
        snapshot.held.push(besides.clone());
        assert_eq!(changes(&snapshot), [expected], "{besides:?}");
    }
}

/// What stays although nobody wants it.
#[test]
fn what_is_not_ours_to_take_stays() {
    for besides in [
        held(SCHEMA, None, "USAGE"),
        held(DATABASE, None, "CONNECT"),
        held(POSTS, Some("stranger"), "SELECT"),
        held(POSTS, Some(OURS), "TRUNCATE"),
    ] {
        let mut snapshot = right();
        snapshot.held.push(besides.clone());
        assert_eq!(changes(&snapshot), [""; 0], "{besides:?}");
    }
}

#[test]
fn the_right_to_pass_it_on_is_taken_alone() {
    let mut snapshot = right();
    for held in &mut snapshot.held {
        held.grantable = held.object == USERS;
    }
    assert_eq!(
        changes(&snapshot),
        [r#"revoke grant option for select on table "public"."users" from "post_role" cascade"#]
    );
}

/// What the role is, and what is done first about it.
#[test]
fn a_role_is_made_and_let_in() {
    type Change = fn(&mut Snapshot);
    let cases: [(Change, &[&str]); 4] = [
        (
            |snapshot| {
                snapshot.roles.remove("post_role");
            },
            &[r#"create role "post_role" login"#],
        ),
        (
            |snapshot| role(snapshot, "post_role").can_login = false,
            &[r#"alter role "post_role" login"#],
        ),
        // One that may do everything needs nothing, and the one that asks keeps what it has.
        (|snapshot| role(snapshot, "post_role").superuser = true, &[]),
        (
            |snapshot| snapshot.session_role = "post_role".to_owned(),
            &[],
        ),
    ];
    for (change, expected) in cases {
        let mut snapshot = right();
        change(&mut snapshot);
        assert_eq!(changes(&snapshot), *expected);
    }
}

/// What cannot be done, and why.
#[test]
fn an_obstacle_is_told_with_the_change() {
    type Change = fn(&mut Snapshot);
    let cases: [(Change, Option<Obstacle>); 5] = [
        (|_| {}, None),
        (
            |snapshot| snapshot.objects[POSTS].ours = false,
            Some(Obstacle::NotOwner(OURS.to_owned())),
        ),
        (
            |snapshot| snapshot.held[0].grantor_ours = false,
            Some(Obstacle::NotOwner("other".to_owned())),
        ),
        (
            |snapshot| {
                snapshot.held.clear();
                snapshot.roles.remove("post_role");
                role(snapshot, OURS).creates_roles = false;
            },
            Some(Obstacle::NoRole),
        ),
        // Since 16 the right to create roles is not one to alter those of others.
        (
            |snapshot| {
                snapshot.held.clear();
                snapshot.version = 160_000;
                role(snapshot, "post_role").can_login = false;
            },
            Some(Obstacle::NoCreateRole),
        ),
    ];
    for (change, expected) in cases {
        let mut snapshot = bare();
        let grantor = "other".to_owned();
        snapshot.held.push(Holding {
            grantor,
            ..held(POSTS, Some("post_role"), "TRUNCATE")
        });
        change(&mut snapshot);
        let changes = Privileges::of(&wall(), &snapshot).changes;
        let obstacles: Vec<Obstacle> = changes.into_iter().filter_map(|c| c.obstacle).collect();
        match expected {
            Some(expected) => assert!(obstacles.contains(&expected), "{obstacles:?}"),
            None => assert_eq!(obstacles, []),
        }
    }
}

#[test]
fn every_object_has_the_keyword_that_grant_knows_it_by() {
    for (kind, keyword) in [
        (ObjectKind::Database, "database"),
        (ObjectKind::Schema, "schema"),
        (ObjectKind::Routine, "routine"),
        (ObjectKind::Type, "type"),
        (ObjectKind::Sequence, "sequence"),
        (ObjectKind::Table, "table"),
        (ObjectKind::PartitionedTable, "table"),
        (ObjectKind::ForeignTable, "table"),
        (ObjectKind::View, "table"),
        (ObjectKind::MaterializedView, "table"),
    ] {
        assert_eq!(securable(kind, "a").keyword(), keyword, "{kind}");
    }
}
