//! A row for each kind of statement and each catalog, and the test that shows it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use testkit::{Database, server_version};

use crate::case::{Case, Verdict, cases};
use crate::form::Form;
use crate::generator::short;
use crate::known::known;
use crate::statements;
use crate::tables::{self, Class, May, Wall};

/// The newest server that there is.
const NEWEST: i32 = 18;

/// A file of the workspace.
fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

#[test]
fn every_kind_of_statement_has_a_row_and_every_row_a_kind() {
    let kinds = statements::all();
    let rows: BTreeSet<String> = tables::statements().into_keys().collect();
    let missing: Vec<_> = kinds.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&kinds).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "without a row: {missing:?}; without a kind: {gone:?}"
    );
}

#[test]
fn every_catalog_of_the_server_has_a_row() {
    let sql = "select relname from pg_catalog.pg_class \
                where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r'";
    let database = Database::fresh();
    let rows = database.session().query(sql, &[]).expect("it can be asked");
    let there: BTreeSet<String> = rows.iter().map(|row| row.text("relname")).collect();
    let law = tables::catalogs();
    let missing: Vec<_> = there
        .iter()
        .filter(|name| !law.contains_key(*name))
        .collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
    // Older ones do not have them all.
    let gone = law
        .iter()
        .filter(|(name, row)| row.since <= server_version() && !there.contains(*name));
    let gone: Vec<_> = gone.map(|(name, _)| name).collect();
    assert!(gone.is_empty(), "no catalog: {gone:?}");
}

/// What a row of either table says.
struct Row {
    /// The kind of statement or the catalog.
    of: String,
    /// Whether it is a kind that what shows it has to be of.
    is_kind: bool,
    may: May,
    walls: BTreeSet<Wall>,
    shown_by: String,
    limit: Option<String>,
}

fn rows() -> Vec<Row> {
    let statements = tables::statements().into_iter().map(|(of, row)| Row {
        of,
        is_kind: true,
        may: row.may,
        walls: row.walls,
        shown_by: row.shown_by,
        limit: row.limit,
    });
    let catalogs = tables::catalogs().into_iter().map(|(of, row)| Row {
        of,
        is_kind: false,
        may: row.may,
        walls: row.walls,
        shown_by: row.shown_by,
        limit: row.limit,
    });
    statements.chain(catalogs).collect()
}

#[test]
fn every_row_is_shown_by_a_test_that_is_there() {
    let all = cases();
    let mut wrong = Vec::new();
    for row in rows() {
        let shows = |case: &Case| {
            case.verb == row.shown_by
                && may(case.class).contains(&row.may)
                && (!row.is_kind || statements::of(&case.sql).contains(&row.of))
        };
        let shown = match attack(&row.shown_by) {
            Some((file, label)) => has_attack(file, label),
            None => all.iter().any(shows),
        };
        if !shown {
            wrong.push(format!("{}: {}", row.of, row.shown_by));
        }
    }
    assert!(wrong.is_empty(), "not shown:\n{}", wrong.join("\n"));
}

/// What the law can say of something that verbs of a class show.
fn may(class: Class) -> &'static [May] {
    match class {
        Class::Each | Class::Plain | Class::Alone | Class::Into | Class::Use => &[May::Own],
        Class::Through | Class::Touch | Class::Read => &[May::Own],
        Class::Own => &[May::Own, May::Free],
        Class::Session | Class::Anybody | Class::AloneAnybody => &[May::Free],
        Class::Everybody | Class::AloneEverybody => &[May::Everybody],
        Class::Never => &[May::Never],
        Class::WayOut => &[May::Allow],
    }
}

/// Whether a file of attacks has one of this label.
fn has_attack(file: &str, label: &str) -> bool {
    let path = workspace("migrate-cli/tests/cli/walls").join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let tokens: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    tokens.contains(&format!("attack(\"{label}\","))
        || tokens.contains(&format!("attack( \"{label}\","))
}

/// The file and the label of the attack that shows a row, where it is none of the generator's.
fn attack(shown_by: &str) -> Option<(&str, &str)> {
    let (file, label) = shown_by.split_once(": ")?;
    file.ends_with(".rs").then_some((file, label))
}

#[test]
fn the_walls_that_a_row_names_are_those_that_refuse() {
    let mut wrong = BTreeSet::new();
    for row in rows() {
        if attack(&row.shown_by).is_some() {
            continue;
        }
        let seen = refused_by(&row.shown_by);
        let mut said = row.walls;
        // What a service's role may do is tested by itself: a migration does not run as it.
        said.remove(&Wall::Privileges);
        if seen != said {
            wrong.insert(format!(
                "{}: {said:?} are said, {seen:?} refused `{}`",
                row.of, row.shown_by
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_the_guard_does_not_see_is_a_limit() {
    let all = cases();
    // Such a statement cannot be hidden, or there is nothing that it could be aimed at.
    let in_the_open = |verb: &str| {
        let of_verb = all.iter().filter(|case| case.verb == verb);
        of_verb
            .clone()
            .all(|case| case.form == Form::Plain || case.form == Form::Outside)
            || of_verb
                .clone()
                .all(|case| case.verdict == Verdict::Harmless)
            || of_verb.clone().any(|case| case.since > NEWEST)
    };
    let unsaid = rows().into_iter().filter(|row| {
        let refused = matches!(row.may, May::Own | May::Everybody | May::Allow);
        let said = row.limit.is_some() || attack(&row.shown_by).is_some();
        // A fault that is still to be mended is none of the page.
        let said = said
            || known()
                .iter()
                .any(|known| known.verb.as_ref() == Some(&row.shown_by));
        refused && !said && !row.walls.contains(&Wall::Transaction) && !in_the_open(&row.shown_by)
    });
    let unsaid: Vec<_> = unsaid.map(|row| row.of).collect();
    assert!(
        unsaid.is_empty(),
        "the guard does not see, and no limit tells: {unsaid:?}"
    );
}

/// The walls that refused a verb where it was aimed at others.
fn refused_by(verb: &str) -> BTreeSet<Wall> {
    let of_verb = short()
        .iter()
        .filter(|one| one.case.verb == verb && one.case.shows());
    of_verb.filter_map(|one| one.wall).collect()
}

#[test]
fn the_limits_of_the_page_are_those_of_the_law() {
    let page = workspace("docs/ownership.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let limits = page
        .split_once("\n## Limits\n")
        .expect("the page has them")
        .1;
    let limits = limits.split("\n## ").next().unwrap_or_default();
    let items = limits.split("\n- ").skip(1);
    let said: BTreeSet<String> = items
        .filter_map(|item| {
            let (title, _) = item.strip_prefix("**")?.split_once("**")?;
            Some(
                title
                    .trim_end_matches('.')
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        })
        .collect();
    let of_rows = rows().into_iter().filter_map(|row| row.limit);
    let of_cases = known().into_iter().filter_map(|known| known.limit);
    let law: BTreeSet<String> = of_rows.chain(of_cases).collect();
    assert_eq!(said, law, "the page and the law");
    assert_eq!(
        said.len(),
        limits.matches("\n- ").count(),
        "each begins with its words in bold"
    );
}
