//! The history and the databases that a command is for, and the one that it is for.

use crate::attribution::Guarded;
use crate::error::Error;
use crate::history::History;
use crate::reach::{ConnectOptions, Connected, Question, Run};
use crate::workspace::{Database, Selection};
use migrate_postgres::ServerWait;
use migrate_text::problem::{ProblemKind, Problems};

use super::Migrator;

impl Migrator {
    /// The history and the selected databases, variables looked up. All that is wrong with
    /// either is reported at once.
    pub(super) fn read(&self, selection: &Selection) -> Result<(History, Vec<Database>), Error> {
        self.beside_history(self.workspace.databases(selection))
    }

    /// The same. Where the history is known to be long, the databases are being asked by then.
    pub(super) fn read_and_ask(
        &self,
        options: &ConnectOptions,
        question: Question,
        run: Run<'_>,
    ) -> Result<(History, Vec<Database>), Error> {
        self.ahead.discard();
        let databases = self.workspace.databases(&options.selection);
        if let Ok(databases) = &databases
            && self.has_long_history()
        {
            run.ask_ahead(databases, options.wait, question);
        }
        let read = self.beside_history(databases);
        if read.is_err() {
            self.ahead.discard();
        }
        read
    }

    fn beside_history(
        &self,
        databases: Result<Vec<Database>, Problems>,
    ) -> Result<(History, Vec<Database>), Error> {
        match (self.history(), databases) {
            (Ok(history), Ok(databases)) => Ok((history, databases)),
            (Err(Error::Problems(mut problems)), Err(more)) => {
                problems.0.extend(more.0);
                Err(problems.into())
            }
            (Err(error), _) => Err(error),
            (_, Err(problems)) => Err(problems.into()),
        }
    }

    /// The one selected database and its history.
    pub(super) fn connect_one(
        &self,
        options: &ConnectOptions,
        run: Run<'_>,
    ) -> Result<(Connected, Guarded), Error> {
        self.connect_one_within(options, &mut ServerWait::of(options.wait), run)
    }

    /// The same, such that it can be written to.
    pub(super) fn connect_one_to_write(
        &self,
        options: &ConnectOptions,
        run: Run<'_>,
    ) -> Result<(Connected, Guarded), Error> {
        let mut wait = ServerWait::of(options.wait);
        let (mut connected, guarded) = self.connect_one_within(options, &mut wait, run)?;
        run.make_writable(&mut connected, &mut wait)?;
        Ok((connected, guarded))
    }

    fn connect_one_within(
        &self,
        options: &ConnectOptions,
        wait: &mut ServerWait,
        run: Run<'_>,
    ) -> Result<(Connected, Guarded), Error> {
        self.one_database(&options.selection)?;
        let (history, databases) = self.read(&options.selection)?;
        let mut all = run.connect(databases, wait)?;
        // `one_database` has seen that exactly one is selected.
        let connected = all.pop().expect("one database is selected");
        let guarded = self.guarded(&history, &connected.database.name)?;
        Ok((connected, guarded))
    }

    /// Makes sure that a selection means exactly one database.
    pub(super) fn one_database(&self, selection: &Selection) -> Result<(), Error> {
        let known = self.workspace.database_names();
        if selection.database.is_none() && selection.service.is_none() && known.len() > 1 {
            let mut problems = Problems(Vec::new());
            problems.add(ProblemKind::AmbiguousDatabase { known });
            return Err(problems.into());
        }
        Ok(())
    }
}
