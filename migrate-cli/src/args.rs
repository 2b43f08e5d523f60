//! Every argument of the command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::completion::{databases, environments, services, tables, versions};
use crate::examples;
use clap::builder::RangedU64ValueParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use clap_complete::engine::ArgValueCandidates as Names;

/// The heading of the options that every command takes.
const EVERYWHERE: &str = "Options of every command";

/// One PostgreSQL migration history for a monorepo of many services.
///
/// Exit codes: 0 done or nothing to do; 1 it failed; 2 the command line or the configuration is
/// wrong, nothing was touched; 3 `status --exit-code` found pending migrations; 4 a check found
/// drift, a modified or missing migration, an ownership breach, privileges that differ, stale
/// generated files; 129, 130, 143 a signal ended it.
#[derive(Parser)]
#[command(name = "migrate", version)]
pub struct Args {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(ClapArgs)]
pub struct GlobalArgs {
    /// Work in this folder instead of the current one
    #[arg(
        short = 'C',
        global = true, help_heading = EVERYWHERE,
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true
    )]
    pub directory: PathBuf,
    /// The environment: which `.env.<NAME>` is read
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME", value_parser = environment, default_value = "local", add = Names::new(environments))]
    pub env: String,
    /// Only this database of `migrate.toml`
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME", add = Names::new(databases))]
    pub database: Option<String>,
    /// Only this service of `migrate.toml`
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME", add = Names::new(services))]
    pub service: Option<String>,
    /// How results are printed
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Show the SQL and what the server says
    #[arg(short, long, global = true, help_heading = EVERYWHERE, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Show errors only
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON document on standard output
    Json,
}

#[derive(Subcommand)]
pub enum Command {
    /// Everything from nothing: start, wait, create, deploy
    #[command(after_long_help = examples::UP)]
    Up(UpArgs),
    /// Apply what is pending
    #[command(after_long_help = examples::DEPLOY)]
    Deploy(DeployArgs),
    /// Apply what is pending in production: `deploy --env prod`, and asks first
    #[command(name = "deploy:prod", after_long_help = examples::DEPLOY_PROD)]
    DeployProd(DeployArgs),
    /// Show how every migration stands
    #[command(visible_alias = "show", after_long_help = examples::STATUS)]
    Status(StatusArgs),
    /// Show everything that was ever done to the database, in order
    #[command(after_long_help = examples::HISTORY)]
    History(WaitArgs),
    /// Write an empty migration
    #[command(after_long_help = examples::NEW)]
    New(NewArgs),
    /// Undo the last applied migration
    #[command(after_long_help = examples::REVERT)]
    Revert(RevertArgs),
    /// Undo the last applied migration and apply it again
    #[command(after_long_help = examples::REDO)]
    Redo(RedoArgs),
    /// Say how a migration stands that no deploy can settle by itself
    #[command(after_long_help = examples::RESOLVE)]
    Resolve(ResolveArgs),
    /// Drop the database and build it again from the history; never in production
    #[command(after_long_help = examples::RESET)]
    Reset(ResetArgs),
    /// Write schema.rs and every service's subset of it, from the history
    #[command(after_long_help = examples::GENERATE)]
    Generate(GenerateArgs),
    /// Everything that needs no target database: history, ownership, generated files
    #[command(after_long_help = examples::CHECK)]
    Check(CheckArgs),
    /// Hand a table from one service to another
    #[command(after_long_help = examples::TRANSFER)]
    Transfer(TransferArgs),
    /// Show what the role of each service may do in the database, and what it should
    #[command(after_long_help = examples::GRANTS)]
    Grants(GrantsArgs),
    /// The databases themselves
    #[command(subcommand)]
    Db(DbCommand),
    /// Run a command with DATABASE_URL set
    #[command(after_long_help = examples::EXEC)]
    Exec(ExecArgs),
    /// Create a new workspace, or complete one
    #[command(after_long_help = examples::INIT)]
    Init(InitArgs),
    /// Print a script that completes commands in your shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Write the pages of the manual, for `man migrate`
    #[command(after_long_help = examples::MAN)]
    Man(ManArgs),
}

impl Command {
    /// The command's name as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Up(_) => "up",
            Self::Deploy(_) => "deploy",
            Self::DeployProd(_) => "deploy:prod",
            Self::Status(_) => "status",
            Self::History(_) => "history",
            Self::New(_) => "new",
            Self::Revert(_) => "revert",
            Self::Redo(_) => "redo",
            Self::Resolve(_) => "resolve",
            Self::Reset(_) => "reset",
            Self::Generate(_) => "generate",
            Self::Check(_) => "check",
            Self::Transfer(_) => "transfer",
            Self::Grants(_) => "grants",
            Self::Db(command) => command.name(),
            Self::Exec(_) => "exec",
            Self::Init(_) => "init",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }
}

#[derive(ClapArgs)]
pub struct WaitArgs {
    /// Wait so long for a server that is down, starting, full or failing over
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0", hide_default_value = true)]
    pub wait: Duration,
}

#[derive(ClapArgs)]
pub struct UpArgs {
    /// Wait so long for a server that is down, starting, full or failing over
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    pub wait: Duration,
    /// Do not ask, in production
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
pub struct LockArgs {
    /// Wait so long for another deploy
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "600")]
    pub lock_wait: Duration,
}

