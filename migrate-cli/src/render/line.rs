//! One line of what happened.

use console::{Style, StyledObject, style};

/// The width of the first column: `generated`, the longest of its words.
const LABEL_WIDTH: usize = 9;

/// One line: what happened in a right-aligned word, then to what.
pub fn line(label: &str, style: &Style, text: &str) -> String {
    format!(
        "{} {text}",
        style.apply_to(format!("{label:>LABEL_WIDTH$}"))
    )
    .trim_end()
    .to_owned()
}

/// Less important text.
pub fn dim(text: &str) -> StyledObject<&str> {
    style(text).dim()
}
