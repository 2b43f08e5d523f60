//! PL/pgSQL without the targets of `INTO`, which squawk's parser does not know: with one of them
//! it would give up the whole body.

use squawk_lexer::TokenKind;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{AstNode, Do};
use squawk_syntax::plpgsql::Plpgsql;

use crate::token::{Token, tokens};
use migrate_text::source::Span;

/// The tree of a body, whose places are those of the body's text. `None` when it has errors.
pub(super) fn parsed(body: &Plpgsql) -> Option<SyntaxNode> {
    let text = body.text();
    let found = targets(text);
    if found.is_empty() {
        return body.errors().is_empty().then(|| body.syntax());
    }
    let mut blank = text.to_owned();
    for span in found {
        blank.replace_range(span.clone(), &" ".repeat(span.len()));
    }
    let block = format!("do '{}'", blank.replace('\'', "''"));
    let parse = squawk_syntax::SourceFile::parse(&block);
    let block = parse.tree().syntax().descendants().find_map(Do::cast)?;
    let body = block.plpgsql()?;
    (parse.errors().is_empty() && body.errors().is_empty()).then(|| body.syntax())
}

/// Each `INTO` with what it fills.
fn targets(text: &str) -> Vec<Span> {
    let (tokens, _) = tokens(text);
    let word = |index: usize| {
        tokens
            .get(index)
            .and_then(|token: &Token| token.keyword(text))
    };
    let mut first = 0;
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        let word_here = word(index);
        let begins = matches!(
            word_here.as_deref(),
            Some("then" | "else" | "loop" | "begin")
        );
        if begins || tokens[index].kind == TokenKind::Semi {
            first = index + 1;
        }
        let before = index.checked_sub(1).and_then(word);
        let names_table = matches!(before.as_deref(), Some("insert" | "merge"));
        // The parser knows that of cursors, and wants it.
        let of_cursor = matches!(word(first).as_deref(), Some("fetch" | "move" | "import"));
        if word_here.as_deref() != Some("into") || names_table || of_cursor {
            continue;
        }
        let strict = usize::from(word(index + 1).as_deref() == Some("strict"));
        if let Some(last) = end_of_list(&tokens, index + 1 + strict) {
            found.push(tokens[index].span.start..tokens[last].span.end);
        }
    }
    found
}

/// The last token of `a, b.c, d[1]`.
fn end_of_list(tokens: &[Token], start: usize) -> Option<usize> {
    let kind = |index: usize| tokens.get(index).map(|token| token.kind);
    let is_name = |index: usize| {
        matches!(
            kind(index),
            Some(
                TokenKind::Ident
                    | TokenKind::QuotedIdent { .. }
                    | TokenKind::PositionalParam { .. }
            )
        )
    };
    let mut at = start;
    loop {
        if !is_name(at) {
            return None;
        }
        while kind(at + 1) == Some(TokenKind::Dot) && is_name(at + 2) {
            at += 2;
        }
        while kind(at + 1) == Some(TokenKind::OpenBracket) {
            let rest = at + 1..tokens.len();
            at = rest
                .into_iter()
                .find(|i| kind(*i) == Some(TokenKind::CloseBracket))?;
        }
        if kind(at + 1) != Some(TokenKind::Comma) {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_and_tables_are_not() {
        let found = |text: &str| -> Vec<String> {
            let spans = targets(text).into_iter();
            spans.map(|span| text[span].to_owned()).collect()
        };
        assert_eq!(
            found("begin select into strict a.b, c[1] x from t; end"),
            ["into strict a.b, c[1]"]
        );
        assert_eq!(
            found("update t set x = 1 returning id into \"N\"; execute s into y using z;"),
            ["into \"N\"", "into y"]
        );
        assert!(found("insert into t select 1; merge into t using u; fetch c into r;").is_empty());
        assert!(found("raise notice 'into x'; -- into y\n perform $$ into z $$;").is_empty());
    }
}
