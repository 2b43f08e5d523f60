//! `CREATE TABLE` statements.

use squawk_lexer::TokenKind;

use migrate_text::source::Span;

use super::split::statements;
use super::token::{Token, tokens};

/// The name in the last `CREATE TABLE` of a text that creates this table. A name without a
/// schema is taken for one in any: which schema it lands in depends on the search path.
pub fn created_table(text: &str, schema: &str, name: &str) -> Option<Span> {
    let (tokens, _) = tokens(text);
    let all = statements(text, &tokens).into_iter();
    all.rev().find_map(|(_, tokens)| {
        let named = table_name(text, tokens)?;
        let same = match named {
            [name_token] => identifier(text, name_token) == name,
            [schema_token, _, name_token] => {
                identifier(text, schema_token) == schema && identifier(text, name_token) == name
            }
            _ => false,
        };
        same.then(|| named[0].span.start..named[named.len() - 1].span.end)
    })
}

/// The tokens of the name in `CREATE [...] TABLE [IF NOT EXISTS] name`.
fn table_name<'t>(text: &str, tokens: &'t [Token]) -> Option<&'t [Token]> {
    let keyword = |token: &Token| token.keyword(text).unwrap_or_default();
    if keyword(tokens.first()?) != "create" {
        return None;
    }
    // `CREATE UNLOGGED TABLE`, `CREATE FOREIGN TABLE`; a function or index has its `table` later.
    let table = tokens
        .iter()
        .take(3)
        .position(|token| keyword(token) == "table")?;
    let mut rest = &tokens[table + 1..];
    let if_not_exists = ["if", "not", "exists"];
    if rest.len() > 3
        && rest
            .iter()
            .zip(if_not_exists)
            .all(|(token, word)| keyword(token) == word)
    {
        rest = &rest[3..];
    }
    let is_dot = |token: &Token| token.kind == TokenKind::Dot;
    match rest {
        [_, dot, _, ..] if is_dot(dot) => Some(&rest[..3]),
        [_, ..] => Some(&rest[..1]),
        [] => None,
    }
}

/// A name as PostgreSQL keeps it.
fn identifier(text: &str, token: &Token) -> String {
    let written = &text[token.span.clone()];
    match written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => written.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_however_it_is_written() {
        let sql = "-- create table users\ncreate index on a (b);\n\
                   CREATE TABLE IF NOT EXISTS Users (id int);\ncreate unlogged table \"a\"\"b\".\"C d\" ();";
        let found = |schema, name| created_table(sql, schema, name).map(|span| &sql[span]);
        assert_eq!(found("public", "users"), Some("Users"));
        assert_eq!(found("a\"b", "C d"), Some("\"a\"\"b\".\"C d\""));
        assert_eq!(found("x", "C d"), None);
        assert_eq!(found("public", "a"), None);
    }
}
