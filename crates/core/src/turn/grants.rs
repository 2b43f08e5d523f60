//! The last step of a turn: wall 3.

use std::time::Duration;

use crate::attribution::Attributed;
use crate::deploy::{ExecuteError, Remains, clean};
use crate::error::{Doing, Error};
use crate::event::{Event, Observer};
use crate::grants::{self, ChangesMade, Passwords, Privileges, Snapshot, Wall, WallRole};
use crate::reach::{Connected, Run};
use crate::report::{GrantsStanding, PrivilegesDone};

use super::one::{LockedTurn, Turn};

/// What is to be done to the services' roles of a database.
#[derive(Debug, Clone, Default)]
pub(crate) struct PrivilegesToChange {
    /// The SQL of every change but a password's. Counts alone would take one for another.
    statements: Vec<String>,
    /// The same as it is told once it is done.
    pub(crate) told: PrivilegesDone,
}

impl PrivilegesToChange {
    /// Whether it is a part of another, as some of that was done meanwhile.
    fn is_within(&self, other: &Self) -> bool {
        let within = |all: &[String], of: &[String]| all.iter().all(|one| of.contains(one));
        within(&self.statements, &other.statements)
            && within(&self.told.passwords_set, &other.told.passwords_set)
    }
}

impl Turn<'_> {
    /// What is to be done to the services' roles; `None` when nothing, or it may not.
    pub(crate) fn privileges_to_change(&mut self) -> Result<Option<PrivilegesToChange>, Error> {
        self.connected
            .privileges_to_change(self.run, &self.attributed)
    }

    /// Gives and takes what has to be, without a deploy; where a plan was approved, nothing else.
    pub(crate) fn settle(
        &mut self,
        lock_wait: Duration,
        approved: Option<&PrivilegesToChange>,
    ) -> Result<PrivilegesDone, Error> {
        let mut turn = LockedTurn {
            run: self.run,
            locked: self.connected.lock_for_grants(lock_wait, self.run)?,
            attributed: &self.attributed,
        };
        if let Some(approved) = approved {
            let now = turn
                .locked
                .privileges_to_change(turn.run, turn.attributed)?;
            if now.is_some_and(|now| !now.is_within(approved)) {
                return Err(Error::Changed {
                    database: turn.locked.database.name.clone(),
                    resumed: false,
                });
            }
        }
        let mut done = PrivilegesDone::default();
        turn.settle(&mut done)?;
        Ok(done)
    }
}

impl Connected {
    /// How the privileges stand, where they are ours to set.
    pub(crate) fn grants_standing(
        &mut self,
        attributed: &Attributed<'_>,
    ) -> Result<Option<GrantsStanding>, Error> {
        if !self.database.roles {
            return Ok(None);
        }
        Ok(Some(self.privileges(attributed)?.into()))
    }

    /// How the privileges stand.
    pub(crate) fn privileges(&mut self, attributed: &Attributed<'_>) -> Result<Privileges, Error> {
        let (wall, snapshot) = self.snapshot(attributed)?;
        Ok(Privileges::of(&wall, &snapshot))
    }

    /// What a deploy would do to the services' roles; `None` when nothing, or it may not.
    pub(super) fn privileges_to_change(
        &mut self,
        run: Run<'_>,
        attributed: &Attributed<'_>,
    ) -> Result<Option<PrivilegesToChange>, Error> {
        if !self.database.roles {
            return Ok(None);
        }
        let (wall, snapshot) = self.snapshot(attributed)?;
        let privileges = Privileges::of(&wall, &snapshot);
        let changes = privileges.changes.iter();
        let statements = changes.map(|change| change.sql.clone()).collect();
        let standing: GrantsStanding = privileges.into();
        let passwords = self.passwords(run);
        let told = PrivilegesDone {
            roles_created: standing.roles_missing,
            logins_allowed: standing.without_login,
            passwords_set: passwords.to_set(&snapshot).cloned().collect(),
            given: standing.to_give,
            taken: standing.to_take,
        };
        Ok((!told.is_nothing()).then_some(PrivilegesToChange { statements, told }))
    }

    fn snapshot(&mut self, attributed: &Attributed<'_>) -> Result<(Wall, Snapshot), Error> {
        let wall = self.wall(attributed)?;
        let snapshot = grants::read(&mut self.session, &wall)
            .map_err(self.failed(Doing::ReadingPrivileges))?;
        Ok((wall, snapshot))
    }

