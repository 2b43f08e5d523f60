//! The examples at the end of each `--help`, and the page that says more.

pub const UP: &str = "\
Examples:
  migrate up                       everything, from nothing
  migrate up --wait 120            with a server that is slow to start
  migrate up --env docker          with the variables of `.env.docker`

More: docs/deploying.md";

pub const DEPLOY: &str = "\
Examples:
  migrate deploy --dry-run         what would be done
  migrate deploy --database erp    one database of several
  migrate deploy --to 20250224192746

More: docs/deploying.md";

pub const DEPLOY_PROD: &str = "\
Examples:
  migrate deploy:prod --dry-run    what would be done in production
  migrate deploy:prod              shows it, asks, and does it
  migrate deploy:prod --yes --wait 60   in a pipeline

More: docs/deploying.md#production";

pub const STATUS: &str = "\
Examples:
  migrate status                   how every migration stands
  migrate status --exit-code       for a pipeline: 0, 3 or 4
  migrate show --service auth      of one service's database

More: docs/deploying.md#look";

pub const HISTORY: &str = "\
Examples:
  migrate history                  every attempt, the newest last
  migrate history --format json    the same for programs

More: docs/ledger.md";

pub const NEW: &str = "\
Examples:
  migrate new add_titles --service post
  migrate new add_tenants --database erp

More: docs/authoring.md";

pub const REVERT: &str = "\
Examples:
  migrate revert --dry-run         what would be undone
  migrate revert                   the last applied migration
  migrate revert --steps 3
  migrate revert --to 20250224192746

More: docs/deploying.md#undo";

pub const REDO: &str = "\
Examples:
  migrate redo                     after the last migration was edited
  migrate redo --steps 2

More: docs/deploying.md#undo";

pub const RESOLVE: &str = "\
Examples:
  migrate resolve --applied 20250224192746       it was done by hand
  migrate resolve --rolled-back 20250224192746   nothing of it is there
  migrate resolve --retry 20250224192746 --dry-run

More: docs/resolve.md";

pub const RESET: &str = "\
Examples:
  migrate reset                    asks, drops, and builds again
  migrate reset --yes --env docker

More: docs/deploying.md#undo";

pub const GENERATE: &str = "\
Examples:
  migrate generate                 `schema.rs` and every service's part
  migrate generate --check         for a pipeline: 0 or 4
  migrate generate --from-database --stdout

More: docs/generate.md";

pub const CHECK: &str = "\
Examples:
  migrate check                    in a pipeline, before anything is deployed
  migrate check --shadow-url postgres://ci@localhost/postgres

More: docs/ownership.md";

pub const TRANSFER: &str = "\
Examples:
  migrate transfer posts --from post --to blog

More: docs/ownership.md#a-table-changes-hands";

pub const GRANTS: &str = "\
Examples:
  migrate grants                   what each role may do, and what it should
  migrate grants --sql             for an administrator to run
  migrate grants --apply --env staging

More: docs/grants.md";

pub const EXEC: &str = "\
Examples:
  migrate exec -- psql
  migrate exec --service auth -- cargo run -p auth   with the role of `auth`

More: docs/services.md";

pub const INIT: &str = "\
Examples:
  migrate init                     in this folder
  migrate init shop --first-service auth

More: docs/authoring.md";

pub const COMPLETIONS: &str = "\
Examples:
  source <(migrate completions bash)
  migrate completions fish > ~/.config/fish/completions/migrate.fish

More: docs/authoring.md#completions";

pub const MAN: &str = "\
Examples:
  migrate man target/man
  migrate man ~/.local/share/man/man1

More: docs/authoring.md#completions";

/// Each as it is typed, and where more is said.
#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{CommandFactory, Parser};

    use crate::args::Args;

    #[test]
    fn every_example_is_a_command_line_that_is_taken() {
        let mut seen = 0;
        for command in Args::command().get_subcommands() {
            let Some(help) = command.get_after_long_help() else {
                assert!(matches!(command.get_name(), "db" | "help"), "{command}");
                continue;
            };
            let help = help.to_string();
            let lines = help.lines().map(str::trim);
            for line in lines.filter(|line| line.starts_with("migrate ")) {
                // What it is for stands behind it.
                let typed = line.split("   ").next().unwrap_or(line);
                let typed = typed.split(" > ").next().unwrap_or(typed);
                let parsed = Args::try_parse_from(typed.split_whitespace());
                assert!(parsed.is_ok(), "{typed}");
                assert!(
                    typed.contains(command.get_name()) || typed.contains("show"),
                    "{typed}"
                );
                seen += 1;
            }
        }
        assert!(seen > 30, "{seen}");
    }

    #[test]
    fn more_is_said_where_the_help_says_so() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for command in Args::command().get_subcommands() {
            let help = command.get_after_long_help().map(ToString::to_string);
            for page in help.iter().filter_map(|help| help.split("More: ").nth(1)) {
                let (file, heading) = page.split_once('#').unwrap_or((page, ""));
                let text = std::fs::read_to_string(root.join(file)).expect("the page exists");
                let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
                let mut anchors = headings.map(|heading| heading.to_lowercase().replace(' ', "-"));
                assert!(
                    heading.is_empty() || anchors.any(|anchor| anchor == heading),
                    "{page}"
                );
            }
        }
    }
}
