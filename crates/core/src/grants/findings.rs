//! What roles have that no `GRANT` or `REVOKE` of ours can mend, or that is not ours to take.

use migrate_text::kind::ObjectKind;

use super::finding::{Because, Excess, Finding, Written};
use super::privilege::Privilege;
use super::snapshot::{Role, Snapshot};
use super::wall::{Wall, WallRole};
use super::wanted::Wanted;

pub(super) fn findings(wall: &Wall, snapshot: &Snapshot, wanted: &Wanted) -> Vec<Finding> {
    let mut findings = Vec::new();
    for service in &wall.roles {
        let Some(role) = snapshot.roles.get(&service.role) else {
            continue;
        };
        let mut excess = attributes(role);
        if role.expired {
            excess.push(Excess::Expired);
        }
        if role.shut_out {
            excess.push(Excess::ShutOut);
        }
        let settings = role.settings.iter().cloned();
        excess.extend(settings.map(|setting| Excess::Setting { setting }));
        excess.extend(not_in_uses(snapshot, wanted, &service.role));
        if snapshot.deploys(&service.role) {
            excess.push(Excess::Deploys);
        }
        if let Some(objects) = snapshot.owned.get(&service.role) {
            let objects = objects.clone();
            excess.push(Excess::Owns { objects });
        }
        // A superuser needs no membership.
        let groups = role.member_of.iter().filter(|_| !role.superuser);
        for of in groups {
            if let Some(because) = because(wall, snapshot, wanted, service, of) {
                let of = of.clone();
                excess.push(Excess::Member { of, because });
            }
        }
        findings.extend(excess.into_iter().map(|excess| Finding {
            role: service.role.clone(),
            excess,
        }));
    }
    findings.extend(strangers(snapshot, wanted));
    findings
}

/// What a service's tables work with, and its role was not given.
fn not_in_uses(snapshot: &Snapshot, wanted: &Wanted, role: &str) -> Option<Excess> {
    let refused = wanted.refused.iter().filter(|(of, _)| of == role);
    let mut objects: Vec<String> = refused
        .map(|(_, place)| snapshot.objects[*place].shown())
        .collect();
    objects.sort_unstable();
    objects.dedup();
    (!objects.is_empty()).then_some(Excess::NotInUses { objects })
}

/// Roles that services no longer have, and others that write to what services own. Whoever only
/// reads was given that on purpose.
fn strangers(snapshot: &Snapshot, wanted: &Wanted) -> Vec<Finding> {
    let strangers = snapshot.strangers.iter();
    let strangers = strangers.filter(|(role, _)| !snapshot.deploys(role));
    let strangers = strangers.filter_map(|(role, written)| {
        let written = written.iter().filter_map(|place| {
            let (object, owners) = (&snapshot.objects[*place], &wanted.owners[*place]);
            let counts = !owners.is_empty() && !object.is_sequence();
            counts.then(|| Written {
                table: object.shown(),
                services: owners.clone(),
            })
        });
        let mut writes: Vec<Written> = written.collect();
        writes.sort_unstable();
        (!writes.is_empty()).then(|| Finding {
            role: role.clone(),
            excess: Excess::Stranger { writes },
        })
    });
    strangers.collect()
}

fn attributes(role: &Role) -> Vec<Excess> {
    let all = [
        (role.superuser, Excess::Superuser),
        (role.creates_databases, Excess::CreatesDatabases),
        (role.creates_roles, Excess::CreatesRoles),
        (role.replicates, Excess::Replicates),
        (role.bypasses_policies, Excess::BypassesPolicies),
    ];
    // A superuser has all others too.
    let has = all.into_iter().filter(|(has, _)| *has);
    let has = has.map(|(_, excess)| excess);
    has.take(if role.superuser { 1 } else { 5 }).collect()
}

/// What a role has that a service's role, a member of it, should not have.
fn because(
    wall: &Wall,
    snapshot: &Snapshot,
    wanted: &Wanted,
    service: &WallRole,
    of: &str,
) -> Option<Because> {
    if of.starts_with("pg_") {
        return Some(Because::Predefined);
    }
    if snapshot.roles.get(of).is_some_and(|role| role.superuser) {
        return Some(Because::Superuser);
    }
    if snapshot.deploys(of) {
        return Some(Because::Deploys);
    }
    if let Some(other) = wall.roles.iter().find(|other| other.role == of) {
        return Some(Because::Service(other.service.clone()));
    }
    if let Some(objects) = snapshot.owned.get(of) {
        return Some(Because::Owns(objects.clone()));
    }
    let held = snapshot.held.iter();
    let mut held = held.filter(|held| held.role.as_deref() == Some(of));
    let too_much = held.find(|held| {
        let wanted = wanted.has(held.object, &service.role, &held.privilege);
        // To find a schema is no right to anything in it.
        let harmless = held.privilege == Privilege::Connect
            || held.privilege == Privilege::Usage
                && snapshot.objects[held.object].kind == ObjectKind::Schema;
        !wanted && !harmless
    });
    too_much.map(|held| {
        let object = &snapshot.objects[held.object];
        let privilege = held.privilege.sql();
        Because::Holds(format!(
            "{privilege} on {} {}",
            object.keyword(),
            object.shown()
        ))
    })
}
