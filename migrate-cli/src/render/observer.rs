//! Prints what happens while it happens. Results go to standard output, the rest to standard
//! error.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use console::{Style, pad_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use migrate_core::event::{Event, Observer};
use migrate_messages::{Happening, Tone, count, duration, happening};
use migrate_text::migration_ref::MigrationRef;
use migrate_text::visible::visible;

use super::document::print_json;
use super::line::line;
use super::output::{err_line, out, out_line};
use crate::args::Format;

/// Before this a progress bar would only flicker.
const BAR_AFTER: Duration = Duration::from_millis(500);

/// Prints events and keeps what a summary needs.
pub struct Printer {
    format: Format,
    verbose: bool,
    quiet: bool,
    command: &'static str,
    started: Instant,
    names_databases: bool,
    shown: Mutex<Shown>,
}

/// What is on the terminal while migrations run.
#[derive(Default)]
struct Shown {
    bar: Option<ProgressBar>,
    /// Widths of the columns of versions, names and services.
    widths: [usize; 3],
}

impl Printer {
    pub fn new(format: Format, verbose: bool, quiet: bool, command: &'static str) -> Self {
        Self {
            format,
            verbose,
            quiet,
            command,
            started: Instant::now(),
            names_databases: false,
            shown: Mutex::default(),
        }
    }

    /// Says of every database whose migrations follow: there are several.
    pub fn name_databases(&mut self) {
        self.names_databases = true;
    }

    pub fn format(&self) -> Format {
        self.format
    }

    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// How long the command runs already, for people.
    pub fn elapsed(&self) -> String {
        duration(self.started.elapsed().as_secs_f64() * 1000.0)
    }

    /// The same for one database whose migrations took so many milliseconds: of several each has
    /// its own time.
    pub fn elapsed_in(&self, milliseconds: f64) -> String {
        match self.names_databases {
            true => duration(milliseconds),
            false => self.elapsed(),
        }
    }

    /// A line of results, for people.
    pub fn result(&self, label: &str, style: Style, text: &str) {
        if self.format == Format::Human && !self.quiet {
            let line = line(label, &style.for_stdout(), text);
            self.suspended(|| out_line(line));
        }
    }

    /// What a check that failed comes to: said even to who wants to see errors only, who would not
    /// know why it ends as it does.
    pub fn refusal(&self, label: &str, style: Style, text: &str) {
        match self.quiet && self.format == Format::Human {
            true => err_line(line(label, &style.for_stderr(), text)),
            false => self.result(label, style, text),
        }
    }

    /// Lines of results as they are.
    pub fn text(&self, text: &str) {
        if !self.quiet {
            self.suspended(|| out(text.as_bytes()));
        }
    }

    /// A line of progress.
    pub fn progress(&self, label: &str, style: Style, text: &str) {
        if self.format == Format::Human && !self.quiet {
            let line = line(label, &style.for_stderr(), text);
            self.suspended(|| err_line(line));
        }
    }

    /// A line that a person should not miss.
    pub fn warning(&self, text: &str) {
        self.progress("warning", Style::new().yellow(), text);
    }

    /// The document of a command whose result is `report`.
    pub fn document(&self, report: &impl serde::Serialize) {
        self.finish();
        if self.format == Format::Json {
            print_json(self.command, "done", report);
        }
    }

    /// Takes the progress bar away.
    pub fn finish(&self) {
        let bar = self.shown().bar.take();
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }

    /// Nothing that is held here can be left half done, also by a thread that panicked.
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bar, if there is one. A clone is the same bar.
    fn bar(&self) -> Option<ProgressBar> {
        self.shown().bar.clone()
    }

