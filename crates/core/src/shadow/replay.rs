//! Replays a history into a scratch database and reads what came of it.

use crate::attribution::Attribution;
use crate::deploy::{Executor, Interrupt, Limits, Patience};
use crate::event::Unobserved;
use crate::history::History;
use crate::ledger::{self, Client};
use crate::lock::Held;
use crate::plan::Step;
use crate::remembered::{Chain, Fingerprint};
use migrate_catalog::Catalog;
use migrate_catalog::introspect::{self, Scope};
use migrate_postgres::{ServerError, Session, create_prerequisites, sqlstate};
use migrate_text::prerequisites::Prerequisites;

use super::error::ShadowError;
use super::server::ShadowServer;

/// How many templates are kept.
const KEPT: usize = 4;

/// What a template is called, before the link of its history.
const TEMPLATE: &str = "shadow_";
/// What a database at work is called, before the process and a number.
const AT_WORK: &str = "replay_";

/// A history to be replayed.
pub(crate) struct Replay<'a> {
    /// The history of one database.
    pub(crate) history: &'a History,
    /// Its chain.
    pub(crate) chain: &'a Chain,
    /// What the database needs before the first migration.
    pub(crate) prerequisites: &'a Prerequisites,
    /// What each migration may touch.
    pub(crate) attribution: Option<&'a Attribution<'a>>,
    /// Who we are.
    pub(crate) client: &'a Client,
    /// Stops the replay when asked; what it has made is removed first.
    pub(crate) interrupt: &'a Interrupt,
}

/// What a replay gave.
pub struct Replayed {
    /// The schema of the history.
    pub catalog: Catalog,
    /// How many migrations were run; the others came with a template.
    pub migrations: usize,
    /// How many messages were sent to read the catalog.
    pub messages: u64,
}

impl Replay<'_> {
    /// Replays as much of the history as no template has, and reads the catalog.
    ///
    /// A database is thrown away after a replay, but roles, their settings and those of the
    /// server belong to the server. What an earlier replay has left of them may fail this one, or
    /// what an earlier one has taken away. So a failure on our own server counts only when there
    /// was nothing on it before.
    pub(crate) fn run(&self, server: &mut ShadowServer) -> Result<Replayed, ShadowError> {
        let _hold = self.interrupt.hold();
        match self.run_once(server) {
            Err(error) if !self.interrupt.was_asked() => {
                if server.renew()? {
                    self.run_once(server)
                } else {
                    Err(error)
                }
            }
            result => result,
        }
    }

    fn run_once(&self, server: &ShadowServer) -> Result<Replayed, ShadowError> {
        let mut admin = Session::connect(&server.target("postgres"))?;
        let done = if server.keeps_templates() {
            // We have the server alone: whoever made these was killed.
            for name in names(&mut admin, AT_WORK)? {
                admin.execute(&format!("drop database {name} with (force)"))?;
            }
            self.longest_template(&mut admin)?
        } else {
            None
        };
        let name = format!("{AT_WORK}{}_{:08x}", std::process::id(), fastrand::u32(..));
        let template = match done {
            Some(count) => template_of(self.chain.prefix(count)),
            None => "template0".to_owned(),
        };
        let sql = format!("create database {name} template {template}");
        admin.execute(&sql)?;
        let mut work = AtWork {
            admin: &mut admin,
            name: Some(name),
        };
        let replayed = self.replay(server, &work, done)?;
        if server.keeps_templates() {
            work.keep_as(&template_of(self.chain.whole()))?;
            remove_templates(work.admin, KEPT)?;
        }
        Ok(replayed)
    }

    /// Runs what the template lacks.
    fn replay(
        &self,
        server: &ShadowServer,
        work: &AtWork<'_>,
        done: Option<usize>,
    ) -> Result<Replayed, ShadowError> {
        let mut session = Session::connect(&server.target(work.name()))?;
        if done.is_none() {
            create_prerequisites(&mut session, self.prerequisites)?;
        }
        // Nobody else is there to be kept waiting.
        let limits = Limits::default();
        let place = ledger::locate(&mut session)?;
        let mut scratch = Held::scratch(&mut session);
        let place = ledger::ensure(&mut scratch, &place, limits.lock_timeout)?;
        let steps: Vec<Step> = self.history.migrations()[done.unwrap_or(0)..]
            .iter()
            .map(|migration| Step {
                migration: migration.clone(),
                late: false,
                unfinished: ledger::Unfinished::default(),
            })
            .collect();
        let mut executor = Executor {
            session: scratch,
            place: &place,
            client: self.client,
            database: work.name(),
            limits,
            patience: Patience::blind(),
            attribution: self.attribution,
            interrupt: self.interrupt,
            retry: false,
            observer: &Unobserved,
        };
        executor.apply(&steps, &mut Vec::new())?;
        let before = session.messages_sent();
        let catalog = introspect::read(&mut session, Scope::Shape)?;
        Ok(Replayed {
            catalog,
            migrations: steps.len(),
            messages: session.messages_sent() - before,
        })
    }

    /// The longest prefix of the history that a template has.
    fn longest_template(&self, admin: &mut Session) -> Result<Option<usize>, ServerError> {
        let templates = names(admin, TEMPLATE)?;
        let has = |count: &usize| templates.contains(&template_of(self.chain.prefix(*count)));
        Ok((0..=self.chain.len()).rev().find(has))
    }
}

/// A database at work: dropped whatever happens, unless it is kept.
struct AtWork<'s> {
    admin: &'s mut Session,
    name: Option<String>,
}

impl AtWork<'_> {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Makes it a template, unless there is one of this name, as of a history that is already
    /// known whole and whose catalog alone was lost.
    fn keep_as(&mut self, template: &str) -> Result<(), ServerError> {
        let rename = format!("alter database {} rename to {template}", self.name());
        match self.admin.execute(&rename) {
            Ok(()) => {
                self.name = None;
                Ok(())
            }
            Err(error) if error.is(sqlstate::DUPLICATE_DATABASE) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // The next replay removes what is left here.
            let _ = self
                .admin
                .execute(&format!("drop database {name} with (force)"));
        }
    }
}

/// The name of the template of a history.
fn template_of(replayed: &Fingerprint) -> String {
    format!("{TEMPLATE}{}", replayed.as_str())
}

/// The databases whose names begin so, the oldest first.
fn names(admin: &mut Session, prefix: &str) -> Result<Vec<String>, ServerError> {
    let rows = admin.query(
        "select datname as name from pg_catalog.pg_database \
         where pg_catalog.starts_with(datname::pg_catalog.text, $1) order by oid",
        &[Some(prefix)],
    )?;
    Ok(rows.iter().map(|row| row.text("name")).collect())
}

/// Drops all templates but the newest.
fn remove_templates(admin: &mut Session, kept: usize) -> Result<(), ServerError> {
    let templates = names(admin, TEMPLATE)?;
    let surplus = templates.len().saturating_sub(kept);
    for name in &templates[..surplus] {
        admin.execute(&format!("drop database if exists {name}"))?;
    }
    Ok(())
}
