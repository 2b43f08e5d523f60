//! The cases that the generator makes of verbs, owners and forms.

use std::fmt;

use crate::form::Form;
use crate::tables::{Class, Object, verbs};

/// What has to become of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has to pass, and change nothing beyond what is the migration's.
    Harmless,
    /// A wall has to refuse it.
    Refused,
}

/// One migration, and what has to become of it.
#[derive(Debug, Clone)]
pub struct Case {
    pub object: String,
    pub class: Class,
    /// As it stands in the table.
    pub verb: String,
    /// Of whom the object is: auth, post, shared, or everybody.
    pub owner: &'static str,
    /// Whose the migration is: auth, post, or nobody's.
    pub services: &'static str,
    pub form: Form,
    pub sql: String,
    pub undo: Option<String>,
    /// What its `metadata.toml` allows.
    pub allow: Option<String>,
    pub verdict: Verdict,
    pub since: i32,
}

impl Case {
    /// The migration's text, for a database of this name.
    pub fn text(&self, database: &str) -> String {
        self.form
            .wrap(&self.sql.replace("{d}", database), self.own())
    }

    /// With what names begin that its migration may change.
    pub fn own(&self) -> &'static str {
        mine(self.services)
    }

    /// Whether the fingerprint has to differ where it passes: else it would never tell.
    pub fn is_to_change(&self) -> bool {
        match self.class {
            Class::Each | Class::Plain | Class::Alone | Class::Into | Class::Use => true,
            Class::Through | Class::Everybody | Class::AloneEverybody => true,
            Class::Touch | Class::Read | Class::Own | Class::Session => false,
            Class::Anybody | Class::AloneAnybody | Class::Never | Class::WayOut => false,
        }
    }

    /// Whether it is one of those that show what the law says of its verb.
    pub fn shows(&self) -> bool {
        let aimed =
            self.verdict == Verdict::Refused && self.owner != "shared" && self.services == "auth";
        let alone = matches!(self.class, Class::Alone | Class::AloneEverybody);
        aimed && (alone || matches!(self.form, Form::Plain | Form::Dynamic))
    }

    /// Whether the first wall refuses it before the server can say that it does not know it.
    pub fn is_refused_by_its_text(&self) -> bool {
        self.verdict == Verdict::Refused && self.form == Form::Plain && self.owner == "post"
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            verb,
            owner,
            form,
            ..
        } = self;
        write!(
            f,
            "{object}: `{verb}` of {owner} by {}, {form:?}",
            by(self.services)
        )
    }
}

/// Whose a migration is, in a word.
pub fn by(services: &str) -> &str {
    match services {
        "" => "nobody",
        services => services,
    }
}

/// In which forms something is tried.
#[derive(Debug, Clone, Copy)]
enum Forms {
    /// In every form.
    All,
    /// In some, and from verb to verb in another one: what passes costs a database.
    Some,
    /// As it stands.
    Plain,
    /// Where it can be read.
    Text,
    /// Outside of a transaction.
    Outside,
}

impl Forms {
    /// For the verb with this number.
    fn of(self, number: usize) -> Vec<Form> {
        match self {
            Self::All => Form::ALL.to_vec(),
            Self::Some => {
                let mut forms = vec![Form::Plain, Form::Dynamic, Form::Outside];
                let other = Form::ALL[number % Form::ALL.len()];
                if !forms.contains(&other) {
                    forms.push(other);
                }
                forms
            }
            Self::Plain => vec![Form::Plain],
            Self::Text => Form::ALL
                .into_iter()
                .filter(|form| form.is_text())
                .collect(),
            Self::Outside => vec![Form::Outside],
        }
    }
}

/// Whose the object is, whose the migration, in which forms, and what has to become of it.
type Trial = (&'static str, &'static str, Forms, Verdict);

