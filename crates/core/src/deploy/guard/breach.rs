//! What the guard's error says, and what of it outlasts the migration.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ownership::Mandate;
use migrate_postgres::ServerError;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::migration_ref::{Direction, MigrationRef};
use migrate_text::name::QualifiedName;
use migrate_text::source::Location;

use crate::deploy::remains::{MigrationFailure, Remains, at};

/// Raised by `guard.sql`; no code of PostgreSQL's begins so.
const CHANGED: &str = "MG001";
/// Raised by `guard.sql` after a statement with transactions of its own.
const CHANGED_FOR_GOOD: &str = "MG003";
/// Raised by `guard.sql` when it could not look.
const BLINDED: &str = "MG002";
/// Raised by `guard.sql` when others' foreign keys may have been asleep.
const SWITCHED_OFF: &str = "MG004";

/// A migration did what the guard is there for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}migration {migration} {offence}{}", at(.location.as_ref()), .offence.objects())]
pub struct GuardBreach {
    /// The migration.
    pub migration: MigrationRef,
    /// The way it was run.
    pub direction: Direction,
    /// The services that it acts for, which it need not name.
    pub services: Vec<String>,
    /// Whether its folder is there, to be edited.
    pub on_disk: bool,
    /// What it did.
    pub offence: Offence,
    /// The statement that did it, where each is looked after alone.
    pub location: Option<Location>,
    /// Whether the change stays: the statement had transactions of its own.
    pub for_good: bool,
    /// Whether an earlier attempt did it, and this one was refused before it did anything.
    pub refused_again: bool,
    /// What is left of the migration in the database.
    pub remains: Remains,
    /// How many others were not tried.
    pub not_tried: usize,
}

/// What no migration may do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Offence {
    /// It changed what other services own, or what is nobody's.
    #[error("changed what other services own")]
    Changed(Vec<ForeignChange>),
    /// It stopped the guard from looking.
    #[error("closed the cursors of its guard")]
    ClosedCursors,
    /// It had triggers and foreign keys not run, others' too.
    #[error("set session_replication_role, by which foreign keys of others do not look")]
    SwitchedOff,
}

impl Offence {
    /// What it changed, as the end of a sentence.
    fn objects(&self) -> String {
        let Self::Changed(changes) = self else {
            return String::new();
        };
        let told = |change: &ForeignChange| {
            let words = change.changes.join(", ");
            format!("{} {} ({words})", change.kind, change.name.name)
        };
        let told: Vec<String> = changes.iter().map(told).collect();
        format!(": {}", told.join("; "))
    }
}

/// An object of another service, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignChange {
    /// What it is. The guard's SQL gives its words, and ledgers have them.
    #[serde(serialize_with = "write_kind", deserialize_with = "read_kind")]
    pub kind: ObjectKind,
    /// What it was called before; its schema and extension too have theirs.
    #[serde(flatten)]
    pub name: QualifiedName,
    /// Who owns it; nobody where there is none.
    pub services: Vec<String>,
    /// What was done to it, in words.
    #[serde(rename = "words")]
    pub changes: Vec<String>,
}

impl ForeignChange {
    /// Whether a migration may do it.
    fn is_covered(&self, mandate: &Mandate) -> bool {
        let consents = |service: &String| mandate.services.contains(service);
        let owned = match self.kind.class() {
            // Of a table that has several owners any may consent; what several tables need is of
            // all of them.
            Some(Class::Relation) => self.services.iter().any(consents),
            _ => !self.services.is_empty() && self.services.iter().all(consents),
        };
        let nobodys = self.services.is_empty() && mandate.services.is_empty();
        owned || nobodys || mandate.allowed.iter().any(|it| it.fits(&self.name))
    }
}

/// The guard's error of what is refused before it is done.
pub(in crate::deploy) fn refused(changes: &[ForeignChange]) -> ServerError {
    // Values of strings and lists of them always have a form in JSON.
    let detail = serde_json::to_string(changes).expect("a change is plain data");
    ServerError::raised(CHANGED, "what other services own would change", detail)
}

