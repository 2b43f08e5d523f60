//! The queries of auth, on PostgreSQL with the whole history applied.

use auth::models::{NewIntegration, SealedSecret, User, UserChanges};
use auth::queries::{
    LinkError, RegisterError, delete_user, find_by_email, find_by_integration, integrations_of,
    link_integration, register, update_user,
};
use diesel::prelude::*;
use testkit::Database;
use uuid::Uuid;

/// A fresh database and a connection to it. The connection comes first to be closed first.
fn connect() -> (PgConnection, Database) {
    let database = Database::with_history(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"));
    let conn = PgConnection::establish(database.url()).unwrap();
    (conn, database)
}

fn ada(conn: &mut PgConnection) -> User {
    register(conn, "ada@example.com", "Ada").unwrap()
}

fn github<'a>(user: &User, external_id: &'a str) -> NewIntegration<'a> {
    NewIntegration {
        user_id: user.id,
        provider: "github",
        external_id,
        scopes: ["read:user", "repo"].into_iter().collect(),
        secret: Some(SealedSecret {
            sealed_secret: b"\x00\xffsealed",
            sealed_with: "key-1",
        }),
    }
}

#[test]
fn a_registered_user_is_found_however_the_address_is_typed() {
    let (mut conn, _database) = connect();
    let user = register(&mut conn, "Ada@Example.com", "Ada").unwrap();
    assert_eq!(user.email, "ada@example.com");
    assert_eq!(
        find_by_email(&mut conn, "ADA@example.com").unwrap(),
        Some(user)
    );
    assert_eq!(find_by_email(&mut conn, "eve@example.com").unwrap(), None);
}

#[test]
fn an_address_is_registered_once() {
    let (mut conn, _database) = connect();
    ada(&mut conn);
    assert!(matches!(
        register(&mut conn, "ADA@example.com", "Another Ada"),
        Err(RegisterError::EmailTaken)
    ));
    assert!(matches!(
        register(&mut conn, "eve@example.com", "  "),
        Err(RegisterError::Database(_))
    ));
}

#[test]
fn a_change_leaves_the_rest_alone() {
    let (mut conn, _database) = connect();
    let before = ada(&mut conn);
    let changes = UserChanges {
        display_name: Some("Ada Lovelace"),
    };
    let after = update_user(&mut conn, before.id, &changes)
        .unwrap()
        .unwrap();
    assert_eq!(after.display_name, "Ada Lovelace");
    assert_eq!(after.email, before.email);
    assert!(after.updated_at > before.updated_at);

    let unchanged = update_user(&mut conn, before.id, &UserChanges::default())
        .unwrap()
        .unwrap();
    assert_eq!(unchanged.display_name, "Ada Lovelace");

    let nobody = update_user(&mut conn, Uuid::new_v4(), &changes).unwrap();
    assert_eq!(nobody, None);
}

#[test]
fn a_user_has_the_accounts_that_were_linked() {
    let (mut conn, _database) = connect();
    let user = ada(&mut conn);
    let other = register(&mut conn, "eve@example.com", "Eve").unwrap();

    let linked = link_integration(&mut conn, &github(&user, "4711")).unwrap();
    assert_eq!(linked.scopes.0, ["read:user", "repo"]);
    assert_eq!(
        linked.sealed_secret.as_deref(),
        Some(b"\x00\xffsealed".as_slice())
    );
    assert_eq!(linked.sealed_with.as_deref(), Some("key-1"));
    assert!(!format!("{linked:?}").contains("sealed_secret"));

    let without_secret = NewIntegration {
        provider: "calendar",
        secret: None,
        ..github(&user, "ada")
    };
    let calendar = link_integration(&mut conn, &without_secret).unwrap();
    assert_eq!(calendar.sealed_secret, None);

    assert_eq!(
        integrations_of(&mut conn, &user).unwrap(),
        [calendar, linked]
    );
    assert_eq!(integrations_of(&mut conn, &other).unwrap(), []);
    assert_eq!(
        find_by_integration(&mut conn, "github", "4711").unwrap(),
        Some(user)
    );
    assert_eq!(
        find_by_integration(&mut conn, "gitlab", "4711").unwrap(),
        None
    );
}

#[test]
fn an_account_belongs_to_one_user() {
    let (mut conn, _database) = connect();
    let user = ada(&mut conn);
    let other = register(&mut conn, "eve@example.com", "Eve").unwrap();
    link_integration(&mut conn, &github(&user, "4711")).unwrap();
    assert!(matches!(
        link_integration(&mut conn, &github(&other, "4711")),
        Err(LinkError::AccountTaken)
    ));

    let nobody = NewIntegration {
        user_id: Uuid::new_v4(),
        ..github(&user, "4712")
    };
    assert!(matches!(
        link_integration(&mut conn, &nobody),
        Err(LinkError::NoSuchUser)
    ));
}

#[test]
fn a_deleted_user_takes_the_linked_accounts_along() {
    let (mut conn, _database) = connect();
    let user = ada(&mut conn);
    link_integration(&mut conn, &github(&user, "4711")).unwrap();

    assert!(delete_user(&mut conn, user.id).unwrap());
    assert!(!delete_user(&mut conn, user.id).unwrap());
    assert_eq!(integrations_of(&mut conn, &user).unwrap(), []);
}
