//! The generator of attacks: everything that changes what another owns, or what nobody owns, is
//! refused, and nothing harmless is.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Instant;

use crate::case::{Case, cases};
use crate::form::Form;
use crate::known::known;
use crate::run::{Judged, run};
use crate::tables;

/// One of so many cases is tried in the short form: no divisor of anything in the tables, so that it
/// takes of every verb another form.
const SAMPLE: usize = 97;

/// The short form: for every row of the law what shows it, as it stands and put together at run
/// time, and a sample of all the rest. Run once, for all tests here.
pub fn short() -> &'static [Judged] {
    static SHORT: LazyLock<Vec<Judged>> = LazyLock::new(|| {
        let statements = tables::statements().into_values().map(|row| row.shown_by);
        let catalogs = tables::catalogs().into_values().map(|row| row.shown_by);
        let shown: BTreeSet<String> = statements.chain(catalogs).collect();
        let cases = cases().into_iter().enumerate();
        let cases = cases.filter(|(number, case)| {
            number % SAMPLE == 0 || shown.contains(&case.verb) && case.shows()
        });
        let cases: Vec<Case> = cases.map(|(_, case)| case).collect();
        run(&cases)
    });
    &SHORT
}

#[test]
fn what_shows_the_law_and_a_sample_of_all_attacks() {
    hold(short());
}

#[test]
#[ignore = "it takes many minutes"]
fn all_attacks() {
    let [object, form, verdict] = ["LAW_OBJECT", "LAW_FORM", "LAW_VERDICT"].map(chosen);
    let wanted = |case: &Case| {
        object
            .as_ref()
            .is_none_or(|object| object.contains(&case.object))
            && form
                .as_ref()
                .is_none_or(|form| form.contains(&format!("{:?}", case.form)))
            && verdict
                .as_ref()
                .is_none_or(|verdict| verdict.contains(&format!("{:?}", case.verdict)))
    };
    let all: Vec<Case> = cases().into_iter().filter(wanted).collect();
    let began = Instant::now();
    let judged = run(&all);
    println!("{} cases in {:.0?}", judged.len(), began.elapsed());
    hold(&judged);
}

/// What whoever looks for something wants to be tried of all.
fn chosen(variable: &str) -> Option<Vec<String>> {
    let list = std::env::var(variable).ok()?;
    Some(list.split(',').map(str::to_owned).collect())
}

/// Makes sure that cases went as they have to, but for those that are known.
fn hold(judged: &[Judged]) {
    let known = known();
    let (mut faults, mut mended) = (Vec::new(), BTreeSet::new());
    for Judged { case, fault, .. } in judged {
        match (fault, known.iter().find(|known| known.is_of(case))) {
            (Some(fault), None) => faults.push(format!("{case}: {fault}")),
            (None, Some(_)) => {
                mended.insert(case.to_string());
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    faults.sort();
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        judged.len(),
        faults.join("\n")
    );
    assert!(
        mended.is_empty(),
        "mended, so take them out of known.toml: {mended:#?}"
    );
}

#[test]
fn there_are_thousands_of_cases_in_every_form() {
    let cases = cases();
    assert!(cases.len() > 5_000, "{}", cases.len());
    let forms: BTreeSet<Form> = cases.iter().map(|case| case.form).collect();
    assert_eq!(forms, Form::ALL.into_iter().collect());
}
