//! Makes the changes that can be made, in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::lock::Held;
use migrate_postgres::target::Target;
use migrate_postgres::{Login, ServerError, Session, sqlstate, try_login};
use migrate_text::name::{quote_identifier, quote_literal};
use migrate_text::secret::Secret;

use super::change::{Change, ChangeKind, Obstacle};
use super::privileges::Privileges;
use super::read::read;
use super::snapshot::Snapshot;
use super::wall::Wall;

/// How often changes are tried that collide with somebody else's: a deploy to another database of
/// the same server may create the same role, and partitions come and go without a migration.
const TRIES: usize = 3;

/// The services' passwords.
#[derive(Debug, Clone, Default)]
pub struct Passwords {
    /// By role.
    pub by_role: BTreeMap<String, Secret>,
    /// The roles whose password in the database is another.
    pub wrong: BTreeSet<String>,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangesMade {
    /// Who did it.
    pub role: String,
    /// Roles that were created.
    pub roles_created: Vec<String>,
    /// Roles that may log in now.
    pub logins_allowed: Vec<String>,
    /// Roles whose password was set.
    pub passwords_set: Vec<String>,
    /// How many privileges were given.
    pub given: usize,
    /// How many were taken.
    pub taken: usize,
    /// What could not be done.
    pub refused: Vec<Change>,
}

impl Passwords {
    /// Finds out which passwords are wrong, by trying to log in with each.
    ///
    /// Every other failure is none of ours: the role may not be allowed to come from here.
    pub fn tried(by_role: BTreeMap<String, Secret>, target: &Target) -> Self {
        let is_wrong = |(role, password): &(&String, &Secret)| {
            let target = target
                .without_secrets()
                .with("user", role.as_str())
                .with("password", password.reveal());
            try_login(&target) == Login::WrongPassword
        };
        let wrong = by_role.iter().filter(is_wrong);
        Self {
            wrong: wrong.map(|(role, _)| role.clone()).collect(),
            by_role,
        }
    }
}

impl Passwords {
    /// The roles whose password is wrong, where another would help and is ours to set.
    pub fn to_set<'p>(&'p self, snapshot: &'p Snapshot) -> impl Iterator<Item = &'p String> {
        let can_be = |role: &&String| match snapshot.roles.get(*role) {
            Some(found) => !found.expired && !snapshot.is_left_alone(role),
            None => snapshot.may_alter(None),
        };
        self.wrong.iter().filter(can_be)
    }
}

/// Gives and takes what is missing and too much, as far as we may.
pub fn apply(
    session: &mut Held<'_>,
    wall: &Wall,
    passwords: &Passwords,
    lock_timeout: Duration,
) -> Result<ChangesMade, ServerError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let snapshot = read(session, wall)?;
        let changes = Privileges::of(wall, &snapshot).changes;
        let (mine, refused): (Vec<Change>, Vec<Change>) = changes
            .into_iter()
            .partition(|change| change.obstacle.is_none());
        let (mut applied, statements) = planned(session, &snapshot, mine, passwords)?;
        if statements.is_empty() {
            applied.refused.splice(0..0, refused);
            return Ok(applied);
        }
        let milliseconds = lock_timeout.as_millis();
        let sql = format!(
            "begin; set local lock_timeout = {milliseconds}; {}; commit",
            statements.join("; ")
        );
        if let Err(error) = session.execute(&sql) {
            // The first error is the one that counts.
            let _ = session.execute("rollback");
            if tries < TRIES && collided(&error) {
                continue;
            }
            return Err(error);
        }
        session.take_notices();
        // Some of what we may not do went with what we did.
        applied.refused.splice(0..0, left(session, wall)?);
        return Ok(applied);
    }
}

/// What will have been done, and the statements that do it. Refused are only passwords yet.
fn planned(
    session: &mut Session,
    snapshot: &Snapshot,
    mine: Vec<Change>,
    passwords: &Passwords,
) -> Result<(ChangesMade, Vec<String>), ServerError> {
    let count = |kind: ChangeKind| {
        let all = mine.iter().filter(|change| change.kind == kind);
        all.map(|change| change.privileges).sum()
    };
    let roles = |kind: ChangeKind| {
        let all = mine.iter().filter(|change| change.kind == kind);
        all.filter_map(|change| change.role.clone()).collect()
    };
    let mut applied = ChangesMade {
        role: snapshot.current_role.clone(),
        roles_created: roles(ChangeKind::CreateRole),
        logins_allowed: roles(ChangeKind::Login),
        given: count(ChangeKind::Give),
        taken: count(ChangeKind::Take),
        ..ChangesMade::default()
    };
    let mut statements: Vec<String> = mine.into_iter().map(|change| change.sql).collect();
    let to_set: BTreeSet<&String> = passwords.to_set(snapshot).collect();
    for (role, password) in &passwords.by_role {
        let is_new = applied.roles_created.contains(role);
        if !is_new && !to_set.contains(role) {
            continue;
        }
        let quoted = quote_identifier(role);
        if !is_new && !snapshot.may_alter(Some(role)) {
            let obstacle = Obstacle::NoCreateRole;
            applied.refused.push(password_refused(role, obstacle));
            continue;
        }
        let verifier = session.password_verifier(role, password)?;
        let verifier = quote_literal(verifier.reveal());
        statements.push(format!("alter role {quoted} password {verifier}"));
        applied.passwords_set.push(role.clone());
    }
    Ok((applied, statements))
}

/// A password that could not be set, or that did not help.
fn password_refused(role: &str, obstacle: Obstacle) -> Change {
    Change {
        kind: ChangeKind::Login,
        role: Some(role.to_owned()),
        privileges: 0,
        sql: format!("alter role {} password '...'", quote_identifier(role)),
        obstacle: Some(obstacle),
    }
}

impl ChangesMade {
    /// Adds the passwords that are refused although they were set.
    pub fn tried_again(&mut self, passwords: &Passwords) {
        let set = self.passwords_set.iter();
        let refused = set.filter(|role| passwords.wrong.contains(*role));
        let changes = refused.map(|role| password_refused(role, Obstacle::StillRefused));
        self.refused.extend(changes);
    }
}

/// Changes that are still to be made: those that we may not, and those that PostgreSQL answered with
/// no more than a warning.
fn left(session: &mut Session, wall: &Wall) -> Result<Vec<Change>, ServerError> {
    let snapshot = read(session, wall)?;
    let left = Privileges::of(wall, &snapshot).changes.into_iter();
    Ok(left
        .map(|change| Change {
            obstacle: change.obstacle.or(Some(Obstacle::NoEffect)),
            ..change
        })
        .collect())
}

/// Whether somebody else changed the same at the same time: created the role, dropped a partition.
fn collided(error: &ServerError) -> bool {
    [
        sqlstate::DUPLICATE_OBJECT,
        sqlstate::UNIQUE_VIOLATION,
        sqlstate::UNDEFINED_TABLE,
        sqlstate::UNDEFINED_FUNCTION,
        sqlstate::INVALID_SCHEMA_NAME,
        sqlstate::UNDEFINED_OBJECT,
        sqlstate::DEADLOCK_DETECTED,
        // "tuple concurrently updated" has no code of its own.
        sqlstate::INTERNAL_ERROR,
    ]
    .iter()
    .any(|state| error.is(state))
}

#[cfg(test)]
mod tests;
