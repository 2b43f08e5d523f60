//! Looks at all databases before anything is done to any.

use crate::attribution::{Attributed, breaches_of_ledger};
use crate::deploy::{Foresight, Script};
use crate::error::Error;
use crate::plan::{DeployRequest, Step};
use crate::reach::{Opened, Promotion, Run};
use crate::workspace::Database;
use migrate_postgres::ServerWait;
use migrate_text::migration_ref::Direction;

use super::approval::PlanFingerprint;
use super::deploy::DeployOptions;
use super::one::executed;
use super::pending::Looked;
use super::refuse::refuse;

/// What databases are looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To say what would be done.
    ToPlan,
    /// To do it.
    ToWrite,
}

/// Connects to every database and looks at it. Where something is to be written, makes sure that
/// it can be; a standby that is not promoted yet is waited for.
pub(crate) fn reach(
    run: Run<'_>,
    databases: &[Database],
    attributed: &[Attributed<'_>],
    options: &DeployOptions,
    purpose: Purpose,
) -> Result<(Vec<Opened>, Vec<Looked>), Error> {
    let mut wait = ServerWait::of(options.connect.wait);
    let mut promotion = Promotion::default();
    loop {
        // Connected to anew each time: another host may have become the one to write to.
        let mut opened = run.open_within(databases.to_vec(), &mut wait)?;
        let looked = look_at_all(run, &mut opened, attributed, &options.request)?;
        if purpose == Purpose::ToPlan {
            return Ok((opened, looked));
        }
        match require_primaries(&mut opened, &looked) {
            Ok(()) => return Ok((opened, looked)),
            Err(error) => promotion.wait_after(error, &mut wait, run)?,
        }
    }
}

/// Looks at every database, and touches none.
fn look_at_all(
    run: Run<'_>,
    opened: &mut [Opened],
    attributed: &[Attributed<'_>],
    request: &DeployRequest,
) -> Result<Vec<Looked>, Error> {
    let mut all = Vec::new();
    for (one, attributed) in opened.iter_mut().zip(attributed) {
        let mut looked = one.look(attributed, request)?;
        if let Opened::Connected(connected) = one {
            looked.privileges = connected.privileges_to_change(run, attributed)?;
        }
        let late = looked.plan.late();
        if !late.is_empty()
            && let Some(attribution) = attributed.attribution()
        {
            refuse(attribution.breaches_of_late(&late))?;
        }
        if attributed.attribution().is_none() {
            let steps = looked.plan.steps.iter();
            let pending: Vec<_> = steps.map(|step| step.migration.clone()).collect();
            refuse(breaches_of_ledger(&pending, Direction::Up))?;
        }
        for step in &looked.plan.steps {
            // A file that cannot be run must not be found out half way.
            Script::of(&step.migration.up)?;
        }
        all.push(looked);
    }
    Ok(all)
}

/// Stands for all that would be done.
pub(crate) fn fingerprint(opened: &[Opened], looked: &[Looked]) -> PlanFingerprint {
    let mut fingerprint = PlanFingerprint::default();
    for (one, looked) in opened.iter().zip(looked) {
        looked.add_to(&mut fingerprint, one.database());
    }
    fingerprint
}

/// Makes sure that all databases in which there is something to do can be written to.
fn require_primaries(opened: &mut [Opened], looked: &[Looked]) -> Result<(), Error> {
    for (one, looked) in opened.iter_mut().zip(looked) {
        if let (Opened::Connected(connected), false) = (one, looked.nothing_to_do()) {
            connected.require_primary()?;
        }
    }
    Ok(())
}

/// Finds what would refuse to go on with a migration that stopped half way, and where it would go
/// on. Changes nothing.
pub(crate) fn foresee(
    opened: &mut [Opened],
    looked: &mut [Looked],
    attributed: &[Attributed<'_>],
    request: &DeployRequest,
) -> Result<(), Error> {
    for ((one, looked), attributed) in opened.iter_mut().zip(looked).zip(attributed) {
        let (Opened::Connected(connected), Some(ledger)) = (one, &looked.ledger) else {
            continue;
        };
        looked.at_work = connected.at_work(ledger)?;
        // What a deploy is at now has not stopped.
        if looked.at_work.is_some() || !looked.plan.steps.iter().any(Step::has_begun) {
            continue;
        }
        let database = &connected.database;
        let mut foresight = Foresight {
            session: &mut connected.session,
            place: &ledger.place,
            attribution: attributed.attribution(),
            retry: request.retry,
        };
        let result = foresight.foresee(&mut looked.plan.steps);
        result.map_err(|error| executed(error, &database.name))?;
    }
    Ok(())
}
