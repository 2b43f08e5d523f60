//! Every decision on values in memory: a history, a ledger, and what follows.

use std::collections::HashMap;

mod revert;

use super::*;
use crate::history::{History, Migration};
use crate::ledger::{Applied, Attempt, Begun, LedgerState, Outcome, Sent, Unfinished};
use migrate_sql::LoneDeed;
use migrate_text::checksum::Checksum;
use migrate_text::migration_ref::Direction;

const SQL: &str = "select 1;\n";

/// How a folder stands in a ledger.
#[derive(Clone, Copy)]
enum How {
    Applied,
    /// From another file than there is now.
    Edited,
    /// By Diesel's own tool, and not taken over.
    ByDiesel,
    /// By Diesel's own tool, and taken over.
    Adopted,
    /// The last try failed after so many statements.
    Failed(usize),
    /// The last try was killed after so many statements, and another was sent.
    Killed(usize),
    /// Applied; its revert failed after so many statements.
    RevertFailed(usize),
}
use How::{Adopted, ByDiesel, Edited, Failed, Killed, RevertFailed};

fn history(folders: &[&str]) -> History {
    let migrations = folders.iter().map(|folder| Migration::new(*folder, SQL));
    History::of(migrations.collect()).expect("versions that differ")
}

fn attempt(folder: &str, direction: Direction, outcome: Outcome) -> Attempt {
    Attempt {
        id: 1,
        version: version(folder),
        name: folder.to_owned(),
        outcome,
        direction,
        services: vec!["auth".to_owned()],
        run_in_transaction: true,
        checksum: Some(Checksum::of(SQL).to_string()),
        left: Unfinished::default(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        duration_ms: Some(1.0),
        executed_by: "o".to_owned(),
        host: "h".to_owned(),
        tool_version: "1".to_owned(),
        error: None,
        by_hand: None,
        in_place_of: None,
    }
}

fn version(folder: &str) -> String {
    let (version, _) = folder.split_once('_').expect("a version and a name");
    version.to_owned()
}

fn left(statements_done: usize, unended: bool) -> Unfinished {
    Unfinished {
        statements_done,
        breach: Some("{}".to_owned()),
        begun: Some(Begun {
            sent: Sent {
                statement: statements_done + 1,
                does: LoneDeed::Repeatable,
            },
            unended,
        }),
    }
}

fn entry(folder: &str, how: How) -> Applied {
    let settled = |outcome| attempt(folder, Direction::Up, outcome);
    let stopped = |direction, outcome, done: usize| {
        let mut stopped = attempt(folder, direction, outcome);
        if done > 0 || outcome == Outcome::Running {
            stopped.left = left(done, outcome == Outcome::Running);
        }
        stopped.error = (outcome == Outcome::Failed).then(|| "no".to_owned());
        Some(Box::new(stopped))
    };
    let (record, stopped) = match how {
        How::Applied => (Some(settled(Outcome::Applied)), None),
        Edited => {
            let mut record = settled(Outcome::Applied);
            record.checksum = Some(Checksum::of("another").to_string());
            (Some(record), None)
        }
        ByDiesel => (None, None),
        Adopted => (Some(settled(Outcome::Adopted)), None),
        Failed(done) => (None, stopped(Direction::Up, Outcome::Failed, done)),
        Killed(done) => (None, stopped(Direction::Up, Outcome::Running, done)),
        RevertFailed(done) => (
            Some(settled(Outcome::Applied)),
            stopped(Direction::Down, Outcome::Failed, done),
        ),
    };
    Applied {
        version: version(folder),
        in_diesel: !matches!(how, Failed(_) | Killed(_)),
        run_on: None,
        record,
        stopped,
    }
}

fn ledger(entries: &[(&str, How)]) -> LedgerState {
    LedgerState {
        entries: entries
            .iter()
            .map(|(name, how)| entry(name, *how))
            .collect(),
        ..LedgerState::empty("public")
    }
}

#[test]
fn a_migration_stands_as_its_files_and_the_ledger_say() {
    use State::{Ahead, Missing, Modified, Pending};
    let on_disk = ["1_a", "3_c"];
    for (entries, expected) in [
        (&[][..], &[("1", Pending), ("3", Pending)][..]),
        (
            &[("1_a", How::Applied)],
            &[("1", State::Applied), ("3", Pending)],
        ),
        (
            &[("1_a", ByDiesel)],
            &[("1", State::Applied), ("3", Pending)],
        ),
        (
            &[("1_a", Adopted)],
            &[("1", State::Applied), ("3", Pending)],
        ),
        (&[("1_a", Edited)], &[("1", Modified), ("3", Pending)]),
        (
            &[("1_a", Failed(0))],
            &[("1", State::Failed), ("3", Pending)],
        ),
        (
            &[("1_a", Killed(0))],
            &[("1", State::Failed), ("3", Pending)],
        ),
        // What became of a revert does not change that it is applied.
        (
            &[("1_a", RevertFailed(1))],
            &[("1", State::Applied), ("3", Pending)],
        ),
        // Folders that are gone.
        (
            &[("2_b", How::Applied)],
            &[("1", Pending), ("2", Missing), ("3", Pending)],
        ),
        (
            &[("4_d", How::Applied)],
            &[("1", Pending), ("3", Pending), ("4", Ahead)],
        ),
        (
            &[("2_b", Failed(1))],
            &[("1", Pending), ("2", State::Failed), ("3", Pending)],
        ),
        (
            &[("2_b", Killed(0))],
            &[("1", Pending), ("2", State::Failed), ("3", Pending)],
        ),
        // Nothing of it is anywhere.
        (&[("2_b", Failed(0))], &[("1", Pending), ("3", Pending)]),
    ] {
        let standings = standings(&history(&on_disk), &ledger(entries));
        let found: Vec<(&str, State)> = standings
            .iter()
            .map(|standing| (standing.version.as_str(), standing.state))
            .collect();
        let names: Vec<&str> = entries.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, expected, "{names:?}");
    }
}