#[derive(ClapArgs)]
pub struct DeployArgs {
    /// Only show what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Apply up to this version, itself included
    #[arg(long, value_name = "VERSION", add = Names::new(versions))]
    pub to: Option<String>,
    /// Do not ask
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
pub struct StatusArgs {
    /// Exit with 3 if something is pending or failed, with 4 if something is modified or missing,
    /// or privileges differ
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
}

#[derive(ClapArgs)]
pub struct NewArgs {
    /// What it does, such as `add_titles` or `VEXT-123-AddTenantId`
    pub name: String,
}

#[derive(ClapArgs)]
pub struct RevertArgs {
    /// How many
    #[arg(long, value_name = "N", value_parser = at_least_one(), default_value_t = 1, conflicts_with = "to")]
    pub steps: usize,
    /// Everything applied after this version, which itself stays
    #[arg(long, value_name = "VERSION", add = Names::new(versions))]
    pub to: Option<String>,
    /// Only show what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask, in production
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
pub struct RedoArgs {
    /// How many
    #[arg(long, value_name = "N", value_parser = at_least_one(), default_value_t = 1)]
    pub steps: usize,
    /// Do not ask, in production
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
pub struct ResolveArgs {
    #[command(flatten)]
    pub what: ResolveWhat,
    /// Only show what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask, in production
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
pub struct ResolveWhat {
    /// The database has all that this migration does: it counts as applied, nothing of it is run
    #[arg(long, value_name = "VERSION", add = Names::new(versions))]
    pub applied: Option<String>,
    /// The database has nothing of it: the next deploy begins it with its first statement
    #[arg(long, value_name = "VERSION", add = Names::new(versions))]
    pub rolled_back: Option<String>,
    /// Run this migration, which failed, again: only this one
    #[arg(long, value_name = "VERSION", add = Names::new(versions))]
    pub retry: Option<String>,
    /// Its file was edited after it was applied, and may be as it is now
    #[arg(long, value_name = "VERSION", add = Names::new(versions))]
    pub accept_modified: Option<String>,
}

#[derive(ClapArgs)]
pub struct ResetArgs {
    /// Do not ask
    #[arg(long, short = 'y')]
    pub yes: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
pub struct GenerateArgs {
    /// Write nothing; show what is stale and exit with 4
    #[arg(long)]
    pub check: bool,
    /// Print the combined schema.rs instead of writing files
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,
    /// Read the database itself instead of replaying the history
    #[arg(long)]
    pub from_database: bool,
    /// Replace files that a person wrote, too
    #[arg(long, conflicts_with_all = ["check", "stdout"])]
    pub force: bool,
    /// Replay on this server instead of a private one
    #[arg(long, value_name = "URL", conflicts_with = "from_database")]
    pub shadow_url: Option<String>,
}

#[derive(ClapArgs)]
pub struct GrantsArgs {
    /// Print only the SQL that is missing, for someone else to run
    #[arg(long, conflicts_with = "apply")]
    pub sql: bool,
    /// Give and take what has to be, now
    #[arg(long)]
    pub apply: bool,
    /// Exit with 4 if something differs, or a role has more than it should
    #[arg(long, conflicts_with_all = ["apply", "sql"])]
    pub exit_code: bool,
    /// Do not ask, in production
    #[arg(long, short = 'y', requires = "apply")]
    pub yes: bool,
    #[command(flatten)]
    pub wait: WaitArgs,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(ClapArgs)]
pub struct CheckArgs {
    /// Replay on this server instead of a private one
    #[arg(long, value_name = "URL")]
    pub shadow_url: Option<String>,
}

#[derive(ClapArgs)]
pub struct TransferArgs {
    /// The table, `schema.table` outside `public`
    #[arg(add = Names::new(tables))]
    pub table: String,
    /// The service that owns it
    #[arg(long, value_name = "SERVICE", add = Names::new(services))]
    pub from: String,
    /// The service that shall own it
    #[arg(long, value_name = "SERVICE", add = Names::new(services))]
    pub to: String,
}

#[derive(Subcommand)]
pub enum DbCommand {
    /// Create the databases that do not exist
    Create(WaitArgs),
    /// Drop the databases; never in production
    Drop {
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Wait until the servers take connections
    Wait {
        /// How long at most
        #[arg(value_name = "SECONDS", value_parser = seconds, default_value = "60")]
        limit: Duration,
    },
    /// Start the embedded server
    Start,
    /// Stop the embedded server
    Stop,
    /// Print the database's URL, its password left out
    Url,
    /// Open `psql` on the database
    Shell {
        /// Arguments for `psql`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

impl DbCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "db create",
            Self::Drop { .. } => "db drop",
            Self::Wait { .. } => "db wait",
            Self::Start => "db start",
            Self::Stop => "db stop",
            Self::Url => "db url",
            Self::Shell { .. } => "db shell",
        }
    }
}

#[derive(ClapArgs)]
pub struct ExecArgs {
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

#[derive(ClapArgs)]
pub struct InitArgs {
    /// The folder of the workspace; created if it does not exist
    #[arg(default_value = ".", hide_default_value = true)]
    pub folder: PathBuf,
    /// The first service's name
    #[arg(long = "first-service", value_name = "NAME", default_value = "app", value_parser = crate_name)]
    pub first_service: String,
}

#[derive(ClapArgs)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

#[derive(ClapArgs)]
pub struct ManArgs {
    /// The folder for the pages; created if it does not exist
    pub folder: PathBuf,
}

/// A name that Cargo takes for a package, and a folder can have.
fn crate_name(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("a crate's name has letters, digits, `-` and `_`, and begins with a letter".to_owned())
    }
}

/// The name of an environment: a part of a file's name, and no path.
fn environment(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("an environment's name has letters, digits, `-` and `_`".to_owned())
    }
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// A number of seconds, or a time with its unit.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .map(Duration::from_secs)
        .or_else(|_| humantime::parse_duration(text))
        .map_err(|_| "give a number of seconds, or a time such as `500ms` or `2m`".to_owned())
}
