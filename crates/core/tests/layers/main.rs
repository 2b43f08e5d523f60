//! Dependencies point one way. What Cargo holds between crates, this holds inside them: a module
//! of the core uses only those that the table gives it, and no files go round in a circle.

mod circles;
mod forms;
mod uses;

use std::path::{Path, PathBuf};

use circles::circles;
use uses::Crate;

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

/// The sources of every crate: of the engine, of the command line, of the services and of tests.
const CRATES: [&str; 13] = [
    "crates/text/src",
    "crates/postgres/src",
    "crates/catalog/src",
    "crates/schema-rs/src",
    "crates/sql/src",
    "crates/core/src",
    "crates/messages/src",
    "migrate-cli/src",
    "service-kit/src",
    "services/auth/src",
    "services/organization/src",
    "services/post/src",
    "testkit/src",
];

/// What reads a statement goes round as statements do: a query holds a table that holds a query.
const RECURSIVE_DESCENT: &str = "crates/sql/src/reading/";

fn sources(package: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    workspace.join(package)
}

/// `deploy` for `deploy/guard/mod.rs`.
fn layer_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.trim_end_matches(".rs")
}

#[test]
fn every_module_uses_only_what_its_layer_may() {
    let core = Crate::read(&sources("crates/core/src"));
    let mut breaches = Vec::new();
    for (file, used) in core.uses() {
        let module = layer_of(file);
        if module == "lib" {
            continue;
        }
        let layer = LAYERS.iter().find(|(name, _)| *name == module);
        let (_, allowed) = layer.unwrap_or_else(|| panic!("`{module}` is not in the table"));
        for used in used {
            let layer = layer_of(used);
            if layer != module && !allowed.contains(&layer) {
                breaches.push(format!("{file} uses {used}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_files_go_round_in_a_circle() {
    let mut found = Vec::new();
    for package in CRATES {
        let all = Crate::read(&sources(package));
        for circle in circles(&all.uses()) {
            let is_descent =
                |file: &&str| format!("{package}/{file}").starts_with(RECURSIVE_DESCENT);
            if !circle.iter().all(is_descent) {
                found.push(format!("{package}: {}", circle.join(" ")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
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
