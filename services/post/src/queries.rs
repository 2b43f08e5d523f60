//! What post asks its database.

use diesel::dsl::now;
use diesel::prelude::*;
use service_kit::text_list::TextList;
use uuid::Uuid;

use crate::models::{Author, NewPost, Post, PostChanges, PostStatus, PostWithAuthor};
use crate::schema::{posts, users};

/// Writes down a new draft.
pub fn create_draft(conn: &mut PgConnection, post: &NewPost<'_>) -> QueryResult<Post> {
    diesel::insert_into(posts::table)
        .values(post)
        .returning(Post::as_returning())
        .get_result(conn)
}

/// Changes a post. `None` when there is no such post.
pub fn edit(
    conn: &mut PgConnection,
    id: Uuid,
    changes: &PostChanges<'_>,
) -> QueryResult<Option<Post>> {
    diesel::update(posts::table.find(id))
        .set((changes, posts::updated_at.eq(now)))
        .returning(Post::as_returning())
        .get_result(conn)
        .optional()
}

/// Publishes a draft. `None` when there is no such draft.
///
/// The status is part of the condition, not looked up first: of two who publish at once, one
/// does, and the date is set once.
pub fn publish(conn: &mut PgConnection, id: Uuid) -> QueryResult<Option<Post>> {
    diesel::update(posts::table.find(id))
        .filter(posts::status.eq(PostStatus::Draft))
        .set((
            posts::status.eq(PostStatus::Published),
            posts::published_at.eq(now),
            posts::updated_at.eq(now),
        ))
        .returning(Post::as_returning())
        .get_result(conn)
        .optional()
}

/// Stops showing a post. `None` when there is no such post or it is archived already.
pub fn archive(conn: &mut PgConnection, id: Uuid) -> QueryResult<Option<Post>> {
    diesel::update(posts::table.find(id))
        .filter(posts::status.ne(PostStatus::Archived))
        .set((
            posts::status.eq(PostStatus::Archived),
            posts::updated_at.eq(now),
        ))
        .returning(Post::as_returning())
        .get_result(conn)
        .optional()
}

/// The last published posts, the newest first.
pub fn recently_published(conn: &mut PgConnection, limit: u32) -> QueryResult<Vec<PostWithAuthor>> {
    posts::table
        .inner_join(users::table)
        .filter(posts::status.eq(PostStatus::Published))
        .order(posts::published_at.desc())
        .limit(limit.into())
        .select(PostWithAuthor::as_select())
        .load(conn)
}

/// The published posts that have all of these tags, the newest first.
pub fn published_with_tags(
    conn: &mut PgConnection,
    tags: TextList,
    limit: u32,
) -> QueryResult<Vec<PostWithAuthor>> {
    posts::table
        .inner_join(users::table)
        .filter(posts::status.eq(PostStatus::Published))
        .filter(posts::tags.contains(tags))
        .order(posts::published_at.desc())
        .limit(limit.into())
        .select(PostWithAuthor::as_select())
        .load(conn)
}

/// All posts of an author in whatever state, the last changed first.
pub fn posts_of(conn: &mut PgConnection, author: &Author) -> QueryResult<Vec<Post>> {
    Post::belonging_to(author)
        .select(Post::as_select())
        .order(posts::updated_at.desc())
        .load(conn)
}
