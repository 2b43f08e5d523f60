//! Circles of files that are still there. The aim is none: whoever opens one takes it out here.

/// Each circle by its package's sources and the files below them.
pub const KNOWN: &[(&str, &[&str])] = &[
    (
        "crates/catalog/src",
        &[
            "introspect/data_type.rs",
            "introspect/default_grant.rs",
            "introspect/event_trigger.rs",
            "introspect/extension.rs",
            "introspect/facts.rs",
            "introspect/index.rs",
            "introspect/mod.rs",
            "introspect/other.rs",
            "introspect/policy.rs",
            "introspect/relation.rs",
            "introspect/routine.rs",
            "introspect/rule.rs",
            "introspect/schema.rs",
            "introspect/sequence.rs",
            "introspect/statistics.rs",
            "introspect/trigger.rs",
        ],
    ),
    ("crates/catalog/src", &["lib.rs", "object_list.rs"]),
    ("crates/schema-rs/src", &["config/mod.rs", "config/read.rs"]),
    (
        "crates/schema-rs/src",
        &["infer.rs", "print.rs", "subset.rs"],
    ),
    (
        "crates/core/src",
        &[
            "grants/apply.rs",
            "grants/difference.rs",
            "grants/findings.rs",
            "grants/mod.rs",
            "grants/read.rs",
            "grants/tomorrow.rs",
            "grants/wanted.rs",
        ],
    ),
    ("crates/core/src", &["shadow/mod.rs", "shadow/replay.rs"]),
    (
        "crates/core/src",
        &[
            "workspace/locate.rs",
            "workspace/manifest.rs",
            "workspace/mod.rs",
            "workspace/resolve.rs",
        ],
    ),
    (
        "migrate-cli/src",
        &[
            "render/grants.rs",
            "render/mod.rs",
            "render/observer.rs",
            "render/table.rs",
        ],
    ),
    (
        "crates/core/src",
        &[
            "attribution/attributed.rs",
            "attribution/late.rs",
            "attribution/mod.rs",
        ],
    ),
    (
        "crates/core/src",
        &[
            "history/create.rs",
            "history/metadata.rs",
            "history/mod.rs",
            "history/read.rs",
        ],
    ),
    (
        "crates/core/src",
        &[
            "remembered/clean.rs",
            "remembered/history.rs",
            "remembered/mod.rs",
        ],
    ),
];
