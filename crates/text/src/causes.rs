//! Errors told with what caused them.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An error of somebody else as the cause of one of ours. Ours are copied and compared, which
/// those of the operating system and of parsers cannot be: two causes are one when they say the
/// same.
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    /// Keeps an error.
    pub fn of(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// The error itself, for who looks for one of a known type.
    pub fn error(&self) -> &(dyn Error + 'static) {
        &*self.0
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_string() == other.0.to_string()
    }
}

impl Eq for Cause {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

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

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_cause_says_what_it_said_and_can_still_be_asked_for() {
        let cause = Cause::of(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(cause, cause.clone());
        assert_eq!(cause, Cause::of("entity not found"));
        assert_ne!(cause, Cause::of("permission denied"));
        let kept = cause.error().downcast_ref::<io::Error>();
        assert_eq!(kept.map(io::Error::kind), Some(io::ErrorKind::NotFound));
    }
}