    /// Who comes to a database, and whose everything there is.
    fn wall(&mut self, attributed: &Attributed<'_>) -> Result<Wall, Error> {
        let place = self.place()?;
        let roles = self.database.services.iter().map(|role| WallRole {
            service: role.service.clone(),
            role: role.role.clone(),
            reads: attributed.policy.reads(&role.service).to_vec(),
            uses: attributed.policy.uses(&role.service).to_vec(),
        });
        Ok(Wall {
            roles: roles.collect(),
            owners: attributed.owners().clone(),
            versions: place
                .filter(|place| place.diesel_table)
                .map(|place| place.diesel()),
        })
    }

    /// The services' passwords, each tried.
    fn passwords(&self, run: Run<'_>) -> Passwords {
        let services = self.database.services.iter();
        let by_role = services
            .filter_map(|service| Some((service.role.clone(), service.password.clone()?)))
            .collect();
        Passwords::tried(by_role, &run.target_of(&self.database))
    }
}

impl LockedTurn<'_, '_> {
    /// Gives and takes what has to be, where `roles = true`. What was done is told even where not
    /// all could be.
    fn settle(&mut self, done: &mut PrivilegesDone) -> Result<(), Error> {
        if !self.locked.database.roles {
            return Ok(());
        }
        // Whoever interrupts the run now must not leave new tables without privileges.
        let _hold = self.run.interrupt.hold();
        // A migration may have left another role or search path behind.
        let clean: Vec<String> = clean(&self.locked.session).collect();
        let reset = self.locked.session.execute(&clean.join("; "));
        reset.map_err(self.locked.failed(Doing::SettingPrivileges))?;
        let wall = self.locked.wall(self.attributed)?;
        let passwords = self.locked.passwords(self.run);
        let (mut held, database) = self.locked.held();
        let mut applied = grants::apply(&mut held, &wall, &passwords, database.lock_timeout)
            .map_err(self.locked.failed(Doing::SettingPrivileges))?;
        if !applied.passwords_set.is_empty() {
            // It may be another who asks: a pooler has passwords of its own.
            applied.tried_again(&self.locked.passwords(self.run));
        }
        let database = self.locked.database.name.clone();
        tell(&database, &applied, self.run.observer);
        *done = PrivilegesDone {
            roles_created: applied.roles_created,
            logins_allowed: applied.logins_allowed,
            passwords_set: applied.passwords_set,
            given: applied.given,
            taken: applied.taken,
        };
        if applied.refused.is_empty() {
            return Ok(());
        }
        Err(Error::Privileges {
            database,
            role: applied.role,
            partly: !done.is_nothing(),
            refused: applied.refused,
        })
    }

    /// The same after migrations were run, even if one failed: what was committed before it has no
    /// privileges on it yet. The migration's error goes before ours.
    pub(super) fn settle_after(
        &mut self,
        ran: Result<(), Error>,
        committed: bool,
        done: &mut PrivilegesDone,
    ) -> Result<(), Error> {
        let Err(error) = ran else {
            return self.settle(done);
        };
        if !committed && !leaves_something(&error) {
            return Err(error);
        }
        match self.settle(done) {
            // That the connection is gone has been told.
            Err(Error::Server { error: lost, .. }) if lost.connection_lost => Err(error),
            Err(ours) => Err(error.and(ours)),
            Ok(()) => Err(error),
        }
    }
}

/// Whether a failed migration left a part of it, or more, in the database.
fn leaves_something(error: &Error) -> bool {
    match error {
        Error::Stopped { error, report } => {
            let mut databases = report.databases.iter();
            leaves_something(error)
                || databases.any(|one| !one.applied.is_empty() || !one.reverted.is_empty())
        }
        Error::Execute { error, .. } => match error {
            ExecuteError::Migration(failure) => failure.remains != Remains::Nothing,
            ExecuteError::Escaped(escape) => !escape.refused_again,
            ExecuteError::Breach(breach) => breach.for_good || breach.remains != Remains::Nothing,
            ExecuteError::Interrupted { remains, .. } => {
                remains.is_some_and(|remains| remains != Remains::Nothing)
            }
            _ => false,
        },
        _ => false,
    }
}

fn tell(database: &str, applied: &ChangesMade, observer: &dyn Observer) {
    for role in &applied.roles_created {
        observer.observe(&Event::RoleCreated {
            database: database.to_owned(),
            role: role.clone(),
        });
    }
    for role in &applied.logins_allowed {
        observer.observe(&Event::LoginAllowed {
            database: database.to_owned(),
            role: role.clone(),
        });
    }
    for role in &applied.passwords_set {
        observer.observe(&Event::PasswordSet {
            database: database.to_owned(),
            role: role.clone(),
        });
    }
    if applied.given + applied.taken > 0 {
        observer.observe(&Event::PrivilegesChanged {
            database: database.to_owned(),
            given: applied.given,
            taken: applied.taken,
        });
    }
}
