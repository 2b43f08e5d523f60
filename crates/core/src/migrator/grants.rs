//! `grants`, and addresses with the roles that it gives privileges to.

use crate::attribution::Guarded;
use crate::error::{Changing, Error};
use crate::event::Observer;
use crate::reach::{ConnectOptions, Connected, Opened, Run};
use crate::report::{DatabaseGrants, GrantsReport, PrivilegesDone};
use crate::turn::{Approval, PlanFingerprint, Planned, PrivilegesToChange, Turn};
use crate::workspace::{Database, Selection};
use migrate_postgres::ServerWait;
use migrate_postgres::target::Target;

use super::Migrator;
use super::options::GrantsOptions;

impl Migrator {
    /// How the privileges of the services' roles stand in each selected database. Writes nothing.
    pub fn grants(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<GrantsReport, Error> {
        let mut report = GrantsReport::default();
        let databases = self.workspace.databases(&options.selection)?;
        for one in self.run(observer).open_all(databases, options.wait)? {
            let database = one.database();
            let with_password = database.services.iter();
            let mut grants = DatabaseGrants {
                database: database.name.clone(),
                target: database.address.to_string(),
                enabled: database.roles,
                with_password: with_password
                    .filter(|service| service.password.is_some())
                    .map(|service| service.role.clone())
                    .collect(),
                ..DatabaseGrants::default()
            };
            if let Opened::Connected(mut connected) = one {
                grants.exists = true;
                let guarded = self.guarded(&self.history()?, &connected.database.name)?;
                grants.privileges = connected.privileges(&guarded.attributed())?;
            }
            report.databases.push(grants);
        }
        Ok(report)
    }

    /// The same of the one selected database: its statements are for one connection.
    pub fn grants_of_one(
        &self,
        options: &ConnectOptions,
        observer: &dyn Observer,
    ) -> Result<DatabaseGrants, Error> {
        self.one_database(&options.selection)?;
        let mut report = self.grants(options, observer)?;
        // `one_database` has seen that exactly one is selected.
        Ok(report.databases.pop().expect("one database is selected"))
    }

    /// What would be given and taken in each selected database without a deploy, and what stands
    /// for it. Writes nothing.
    pub fn plan_grants(
        &self,
        options: &GrantsOptions,
        observer: &dyn Observer,
    ) -> Result<Planned<Vec<(String, PrivilegesDone)>>, Error> {
        let mut wait = ServerWait::of(options.connect.wait);
        let (connected, guarded) = self.connect_to_grant(options, &mut wait, observer)?;
        let mut turns = turns(self.run(observer), connected, &guarded);
        let mut plan = Planned {
            report: Vec::new(),
            fingerprint: PlanFingerprint::default(),
        };
        for turn in &mut turns {
            let change = turn.privileges_to_change()?;
            plan.fingerprint.add(turn.database(), &change);
            let told = change.map(|change| change.told).unwrap_or_default();
            plan.report.push((turn.database().name.clone(), told));
        }
        Ok(plan)
    }

    /// Gives and takes what has to be, in each selected database, without a deploy. A plan that was
    /// approved is compared with what would be done now: in all before anything is done in any, and
    /// again under the lock of each.
    pub fn apply_grants(
        &self,
        options: &GrantsOptions,
        observer: &dyn Observer,
    ) -> Result<Vec<(String, PrivilegesDone)>, Error> {
        self.require(&options.approval, Changing::ApplyGrants)?;
        let mut wait = ServerWait::of(options.connect.wait);
        let (connected, guarded) = self.connect_to_grant(options, &mut wait, observer)?;
        let mut turns = turns(self.run(observer), connected, &guarded);
        let approved = approved(&mut turns, &options.approval)?;
        let mut all = Vec::new();
        let mut refused: Option<Error> = None;
        for (turn, approved) in turns.iter_mut().zip(approved) {
            let mut done = PrivilegesDone::default();
            if turn.privileges_to_change()?.is_some() {
                turn.make_writable(&mut wait)?;
                match turn.settle(options.lock_wait, approved.as_ref()) {
                    Ok(settled) => done = settled,
                    // What is not ours to give in one database keeps no other back.
                    Err(error @ Error::Privileges { .. }) => {
                        refused = Some(match refused {
                            Some(earlier) => earlier.and(error),
                            None => error,
                        });
                    }
                    Err(error) => return Err(error),
                }
            }
            all.push((turn.database().name.clone(), done));
        }
        refused.map_or(Ok(all), Err)
    }

    /// Connects to the selected databases, if the privileges in all of them are ours to set.
    fn connect_to_grant(
        &self,
        options: &GrantsOptions,
        wait: &mut ServerWait,
        observer: &dyn Observer,
    ) -> Result<(Vec<Connected>, Vec<Guarded>), Error> {
        let databases = self.workspace.databases(&options.connect.selection)?;
        if let Some(without) = databases.iter().find(|database| !database.roles) {
            return Err(Error::RolesNotSet {
                database: without.name.clone(),
            });
        }
        let connected = self.run(observer).connect(databases, wait)?;
        let history = self.history()?;
        let guarded = connected
            .iter()
            .map(|one| self.guarded(&history, &one.database.name))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((connected, guarded))
    }

    /// The address of a database for a service: with its own role, where it has one there.
    pub fn service_address(
        &self,
        selection: &Selection,
        observer: &dyn Observer,
    ) -> Result<(Database, Target), Error> {
        let (database, target) = self.address(selection, observer)?;
        let services = database.services.iter();
        let mut services =
            services.filter(|service| selection.service.as_ref() == Some(&service.service));
        let Some(service) = services.next().filter(|_| database.roles) else {
            return Ok((database, target));
        };
        let own = target.without_secrets().with("user", &service.role);
        let own = match &service.password {
            Some(password) => own.with("password", password.reveal()),
            None => own,
        };
        Ok((database, own))
    }
}

fn turns<'r>(run: Run<'r>, connected: Vec<Connected>, guarded: &'r [Guarded]) -> Vec<Turn<'r>> {
    let all = connected.into_iter().zip(guarded);
    all.map(|(connected, guarded)| Turn::new(run, connected, guarded.attributed()))
        .collect()
}

/// What was approved of each database; `None` where that is anything. Refuses another plan than the
/// one that was approved.
fn approved(
    turns: &mut [Turn<'_>],
    approval: &Approval,
) -> Result<Vec<Option<PrivilegesToChange>>, Error> {
    // To read it twice is for who approved of it only.
    if !approval.is_to_plan() {
        return Ok(turns.iter().map(|_| None).collect());
    }
    let mut now = PlanFingerprint::default();
    let mut all = Vec::new();
    for turn in turns {
        let change = turn.privileges_to_change()?;
        now.add(turn.database(), &change);
        all.push(Some(change.unwrap_or_default()));
    }
    approval.check(&now)?;
    Ok(all)
}
