//! Whose an object is at a moment of the history.

use std::collections::HashMap;

use crate::ownership::Policy;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::QualifiedName;

use super::world::{Moment, Need, Objects, TracedId, TracedObject};

/// Comes after every version.
pub(super) const NOW: &str = "\u{10ffff}";

/// Answers whose everything is, once the whole history is known.
#[derive(Clone, Copy)]
pub(super) struct Registry<'r> {
    pub(super) policy: &'r Policy,
    pub(super) objects: &'r Objects,
    /// The version of each migration, and after them the present.
    pub(super) versions: &'r [&'r str],
    /// The services of each migration, as far as they are known yet.
    pub(super) services: &'r [Vec<String>],
    pub(super) last_holders: &'r LastHolders,
}

/// Who had each name last, and which of their names it was: what `owns` says of a name it says of
/// them.
#[derive(Default)]
pub(super) struct LastHolders(HashMap<QualifiedName, (Moment, TracedId, usize)>);

impl LastHolders {
    pub(super) fn of(objects: &Objects) -> Self {
        let mut holders = HashMap::new();
        let can_own = |object: &&TracedObject| object.class == Class::Relation && is_named(object);
        for (id, object) in objects.all().filter(|(_, object)| can_own(object)) {
            for (segment, named) in object.names.iter().enumerate() {
                let holder = (named.since, id, segment);
                let last = holders.entry(named.name.clone()).or_insert(holder);
                *last = (*last).max(holder);
            }
        }
        Self(holders)
    }

    fn is(&self, name: &QualifiedName, id: TracedId, segment: usize) -> bool {
        let last = self.0.get(name);
        last.is_some_and(|(_, holder, of)| *holder == id && *of == segment)
    }
}

/// Somebody whose consent is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// Any of these can give it; none means nobody can.
    pub(super) services: Vec<String>,
    /// The table that needs the object, when it is for that.
    pub(super) user: Option<TracedId>,
}

impl Registry<'_> {
    /// The services that own an object when a migration begins, any of which may change it.
    ///
    /// What `owns` says of a name is meant of the table that had it last. One that had it before,
    /// and is gone or has another name, is its creator's.
    pub(super) fn owners(&self, id: TracedId, moment: Moment) -> Vec<String> {
        let object = &self.objects[id];
        // A new name does not make it the migration's that gives it.
        let before = match object.born < moment {
            true => moment - 1,
            false => moment,
        };
        let handed_on = self
            .policy
            .owner_before_transfer(&names(object), self.versions[moment]);
        if let Some(was) = handed_on.filter(|_| object.class == Class::Relation) {
            return vec![was.to_owned()];
        }
        self.owners_of_segment(id, object.segment_at(before), moment)
    }

    fn owners_of_segment(&self, id: TracedId, segment: usize, moment: Moment) -> Vec<String> {
        let object = &self.objects[id];
        let name = &object.names[segment].name;
        let by_name = match is_named(object) {
            true => self.policy.owner_of(object.class, name).map(str::to_owned),
            false => None,
        };
        // Several routines may have one name.
        let is_last = object.class != Class::Relation || self.last_holders.is(name, id, segment);
        if let Some(owner) = by_name.as_ref().filter(|_| is_last) {
            return vec![owner.clone()];
        }
        if let Some(table) = object.of {
            return self.owners(table, moment);
        }
        if segment > 0 {
            return self.owners_of_segment(id, segment - 1, moment);
        }
        let declared = &self.services[object.born];
        if let Some(owner) = by_name.as_ref().filter(|owner| declared.contains(owner)) {
            return vec![owner.clone()];
        }
        if !declared.is_empty() {
            return declared.clone();
        }
        let later = (1..object.names.len()).find_map(|segment| {
            let name = &object.names[segment].name;
            let is_last = self.last_holders.is(name, id, segment);
            self.policy.owner(name).filter(|_| is_last)
        });
        let owner = later.filter(|_| is_named(object)).map(str::to_owned);
        owner.or(by_name).into_iter().collect()
    }

    /// Whether another object has a name after a moment.
    pub(super) fn is_taken_later(
        &self,
        name: &QualifiedName,
        id: TracedId,
        moment: Moment,
    ) -> bool {
        let last = self.last_holders.0.get(name);
        last.is_some_and(|(since, holder, _)| *holder != id && *since > moment)
    }

    /// Everybody who has a say when an object is changed: its owner, and whoever's tables need it.
    pub(super) fn claims(&self, id: TracedId, moment: Moment) -> Vec<Claim> {
        let object = &self.objects[id];
        let mut claims = vec![Claim {
            services: self.owners(id, moment),
            user: None,
        }];
        let users = object
            .dependents_at(moment)
            .filter(|dependent| dependent.need == Need::Part)
            .filter(|dependent| self.objects[dependent.by].exists_at(moment));
        for dependent in users {
            let claim = Claim {
                services: self.owners(dependent.by, moment),
                user: Some(dependent.by),
            };
            if !claim.services.is_empty() && !claims.contains(&claim) {
                claims.push(claim);
            }
        }
        // What is nobody's, and somebody needs, is theirs who need it.
        if claims.len() > 1 && claims[0].services.is_empty() {
            claims.remove(0);
        }
        claims
    }

    /// Whether one of the services may read a table: it owns it, will own it, or `reads` names it. A table that is gone cannot be named any more.
    pub(super) fn may_read(&self, services: &[String], id: TracedId, moment: Moment) -> bool {
        let object = &self.objects[id];
        let owners = self.owners(id, moment);
        let all_names = names(object);
        owners.is_empty()
            || object.gone.is_some_and(|gone| gone > moment)
            || services.iter().any(|service| {
                owners.contains(service)
                    || self.policy.owner(object.name()) == Some(service)
                    || self.is_in_reads(service, &all_names)
            })
    }

    fn is_in_reads(&self, service: &str, names: &[&QualifiedName]) -> bool {
        let mut reads = self.policy.reads(service).iter();
        reads.any(|pattern| names.iter().any(|name| pattern.fits(name)))
    }
}

/// All names that an object ever had.
pub(super) fn names(object: &TracedObject) -> Vec<&QualifiedName> {
    object.names.iter().map(|named| &named.name).collect()
}

/// Whether `owns` speaks of it: it stands for itself.
pub(super) fn is_named(object: &TracedObject) -> bool {
    let is_part = object.of.is_some() || object.kind == ObjectKind::Index;
    let is_own = !is_part || !object.kind.follows_its_table();
    let can_be_named = object.class.has_schema() && object.class != Class::Statistics;
    can_be_named && !object.temporary && is_own
}
