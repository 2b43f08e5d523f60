//! What pages refer to exists, and what exists is on a page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::{PAGES, root};

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_page_has_a_test() {
    let folder = fs::read_dir(root().join("docs")).expect("there is a folder `docs`");
    for entry in folder {
        let name = entry.expect("the folder can be read").file_name();
        let page = format!("docs/{}", name.to_string_lossy());
        assert!(
            !page.ends_with(".md") || PAGES.contains(&page.as_str()),
            "{page} is not in `pages!`"
        );
    }
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)(?:#([^)]*))?\)").expect("the pattern is valid");
    for page in PAGES.iter().chain(&["CHANGELOG.md"]) {
        let path = root().join(page);
        let folder = path.parent().expect("a file is in a folder");
        for found in link.captures_iter(&text(&path)) {
            if found[1].starts_with("http") {
                continue;
            }
            let target = folder.join(&found[1]);
            assert!(target.exists(), "{page}: there is no {}", &found[1]);
            if let Some(anchor) = found.get(2) {
                let headings = headings(&text(&target));
                assert!(
                    headings.contains(anchor.as_str()),
                    "{page}: {} has no heading #{}",
                    &found[1],
                    anchor.as_str()
                );
            }
        }
    }
}

/// The anchors of a page's headings.
fn headings(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| {
        let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
        Some(
            heading
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect(),
        )
    });
    headings.collect()
}

/// The codes of errors, and the headings of `docs/errors.md`.
#[test]
fn every_error_code_is_explained() {
    let codes = text(&root().join("crates/messages/src/code.rs"));
    let code = Regex::new(r#"Self::\w+ => "(\w+)""#).expect("the pattern is valid");
    let codes: BTreeSet<String> = code
        .captures_iter(&codes)
        .map(|found| found[1].to_owned())
        .collect();
    let page = text(&root().join("docs/errors.md"));
    let heading = Regex::new(r"(?m)^## error\[(\w+)\]").expect("the pattern is valid");
    let explained: BTreeSet<String> = heading
        .captures_iter(&page)
        .map(|found| found[1].to_owned())
        .collect();
    assert!(codes.len() > 10, "the sources look different: {codes:?}");
    assert_eq!(codes, explained);
}
