//! Text of others as a terminal may show it: names of folders, what a server says, files.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that a terminal would act on, or that hides or turns round what
/// stands beside it, written out: `\u{1b}`. Line breaks and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            // The line break of some systems.
            '\r' if characters.peek() == Some(&'\n') => {}
            c if is_hidden(c) => write(&mut shown, c),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// The same of a text in which colours are ours: they stay.
pub fn visible_coloured(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(start) = rest.find('\u{1b}') {
        shown.push_str(&visible(&rest[..start]));
        rest = &rest[start..];
        let length = colour(rest);
        match length {
            0 => write(&mut shown, '\u{1b}'),
            length => shown.push_str(&rest[..length]),
        }
        rest = &rest[length.max(1)..];
    }
    shown.push_str(&visible(rest));
    Cow::Owned(shown)
}

/// JSON with every such character of its strings written as JSON does.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_hidden) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if !is_hidden(c) {
            shown.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            // To a string it can always be written.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    Cow::Owned(shown)
}

fn write(shown: &mut String, c: char) {
    shown.extend(c.escape_unicode());
}

/// The length of what sets colours, at the start of a text; 0 for anything else.
fn colour(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = numbers.find(|c: char| !(c.is_ascii_digit() || c == ';'));
    match end {
        Some(end) if numbers[end..].starts_with('m') => 2 + end + 1,
        _ => 0,
    }
}

/// Whether a terminal acts on a character, or nobody sees it: controls, what turns the direction
/// of writing round, what has no width.
fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        for (text, shown) in [
            ("plain\n\ttext ä 日本", "plain\n\ttext ä 日本"),
            (
                "\u{1b}[2J\u{1b}]0;title\u{7}",
                r"\u{1b}[2J\u{1b}]0;title\u{7}",
            ),
            ("a\rb\r\nc", "a\\u{d}b\nc"),
            ("\u{9b}31m\u{85}\u{7f}\0", r"\u{9b}31m\u{85}\u{7f}\u{0}"),
            (
                "a\u{202e}b\u{2066}c\u{200b}",
                r"a\u{202e}b\u{2066}c\u{200b}",
            ),
            ("\u{feff}\u{e0041}", r"\u{feff}\u{e0041}"),
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn colours_that_are_ours_stay() {
        let ours = "\u{1b}[1;31merror\u{1b}[0m: \u{1b}[K\u{202e}\u{1b}";
        let shown = "\u{1b}[1;31merror\u{1b}[0m: \\u{1b}[K\\u{202e}\\u{1b}";
        assert_eq!(visible_coloured(ours), shown);
        assert_eq!(visible_coloured("\u{1b}[1;3"), r"\u{1b}[1;3");
    }

    #[test]
    fn json_stays_json() {
        let json = "{\n  \"a\": \"x\u{202e}\u{9b}\u{e0041}\"\n}";
        let shown = "{\n  \"a\": \"x\\u202e\\u009b\\udb40\\udc41\"\n}";
        assert_eq!(visible_json(json), shown);
    }
}
