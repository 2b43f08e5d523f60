//! The first wall: what the files of a history do, and may not, before anything is connected to.

use crate::attribution::{Attribution, Breach, Unseen};
use crate::error::Error;
use crate::event::Observer;
use crate::history::History;
use crate::ownership::Policy;
use crate::problem::Problems;
use crate::report::{CheckReport, UnseenReport};
use crate::workspace::Selection;

use super::{GenerateOptions, Migrator};

/// The history of one database and what the services may do with it.
pub(super) struct Guarded {
    pub(super) history: History,
    policy: Policy,
}

impl Guarded {
    /// Attributes everything. `None` where there are no two services: then nobody has to be
    /// protected from anybody, and no file is looked through.
    pub(super) fn attribution(&self) -> Option<Attribution<'_>> {
        let several = self.policy.has_several();
        several.then(|| Attribution::of(&self.history, &self.policy))
    }
}

impl Migrator {
    /// A database's part of the history, and the services whose tables are in it.
    pub(super) fn guarded(&self, history: &History, database: &str) -> Result<Guarded, Problems> {
        let services = self.workspace.services_of(database)?;
        Ok(Guarded {
            history: history.of_database(database),
            policy: Policy::of(&services, self.workspace.transfers())?,
        })
    }

    /// Everything that needs no target database: the history, who touches what, and whether the
    /// generated files are in step.
    pub fn check(
        &self,
        options: &GenerateOptions,
        observer: &mut dyn Observer,
    ) -> Result<CheckReport, Error> {
        let history = self.history()?;
        let mut report = CheckReport {
            migrations: history.migrations().len(),
            ..CheckReport::default()
        };
        let mut breaches = Vec::new();
        for (database, _) in self.workspace.prerequisites(&Selection::default())? {
            let guarded = self.guarded(&history, &database)?;
            let Some(attribution) = guarded.attribution() else {
                continue;
            };
            report.attributed = true;
            breaches.extend(attribution.breaches().iter().cloned());
            let migrations = guarded.history.migrations().iter();
            let versions: Vec<&str> = migrations.map(|m| m.version.as_str()).collect();
            breaches.extend(attribution.breaches_of_down(&versions));
            report.unseen.extend(attribution.unseen().map(unseen));
        }
        refuse(breaches)?;
        let options = GenerateOptions {
            check: true,
            ..options.clone()
        };
        report.generated = self.generate(&options, observer)?;
        Ok(report)
    }
}

/// The error for breaches, if there are any.
pub(super) fn refuse(breaches: Vec<Breach>) -> Result<(), Error> {
    match breaches.is_empty() {
        true => Ok(()),
        false => Err(Error::Ownership(breaches)),
    }
}

fn unseen(unseen: &Unseen) -> UnseenReport {
    let location = &unseen.location;
    UnseenReport {
        what: unseen.what,
        file: location.file.path().to_owned(),
        position: location.position(),
    }
}
