//! What is known to go otherwise than it should.

use serde::Deserialize;

use crate::case::{Case, by};
use crate::form::Form;
use crate::tables::Class;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    known: Vec<Known>,
}

/// Cases that are known to go wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The verb, as it stands in `verbs/`; all of the object, if there is nothing.
    #[serde(default)]
    pub verb: Option<String>,
    /// The sort of object.
    #[serde(default)]
    pub object: Option<String>,
    /// The class of the verb.
    #[serde(default)]
    pub class: Option<Class>,
    /// Whose the object is; of all of them, if there is nothing.
    #[serde(default)]
    pub of: Option<String>,
    /// Whose the migration is.
    #[serde(default)]
    pub by: Option<String>,
    /// In which forms; in all, if there is nothing. `text` are those that the first wall can read,
    /// `hidden` the others.
    #[serde(default)]
    pub forms: Vec<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub why: String,
    /// The item of "Limits" that says so, where no wall can see it.
    #[serde(default)]
    pub limit: Option<String>,
}

impl Known {
    pub fn is_of(&self, case: &Case) -> bool {
        self.verb.as_ref().is_none_or(|verb| *verb == case.verb)
            && self
                .object
                .as_ref()
                .is_none_or(|object| *object == case.object)
            && self.class.is_none_or(|class| class == case.class)
            && self.of.as_ref().is_none_or(|of| of == case.owner)
            && self
                .by
                .as_ref()
                .is_none_or(|services| services == by(case.services))
            && (self.forms.is_empty() || self.forms.iter().any(|name| named(case.form, name)))
    }
}

/// Whether a form is called so, or belongs to a group that is.
fn named(form: Form, name: &str) -> bool {
    match name {
        "text" => form.is_text(),
        "hidden" => !form.is_text(),
        name => name == format!("{form:?}"),
    }
}

/// Everything that is known.
pub fn known() -> Vec<Known> {
    let list: List = toml::from_str(include_str!("known.toml")).expect("known.toml is valid");
    list.known
}

#[test]
fn what_is_known_is_of_cases_that_there_are() {
    let cases = crate::case::cases();
    for known in known() {
        assert!(cases.iter().any(|case| known.is_of(case)), "{known:?}");
        assert!(known.limit.is_some() == known.why.is_empty(), "{known:?}");
    }
}
