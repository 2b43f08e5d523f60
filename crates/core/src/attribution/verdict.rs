//! Which touches may not be.

use crate::history::Migration;
use crate::ownership::QualifiedPattern;
use migrate_sql::verb::{Common, Effect, Verb};
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;
use migrate_text::name::{QualifiedName, is_bookkeeping};

use super::breach::{Breach, Reason};
use super::owner::{Claim, Registry, is_named, names};
use super::replay::{Touch, Touched};
use super::world::{Moment, TracedId, TracedObject};

/// One file of a migration, before the judge.
pub(super) struct Case<'c> {
    pub(super) migration: &'c Migration,
    pub(super) moment: Moment,
    pub(super) touched: &'c Touched,
}

impl Case<'_> {
    /// The services that the migration is for: those that it names, or else the one that owns all
    /// that it changes. `Err` when there is no such one.
    pub(super) fn services(&self, registry: &Registry<'_>) -> Result<Vec<String>, Box<Breach>> {
        if !self.migration.services.is_empty() {
            return Ok(self.migration.services.clone());
        }
        let mut claims: Vec<(&Touch, Claim)> = Vec::new();
        for touch in self.changes() {
            let of_touch = self.claims(registry, touch);
            let owned = of_touch.into_iter().filter(|c| !c.services.is_empty());
            claims.extend(owned.map(|claim| (touch, claim)));
        }
        let consents = |service: &&str| {
            let mut all = claims.iter();
            all.all(|(_, claim)| claim.services.iter().any(|s| s == service))
        };
        let able: Vec<String> = registry
            .policy
            .services()
            .filter(consents)
            .map(str::to_owned)
            .collect();
        match claims.first() {
            None => Ok(Vec::new()),
            Some(_) if !able.is_empty() => Ok(able),
            Some((first, claim)) => Err(Box::new(self.several(registry, first, claim, &claims))),
        }
    }

    fn several(
        &self,
        registry: &Registry<'_>,
        first: &Touch,
        claim: &Claim,
        claims: &[(&Touch, Claim)],
    ) -> Breach {
        let mut owners = vec![(claim.services.join(" or "), first.name.clone())];
        let mut other = first;
        for (touch, claim) in claims {
            let service = claim.services.join(" or ");
            if !owners.iter().any(|(known, _)| *known == service) {
                if owners.len() == 1 {
                    other = touch;
                }
                owners.push((service, touch.name.clone()));
            }
        }
        let several_of = |touch: &Touch| {
            let of_touch = self.claims(registry, touch).into_iter();
            let owned: Vec<Claim> = of_touch.filter(|c| !c.services.is_empty()).collect();
            let all = |service: &String| owned.iter().all(|c| c.services.contains(service));
            !owned.iter().flat_map(|claim| &claim.services).any(all)
        };
        let at_once = claims.iter().any(|(touch, _)| several_of(touch));
        let reason = Reason::Several { owners, at_once };
        self.breach(registry, &[], other, reason)
    }

    /// All that the migration does and may not, in the order of its text, once for each place.
    pub(super) fn breaches(&self, registry: &Registry<'_>, services: &[String]) -> Vec<Breach> {
        let mut breaches: Vec<Breach> = Vec::new();
        for touch in &self.touched.touches {
            let Some(reason) = self.refuse(registry, services, touch) else {
                continue;
            };
            let besides = self.besides(registry, services, touch, &reason);
            let breach = Breach {
                besides,
                ..self.breach(registry, services, touch, reason)
            };
            let is_told = |told: &Breach| {
                // What goes with it, of the same owners, goes without saying.
                let goes_with =
                    owners(&told.reason).is_some_and(|o| Some(o) == owners(&breach.reason));
                told.location.span == breach.location.span
                    && (told.name == breach.name || goes_with)
            };
            if !breaches.iter().any(is_told) {
                breaches.push(breach);
            }
        }
        breaches
    }

    fn refuse(
        &self,
        registry: &Registry<'_>,
        services: &[String],
        touch: &Touch,
    ) -> Option<Reason> {
        // No exception opens what we keep our records in.
        if is_ledger(touch) && touches_ledger(touch.verb.effect()) {
            return Some(Reason::Ledger);
        }
        if touch.verb == Verb::Sway(Common::Database)
            && registry.policy.is_database(&touch.name.name)
        {
            return Some(Reason::NamedDatabase);
        }
        if self.is_allowed(touch) {
            return None;
        }
        // Nobody could even ask how things stand.
        if touch.verb == Verb::Lock && is_ledger(touch) {
            return Some(Reason::Ledger);
        }
        match touch.verb.effect() {
            Effect::Reads | Effect::Copies | Effect::Refers => {
                self.refuse_read(registry, services, touch)
            }
            Effect::Uses => self.refuse_use(registry, services, touch),
            Effect::Leaves => Some(Reason::WayOut),
            Effect::Locks => None,
            // Who is for nobody is for all.
            Effect::Sways => {
                let mut all = registry.policy.services();
                let for_some = !self.migration.services.is_empty();
                let missing = all.any(|service| !services.iter().any(|s| s == service));
                (for_some && missing).then(|| Reason::ForAll {
                    services: registry.policy.services().map(str::to_owned).collect(),
                })
            }
            Effect::Takes
            | Effect::TakesAway
            | Effect::ChangesRows
            | Effect::IsBeside
            | Effect::GivesKey
            | Effect::Changes => {
                if is_system(touch) {
                    return Some(Reason::SystemCatalog);
                }
                if touch.verb == Verb::Advance && self.uses(registry, services, touch) {
                    return None;
                }
                if let Some(owner) = self.role_of_another(registry, services, touch) {
                    return Some(Reason::Owned {
                        owners: vec![owner],
                    });
                }
                let claims = self.claims(registry, touch);
                let consents =
                    |claim: &Claim| claim.services.iter().any(|owner| services.contains(owner));
                let open = claims.into_iter().find(|claim| {
                    // Who is for nobody may change what is nobody's.
                    let nobodys = claim.services.is_empty();
                    !(consents(claim) || nobodys && self.migration.services.is_empty())
                })?;
                Some(match open.user {
                    _ if open.services.is_empty() => Reason::Nobodys,
                    Some(table) => Reason::UsedBy {
                        owners: open.services,
                        table: registry.objects[table].name().clone(),
                    },
                    None => Reason::Owned {
                        owners: open.services,
                    },
                })
            }
        }
    }

    /// Who else has a say in what is refused because one has not been asked.
    fn besides(
        &self,
        registry: &Registry<'_>,
        services: &[String],
        touch: &Touch,
        reason: &Reason,
    ) -> Vec<String> {
        if !matches!(reason, Reason::Owned { .. } | Reason::UsedBy { .. }) {
            return Vec::new();
        }
        let told = owners(reason).unwrap_or_default();
        let open = self.claims(registry, touch).into_iter().filter(|claim| {
            let has_say = |service: &String| services.contains(service) || told.contains(service);
            !claim.services.iter().any(has_say)
        });
        open.filter_map(|claim| claim.services.into_iter().next())
            .collect()
    }

    fn refuse_read(
        &self,
        registry: &Registry<'_>,
        services: &[String],
        touch: &Touch,
    ) -> Option<Reason> {
        if services.is_empty() || touch.class != Class::Relation {
            return None;
        }
        let owners = match touch.object {
            Some(id) if registry.may_read(services, id, self.moment) => return None,
            Some(id) => registry.owners(id, self.moment),
            None => {
                let owner = registry.policy.owner(&touch.name)?.to_owned();
                let reads = |service: &String| {
                    let mut reads = registry.policy.reads(service).iter();
                    *service == owner || reads.any(|pattern| pattern.fits(&touch.name))
                };
                if services.iter().any(reads) {
                    return None;
                }
                vec![owner]
            }
        };
        Some(Reason::NotRead { owners })
    }

    /// A function, operator or sequence of others. One that is nobody's is everyone's; of several
    /// that a name may mean one is enough.
    fn refuse_use(
        &self,
        registry: &Registry<'_>,
        services: &[String],
        touch: &Touch,
    ) -> Option<Reason> {
        if services.is_empty() || self.uses(registry, services, touch) {
            return None;
        }
        let meant = touch.object.iter().chain(&touch.alternatives);
        let owners: Vec<Vec<String>> = meant.map(|id| registry.owners(*id, self.moment)).collect();
        let is_free = |owners: &Vec<String>| {
            owners.is_empty() || owners.iter().any(|owner| services.contains(owner))
        };
        match owners.iter().any(is_free) {
            true => None,
            false => Some(Reason::NotUsed {
                owners: owners.into_iter().next()?,
            }),
        }
    }

    /// Whether `uses` of one of the services names what a touch is of, by any of its names.
    fn uses(&self, registry: &Registry<'_>, services: &[String], touch: &Touch) -> bool {
        let meant = touch.object.iter().chain(&touch.alternatives);
        let called: Vec<&QualifiedName> = meant
            .flat_map(|id| names(&registry.objects[*id]))
            .chain([&touch.name])
            .collect();
        let mut uses = services
            .iter()
            .flat_map(|service| registry.policy.uses(service));
        uses.any(|pattern| called.iter().any(|name| pattern.fits(name)))
    }

    /// The service whose role has the name that a schema takes: by `"$user"` its tables would be
    /// looked for there first.
    fn role_of_another(
        &self,
        registry: &Registry<'_>,
        services: &[String],
        touch: &Touch,
    ) -> Option<String> {
        let takes = touch.class == Class::Schema && touch.verb.effect() == Effect::Takes;
        let of = registry.policy.service_of_role(&touch.name.name)?;
        let is_other = !self.migration.services.is_empty() && !services.iter().any(|s| s == of);
        (takes && is_other).then(|| of.to_owned())
    }

    /// The touches that change something.
    fn changes(&self) -> impl Iterator<Item = &Touch> {
        let all = self.touched.touches.iter();
        all.filter(|touch| touch.verb.effect().is_change())
            .filter(|touch| !self.is_allowed(touch))
    }

    /// Whose consent a touch needs.
    fn claims(&self, registry: &Registry<'_>, touch: &Touch) -> Vec<Claim> {
        let by_name = |name: &QualifiedName| {
            let was = registry
                .policy
                .owner_before_transfer(&[name], registry.versions[self.moment]);
            let owner = was.or(registry.policy.owner_of(touch.class, name))?;
            Some(Claim {
                services: vec![owner.to_owned()],
                user: None,
            })
        };
        let Some(id) = touch.object else {
            let is_relation = touch.class == Class::Relation;
            return by_name(&touch.name)
                .filter(|_| is_relation)
                .into_iter()
                .collect();
        };
        let object = &registry.objects[id];
        if object.temporary {
            return Vec::new();
        }
        match touch.verb.effect() {
            // The name, if it is the last one to have it: see `Registry::owners`.
            Effect::Takes if is_named(object) => {
                let last = *object.name() == touch.name || !self.is_past(registry, id);
                let last = last && !registry.is_taken_later(&touch.name, id, self.moment);
                by_name(&touch.name).filter(|_| last).into_iter().collect()
            }
            Effect::Takes | Effect::Sways | Effect::Uses | Effect::Locks | Effect::Leaves => {
                Vec::new()
            }
            // Of several that are changed together one's consent is enough.
            Effect::Changes if touch.verb == Verb::ConvertOf => self.claims_of_any(registry, touch),
            // What it created itself is its own, whatever it is called.
            _ if object.born == self.moment && object.names[0].since == self.moment => {
                let claims = registry.claims(id, self.moment).into_iter();
                claims
                    .filter(|claim| is_named(object) && !claim.services.is_empty())
                    .collect()
            }
            _ => registry.claims(id, self.moment),
        }
    }

    /// What one of several objects takes.
    fn claims_of_any(&self, registry: &Registry<'_>, touch: &Touch) -> Vec<Claim> {
        let meant = touch.object.iter().chain(&touch.alternatives);
        let services = meant.flat_map(|id| registry.owners(*id, self.moment));
        vec![Claim {
            services: services.collect(),
            user: None,
        }]
    }

    /// Whether an object has had another name since, or is gone.
    fn is_past(&self, registry: &Registry<'_>, id: TracedId) -> bool {
        let object = &registry.objects[id];
        let renamed = object.names.iter().any(|named| named.since > self.moment);
        renamed || object.gone.is_some_and(|gone| gone > self.moment)
    }

    /// Whether the migration makes an exception for it.
    fn is_allowed(&self, touch: &Touch) -> bool {
        let is_plain = !touch.class.has_schema();
        let leaves = touch.verb.effect() == Effect::Leaves;
        self.migration.allow.iter().any(|exception| {
            let object = &exception.object;
            // Whoever excepts all objects has not thought of that.
            if leaves {
                return *object == touch.name.name;
            }
            let named = QualifiedPattern::parse(object).is_ok_and(|it| it.fits(&touch.name));
            named || is_plain && *object == touch.name.name
        })
    }

    fn breach(
        &self,
        registry: &Registry<'_>,
        services: &[String],
        touch: &Touch,
        reason: Reason,
    ) -> Breach {
        let object = touch.object.map(|id| &registry.objects[id]);
        // Who made what takes the name does not say whose the name is.
        let is_new_name = touch.verb == Verb::RenameTo;
        let before = object.filter(|object| object.born < self.moment && !is_new_name);
        let folder = |file: &std::path::Path| {
            let folder = file.parent()?.file_name()?;
            Some(folder.to_string_lossy().into_owned())
        };
        Breach {
            migration: self.migration.folder_name.clone(),
            services: services.to_vec(),
            location: touch.location.clone(),
            verb: touch.verb,
            kind: kind_of(touch.class, object),
            name: touch.name.clone(),
            besides: Vec::new(),
            created_in: before.and_then(|object| folder(object.created_at.file.path())),
            reason,
        }
    }
}

