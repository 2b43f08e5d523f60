//! PostgreSQL refuses to drop what the dependencies say is needed, and nothing else.

use migrate_catalog::{Catalog, ObjectId, ObjectKind, RelationKind};
use migrate_text::name::quote_identifier;
use testkit::Database;

use super::{catalog, large, read};

/// What PostgreSQL says where something needs an object.
const STILL_NEEDED: &str = "2BP01";
/// What it says where a parent table has the same, and where partitions are told apart by a column.
const INHERITED: &str = "42P16";

/// What drops an object, if a statement of one line does.
fn drop_of(object: &ObjectId, catalog: &Catalog) -> Option<String> {
    let quoted = |name: &String| quote_identifier(name);
    let name = quote_identifier(&object.name);
    let in_schema = object.schema.as_ref().map(quoted);
    let qualified = |name: String| match &in_schema {
        Some(schema) => format!("{schema}.{name}"),
        None => name,
    };
    let whole = object.parent.as_ref().map(quoted).map(&qualified);
    let part = |what: &str| Some(format!("drop {what} {name} on {}", whole.clone()?));
    let relation = object.whole().and_then(|name| catalog.relations.get(&name));
    let is_view = |kind| matches!(kind, RelationKind::View | RelationKind::MaterializedView);
    let what = match object.kind {
        ObjectKind::Schema => "schema",
        ObjectKind::Extension => "extension",
        ObjectKind::Domain => "domain",
        ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::Range => "type",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Table | ObjectKind::PartitionedTable => "table",
        ObjectKind::ForeignTable => "foreign table",
        ObjectKind::View => "view",
        ObjectKind::MaterializedView => "materialized view",
        ObjectKind::Index => "index",
        ObjectKind::Statistics => "statistics",
        ObjectKind::EventTrigger => "event trigger",
        ObjectKind::Trigger => return part("trigger"),
        ObjectKind::Rule => return part("rule"),
        ObjectKind::Policy => return part("policy"),
        ObjectKind::Routine => {
            let arguments = object.arguments.as_ref()?;
            // The only one whose arguments `drop routine` cannot read.
            let what = match arguments.contains("ORDER BY") {
                true => "aggregate",
                false => "routine",
            };
            return Some(format!("drop {what} {}({arguments})", qualified(name)));
        }
        ObjectKind::Column | ObjectKind::Constraint => {
            let (whole, what) = (whole.as_ref()?, object.kind.words());
            return match relation {
                Some(relation) if is_view(relation.kind) || relation.of_type.is_some() => None,
                Some(_) => Some(format!("alter table {whole} drop {what} {name}")),
                // Whoever uses a row type refuses every change of it, dependency or not.
                None if object.kind == ObjectKind::Column => None,
                None => Some(format!("alter domain {whole} drop constraint {name}")),
            };
        }
        _ => return None,
    };
    Some(format!("drop {what} {}", qualified(name)))
}

#[test]
fn dropping_an_object_is_refused_exactly_when_something_is_in_the_way() {
    let everything = Database::fresh();
    everything.execute(include_str!("../fixtures/catalog/everything.sql"));
    // Not all of the large one: it would take long.
    for (database, every) in [(everything, 1), (large(), 3)] {
        let (dropped, refused) = drop_each(&database, every);
        assert!(dropped > 40, "only {dropped} could be dropped");
        assert!(refused > 40, "only {refused} were refused");
    }
}

/// Drops every nth object, and takes that back. How many could be dropped, and how many not.
fn drop_each(database: &Database, every: usize) -> (usize, usize) {
    let (catalog, dependencies) = (catalog(database), read(database));
    let mut session = database.session();
    let (mut dropped, mut refused, mut wrong) = (0, 0, Vec::new());
    let objects = catalog.objects().into_iter();
    let own = objects.filter(|object| object.extension.is_none());
    for object in own.step_by(every) {
        let Some(sql) = drop_of(&object.id, &catalog) else {
            continue;
        };
        session
            .execute("begin")
            .expect("a transaction can be begun");
        let answer = session.execute(&sql);
        session.execute("rollback").expect("it can be rolled back");
        let ways = dependencies.in_the_way(&object.id);
        let was_dropped = match answer {
            Ok(()) => true,
            Err(error) if [STILL_NEEDED, INHERITED].contains(&error.sqlstate.as_str()) => false,
            Err(error) => panic!("{sql}: {error:?}"),
        };
        if was_dropped != ways.is_empty() {
            wrong.push(format!("{sql}: {ways:?}"));
        }
        *(if was_dropped {
            &mut dropped
        } else {
            &mut refused
        }) += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    (dropped, refused)
}
