//! Why an address of a database is none.

/// Why a URL or connection string was not understood. Quotes nothing of it that could be part
/// of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A query parameter that libpq does not have, such as Prisma's `schema`.
    #[error("`{0}` is not a connection parameter that PostgreSQL's client library knows")]
    UnknownParameter(String),
    /// It begins neither like a URL nor like `keyword=value` pairs.
    #[error("a database URL begins with `postgresql://` or `postgres://`")]
    NotAUrl,
    /// Blanks or line breaks in the middle of a URL; at its ends they mean nothing.
    #[error(
        "there are blanks or control characters inside the URL; a blank that is meant is written `%20`"
    )]
    Blank,
    /// `sslmode` has none of libpq's words. libpq itself sees that only when it connects.
    #[error(
        "`sslmode` is one of `disable`, `allow`, `prefer`, `require`, `verify-ca` and `verify-full`"
    )]
    SslMode,
    /// The port is not a number.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// Anything else that libpq refuses.
    #[error(
        "the URL is malformed; `@`, `:`, `/`, `?`, `#`, `%` and spaces in a user name or password are written `%40`, `%3A`, `%2F`, `%3F`, `%23`, `%25`, `%20`"
    )]
    Malformed,
}
