//! What a look at a database before a deploy gives: the plan, and what else there is to do.

use crate::attribution::Attributed;
use crate::error::Error;
use crate::history::History;
use crate::ledger::{self, Applied, LedgerError, LedgerState, StandingDigest};
use crate::plan::{DeployPlan, DeployRequest, plan_deploy};
use crate::reach::{Answer, Connected, Opened};
use crate::report::{DatabaseDeploy, LateMigration, PlannedMigration};
use crate::workspace::Database;
use migrate_postgres::holder::Holder;
use migrate_sql::mask_passwords;
use migrate_text::prerequisites::Prerequisites;

use super::approval::{Intended, Intent, PlanFingerprint};
use super::grants::PrivilegesToChange;

/// What a look at a database gave.
pub(crate) struct Looked {
    /// How many migrations are applied.
    applied: usize,
    /// How each version stands; `None` where all are applied, which needed no rows.
    pub(super) ledger: Option<LedgerState>,
    pub(super) plan: DeployPlan,
    late: Vec<LateMigration>,
    /// The database, if that is missing.
    missing_database: Option<String>,
    /// Schemas and extensions that are missing.
    pub(super) missing: Prerequisites,
    /// What is to be done to the services' roles.
    pub(super) privileges: Option<PrivilegesToChange>,
    /// Who is at work now, once somebody has asked.
    pub(super) at_work: Option<Holder>,
}

impl Looked {
    /// All is applied.
    fn nothing_pending(applied: usize, missing: Prerequisites) -> Self {
        Self {
            applied,
            ledger: None,
            plan: DeployPlan::default(),
            late: Vec::new(),
            missing_database: None,
            missing,
            privileges: None,
            at_work: None,
        }
    }

    /// Whether a deploy would write nothing.
    pub(crate) fn nothing_to_do(&self) -> bool {
        let mut entries = self.ledger.iter().flat_map(|ledger| &ledger.entries);
        self.plan.steps.is_empty()
            && !entries.any(Applied::needs_adoption)
            && self.would_create().is_empty()
            && self.privileges.is_none()
    }

    /// What would be created before the first migration, in words.
    fn would_create(&self) -> Vec<String> {
        let database = self.missing_database.iter();
        let database = database.map(|name| format!("database {name}"));
        database.chain(self.missing.shown()).collect()
    }

    /// What a deploy would do, but for the privileges.
    pub(super) fn intended(&self) -> Intended {
        let entries = self.ledger.iter().flat_map(|ledger| &ledger.entries);
        let adopted = entries.filter(|entry| entry.needs_adoption());
        Intended {
            runs: self.plan.steps.iter().map(Intent::up).collect(),
            adopts: adopted.map(|entry| entry.version.clone()).collect(),
            creates: self.would_create(),
        }
    }

    /// Takes in all that a deploy would do.
    pub(super) fn add_to(&self, fingerprint: &mut PlanFingerprint, database: &Database) {
        fingerprint.add(database, (self.intended(), &self.privileges));
    }

    /// What a dry run reports.
    pub(crate) fn planned(&self, database: &Database) -> DatabaseDeploy {
        let steps = self.plan.steps.iter();
        DatabaseDeploy {
            would_apply: steps
                .map(|step| PlannedMigration {
                    migration: step.migration.reference(),
                    run_in_transaction: step.migration.run_in_transaction,
                    statements_done: step.unfinished.statements_done,
                    sql: mask_passwords(step.migration.up.text()).into_owned(),
                })
                .collect(),
            privileges: self.privileges.as_ref().map(|one| one.told.clone()),
            at_work: self.at_work.clone(),
            ..self.report(database)
        }
    }

    /// What is told of a deploy that has done nothing yet.
    pub(crate) fn report(&self, database: &Database) -> DatabaseDeploy {
        DatabaseDeploy {
            database: database.name.clone(),
            target: database.address.to_string(),
            late: self.late.clone(),
            ahead: self.plan.ahead.clone(),
            reformatted: self.plan.reformatted.clone(),
            total_applied: self.applied,
            would_create: self.would_create(),
            ..DatabaseDeploy::default()
        }
    }
}

impl Opened {
    /// Reads the ledger, if there is a database, and plans. Writes nothing.
    pub(super) fn look(
        &mut self,
        attributed: &Attributed<'_>,
        request: &DeployRequest,
    ) -> Result<Looked, Error> {
        match self {
            Self::Connected(connected) => connected.look(attributed, request),
            Self::Missing(lost) => {
                let ledger = LedgerState::empty("public");
                let plan = plan_deploy(attributed.history, &ledger, request).map_err(|error| {
                    Error::Plan {
                        database: lost.database.name.clone(),
                        error,
                        edits: Vec::new(),
                    }
                })?;
                Ok(Looked {
                    applied: 0,
                    ledger: Some(ledger),
                    plan,
                    late: Vec::new(),
                    missing_database: Some(lost.target.database().unwrap_or_default().to_owned()),
                    missing: lost.database.prerequisites.clone(),
                    privileges: None,
                    at_work: None,
                })
            }
        }
    }
}

impl Connected {
    /// Reads the ledger and plans. Writes nothing.
    pub(super) fn look(
        &mut self,
        attributed: &Attributed<'_>,
        request: &DeployRequest,
    ) -> Result<Looked, Error> {
        let history = attributed.history;
        let missing = self.missing_prerequisites()?;
        if let Some(applied) = self.all_applied(history, request)? {
            return Ok(Looked::nothing_pending(applied, missing));
        }
        let ledger = match self.read_ledger_of(history) {
            Err(Error::Ledger {
                error: LedgerError::NoSchema,
                ..
            }) if !missing.schemas.is_empty() => LedgerState::empty(&missing.schemas[0]),
            other => other?,
        };
        match plan_deploy(history, &ledger, request) {
            Ok(plan) => Ok(Looked {
                applied: ledger.entries.iter().filter(|one| one.in_diesel).count(),
                late: self.judge_late(attributed, &ledger, &plan)?,
                ledger: Some(ledger),
                plan,
                missing_database: None,
                missing,
                privileges: None,
                at_work: None,
            }),
            Err(error) => Err(self.refused(history, &ledger, error)),
        }
    }

    /// How many migrations are applied, where these are all and nothing else is to be said of
    /// them. Asked only of a long history: its rows would take longer than all the rest.
    fn all_applied(
        &mut self,
        history: &History,
        request: &DeployRequest,
    ) -> Result<Option<usize>, Error> {
        let migrations = history.migrations();
        if !history.is_long() || *request != DeployRequest::default() {
            return Ok(None);
        }
        let told = match self.answer.take() {
            Some(Answer::Digest(told)) => told,
            _ => {
                let Some(place) = self.place()? else {
                    return Ok(None);
                };
                let digest = ledger::digest(&mut self.session, &place);
                digest.map_err(|error| self.not_read(error))?
            }
        };
        let expected = migrations
            .iter()
            .map(|m| (m.version.as_str(), m.checksum()));
        let applied = told.is_some_and(|told| told == StandingDigest::of(expected));
        Ok(applied.then_some(migrations.len()))
    }
}
