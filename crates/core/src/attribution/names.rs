//! What names mean at a moment of a history.

use std::collections::{BTreeMap, HashSet};

use migrate_text::class::Class;
use migrate_text::name::QualifiedName;

use super::world::{TEMPORARY, TracedId};
use migrate_sql::act::{PathScope, Written};

/// What `"$user"` in a search path is.
const USER: &str = "$user";

/// The search path of a server that was told no other.
const STANDARD_PATH: [&str; 2] = [USER, "public"];

/// Paths as they are set; one that is not where there are none.
fn each_path(paths: &[Path]) -> Vec<Option<Vec<&str>>> {
    if paths.is_empty() {
        return vec![None];
    }
    let all = paths.iter().map(Option::as_ref);
    all.map(|path| Some(path?.iter().map(String::as_str).collect()))
        .collect()
}

/// What names mean now. Names first, so that one can be looked for in every schema.
type Key = (Class, String, String);

/// Schemas as they are set; the default where there are none.
type Path = Option<Vec<String>>;

/// The names of a moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    present: BTreeMap<Key, Vec<TracedId>>,
    /// Those whose names may not be there in fact: a block may not have run to its end.
    unsure: HashSet<TracedId>,
    search: Search,
    /// The search paths that new sessions may have, likeliest last.
    defaults: Vec<Path>,
    /// Where names were looked up before the bodies around.
    outside: Vec<Search>,
}

/// Where names without a schema are looked up.
#[derive(Debug, Clone, Default)]
struct Search {
    /// The search paths that may be set, likeliest last.
    paths: Vec<Path>,
    /// The roles that `$user` may stand for.
    roles: Vec<String>,
    within: Path,
}

fn key(class: Class, name: &QualifiedName) -> Key {
    (class, name.name.clone(), name.schema.clone())
}

impl Names {
    /// A new session.
    pub(super) fn begin_session(&mut self) {
        self.search = Search::default();
        self.outside.clear();
        self.unsure.clear();
        let temporary = |(_, _, schema): &Key| schema == TEMPORARY;
        self.present.retain(|key, _| !temporary(key));
    }

    /// A search path is set, or may be.
    pub(super) fn set_path(&mut self, path: Path, scope: PathScope, sure: bool) {
        let (paths, sure) = match scope {
            // Which database is meant is not known.
            PathScope::Database => (&mut self.defaults, false),
            PathScope::Session | PathScope::Transaction => (&mut self.search.paths, sure),
        };
        if sure {
            paths.clear();
        } else if paths.is_empty() {
            paths.push(None);
        }
        paths.push(path);
    }

    pub(super) fn set_within(&mut self, within: Path) {
        self.search.within = within;
    }

    pub(super) fn add_role(&mut self, role: String) {
        self.search.roles.push(role);
    }

    /// What is set from here on is set some other time.
    pub(super) fn begin_later(&mut self) {
        self.outside.push(self.search.clone());
    }

    pub(super) fn end_later(&mut self) {
        if let Some(outside) = self.outside.pop() {
            self.search = outside;
        }
    }

    /// The search paths that there may be, likeliest last.
    fn paths(&self) -> Vec<Vec<&str>> {
        if let Some(within) = &self.search.within {
            return self.with_roles(within.iter().map(String::as_str).collect());
        }
        let standard = || STANDARD_PATH.to_vec();
        let mut all = Vec::new();
        for path in each_path(&self.search.paths) {
            match path {
                Some(path) => all.extend(self.with_roles(path)),
                None => {
                    for path in each_path(&self.defaults) {
                        all.extend(self.with_roles(path.unwrap_or_else(standard)));
                    }
                }
            }
        }
        all
    }

    /// A path with each of the roles that `$user` may stand for. For a service's role it never
    /// does by itself: those do not migrate.
    fn with_roles<'p>(&'p self, path: Vec<&'p str>) -> Vec<Vec<&'p str>> {
        let mut all = Vec::new();
        if path.contains(&USER) {
            for role in &self.search.roles {
                let named = path.iter().map(|schema| match *schema {
                    USER => role.as_str(),
                    schema => schema,
                });
                all.push(named.collect());
            }
        }
        all.push(path.into_iter().filter(|schema| *schema != USER).collect());
        all
    }

