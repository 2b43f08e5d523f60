//! One attempt at a migration, as the ledger keeps it.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use migrate_postgres::text_array;
use migrate_text::migration_ref::Direction;

use super::unfinished::{Begun, Sent, Unfinished};

/// A row of `__migrate_ledger` without its SQL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// Its number: attempts are numbered in their order.
    pub id: i64,
    /// The version.
    pub version: String,
    /// The folder's name at the time.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The way it was run.
    pub direction: Direction,
    /// The services at the time.
    pub services: Vec<String>,
    /// Whether it was one transaction.
    #[serde(skip)]
    pub run_in_transaction: bool,
    /// The checksum of `up.sql` at the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// What it left when it did not come to its end; of one that did, how many statements it had
    /// done for good, outside a transaction.
    #[serde(rename = "statements_done")]
    pub left: Unfinished,
    /// When it started, in ISO 8601 with zone.
    pub started_at: String,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// The role.
    pub executed_by: String,
    /// The machine.
    pub host: String,
    /// The version of this tool.
    pub tool_version: String,
    /// What the server said when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a person said of it, where nothing was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    /// The row whose place in the order of application this one has: what it says is of the same
    /// application.
    #[serde(skip)]
    pub in_place_of: Option<i64>,
}

impl Attempt {
    /// From the values of a row, by the names of their columns; `None` where it says what no
    /// version of ours has written.
    pub(super) fn decode<'r>(value: impl Fn(&'static str) -> Option<Cow<'r, str>>) -> Option<Self> {
        let text = |name| value(name).map(Cow::into_owned);
        let by_hand = value("by_hand").and_then(|said| ByHand::parse(&said));
        // Of a row for which nothing was run it would be the time that the writing took.
        let duration = value("duration").filter(|_| by_hand.is_none());
        let outcome = Outcome::parse(&value("state")?);
        let sent = value("begun").and_then(|sent| Sent::read(&sent));
        let begun = sent.map(|sent| Begun {
            sent,
            unended: outcome == Outcome::Running,
        });
        Some(Self {
            id: value("id")?.parse().ok()?,
            version: text("version")?,
            name: text("name")?,
            outcome,
            direction: Direction::parse(&value("direction")?)?,
            services: text_array(&value("services")?),
            run_in_transaction: value("run_in_transaction")? == "true",
            checksum: text("checksum"),
            left: Unfinished {
                statements_done: value("statements_done")?.parse().ok()?,
                breach: text("breach"),
                begun,
            },
            started_at: moment(&value("started_at")?)?,
            duration_ms: duration.and_then(|number| number.parse().ok()),
            executed_by: text("executed_by")?,
            host: text("host")?,
            tool_version: text("tool_version")?,
            error: text("error"),
            by_hand,
            in_place_of: value("in_place_of").and_then(|id| id.parse().ok()),
        })
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Not yet ended, or killed. Only outside a transaction.
    Running,
    /// Applied.
    Applied,
    /// Reverted.
    Reverted,
    /// Failed; in a transaction nothing of it is left.
    Failed,
    /// Applied by Diesel's own tool and found by us later.
    Adopted,
}

impl Outcome {
    pub(super) const ALL: [Self; 5] = [
        Self::Running,
        Self::Applied,
        Self::Reverted,
        Self::Failed,
        Self::Adopted,
    ];
    /// After these it is applied.
    pub(super) const APPLIED: [Self; 2] = [Self::Applied, Self::Adopted];
    /// These say how a version stands, whatever was tried before.
    pub(super) const SETTLED: [Self; 3] = [Self::Applied, Self::Adopted, Self::Reverted];
    /// These leave it as it stood before, but for what cannot be rolled back.
    pub(super) const STOPPED: [Self; 2] = [Self::Failed, Self::Running];

    /// As it stands in the ledger.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Applied => "applied",
            Self::Reverted => "reverted",
            Self::Failed => "failed",
            Self::Adopted => "adopted",
        }
    }

    /// What is none of these says of no version that it is applied.
    fn parse(text: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|outcome| outcome.as_str() == text)
            .unwrap_or(Self::Failed)
    }

    /// SQL for a list of them, to be searched with `in`.
    pub(super) fn list(outcomes: &[Self]) -> String {
        let quoted = outcomes.iter().map(|one| format!("'{}'", one.as_str()));
        format!("({})", quoted.collect::<Vec<_>>().join(", "))
    }
}

/// What a person says of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ByHand {
    /// The database has all that it does.
    Applied,
    /// The database has nothing of it.
    RolledBack,
    /// Its file may be as it is now.
    Accepted,
}

impl ByHand {
    /// As it stands in the ledger.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::RolledBack => "rolled_back",
            Self::Accepted => "accepted",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Applied, Self::RolledBack, Self::Accepted];
        all.into_iter().find(|by_hand| by_hand.as_str() == text)
    }
}

/// Seconds since 1970 in ISO 8601. For a server it is dear to write thousands of moments so.
fn moment(seconds: &str) -> Option<String> {
    let since = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    let moment = SystemTime::UNIX_EPOCH.checked_add(since)?;
    Some(humantime::format_rfc3339_seconds(moment).to_string())
}