/// What is refused before it is done, and is in no catalog that is compared.
const FORESEEN: [ObjectKind; 3] = [
    ObjectKind::Database,
    ObjectKind::Tablespace,
    ObjectKind::Subscription,
];

/// What `called.sql` and `compare.sql` can call an object.
const KINDS: [ObjectKind; 36] = [
    ObjectKind::Schema,
    ObjectKind::Extension,
    ObjectKind::Type,
    ObjectKind::Domain,
    ObjectKind::Sequence,
    ObjectKind::Function,
    ObjectKind::Procedure,
    ObjectKind::Aggregate,
    ObjectKind::Table,
    ObjectKind::ForeignTable,
    ObjectKind::View,
    ObjectKind::MaterializedView,
    ObjectKind::Operator,
    ObjectKind::OperatorClass,
    ObjectKind::OperatorFamily,
    ObjectKind::Cast,
    ObjectKind::Transform,
    ObjectKind::Collation,
    ObjectKind::Conversion,
    ObjectKind::TextSearchConfiguration,
    ObjectKind::TextSearchDictionary,
    ObjectKind::TextSearchParser,
    ObjectKind::TextSearchTemplate,
    ObjectKind::Publication,
    ObjectKind::Subscription,
    ObjectKind::ForeignDataWrapper,
    ObjectKind::ForeignServer,
    ObjectKind::LargeObject,
    ObjectKind::Language,
    ObjectKind::AccessMethod,
    ObjectKind::EventTrigger,
    ObjectKind::DefaultGrant,
    ObjectKind::Role,
    ObjectKind::Tablespace,
    ObjectKind::Parameter,
    ObjectKind::Database,
];

fn write_kind<S: Serializer>(kind: &ObjectKind, serializer: S) -> Result<S::Ok, S::Error> {
    kind.words().serialize(serializer)
}

/// A later version may have written words that we do not know. Such an object takes the consent of
/// all its owners; not to read it would be to take what was done to it for nothing.
fn read_kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectKind, D::Error> {
    let words = String::deserialize(deserializer)?;
    let mut kinds = KINDS.into_iter().chain(FORESEEN);
    let known = kinds.find(|kind| kind.words() == words);
    Ok(known.unwrap_or(ObjectKind::Other))
}

/// The guard's error as what was done, if it is that. A file may raise the same code, but not
/// what we read.
fn find(error: &ServerError) -> Option<Offence> {
    if error.is(BLINDED) {
        return Some(Offence::ClosedCursors);
    }
    if error.is(SWITCHED_OFF) {
        return Some(Offence::SwitchedOff);
    }
    if !error.is(CHANGED) && !error.is(CHANGED_FOR_GOOD) {
        return None;
    }
    let changed = serde_json::from_str(error.detail.as_deref()?).ok()?;
    Some(Offence::Changed(changed))
}

/// Whether it is the guard's error.
pub(in crate::deploy) fn finds(error: &ServerError) -> bool {
    find(error).is_some()
}

impl GuardBreach {
    /// Who the ledger's tables are said to belong to.
    pub const TOOL: &str = "migrate itself";

    /// A failure as a breach, if the guard was what failed.
    pub(in crate::deploy) fn of(
        failure: &MigrationFailure,
        services: Vec<String>,
        on_disk: bool,
    ) -> Option<Self> {
        Some(Self {
            migration: failure.migration.clone(),
            direction: failure.direction,
            services,
            on_disk,
            offence: find(&failure.error)?,
            location: failure.location.clone(),
            for_good: failure.error.is(CHANGED_FOR_GOOD),
            refused_again: false,
            remains: failure.remains,
            not_tried: failure.not_tried,
        })
    }
}

/// What a statement with transactions of its own has changed, as the ledger keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::deploy) struct LastingBreach {
    /// Which of the file's statements, from 0.
    pub(in crate::deploy) statement: usize,
    pub(in crate::deploy) changed: Vec<ForeignChange>,
}

