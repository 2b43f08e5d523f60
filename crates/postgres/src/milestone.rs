//! Rows of ours that tell how far the server is in a message of several transactions.

use super::result::{Notice, QueryResult};

/// The milestones of one message: rows of one column, whose name nothing else in the message has.
pub struct Milestones {
    column: Option<String>,
    /// What the row of the next one says, which comes before its end.
    row: Option<String>,
    passed: Vec<Milestone>,
}

/// One that was passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// What its row said.
    pub text: Option<String>,
    /// The notices since the one before.
    pub notices: Vec<Notice>,
}

impl Milestones {
    /// Of a message that has none.
    pub fn none() -> Self {
        Self {
            column: None,
            row: None,
            passed: Vec::new(),
        }
    }

    /// The rows of a column with this name.
    pub fn named(column: String) -> Self {
        Self {
            column: Some(column),
            row: None,
            passed: Vec::new(),
        }
    }

    /// Those that were passed, in their order.
    pub fn passed(self) -> Vec<Milestone> {
        self.passed
    }

    /// Whether a result is one.
    pub(super) fn is(&self, result: &QueryResult) -> bool {
        self.column.is_some() && result.column_name(0) == self.column.as_deref()
    }

    /// Takes note of a row, which may be that of one.
    pub(super) fn note(&mut self, row: &QueryResult) {
        if self.is(row) {
            self.row = row.single();
        }
    }

    pub(super) fn pass(&mut self, notices: Vec<Notice>) {
        self.passed.push(Milestone {
            text: self.row.take(),
            notices,
        });
    }
}
