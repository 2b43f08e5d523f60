//! Passwords in SQL text.

use std::borrow::Cow;

use super::token::tokens;

/// The text with every literal after the word `PASSWORD` replaced by stars, as in
/// `CREATE ROLE r PASSWORD 'secret'`. Used for everything that is shown or kept. As many bytes
/// as before, so that positions in the one are positions in the other.
pub fn mask_passwords(text: &str) -> Cow<'_, str> {
    // Nearly all files: no token needs a look.
    if !text
        .as_bytes()
        .windows(8)
        .any(|word| word.eq_ignore_ascii_case(b"password"))
    {
        return Cow::Borrowed(text);
    }
    let (tokens, _) = tokens(text);
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for pair in tokens.windows(2) {
        if pair[0].keyword(text).as_deref() == Some("password") && pair[1].is_string() {
            masked.push_str(&text[copied..pair[1].span.start]);
            masked.push_str(&"*".repeat(pair[1].span.len()));
            copied = pair[1].span.end;
        }
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_literal_after_password_is_hidden() {
        assert_eq!(
            mask_passwords("alter role r with encrypted password 'x''y'; select 'password', 1"),
            "alter role r with encrypted password ******; select 'password', 1"
        );
        assert_eq!(
            mask_passwords("create role r PASSWORD $$x$$ login"),
            "create role r PASSWORD ***** login"
        );
        assert_eq!(mask_passwords("select 1"), "select 1");
    }
}
