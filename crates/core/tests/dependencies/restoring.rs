//! The order of creation is one in which PostgreSQL's own dump of a schema can be restored.

use std::collections::HashMap;
use std::process::Command;

use migrate_catalog::{ObjectId, ObjectKind};
use testkit::{Database, program};

use super::{catalog, large, read};

#[test]
fn a_dump_can_be_restored_in_the_order_of_creation() {
    let version = |name: &str| {
        let output = Command::new(program(name)).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.split(' ').nth(2)?.to_owned())
    };
    if version("pg_dump").is_none() || version("pg_dump") != version("pg_restore") {
        eprintln!("skipped: there is no `pg_restore` for this `pg_dump`");
        return;
    }
    let (original, restored) = (large(), Database::fresh());
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (dump, list) = (folder.path().join("dump"), folder.path().join("list"));
    let mut pg_dump = Command::new(program("pg_dump"));
    pg_dump.args(["-Fc", "--schema-only", "-d", original.url(), "-f"]);
    output_of(pg_dump.arg(&dump));
    let entries = output_of(Command::new(program("pg_restore")).arg("-l").arg(&dump));

    let sorted = in_order_of_creation(&entries, &original);
    std::fs::write(&list, sorted).expect("the list can be written");
    let mut pg_restore = Command::new(program("pg_restore"));
    pg_restore.args(["--exit-on-error", "-d", restored.url(), "-L"]);
    output_of(pg_restore.arg(&list).arg(&dump));
    assert_eq!(read(&original), read(&restored));
}

fn output_of(command: &mut Command) -> String {
    let output = command
        .output()
        .expect("the program was there a moment ago");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("its output is text")
}

/// The entries of a dump's list in the order in which we would create the objects, each followed
/// by what attaches it; then all that is said about objects that are there.
fn in_order_of_creation(entries: &str, database: &Database) -> String {
    let mut lines: HashMap<String, &str> = HashMap::new();
    for line in entries.lines().filter(|line| !line.starts_with(';')) {
        // `215; 1259 16386 TABLE public users owner`; routines are told apart by number.
        let mut words = line.splitn(4, ' ').skip(1);
        let mut word = || words.next().unwrap_or_default();
        let (class, number, rest) = (word(), word(), word());
        let what = rest.rsplit_once(' ').map_or(rest, |(what, _owner)| what);
        let key = match class {
            "1255" if !what.starts_with("COMMENT") && !what.starts_with("ACL") => number,
            _ => what,
        };
        lines.insert(key.to_owned(), line);
    }
    let routines = routine_numbers(database);
    let catalog = catalog(database);
    let ids: Vec<ObjectId> = catalog.objects().into_iter().map(|o| o.id).collect();
    let dependencies = read(database);
    let order = dependencies.creation_order(&ids);
    assert_eq!(order.objects.len(), ids.len());
    let mut sorted = Vec::new();
    for object in order.objects {
        let keys = keys_in_a_list(object, &routines);
        sorted.extend(keys.iter().filter_map(|key| lines.remove(key)));
    }
    assert!(
        sorted.len() > 300,
        "only {} entries were found",
        sorted.len()
    );
    let rest: Vec<&str> = entries
        .lines()
        .filter(|line| lines.values().any(|l| l == line))
        .collect();
    let is_object = |line: &&&str| {
        [
            " TABLE ",
            " VIEW ",
            " FUNCTION ",
            " TYPE ",
            " CONSTRAINT ",
            " INDEX ",
        ]
        .iter()
        .any(|kind| {
            line.split_once(' ')
                .is_some_and(|(_, rest)| rest.contains(kind))
        }) && ![" COMMENT ", " ACL ", "__diesel", " DEFAULT "]
            .iter()
            .any(|other| line.contains(other))
    };
    let forgotten: Vec<_> = rest.iter().filter(is_object).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    sorted.extend(rest);
    sorted.join("\n")
}

/// What a dump's list may call an object.
fn keys_in_a_list(object: &ObjectId, routines: &HashMap<String, String>) -> Vec<String> {
    let whats: &[&str] = match object.kind {
        ObjectKind::Schema => &["SCHEMA"],
        ObjectKind::Extension => &["EXTENSION"],
        ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::Range => &["TYPE"],
        ObjectKind::Domain => &["DOMAIN"],
        ObjectKind::Sequence => &["SEQUENCE"],
        ObjectKind::Routine => {
            return routines
                .get(&object.to_string())
                .cloned()
                .into_iter()
                .collect();
        }
        ObjectKind::Table | ObjectKind::PartitionedTable => &["TABLE", "TABLE ATTACH"],
        ObjectKind::ForeignTable => &["FOREIGN TABLE"],
        ObjectKind::View => &["VIEW"],
        ObjectKind::MaterializedView => &["MATERIALIZED VIEW"],
        ObjectKind::Constraint => &["CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT"],
        ObjectKind::Index => &["INDEX", "INDEX ATTACH"],
        ObjectKind::Trigger => &["TRIGGER"],
        ObjectKind::Rule => &["RULE"],
        ObjectKind::Policy => &["POLICY"],
        ObjectKind::Statistics => &["STATISTICS"],
        ObjectKind::EventTrigger => &["EVENT TRIGGER"],
        _ => &[],
    };
    let schema = object.schema.as_deref().unwrap_or("-");
    // An index has a name of its own in its schema.
    let parent = object
        .parent
        .as_ref()
        .filter(|_| object.kind != ObjectKind::Index);
    let parent = parent.map_or(String::new(), |parent| format!("{parent} "));
    let keys = whats.iter();
    keys.map(|what| format!("{what} {schema} {parent}{}", object.name))
        .collect()
}

/// The server's numbers of routines by what we call them.
fn routine_numbers(database: &Database) -> HashMap<String, String> {
    let rows = database.session().query(
        "select n.nspname, p.proname, pg_get_function_identity_arguments(p.oid) as arguments, p.oid
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname not in ('pg_catalog', 'information_schema')",
        &[],
    );
    let rows = rows.expect("the routines can be listed");
    let routines = rows.iter().map(|row| {
        let id = ObjectId {
            schema: Some(row.text("nspname")),
            arguments: Some(row.text("arguments")),
            ..ObjectId::global(ObjectKind::Routine, row.str("proname"))
        };
        (id.to_string(), row.text("oid"))
    });
    routines.collect()
}
