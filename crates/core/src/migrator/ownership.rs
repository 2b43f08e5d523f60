//! The first wall: what the files of a history do, and may not, before anything is done.

use crate::attribution::{Attribution, Guarded};
use crate::error::Error;
use crate::event::Observer;
use crate::history::History;
use crate::ownership::{Policy, shown, table_name, transferred};
use crate::report::{CheckReport, TransferReport};
use crate::turn::{refuse, unseen};
use crate::workspace::Transfer;
use migrate_text::name::nearest;
use migrate_text::problem::{ProblemKind, Problems};
use migrate_text::regular_file::{self, LONGEST_SETTINGS};
use migrate_text::replace::replace;

use super::Migrator;
use super::options::{GenerateOptions, TransferOptions};

impl Migrator {
    /// A database's part of the history, and the services whose tables are in it.
    pub(super) fn guarded(&self, history: &History, database: &str) -> Result<Guarded, Problems> {
        let services = self.workspace.services_of(database)?;
        Ok(Guarded {
            history: history.of_database(database),
            policy: Policy::of(&services, self.workspace.transfers())?
                .with_names(self.workspace.server_names()),
        })
    }

    /// Everything that needs no target database: the history, who touches what, and whether the
    /// generated files are in step.
    pub fn check(
        &self,
        options: &GenerateOptions,
        observer: &dyn Observer,
    ) -> Result<CheckReport, Error> {
        let history = self.history()?;
        let mut report = CheckReport {
            migrations: history.migrations().len(),
            ..CheckReport::default()
        };
        let mut breaches = Vec::new();
        for database in self.workspace.database_names() {
            let guarded = self.guarded(&history, &database)?;
            let attributed = guarded.attributed();
            breaches.extend(attributed.breaches().iter().cloned());
            let migrations = guarded.history.migrations().iter();
            let versions: Vec<&str> = migrations.map(|m| m.version.as_str()).collect();
            breaches.extend(attributed.breaches_of_down(&versions));
            if let Some(attribution) = attributed.attribution() {
                report.attributed = true;
                report.unseen.extend(attribution.unseen().map(unseen));
            }
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

impl Migrator {
    /// Hands a table from one service to another, in `migrate.toml`. The history stays valid:
    /// up to its present end the table is `from`'s.
    pub fn transfer(&self, options: &TransferOptions) -> Result<TransferReport, Error> {
        let TransferOptions { table, from, to } = options;
        // However it was typed: `public.posts` is `posts`.
        let table = &shown(&table_name(table));
        let database = self.check_transfer(from, to)?;
        let history = self.history()?;
        let guarded = self.guarded(&history, &database)?;
        let name = table_name(table);
        let attribution = Attribution::of(&guarded.history, &guarded.policy);
        let tables = attribution.tables();
        if !tables.contains(&&name) {
            let shown: Vec<String> = tables.iter().map(|table| shown(table)).collect();
            let nearest = nearest(table, shown.iter().map(String::as_str)).map(str::to_owned);
            let pattern = table.clone();
            return problem(ProblemKind::NoSuchTable { pattern, nearest });
        }
        let owner = guarded.policy.owner(&name);
        if owner != Some(from) {
            return problem(ProblemKind::NotTheOwner {
                table: table.clone(),
                service: from.clone(),
                owner: owner.map(str::to_owned),
            });
        }
        let newest = guarded.history.migrations().last();
        let after = newest.map(|migration| migration.version.clone());
        let transfer = Transfer {
            table: table.clone(),
            from: from.clone(),
            to: to.clone(),
            after: after.clone().unwrap_or_default(),
            location: None,
        };
        self.write_transfer(&transfer, after.is_some())?;
        Ok(TransferReport {
            table: table.clone(),
            from: from.clone(),
            to: to.clone(),
            after,
        })
    }

    /// The database that both services are in.
    fn check_transfer(&self, from: &str, to: &str) -> Result<String, Error> {
        let workspace = &self.workspace;
        let (giver, taker) = (workspace.service(from)?, workspace.service(to)?);
        let database = workspace.database_of(giver)?;
        if from == to || workspace.database_of(taker)? != database {
            return problem(ProblemKind::NoTransfer {
                from: from.to_owned(),
                to: to.to_owned(),
            });
        }
        Ok(database)
    }

    fn write_transfer(&self, transfer: &Transfer, noted: bool) -> Result<(), Error> {
        let path = self.workspace.root().join("migrate.toml");
        let io = |error| Error::Io {
            path: "migrate.toml".to_owned(),
            error,
        };
        let text = regular_file::read_text(&path, LONGEST_SETTINGS).map_err(io)?;
        // It was read as TOML when the workspace was opened.
        let text = transferred(&text, transfer, noted)
            .map_err(|error| io(std::io::Error::other(error.message().to_owned())))?;
        replace(&path, &text).map_err(io)
    }
}

fn problem<T>(kind: ProblemKind) -> Result<T, Error> {
    let mut problems = Problems(Vec::new());
    problems.add(kind);
    Err(problems.into())
}