#[test]
fn only_what_is_pending_before_the_newest_applied_is_late() {
    let history = history(&["1_a", "2_b", "3_c"]);
    let ledger = ledger(&[("2_b", How::Applied)]);
    let standings = standings(&history, &ledger);
    let late: Vec<bool> = standings.iter().map(|standing| standing.late).collect();
    assert_eq!(late, [true, false, false]);
    let plan = plan_deploy(&history, &ledger, &DeployRequest::default()).expect("a plan");
    assert_eq!(plan.late(), ["1"]);
    assert_eq!(plan.check_order(&ledger, Order::Lenient), Ok(()));
    assert_eq!(
        plan.check_order(&ledger, Order::Strict),
        Err(PlanError::OutOfOrder {
            late: vec!["1_a".to_owned()],
            newest: "2".to_owned()
        })
    );
    assert_eq!(applied_after(&ledger, "1"), ["2"]);
    assert!(applied_after(&ledger, "2").is_empty());
}

#[test]
fn an_edit_counts_unless_it_is_of_the_layout_only() {
    let history = history(&["1_a"]);
    let mut ledger = ledger(&[("1_a", Edited)]);
    for (applied, kept, state, reformatted) in [
        (None, None, State::Modified, false),
        (Some("select 2;"), None, State::Modified, false),
        (Some("select  1; -- one"), None, State::Applied, true),
        // A row that somebody has changed is told as that.
        (
            Some("select  1; -- one"),
            Some("another"),
            State::Modified,
            false,
        ),
        (Some(SQL), Some("another"), State::Modified, false),
        (Some("select 2;"), Some("another"), State::Modified, false),
    ] {
        let text = applied.map(str::to_owned);
        let checksum = kept.or(applied).unwrap_or("another");
        let record = ledger.entries[0].record.as_mut().expect("it is applied");
        record.checksum = Some(Checksum::of(checksum).to_string());
        ledger.edited = Some(HashMap::from([("1".to_owned(), text)]));
        let standing = standings(&history, &ledger).remove(0);
        let found = (standing.state, standing.reformatted);
        assert_eq!(found, (state, reformatted), "{applied:?}");
        assert_eq!(standing.row_altered, kept.is_some(), "{applied:?}");
    }
    assert_eq!(edited(&history, &ledger), ["1"]);
}

fn request(to: Option<&str>, service: Option<&str>, only: Option<&[&str]>) -> DeployRequest {
    DeployRequest {
        to: to.map(str::to_owned),
        service: service.map(str::to_owned),
        only: only.map(|only| only.iter().map(ToString::to_string).collect()),
        retry: false,
    }
}