    /// Prints past the progress bar.
    fn suspended(&self, print: impl FnOnce()) {
        match self.bar() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn planned(&self, migrations: &[MigrationRef]) {
        let width = |text: &str| console::measure_text_width(text);
        let widest = |text: &dyn Fn(&MigrationRef) -> String| {
            let all = migrations.iter();
            all.map(|migration| width(&text(migration)))
                .max()
                .unwrap_or(0)
        };
        self.shown().widths = [
            widest(&|migration| migration.version.clone()),
            widest(&|migration| migration.name.clone()),
            widest(&|migration| migration.services.join(", ")),
        ];
        self.start_bar(migrations.len());
    }

    fn start_bar(&self, migrations: usize) {
        let shown = self.format == Format::Human && !self.quiet && std::io::stderr().is_terminal();
        if !shown || migrations == 0 {
            return;
        }
        let bar =
            ProgressBar::with_draw_target(Some(migrations as u64), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{msg:>9} {pos}/{len} {bar:30} {elapsed}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        show_later(&bar);
        self.shown().bar = Some(bar);
    }

    fn migration_started(&self, happening: &Happening, sql: &str) {
        if self.verbose {
            self.tell(happening);
            let sql: Vec<String> = sql
                .lines()
                .map(|line| format!("          {line}"))
                .collect();
            let sql = sql.join("\n");
            self.suspended(|| err_line(visible(sql.trim_end())));
        }
        if let Some(bar) = self.bar() {
            bar.set_message(happening.about.to_owned());
        }
    }

    fn migration_done(&self, happening: &Happening, migration: &MigrationRef, took: f64) {
        if let Some(bar) = self.bar() {
            bar.inc(1);
        }
        let text = format!("{}  {:>7}", self.columns(migration), duration(took));
        self.result(happening.about, style_of(happening.tone), &text);
    }

    fn privileges_changed(&self, happening: &Happening, database: &str) {
        let place = match self.names_databases {
            true => format!(" in {database}"),
            false => String::new(),
        };
        let text = format!("{}{place}", happening.text);
        self.result(happening.about, style_of(happening.tone), &text);
    }

    /// A line about what happens around the migrations.
    fn tell(&self, happening: &Happening) {
        if happening.tone != Tone::Notice || self.verbose {
            let style = style_of(happening.tone);
            let (about, text) = (visible(happening.about), visible(&happening.text));
            self.progress(&about, style, &text);
        }
    }

    /// Version, name and services, each in its column.
    fn columns(&self, migration: &MigrationRef) -> String {
        let [versions, names, services] = self.shown().widths;
        let pad = |text: &str, width| {
            // A colour of somebody else's would stay.
            pad_str(&visible(text), width, console::Alignment::Left, None).into_owned()
        };
        format!(
            "{} {}  {}",
            pad(&migration.version, versions),
            pad(&migration.name, names),
            pad(&migration.services.join(", "), services)
        )
    }
}

fn style_of(tone: Tone) -> Style {
    match tone {
        Tone::Result => Style::new().green(),
        Tone::Plan => Style::new().bold(),
        Tone::AtWork | Tone::Done => Style::new().cyan(),
        Tone::Undone | Tone::Waiting | Tone::Warning => Style::new().yellow(),
        Tone::Notice => Style::new().dim(),
    }
}

/// Shows a bar once it is worth it, in the middle of a long migration too.
fn show_later(bar: &ProgressBar) {
    let bar = bar.clone();
    std::thread::spawn(move || {
        std::thread::sleep(BAR_AFTER);
        if !bar.is_finished() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    });
}

impl Observer for Printer {
    fn looks_on(&self) -> bool {
        self.bar().is_some() || self.verbose
    }

    fn observe(&self, event: &Event) {
        let happening = happening(event);
        match event {
            Event::Planned { migrations, .. } => {
                if self.names_databases && !migrations.is_empty() {
                    self.tell(&happening);
                }
                self.planned(migrations);
            }
            Event::Started { sql, .. } => self.migration_started(&happening, sql),
            Event::Done {
                migration,
                duration_ms,
                ..
            } => self.migration_done(&happening, migration, *duration_ms),
            Event::PrivilegesChanged { database, .. } => {
                self.privileges_changed(&happening, database);
            }
            Event::EmbeddedStarted { .. }
            | Event::DatabaseCreated { .. }
            | Event::SchemaCreated { .. }
            | Event::ExtensionCreated { .. }
            | Event::WaitingForServer { .. }
            | Event::WaitingForPromotion { .. }
            | Event::ConnectionLost { .. }
            | Event::ConnectionNotice { .. }
            | Event::WaitingForLock { .. }
            | Event::Replayed { .. }
            | Event::Retrying { .. }
            | Event::Blocked { .. }
            | Event::InvalidIndexDropped { .. }
            | Event::Adopted { .. }
            | Event::RoleCreated { .. }
            | Event::LoginAllowed { .. }
            | Event::PasswordSet { .. }
            | Event::Notice { .. } => self.tell(&happening),
        }
    }
}

/// `3 migrations applied to main in 41 ms`
pub fn summary(number: usize, verb: &str, database: &str, elapsed: &str) -> String {
    format!(
        "{} {verb} {database} in {elapsed}",
        count(number, "migration")
    )
}
