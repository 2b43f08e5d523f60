//! Applies what is pending to one database.

use std::time::Duration;

use crate::attribution::Attributed;
use crate::error::Error;
use crate::event::Event;
use crate::plan::DeployRequest;
use crate::reach::ConnectOptions;
use crate::report::{DatabaseDeploy, PrivilegesDone};

use super::approval::{Approval, Consent};
use super::one::{LockedTurn, Turn, executed, executor};
use super::pending::Looked;

/// How to deploy.
#[derive(Debug, Clone, Default)]
pub struct DeployOptions {
    /// Which databases, and how long to wait for them.
    pub connect: ConnectOptions,
    /// What to apply.
    pub request: DeployRequest,
    /// Whether to create a missing database even where `create` does not say so.
    pub create_databases: bool,
    /// How long to wait for another deploy.
    pub lock_wait: Duration,
    /// Whether somebody has said yes to it.
    pub approval: Approval,
}

impl Turn<'_> {
    /// Does what a look found to be done. What was done is told even where it went wrong.
    pub(crate) fn deploy(
        &mut self,
        looked: &Looked,
        options: &DeployOptions,
    ) -> (DatabaseDeploy, Result<(), Error>) {
        let mut done = looked.report(self.database());
        let intended = looked.intended();
        let consent = options.approval.consent(&intended);
        let result = match looked.nothing_to_do() {
            true => Ok(()),
            false => self.deploy_through(options, consent, &mut done),
        };
        (done, result)
    }

    /// Everything that happens under the lock.
    pub(super) fn deploy_once(
        &mut self,
        options: &DeployOptions,
        consent: Consent<'_>,
        done: &mut DatabaseDeploy,
    ) -> Result<(), Error> {
        let connected = &mut self.connected;
        let locked = connected.lock_to_deploy(options.lock_wait, self.run)?;
        let mut turn = LockedTurn {
            run: self.run,
            locked,
            attributed: &self.attributed,
        };
        turn.deploy(&options.request, consent, done)
    }
}

impl LockedTurn<'_, '_> {
    /// Plans again: whoever held the lock before us may have applied what we saw pending. Refuses
    /// what was not agreed to.
    fn look(
        &mut self,
        request: &DeployRequest,
        consent: Consent<'_>,
        done: &mut DatabaseDeploy,
    ) -> Result<Looked, Error> {
        let looked = self.locked.look(self.attributed, request)?;
        *done = looked.report(&self.locked.database);
        consent.check(&looked.intended(), &self.locked.database.name)?;
        Ok(looked)
    }

    fn deploy(
        &mut self,
        request: &DeployRequest,
        consent: Consent<'_>,
        done: &mut DatabaseDeploy,
    ) -> Result<(), Error> {
        let mut looked = self.look(request, consent, done)?;
        if !looked.missing.is_empty() {
            self.locked
                .create_prerequisites(&looked.missing, self.run)?;
            // The ledger may be another, and so may be who held its lock before us.
            looked = self.look(request, consent, done)?;
        }
        let place = match &mut looked.ledger {
            Some(ledger) => {
                self.adopt(ledger)?;
                ledger.place.clone()
            }
            None => self.locked.ensure_ledger()?,
        };
        let steps = &looked.plan.steps;
        let references = steps.iter().map(|step| step.migration.reference());
        self.run.observer.observe(&Event::Planned {
            database: self.locked.database.name.clone(),
            migrations: references.collect(),
        });
        // Who has nothing to run needs to know nothing of it.
        let attributed = (!steps.is_empty()).then_some(self.attributed);
        let attribution = attributed.and_then(Attributed::attribution);
        let mut executor = executor(self.run, self.locked.held(), &place, attribution);
        executor.retry = request.retry;
        let result = executor.apply(steps, &mut done.applied);
        done.total_applied += done.applied.len();
        let ran = result.map_err(|error| executed(error, &self.locked.database.name));
        let mut privileges = PrivilegesDone::default();
        let committed = !done.applied.is_empty();
        let result = self.settle_after(ran, committed, &mut privileges);
        done.privileges = (!privileges.is_nothing()).then_some(privileges);
        result
    }
}
