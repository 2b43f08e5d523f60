//! The queries of post, on PostgreSQL with the whole history applied.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use post::models::{Author, NewPost, Post, PostChanges, PostStatus};
use post::queries::{
    archive, create_draft, edit, posts_of, publish, published_with_tags, recently_published,
};
use post::schema::users;
use testkit::Database;
use uuid::Uuid;

/// A fresh database and a connection to it. The connection comes first to be closed first.
fn connect() -> (PgConnection, Database) {
    let database = Database::with_history(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"));
    let conn = PgConnection::establish(database.url()).unwrap();
    (conn, database)
}

/// Registers a user, which outside of tests only auth does.
fn author(conn: &mut PgConnection, name: &str) -> Author {
    diesel::insert_into(users::table)
        .values((
            users::email.eq(format!("{}@example.com", name.to_lowercase())),
            users::display_name.eq(name),
        ))
        .returning(Author::as_returning())
        .get_result(conn)
        .unwrap()
}

fn draft(conn: &mut PgConnection, author: &Author, title: &str, tags: &[&str]) -> Post {
    let post = NewPost {
        author_id: author.id,
        title,
        body: "",
        tags: tags.iter().copied().collect(),
    };
    create_draft(conn, &post).unwrap()
}

fn published(conn: &mut PgConnection, author: &Author, title: &str, tags: &[&str]) -> Post {
    let draft = draft(conn, author, title, tags);
    publish(conn, draft.id).unwrap().unwrap()
}

#[test]
fn a_draft_is_published_once_and_archived_once() {
    let (mut conn, _database) = connect();
    let ada = author(&mut conn, "Ada");
    let draft = draft(&mut conn, &ada, "Engines", &["maths"]);
    assert_eq!(draft.status, PostStatus::Draft);
    assert_eq!(draft.published_at, None);
    assert_eq!(draft.tags.0, ["maths"]);

    let published = publish(&mut conn, draft.id).unwrap().unwrap();
    assert_eq!(published.status, PostStatus::Published);
    assert!(published.published_at.is_some());
    assert_eq!(publish(&mut conn, draft.id).unwrap(), None);

    let archived = archive(&mut conn, draft.id).unwrap().unwrap();
    assert_eq!(archived.status, PostStatus::Archived);
    assert_eq!(archived.published_at, published.published_at);
    assert_eq!(archive(&mut conn, draft.id).unwrap(), None);
}

#[test]
fn an_edit_leaves_the_rest_alone() {
    let (mut conn, _database) = connect();
    let ada = author(&mut conn, "Ada");
    let before = draft(&mut conn, &ada, "Engines", &["maths"]);
    let changes = PostChanges {
        tags: Some(["maths", "history"].into_iter().collect()),
        ..PostChanges::default()
    };
    let after = edit(&mut conn, before.id, &changes).unwrap().unwrap();
    assert_eq!(after.title, "Engines");
    assert_eq!(after.tags.0, ["maths", "history"]);
    assert!(after.updated_at > before.updated_at);
    assert_eq!(edit(&mut conn, Uuid::new_v4(), &changes).unwrap(), None);
}

#[test]
fn the_newest_published_posts_come_first_with_their_authors() {
    let (mut conn, _database) = connect();
    let ada = author(&mut conn, "Ada");
    let eve = author(&mut conn, "Eve");
    published(&mut conn, &ada, "First", &[]);
    let second = published(&mut conn, &eve, "Second", &[]);
    let third = published(&mut conn, &ada, "Third", &[]);
    let hidden = published(&mut conn, &ada, "Withdrawn", &[]);
    archive(&mut conn, hidden.id).unwrap();
    draft(&mut conn, &eve, "Not yet", &[]);

    let found: Vec<_> = recently_published(&mut conn, 2)
        .unwrap()
        .into_iter()
        .map(|found| (found.post, found.author))
        .collect();
    assert_eq!(found, [(third, ada), (second, eve)]);
}

#[test]
fn tags_are_all_required() {
    let (mut conn, _database) = connect();
    let ada = author(&mut conn, "Ada");
    published(&mut conn, &ada, "Engines", &["maths", "history"]);
    published(&mut conn, &ada, "Numbers", &["maths"]);
    draft(&mut conn, &ada, "More engines", &["maths", "history"]);

    let mut titles = |tags: &[&str]| -> Vec<String> {
        published_with_tags(&mut conn, tags.iter().copied().collect(), 10)
            .unwrap()
            .into_iter()
            .map(|found| found.post.title)
            .collect()
    };
    assert_eq!(titles(&["maths"]), ["Numbers", "Engines"]);
    assert_eq!(titles(&["history", "maths"]), ["Engines"]);
    assert_eq!(titles(&["poetry"]), [""; 0]);
}

#[test]
fn an_author_sees_every_state() {
    let (mut conn, _database) = connect();
    let ada = author(&mut conn, "Ada");
    let eve = author(&mut conn, "Eve");
    let shown = published(&mut conn, &ada, "Shown", &[]);
    let waiting = draft(&mut conn, &ada, "Waiting", &[]);
    draft(&mut conn, &eve, "Another's", &[]);
    assert_eq!(posts_of(&mut conn, &ada).unwrap(), [waiting, shown]);
}

#[test]
fn a_post_keeps_its_author_from_being_deleted() {
    let (mut conn, _database) = connect();
    let ada = author(&mut conn, "Ada");
    draft(&mut conn, &ada, "Engines", &[]);
    let refused = diesel::delete(users::table.find(ada.id)).execute(&mut conn);
    assert!(matches!(
        refused,
        Err(Error::DatabaseError(
            DatabaseErrorKind::ForeignKeyViolation,
            _
        ))
    ));
}