#[test]
fn a_deploy_applies_what_is_asked_for_and_not_applied_oldest_first() {
    let folders = [("1_a", "auth"), ("2_b", "post"), ("3_c", "auth")];
    let migrations =
        folders.map(|(name, service)| Migration::new(name, SQL).of_services(&[service]));
    let history = History::of(migrations.into()).expect("versions that differ");
    for (entries, request, expected) in [
        (&[][..], request(None, None, None), &["1", "2", "3"][..]),
        (&[], request(Some("2"), None, None), &["1", "2"]),
        (&[], request(None, Some("auth"), None), &["1", "3"]),
        (&[], request(Some("2"), Some("auth"), None), &["1"]),
        (&[], request(None, Some("chat"), None), &[]),
        (&[], request(None, None, Some(&["3"])), &["3"]),
        (
            &[("1_a", How::Applied)],
            request(None, None, None),
            &["2", "3"],
        ),
        (&[("1_a", ByDiesel)], request(None, None, None), &["2", "3"]),
        (
            &[("2_b", Failed(0))],
            request(None, None, None),
            &["1", "2", "3"],
        ),
        (
            &[("2_b", Killed(1))],
            request(Some("1"), None, None),
            &["1"],
        ),
        (
            &[("3_c", RevertFailed(1))],
            request(None, None, None),
            &["1", "2"],
        ),
        (
            &[("4_d", How::Applied)],
            request(Some("1"), None, None),
            &["1"],
        ),
    ] {
        let plan = plan_deploy(&history, &ledger(entries), &request).expect("a plan");
        let steps: Vec<&str> = plan
            .steps
            .iter()
            .map(|step| step.migration.version.as_str())
            .collect();
        assert_eq!(steps, expected, "{request:?}");
    }
}

fn versions(standings: &[Standing]) -> Vec<&str> {
    standings.iter().map(|s| s.version.as_str()).collect()
}

/// Why a plan was refused, and the versions that are why.
fn refusal(error: &PlanError) -> (&'static str, Vec<&str>) {
    match error {
        PlanError::Modified(all) => ("modified", versions(all)),
        PlanError::Missing(all) => ("missing", versions(all)),
        PlanError::UnknownVersion { version, .. } => ("unknown", vec![version]),
        PlanError::NotApplied { version, .. } => ("not applied", vec![version]),
        PlanError::OfOthersToo { migration, .. } => ("of others too", vec![migration]),
        PlanError::OutOfOrder { .. } | PlanError::Unfit { .. } => ("another", Vec::new()),
    }
}

#[test]
fn a_deploy_is_refused_where_the_database_has_what_the_history_does_not_tell() {
    let history = history(&["1_a", "3_c"]);
    for (entries, to, expected) in [
        (&[("1_a", Edited)][..], None, ("modified", vec!["1"])),
        (
            &[("1_a", Edited), ("3_c", Edited)],
            None,
            ("modified", vec!["1", "3"]),
        ),
        (&[("2_b", How::Applied)], None, ("missing", vec!["2"])),
        // What is half done and gone cannot be gone on with.
        (&[("2_b", Failed(1))], None, ("missing", vec!["2"])),
        // A hole is told before an edit.
        (
            &[("1_a", Edited), ("2_b", How::Applied)],
            None,
            ("missing", vec!["2"]),
        ),
        (&[], Some("2"), ("unknown", vec!["2"])),
    ] {
        let refused = plan_deploy(&history, &ledger(entries), &request(to, None, None));
        let error = refused.expect_err("refused");
        assert_eq!(refusal(&error), expected);
    }
}

#[test]
fn what_is_newer_than_all_files_is_no_hole() {
    let history = history(&["1_a"]);
    for how in [How::Applied, Failed(1), Killed(0)] {
        let plan = plan_deploy(
            &history,
            &ledger(&[("2_b", how)]),
            &DeployRequest::default(),
        );
        let ahead = plan.expect("a plan").ahead;
        assert_eq!(versions(&ahead), ["2"]);
    }
}

#[test]
fn what_is_unfinished_reaches_the_step_whole_and_only_in_its_direction() {
    let history = history(&["1_a"]);
    let nothing = Unfinished::default;
    for (how, up, down) in [
        (Failed(0), Some(nothing()), None),
        (Failed(2), Some(left(2, false)), None),
        (Killed(0), Some(left(0, true)), None),
        (Killed(2), Some(left(2, true)), None),
        (How::Applied, None, Some(nothing())),
        (RevertFailed(0), None, Some(nothing())),
        (RevertFailed(2), None, Some(left(2, false))),
    ] {
        let ledger = ledger(&[("1_a", how)]);
        let deploy = plan_deploy(&history, &ledger, &DeployRequest::default()).expect("a plan");
        let step = deploy.steps.first().map(|step| step.unfinished.clone());
        assert_eq!(step, up);
        let has_begun = deploy.steps.iter().any(Step::has_begun);
        assert_eq!(has_begun, up.is_some_and(|up| !up.is_nothing()));
        let revert = plan_revert(&history, &ledger, &Reach::All, None).expect("a plan");
        assert_eq!(revert.first().map(|step| step.unfinished.clone()), down);
    }
}

