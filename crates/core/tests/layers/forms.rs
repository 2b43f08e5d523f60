//! Every form in which a file can use another is seen.

use crate::uses::Crate;

/// What `a/user.rs` with this text uses.
fn used(text: &str) -> Vec<String> {
    let sources = [
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod user; mod near; pub struct InA;"),
        ("a/near.rs", "pub fn near() {}"),
        (
            "b/mod.rs",
            "mod deep; pub use deep::Thing as Shown; pub struct InB;",
        ),
        ("b/deep.rs", "pub struct Thing; pub fn call() {}"),
        ("a/user.rs", text),
    ];
    let all = Crate::of(sources);
    all.uses()["a/user.rs"]
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn every_form_of_use_is_seen() {
    let cases: [(&str, &[&str]); 20] = [
        ("use crate::b::InB;", &["b/mod.rs"]),
        (
            "use crate::{b::{InB, deep::call}};",
            &["b/deep.rs", "b/mod.rs"],
        ),
        ("use crate::b::{self};", &["b/mod.rs"]),
        ("use crate::b::deep::*;", &["b/deep.rs"]),
        (
            "use crate::b::deep as low; fn f() { low::call() }",
            &["b/deep.rs"],
        ),
        ("pub use crate::b::InB;", &["b/mod.rs"]),
        ("pub(crate) use super::near::near;", &["a/near.rs"]),
        ("use super::InA;", &["a/mod.rs"]),
        ("use super::super::b::InB;", &["b/mod.rs"]),
        ("use crate::b::Shown;", &["b/deep.rs"]),
        ("fn f() { crate::b::deep::call() }", &["b/deep.rs"]),
        (
            "fn f() { use crate::b::deep; deep::call() }",
            &["b/deep.rs"],
        ),
        ("fn f() { super::near::near() }", &["a/near.rs"]),
        ("fn f() -> super::InA { todo!() }", &["a/mod.rs"]),
        ("struct S(Vec<crate::b::InB>);", &["b/mod.rs"]),
        ("impl From<crate::b::InB> for u8 {}", &["b/mod.rs"]),
        (
            "fn f() { println!(\"{:?}\", crate::b::deep::call()) }",
            &["b/deep.rs"],
        ),
        (
            "#[serde(with = \"crate::b::deep\")] struct S;",
            &["b/deep.rs"],
        ),
        (
            "#[cfg(test)] mod tests { use crate::b::InB; use super::*; }",
            &["b/mod.rs"],
        ),
        (
            "#[cfg(test)] mod tests { fn f() { super::super::near::near() } }",
            &["a/near.rs"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(used(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_use_is_not_seen() {
    let cases = [
        "/// See [`crate::b::InB`].\nstruct S;",
        "pub(in crate::a) struct S;",
        "use std::fmt; use serde::Serialize;",
        "fn f() { let near = 1; let b = near; }",
        "mod tests { use super::*; }",
        "mod types { struct T; } diesel::table! { use super::types::T; posts { id -> T } }",
    ];
    for text in cases {
        assert!(used(text).is_empty(), "{text}: {:?}", used(text));
    }
}