impl LastingBreach {
    /// What stays after this error of a statement.
    pub(in crate::deploy) fn of(error: &ServerError, statement: usize) -> Option<Self> {
        match find(error)? {
            Offence::Changed(changed) if error.is(CHANGED_FOR_GOOD) => {
                Some(Self { statement, changed })
            }
            _ => None,
        }
    }

    pub(in crate::deploy) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(in crate::deploy) fn text(&self) -> String {
        // Values of strings and lists of them always have a form in JSON.
        serde_json::to_string(self).expect("a breach is plain data")
    }

    /// Whether a migration may do all of it.
    pub(in crate::deploy) fn is_covered(&self, mandate: &Mandate) -> bool {
        self.changed.iter().all(|change| change.is_covered(mandate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(kind: &str, owners: &[&str]) -> String {
        let owners = serde_json::json!(owners);
        format!(
            r#"{{"statement":2,"changed":[{{"kind":"{kind}","schema":"public","name":"a","services":{owners},"words":["dropped"]}}]}}"#
        )
    }

    fn read(kind: &str, owners: &[&str]) -> LastingBreach {
        LastingBreach::read(&changed(kind, owners)).expect("as the ledger keeps it")
    }

    /// The words in quotes that a `case` gives.
    fn given(line: &str) -> impl Iterator<Item = &str> {
        let results = [" then '", " else '"].into_iter();
        let results = results.flat_map(|before| line.split(before).skip(1));
        results.filter_map(|rest| rest.split_once('\'').map(|(word, _)| word))
    }

    #[test]
    fn the_guards_sql_calls_objects_what_we_know_them_by() {
        let called = include_str!("called.sql").lines();
        let called = called.skip_while(|line| !line.contains("case s.class"));
        let called = called.take_while(|line| !line.contains("end as kind"));
        let taken = include_str!("compare.sql").lines();
        let taken = taken.filter(|line| line.ends_with("end as kind"));
        // These are called as their class is, or in `everybodys.sql`.
        let as_their_class = [
            "schema",
            "extension",
            "operator",
            "collation",
            "conversion",
            "publication",
            "cast",
            "transform",
        ];
        let everybodys = include_str!("everybodys.sql");
        let of_all = [
            "language",
            "access method",
            "event trigger",
            "default privileges",
            "role",
            "tablespace",
            "setting",
            "database",
            "subscription",
        ];
        for words in of_all {
            assert!(everybodys.contains(&format!("'{words}'")), "{words}");
        }
        let mut words: Vec<&str> = called
            .chain(taken)
            .flat_map(given)
            .chain(as_their_class)
            .chain(of_all)
            .collect();
        words.sort_unstable();
        words.dedup();
        let mut known = KINDS.map(ObjectKind::words);
        known.sort_unstable();
        assert_eq!(words, known);
    }

    #[test]
    fn every_word_is_kept_as_it_was_written() {
        for kind in KINDS {
            let text = changed(kind.words(), &["auth"]);
            let breach = LastingBreach::read(&text).expect("as the ledger keeps it");
            assert_eq!(breach.changed[0].kind, kind);
            assert_eq!(breach.text(), text);
        }
    }

    #[test]
    fn any_owner_of_a_table_may_consent_and_all_of_what_several_tables_need() {
        let of_auth = Mandate {
            services: vec!["auth".to_owned()],
            ..Mandate::default()
        };
        for (kind, by_one_of_two) in [
            ("table", true),
            ("view", true),
            ("materialized view", true),
            ("foreign table", true),
            ("sequence", true),
            ("type", false),
            ("domain", false),
            ("function", false),
            ("procedure", false),
            ("aggregate", false),
            ("schema", false),
            ("extension", false),
            // Of a later version.
            ("property graph", false),
            ("", false),
        ] {
            let covered = |owners: &[&str]| read(kind, owners).is_covered(&of_auth);
            assert!(covered(&["auth"]), "{kind}");
            assert_eq!(covered(&["auth", "post"]), by_one_of_two, "{kind}");
            assert!(!covered(&["post"]), "{kind}");
            assert!(!covered(&[]), "{kind}");
        }
    }
}
