//! What cannot be said of a migration as it stands.

use migrate_core::error::Unfit;
use migrate_core::report::{Resolution, Standing, State};

use crate::code::Code;
use crate::message::Message;

/// Words why a migration cannot be resolved in this way, and what would be right.
pub fn unfit(resolution: Resolution, unfit: Unfit, standing: &Standing, database: &str) -> Message {
    let Standing { version, name, .. } = standing;
    let migration = format!("{version}_{name}");
    let (title, next) = match (unfit, resolution) {
        (Unfit::IsApplied, _) => is_applied(resolution, &migration, standing, database),
        (Unfit::IsAhead, _) => (
            format!("{migration} is applied to {database} and later than all files here"),
            "use the files of the release that has it; `migrate revert` undoes it from the ledger"
                .to_owned(),
        ),
        (Unfit::NeverTried, Resolution::Retry) => (
            format!("{migration} is not applied to {database}, and no try of it is open"),
            format!("`migrate deploy --to {version}` applies it with all before it"),
        ),
        (Unfit::NeverTried, _) => (
            format!("{migration} is not applied to {database}, and no try of it is open"),
            "nothing has to be done; `migrate deploy` applies it".to_owned(),
        ),
        (Unfit::RevertFailed, _) => (
            format!("{migration} is applied to {database}; what failed was its revert"),
            format!(
                "`migrate revert` goes on with it. If its effects are all there again: `migrate \
                 resolve --applied {version}`; if all are gone: `migrate resolve --rolled-back \
                 {version}`"
            ),
        ),
        (Unfit::NotOnDisk, _) => (
            format!("{migration} is not applied to {database}, and its folder is gone"),
            format!(
                "get the folder back from version control; or undo by hand what was done of it, \
                 then `migrate resolve --rolled-back {version}`"
            ),
        ),
        (Unfit::NotModified, _) => not_modified(&migration, standing.state, database),
        (Unfit::NotKept, _) => (
            format!(
                "{migration} was applied to {database} by Diesel's own tool, which keeps no text"
            ),
            "nothing has to be accepted; the next `migrate deploy` takes it over as it is"
                .to_owned(),
        ),
    };
    Message::new(Code::Resolve, title)
        .state("nothing was touched")
        .next(next)
}

fn is_applied(
    resolution: Resolution,
    migration: &str,
    standing: &Standing,
    database: &str,
) -> (String, String) {
    let version = &standing.version;
    if standing.state == State::Missing {
        return (
            format!("{migration} is applied to {database}, and its folder is gone"),
            format!(
                "get the folder back from version control; {}",
                undone(std::slice::from_ref(standing))
            ),
        );
    }
    match resolution {
        Resolution::Applied => (
            format!("{migration} is applied to {database} already"),
            match standing.state == State::Modified {
                true => accept(version),
                false => "nothing has to be done; `migrate status` shows how it stands".to_owned(),
            },
        ),
        Resolution::RolledBack => (
            format!("{migration} is applied to {database}, and nothing of it failed"),
            format!(
                "`migrate revert` undoes what was applied last; `migrate history` shows what was \
                 applied after {version}"
            ),
        ),
        Resolution::Retry | Resolution::AcceptModified => (
            format!("{migration} is applied to {database}, and did not fail"),
            "`migrate redo` reverts and applies the last one again".to_owned(),
        ),
    }
}

fn not_modified(migration: &str, state: State, database: &str) -> (String, String) {
    let title = match state {
        State::Missing | State::Ahead => {
            format!("{migration} is applied to {database}, and its folder is gone")
        }
        State::Applied => format!("{migration} is as it was applied to {database}"),
        State::Pending | State::Failed | State::Running | State::Modified => {
            format!("{migration} is not applied to {database}")
        }
    };
    let next = "nothing has to be accepted; `migrate status` shows how it stands";
    (title, next.to_owned())
}

/// How to accept an edit.
pub fn accept(version: &str) -> String {
    format!("if the edit shall stay: `migrate resolve --accept-modified {version}`")
}

/// What to do about applied migrations whose folders are gone for good.
pub fn undone(standings: &[Standing]) -> String {
    let version = match standings {
        [one] => &one.version,
        _ => "VERSION",
    };
    format!("if all that it did was undone by hand: `migrate resolve --rolled-back {version}`")
}