/// Whose consent is missing.
fn owners(reason: &Reason) -> Option<&[String]> {
    match reason {
        Reason::Owned { owners }
        | Reason::UsedBy { owners, .. }
        | Reason::NotRead { owners }
        | Reason::NotUsed { owners } => Some(owners),
        Reason::Nobodys => Some(&[]),
        Reason::ForAll { .. }
        | Reason::NamedDatabase
        | Reason::WayOut
        | Reason::Ledger
        | Reason::SystemCatalog
        | Reason::Several { .. } => None,
    }
}

/// What is touched. Of what the history does not know it is what most of its class are.
pub(super) fn kind_of(class: Class, object: Option<&TracedObject>) -> ObjectKind {
    if let Some(object) = object {
        return object.kind;
    }
    match class {
        Class::Database => ObjectKind::Database,
        Class::Schema => ObjectKind::Schema,
        Class::Extension => ObjectKind::Extension,
        Class::Relation => ObjectKind::Table,
        Class::Routine => ObjectKind::Function,
        Class::Type => ObjectKind::Type,
        Class::Statistics => ObjectKind::Statistics,
        Class::Operator => ObjectKind::Operator,
        Class::OperatorClass => ObjectKind::OperatorClass,
        Class::OperatorFamily => ObjectKind::OperatorFamily,
        Class::Cast => ObjectKind::Cast,
        Class::Transform => ObjectKind::Transform,
        Class::Collation => ObjectKind::Collation,
        Class::Conversion => ObjectKind::Conversion,
        Class::TextSearchConfiguration => ObjectKind::TextSearchConfiguration,
        Class::TextSearchDictionary => ObjectKind::TextSearchDictionary,
        Class::TextSearchParser => ObjectKind::TextSearchParser,
        Class::TextSearchTemplate => ObjectKind::TextSearchTemplate,
        Class::Publication => ObjectKind::Publication,
        Class::Subscription => ObjectKind::Subscription,
        Class::EventTrigger => ObjectKind::EventTrigger,
        Class::ForeignDataWrapper => ObjectKind::ForeignDataWrapper,
        Class::ForeignServer => ObjectKind::ForeignServer,
        Class::Language => ObjectKind::Language,
        Class::AccessMethod => ObjectKind::AccessMethod,
        Class::LargeObject => ObjectKind::LargeObject,
        Class::Role => ObjectKind::Role,
        Class::Tablespace => ObjectKind::Tablespace,
        Class::Parameter => ObjectKind::Parameter,
        Class::DefaultPrivileges => ObjectKind::DefaultGrant,
    }
}

/// What we keep our records in.
fn is_ledger(touch: &Touch) -> bool {
    touch.class == Class::Relation && is_bookkeeping(&touch.name.name)
}

/// What nobody may do to it. A foreign key puts triggers on it, and a lock holds up every deploy.
fn touches_ledger(effect: Effect) -> bool {
    match effect {
        Effect::Reads | Effect::Copies | Effect::Uses | Effect::Sways | Effect::Leaves => false,
        Effect::Refers
        | Effect::Takes
        | Effect::TakesAway
        | Effect::ChangesRows
        | Effect::IsBeside
        | Effect::GivesKey
        | Effect::Locks
        | Effect::Changes => true,
    }
}

/// Tables of PostgreSQL's own, of which every search path has the first schema.
fn is_system(touch: &Touch) -> bool {
    let in_catalog = matches!(
        touch.name.schema.as_str(),
        "pg_catalog" | "information_schema"
    );
    let unknown = touch.object.is_none() && touch.class == Class::Relation;
    unknown && (in_catalog || touch.name.name.starts_with("pg_"))
}