    /// Whether nobody has set a search path.
    pub(super) fn is_default(&self) -> bool {
        let Search { paths, within, .. } = &self.search;
        within.is_none() && paths.iter().all(Option::is_none) && self.defaults.is_empty()
    }

    /// Where an object of this name would be created.
    pub(super) fn place(&self, written: &Written) -> QualifiedName {
        let schema = written.schema().map(str::to_owned).unwrap_or_else(|| {
            let paths = self.paths();
            let mut schemas = paths.last().into_iter().flatten();
            schemas
                .find(|schema| **schema != "pg_catalog")
                .map_or("public", |schema| *schema)
                .to_owned()
        });
        QualifiedName::new(schema, written.name())
    }

    fn exact(&self, class: Class, schema: &str, name: &str) -> &[TracedId] {
        let key = (class, name.to_owned(), schema.to_owned());
        self.present.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What a name means, likeliest first: several for routines, and where it is not known where
    /// names are looked up.
    pub(super) fn find(&self, class: Class, written: &Written) -> Vec<TracedId> {
        let name = written.name();
        if !class.has_schema() {
            return self.exact(class, name, name).to_vec();
        }
        if let Some(schema) = written.schema() {
            return self.exact(class, schema, name).to_vec();
        }
        let mut found = Vec::new();
        for path in self.paths().into_iter().rev() {
            for id in self.find_in(&path, class, name) {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        found
    }

    /// What a name means for sure where it is looked up: not what one other schema happens to have.
    pub(super) fn find_on_path(&self, class: Class, written: &Written) -> Vec<TracedId> {
        let name = written.name();
        if written.schema().is_some() || !class.has_schema() {
            return self.find(class, written);
        }
        let paths = self.paths();
        let mut schemas = paths.last().into_iter().flatten();
        schemas
            .find_map(|schema| {
                let here = self.exact(class, schema, name);
                (!here.is_empty()).then(|| here.to_vec())
            })
            .unwrap_or_default()
    }

    /// What a name means on a search path.
    ///
    /// A name that no schema of the path has, and one other schema, means that one: the path of
    /// a role or of the connection is not in the history.
    fn find_in(&self, path: &[&str], class: Class, name: &str) -> Vec<TracedId> {
        let mut found = Vec::new();
        for schema in std::iter::once(&TEMPORARY).chain(path) {
            let here = self.exact(class, schema, name);
            found.extend_from_slice(here);
            if here.iter().any(|id| !self.unsure.contains(id)) {
                return found;
            }
        }
        if !found.is_empty() {
            return found;
        }
        let from = (class, name.to_owned(), String::new());
        let same_name = self.present.range(from..);
        let mut same_name = same_name
            .take_while(|((c, n, _), _)| *c == class && n == name)
            .filter(|(_, found)| !found.is_empty());
        match (same_name.next(), same_name.next()) {
            (Some((_, found)), None) => found.clone(),
            _ => Vec::new(),
        }
    }

    /// Gives an object a name, for sure or perhaps.
    pub(super) fn add(&mut self, class: Class, name: &QualifiedName, id: TracedId, sure: bool) {
        self.present.entry(key(class, name)).or_default().push(id);
        if !sure {
            self.unsure.insert(id);
        }
    }

    pub(super) fn remove(&mut self, class: Class, name: &QualifiedName, id: TracedId) {
        if let Some(found) = self.present.get_mut(&key(class, name)) {
            found.retain(|other| *other != id);
        }
    }

    /// Everything in a schema.
    pub(super) fn in_schema(&self, schema: &str) -> Vec<TracedId> {
        let all = self.present.iter();
        all.filter(|((class, _, of), _)| of == schema && class.has_schema())
            .flat_map(|(_, found)| found.iter().copied())
            .collect()
    }
}
