//! A page of the documentation and the commands in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place::Run;

/// A page, by lines.
pub struct Page {
    path: PathBuf,
    lines: Vec<String>,
    changed: bool,
    /// The commands, in their order.
    pub commands: Vec<Command>,
}

/// A command and what it is said to print.
pub struct Command {
    /// Its line in the page, from 1.
    pub line: usize,
    /// Its first line as it stands there, without the `$`.
    pub shown: String,
    /// What `sh` is given.
    pub script: String,
    /// The exit code that the page says.
    pub code: i32,
    /// What it prints.
    pub output: Vec<String>,
    /// How many lines of the page are before the output.
    output_start: usize,
}

impl Page {
    /// Reads a page and the commands of its `console` blocks.
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("the page can be read");
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut commands: Vec<Command> = Vec::new();
        let mut in_block = false;
        let mut begins_block = false;
        for (index, line) in lines.iter().enumerate() {
            if line.starts_with("```") {
                in_block = !in_block && line == "```console";
                begins_block = in_block;
                continue;
            }
            if !in_block {
                continue;
            }
            if let Some(command) = line.strip_prefix("$ ") {
                commands.push(Command::new(index, command));
            } else {
                assert!(
                    !begins_block,
                    "{}:{}: a `console` block begins with a command",
                    path.display(),
                    index + 1
                );
                let last = commands.last_mut().expect("the block began with one");
                last.add(line);
            }
            begins_block = false;
        }
        Self {
            path: path.to_owned(),
            lines,
            changed: false,
            commands,
        }
    }

    /// Puts what a command printed into the page. Lines of later commands move.
    pub fn replace(&mut self, index: usize, run: &Run) {
        let command = &self.commands[index];
        let (start, length) = (command.output_start, command.output.len());
        let printed = run.output.trim_end().lines();
        let printed: Vec<String> = printed.map(|line| line.trim_end().to_owned()).collect();
        let added = printed.len();
        self.lines.splice(start..start + length, printed);
        let line = &mut self.lines[command.line - 1];
        let bare = line
            .split("  # exit ")
            .next()
            .unwrap_or_default()
            .to_owned();
        *line = match run.code {
            0 => bare,
            code => format!("{bare}  # exit {code}"),
        };
        for later in &mut self.commands[index + 1..] {
            later.line = later.line + added - length;
            later.output_start = later.output_start + added - length;
        }
        self.changed = true;
    }

    /// Writes the page if it was changed.
    pub fn save_if_changed(&self) {
        if self.changed {
            fs::write(&self.path, self.lines.join("\n") + "\n").expect("the page can be written");
        }
    }
}

impl Command {
    fn new(index: usize, text: &str) -> Self {
        let (script, code) = match text.split_once("  # exit ") {
            Some((script, code)) => (script, code.parse().expect("an exit code is a number")),
            None => (text, 0),
        };
        Self {
            line: index + 1,
            shown: script.to_owned(),
            script: script.replace("cargo run -p migrate-cli --", "migrate"),
            code,
            output: Vec::new(),
            output_start: index + 1,
        }
    }

    /// Takes the next line: more of the command, or what it prints.
    fn add(&mut self, line: &str) {
        match line.strip_prefix("> ").or((line == ">").then_some("")) {
            Some(more) if self.output.is_empty() => {
                self.script.push('\n');
                self.script.push_str(more);
                self.output_start += 1;
            }
            _ => self.output.push(line.to_owned()),
        }
    }
}

/// Whether what was printed is what the page says. A line `...` matches any number of lines.
pub fn matches(expected: &str, printed: &str) -> bool {
    let expected: Vec<&str> = expected.trim_end().lines().collect();
    let printed: Vec<&str> = printed.trim_end().lines().collect();
    lines_match(&expected, &printed)
}

fn lines_match(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == "..." => {
            (0..=printed.len()).any(|skipped| lines_match(rest, &printed[skipped..]))
        }
        Some((first, rest)) => printed
            .split_first()
            .is_some_and(|(line, others)| line == first && lines_match(rest, others)),
    }
}

#[test]
fn three_dots_match_any_lines_and_nothing_else_does() {
    assert!(matches("a\n...\nd", "a\nb\nc\nd"));
    assert!(matches("...", ""));
    assert!(matches("a\n  ...", "a"));
    assert!(!matches("a\n...\nd", "a\nb"));
    assert!(!matches("a", "a\nb"));
}
