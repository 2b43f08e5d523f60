//! Dependencies point one way: a module uses only those that this table gives it.

use std::fs;
use std::path::{Path, PathBuf};

/// A module and what it may use of the others, in the order in which data flows.
const LAYERS: [(&str, &[&str]); 19] = [
    ("event", &[]),
    ("workspace", &[]),
    ("history", &[]),
    ("scaffold", &["history"]),
    ("lock", &[]),
    ("ledger", &["lock"]),
    ("plan", &["event", "history", "ledger"]),
    ("ownership", &["workspace"]),
    ("remembered", &["history", "ownership"]),
    ("attribution", &["history", "ownership"]),
    (
        "deploy",
        &[
            "attribution",
            "event",
            "history",
            "ledger",
            "lock",
            "ownership",
            "plan",
        ],
    ),
    ("grants", &["lock", "ownership"]),
    (
        "shadow",
        &[
            "attribution",
            "deploy",
            "event",
            "history",
            "ledger",
            "lock",
            "plan",
            "remembered",
        ],
    ),
    ("generate", &["history", "ownership", "workspace"]),
    (
        "report",
        &[
            "attribution",
            "deploy",
            "event",
            "generate",
            "grants",
            "ledger",
            "ownership",
            "plan",
        ],
    ),
    (
        "error",
        &[
            "attribution",
            "deploy",
            "event",
            "generate",
            "grants",
            "ledger",
            "plan",
            "remembered",
            "report",
            "shadow",
        ],
    ),
    (
        "reach",
        &["deploy", "error", "event", "ledger", "lock", "workspace"],
    ),
    (
        "turn",
        &[
            "attribution",
            "deploy",
            "error",
            "event",
            "grants",
            "history",
            "ledger",
            "lock",
            "plan",
            "reach",
            "report",
            "workspace",
        ],
    ),
    (
        "migrator",
        &[
            "attribution",
            "error",
            "event",
            "generate",
            "history",
            "ledger",
            "deploy",
            "ownership",
            "plan",
            "reach",
            "remembered",
            "report",
            "scaffold",
            "shadow",
            "turn",
            "workspace",
        ],
    ),
];

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("readable") {
            files(&entry.expect("readable").path(), found);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.push(path.to_owned());
    }
}

/// The modules that a file uses of its own crate, comments and tests beneath the code left out.
fn used(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("readable");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
    let uses = code.split("crate::").skip(1);
    uses.map(|path| path.chars().take_while(is_name).collect())
        .collect()
}

#[test]
fn every_module_uses_only_what_its_layer_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut breaches = Vec::new();
    let mut all = Vec::new();
    files(&src, &mut all);
    for file in all {
        let relative = file.strip_prefix(&src).expect("below src");
        let first = relative.components().next().expect("a name").as_os_str();
        let module = first.to_string_lossy().trim_end_matches(".rs").to_owned();
        let is_template = relative.starts_with("scaffold/template");
        if module == "lib" || is_template {
            continue;
        }
        let layer = LAYERS.iter().find(|(name, _)| *name == module);
        let (_, allowed) = layer.unwrap_or_else(|| panic!("`{module}` is not in the table"));
        for used in used(&file) {
            let is_module = LAYERS.iter().any(|(name, _)| *name == used);
            if is_module && used != module && !allowed.contains(&used.as_str()) {
                breaches.push(format!("{} uses `{used}`", relative.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_table_itself_points_one_way() {
    let position = |module: &str| LAYERS.iter().position(|(name, _)| *name == module);
    for (module, allowed) in LAYERS {
        for used in allowed {
            assert!(
                position(used) < position(module) && position(used).is_some(),
                "`{module}` stands before `{used}`"
            );
        }
    }
}
