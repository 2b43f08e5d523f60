//! Migrations that are reverted while others stay that were applied after them: whether those build
//! on them. And whether what is done again may be, though others stay that come after it.

use crate::attribution::{Attributed, Attribution, Undone};
use crate::error::Error;
use crate::ledger::LedgerState;
use crate::plan::{Step, applied_after, staying_after, steps_back_to};
use crate::reach::Connected;
use crate::report::UncertainRevert;

use super::known::Known;
use super::refuse::{refuse, unseen};
use super::reverting::Reverting;

impl Connected {
    /// Refuses to take back what those have touched that stay and were applied after it. Tells of
    /// what it could not see. Writes nothing.
    pub(super) fn judge_revert(
        &mut self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        reverting: &[Reverting],
    ) -> Result<Vec<UncertainRevert>, Error> {
        let steps: Vec<_> = reverting.iter().map(|(step, _)| step).collect();
        let after: Vec<Vec<&str>> = steps
            .iter()
            .map(|step| staying_after(&step.version, &steps, ledger))
            .collect();
        // Without a service it is the last ones that go, and nothing stays.
        if after.iter().all(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let going = steps.iter().map(|step| step.version.as_str());
        let looked_at: Vec<&str> = after.iter().flatten().copied().chain(going).collect();
        let Known { history, unknown } = self.known(attributed.history, ledger, &looked_at)?;
        let attribution = Attribution::of(&history, attributed.policy);
        let mut collisions = Vec::new();
        let mut uncertain = Vec::new();
        // Where the collision is that leads back furthest.
        let mut back_to = None;
        for ((step, script), staying) in reverting.iter().zip(&after) {
            if staying.is_empty() {
                continue;
            }
            let version = step.version.as_str();
            let undone = Undone {
                version,
                down: script.file(),
                staying,
            };
            let found = attribution.of_undone(&undone).unwrap_or_default();
            if !found.collisions.is_empty() {
                back_to = Some(version);
            }
            collisions.extend(found.collisions);
            let concerns = |(unknown, _): &&(String, String)| {
                unknown == version || staying.contains(&unknown.as_str())
            };
            let unknown = unknown.iter().filter(concerns);
            let unknown: Vec<String> = unknown.map(|(_, name)| name.clone()).collect();
            if !found.unseen.is_empty() || !unknown.is_empty() {
                uncertain.push(UncertainRevert {
                    migration: step.reference(),
                    unseen: found.unseen.iter().map(unseen).collect(),
                    unknown,
                });
            }
        }
        let Some(back_to) = back_to else {
            return Ok(uncertain);
        };
        let half_done = collisions
            .iter()
            .find_map(|one| half_done(&one.applied, ledger));
        Err(Error::BuiltUpon {
            database: self.database.name.clone(),
            half_done: half_done.map(str::to_owned),
            steps: steps_back_to(back_to, ledger),
            collisions,
        })
    }

    /// Refuses what could not be applied again once it is reverted: what touches what it may not,
    /// or what comes late then and touches the same as one that stays.
    pub(super) fn judge_again(
        &mut self,
        attributed: &Attributed<'_>,
        ledger: &LedgerState,
        again: &[Step],
    ) -> Result<(), Error> {
        let versions = |late: bool| -> Vec<&str> {
            let steps = again.iter().filter(|step| step.late == late);
            steps.map(|step| step.migration.version.as_str()).collect()
        };
        let (in_order, late) = (versions(false), versions(true));
        if let Some(attribution) = attributed.attribution() {
            let mut breaches = attribution.breaches_of(&in_order);
            breaches.extend(attribution.breaches_of_late(&late));
            refuse(breaches)?;
        } else {
            refuse(attributed.breaches().to_vec())?;
        }
        let Some(oldest) = late.first() else {
            return Ok(());
        };
        let goes = |version: &&str| again.iter().any(|step| step.migration.version == *version);
        let mut staying = applied_after(ledger, oldest);
        staying.retain(|version| !goes(version));
        let Known { history, .. } = self.known(attributed.history, ledger, &staying)?;
        let attribution = Attribution::of(&history, attributed.policy);
        let conflicts = attribution.conflicts_of_late(&late, &staying);
        match conflicts.is_empty() {
            true => Ok(()),
            false => Err(Error::Late {
                database: self.database.name.clone(),
                conflicts,
            }),
        }
    }
}

/// The folder name, if it is that of a migration of which only a part is done.
fn half_done<'l>(folder_name: &str, ledger: &'l LedgerState) -> Option<&'l str> {
    let entries = ledger.entries.iter().filter(|entry| !entry.in_diesel);
    let mut names = entries.filter_map(|entry| Some(entry.stopped.as_ref()?.name.as_str()));
    names.find(|name| *name == folder_name)
}
