//! Errors told with what caused them.

use std::error::Error;

/// An error and all that caused it, in one line: `cannot read f: permission denied`.
///
/// The `Display` of an error of ours says only its own sentence, and its `source()` the rest.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