/// Everything that is tried with a verb of a class. The first words say that it is a statement at
/// all, and that its owner may use it.
const fn trials(class: Class) -> &'static [Trial] {
    use Verdict::{Harmless, Refused};
    match class {
        Class::Each => &[
            ("auth", "auth", Forms::Some, Harmless),
            ("post", "post", Forms::Plain, Harmless),
            ("shared", "", Forms::Plain, Harmless),
            ("post", "auth", Forms::All, Refused),
            ("shared", "auth", Forms::All, Refused),
        ],
        Class::Plain => &[
            ("auth", "auth", Forms::Plain, Harmless),
            ("post", "auth", Forms::Plain, Refused),
            ("shared", "auth", Forms::Plain, Refused),
        ],
        Class::Alone => &[
            ("auth", "auth", Forms::Outside, Harmless),
            ("shared", "", Forms::Outside, Harmless),
            ("post", "auth", Forms::Outside, Refused),
            ("shared", "auth", Forms::Outside, Refused),
        ],
        Class::Into => &[
            ("auth", "auth", Forms::Some, Harmless),
            ("shared", "auth", Forms::Some, Harmless),
            ("post", "auth", Forms::All, Refused),
        ],
        Class::Use => &[
            ("auth", "auth", Forms::Some, Harmless),
            ("shared", "auth", Forms::Some, Harmless),
            ("post", "auth", Forms::All, Refused),
        ],
        Class::Through => &[
            ("post", "auth,post", Forms::Plain, Harmless),
            ("post", "auth", Forms::All, Refused),
        ],
        Class::Read | Class::Touch => &[
            ("auth", "auth", Forms::Text, Harmless),
            ("post", "auth", Forms::Text, Refused),
        ],
        Class::Own => &[("auth", "auth", Forms::Some, Harmless)],
        Class::Session => &[("auth", "auth", Forms::Plain, Harmless)],
        Class::Anybody => &[
            ("auth", "auth", Forms::Some, Harmless),
            ("post", "auth", Forms::Some, Harmless),
            ("shared", "auth", Forms::Some, Harmless),
        ],
        Class::AloneAnybody => &[("post", "auth", Forms::Outside, Harmless)],
        Class::Everybody => &[
            ("everybody", "", Forms::Plain, Harmless),
            ("everybody", "auth", Forms::All, Refused),
        ],
        Class::AloneEverybody => &[
            ("everybody", "", Forms::Outside, Harmless),
            ("everybody", "auth", Forms::Outside, Refused),
        ],
        Class::Never | Class::WayOut => &[
            ("everybody", "auth", Forms::All, Refused),
            ("everybody", "", Forms::All, Refused),
        ],
    }
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut number = 0;
    for Object {
        object,
        allow,
        verbs,
    } in verbs()
    {
        for (class, verbs) in verbs {
            for verb in verbs {
                number += 1;
                for (owner, services, forms, verdict) in trials(class) {
                    if verb.is_only_aimed() && *verdict == Verdict::Harmless {
                        continue;
                    }
                    let forms = forms.of(number).into_iter();
                    let forms = forms.filter(|form| !verb.is_only_plain() || *form == Form::Plain);
                    cases.extend(forms.map(|form| Case {
                        object: object.clone(),
                        class,
                        verb: verb.sql().to_owned(),
                        owner,
                        services,
                        form,
                        sql: filled(verb.sql(), owner, mine(services)),
                        undo: verb.undo().map(str::to_owned),
                        // It shall be seen by itself.
                        allow: allow.clone().filter(|_| class != Class::WayOut),
                        verdict: *verdict,
                        since: verb.since(),
                    }));
                }
            }
        }
    }
    cases
}

/// With what the names of a migration's own things begin.
fn mine(services: &'static str) -> &'static str {
    match services.split(',').next() {
        None | Some("") => "shared",
        Some(first) => first,
    }
}

fn filled(sql: &str, owner: &str, mine: &str) -> String {
    let (extension, function, large_object) = match owner {
        "post" => ("citext", "post_schema.citext(boolean)", "70002"),
        "shared" => ("pg_trgm", "shared_schema.similarity(text, text)", "70003"),
        _ => ("fuzzystrmatch", "auth_schema.soundex(text)", "70001"),
    };
    sql.replace("{o}", owner)
        .replace("{m}", mine)
        .replace("{e}", extension)
        .replace("{f}", function)
        .replace("{l}", large_object)
        .replace("{la}", "70001")
}
