//! Files that use each other, over however many others.

use std::collections::{BTreeMap, BTreeSet};

/// Every circle once: the files that reach each other. Of few files, so each is asked for all.
pub fn circles<'f>(uses: &BTreeMap<&'f str, BTreeSet<&'f str>>) -> Vec<Vec<&'f str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        uses.keys().map(|file| (*file, reach(file, uses))).collect();
    let mut found: Vec<Vec<&str>> = Vec::new();
    for (file, all) in &reached {
        let circle: Vec<&str> = all
            .iter()
            .copied()
            .filter(|other| reached[other].contains(file))
            .collect();
        // A file that reaches itself is one of its circle.
        if !circle.is_empty() && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn reach<'f>(file: &'f str, uses: &BTreeMap<&'f str, BTreeSet<&'f str>>) -> BTreeSet<&'f str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for used in &uses[file] {
            if reached.insert(*used) {
                open.push(used);
            }
        }
    }
    reached
}

#[test]
fn files_that_reach_each_other_are_a_circle() {
    let uses = BTreeMap::from([
        ("a", BTreeSet::from(["b"])),
        ("b", BTreeSet::from(["c"])),
        ("c", BTreeSet::from(["a", "d"])),
        ("d", BTreeSet::new()),
    ]);
    assert_eq!(circles(&uses), [["a", "b", "c"]]);
}
