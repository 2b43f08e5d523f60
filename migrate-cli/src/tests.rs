//! The examples of each `--help`: typed as they stand, and where more is said.

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
