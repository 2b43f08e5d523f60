//! The rows post works with.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use service_kit::text_list::TextList;
use uuid::Uuid;

use crate::schema::{posts, sql_types, users};

/// How far a post has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::PostStatus)]
pub enum PostStatus {
    /// Only its author sees it.
    Draft,
    /// Everybody sees it.
    Published,
    /// It is kept, but no longer shown.
    Archived,
}

impl PostStatus {
    const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Archived];

    /// The label in PostgreSQL's `post_status`.
    fn label(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

impl ToSql<sql_types::PostStatus, Pg> for PostStatus {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.label().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::PostStatus, Pg> for PostStatus {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let label = str::from_utf8(value.as_bytes())?;
        Self::ALL
            .into_iter()
            .find(|status| status.label() == label)
            // A later migration may add a status before this service knows it.
            .ok_or_else(|| format!("unknown post status {label:?}").into())
    }
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable, Associations)]
#[diesel(
    table_name = posts,
    belongs_to(Author),
    check_for_backend(diesel::pg::Pg)
)]
pub struct Post {
    /// The key of the row.
    pub id: Uuid,
    /// The user who wrote it.
    pub author_id: Uuid,
    /// The headline.
    pub title: String,
    /// The text.
    pub body: String,
    /// How far it has come.
    pub status: PostStatus,
    /// When it was published. A draft never was; an archived post may have been.
    pub published_at: Option<DateTime<Utc>>,
    /// What it is about.
    pub tags: TextList,
    /// When the draft was made.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// As much of a user as a reader of posts needs to know. The table is auth's.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub struct Author {
    /// The key of the user.
    pub id: Uuid,
    /// The name other users see.
    pub display_name: String,
}

/// A post together with who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct PostWithAuthor {
    /// The post.
    #[diesel(embed)]
    pub post: Post,
    /// Who wrote it.
    #[diesel(embed)]
    pub author: Author,
}

/// A post to be written down as a draft.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost<'a> {
    /// The user who wrote it.
    pub author_id: Uuid,
    /// The headline.
    pub title: &'a str,
    /// The text.
    pub body: &'a str,
    /// What it is about.
    pub tags: TextList,
}

/// What may be changed in a post; `None` leaves it as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = posts)]
pub struct PostChanges<'a> {
    /// The headline.
    pub title: Option<&'a str>,
    /// The text.
    pub body: Option<&'a str>,
    /// What it is about.
    pub tags: Option<TextList>,
}