#[test]
fn a_standing_tells_what_the_last_try_left_and_said() {
    let history = history(&["1_a"]);
    for (how, done, error, unended) in [
        (Failed(2), 2, Some("no"), false),
        (Killed(2), 2, None, true),
        (
            RevertFailed(1),
            1,
            Some("the last revert failed: no"),
            false,
        ),
        (How::Applied, 0, None, false),
    ] {
        let standing = standings(&history, &ledger(&[("1_a", how)])).remove(0);
        assert_eq!(standing.unfinished.statements_done, done);
        assert_eq!(standing.error.as_deref(), error);
        assert_eq!(standing.unended, unended);
        let json = serde_json::to_value(&standing).expect("plain data");
        let told = json.get("statements_done").cloned();
        assert_eq!(told, (done > 0).then(|| done.into()));
    }
    let gone = standings(&history, &ledger(&[("2_b", Killed(1))])).remove(1);
    let error = Some("it was interrupted; its folder is gone");
    assert_eq!(gone.error.as_deref(), error);
}

/// What follows when this is said of the first migration: how it then stands, or why it cannot
/// be said.
fn said(
    on_disk: &[&str],
    how: Option<How>,
    resolution: Resolution,
) -> Result<Option<State>, Unfit> {
    let entries: Vec<(&str, How)> = how.map(|how| ("1_a", how)).into_iter().collect();
    match plan_resolve(&history(on_disk), &ledger(&entries), "1", resolution) {
        Ok(step) => Ok(step.becomes),
        Err(PlanError::Unfit { unfit, .. }) => Err(unfit),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_person_may_say_what_fits_how_a_migration_stands() {
    use Resolution::{AcceptModified, Retry, RolledBack};
    let (here, hole, ahead) = (&["1_a"][..], &["2_b"][..], &["0_z"][..]);
    let applied = Resolution::Applied;
    for (on_disk, how, resolution, expected) in [
        (here, Some(How::Applied), applied, Err(Unfit::IsApplied)),
        (
            here,
            Some(RevertFailed(1)),
            applied,
            Ok(Some(State::Applied)),
        ),
        (here, Some(Failed(1)), applied, Ok(Some(State::Applied))),
        (here, None, applied, Ok(Some(State::Applied))),
        (hole, Some(Failed(1)), applied, Err(Unfit::NotOnDisk)),
        (here, None, RolledBack, Err(Unfit::NeverTried)),
        (here, Some(Failed(1)), RolledBack, Ok(Some(State::Pending))),
        (
            here,
            Some(RevertFailed(1)),
            RolledBack,
            Ok(Some(State::Pending)),
        ),
        (here, Some(How::Applied), RolledBack, Err(Unfit::IsApplied)),
        (hole, Some(How::Applied), RolledBack, Ok(None)),
        (ahead, Some(How::Applied), RolledBack, Err(Unfit::IsAhead)),
        (here, Some(RevertFailed(1)), Retry, Err(Unfit::RevertFailed)),
        (here, Some(How::Applied), Retry, Err(Unfit::IsApplied)),
        (here, None, Retry, Err(Unfit::NeverTried)),
        (here, Some(Killed(1)), Retry, Ok(Some(State::Applied))),
        (hole, Some(Killed(1)), Retry, Err(Unfit::NotOnDisk)),
        (here, Some(Edited), AcceptModified, Ok(Some(State::Applied))),
        (
            here,
            Some(How::Applied),
            AcceptModified,
            Err(Unfit::NotModified),
        ),
        (here, Some(ByDiesel), AcceptModified, Err(Unfit::NotKept)),
        (here, None, AcceptModified, Err(Unfit::NotModified)),
    ] {
        let found = said(on_disk, how, resolution);
        assert_eq!(found, expected, "{resolution:?} with {on_disk:?}");
    }
}

#[test]
fn a_migration_is_found_by_its_version_or_its_folder() {
    let history = history(&["1_a"]);
    let ledger = ledger(&[("1_a", Failed(1)), ("2_b", Failed(1))]);
    for (given, folder) in [("1", "1_a"), ("1_a", "1_a"), ("2", "2_b"), ("2_b", "2_b")] {
        let step = plan_resolve(&history, &ledger, given, Resolution::RolledBack);
        assert_eq!(step.expect("found").folder_name, folder);
    }
    for given in ["a", "3", ""] {
        let missing = plan_resolve(&history, &ledger, given, Resolution::RolledBack);
        assert!(matches!(missing, Err(PlanError::UnknownVersion { .. })));
    }
}
