//! The roles of a database's services.

use migrate_text::document::Located;
use migrate_text::problem::{Problem, ProblemKind};

use super::database::ServiceRole;
use super::manifest::DatabaseSettings;
use super::resolve::{Defaults, Resolver};
use super::service::Service;
use super::settings::Workspace;

/// PostgreSQL cuts longer names off, and then knows them by another name.
const LONGEST_NAME: usize = 63;

impl Resolver {
    /// The services of a database with their roles. Of one that cannot be had a problem is added.
    pub(super) fn services(
        &mut self,
        settings: &DatabaseSettings,
        workspace: &Workspace,
    ) -> Vec<ServiceRole> {
        let mut roles: Vec<ServiceRole> = Vec::new();
        for service in &workspace.services {
            let database = workspace.database_of(service);
            if !database.is_ok_and(|database| database == settings.name.value) {
                continue;
            }
            let Some(role) = self.role(service) else {
                continue;
            };
            if settings.roles
                && let Some(problem) = wrong(&role, &roles)
            {
                let written = service.role.as_ref().map(|role| role.location.clone());
                self.problems.0.push(Problem {
                    kind: problem,
                    location: written.or_else(|| service.location.clone()),
                });
            }
            roles.push(role);
        }
        roles
    }

    fn role(&mut self, service: &Service) -> Option<ServiceRole> {
        let role = match &service.role {
            // A default is no one's role by mistake: roles are named in the same file.
            Some(role) => {
                let written = Located {
                    value: role.text.clone(),
                    location: role.location.clone(),
                };
                self.expand(&written, Defaults::Always)?
            }
            None => service.name.clone(),
        };
        let password_variable = password_variable(&service.name);
        let password = self.environment.get(&password_variable);
        Some(ServiceRole {
            service: service.name.clone(),
            role,
            password: password.map(migrate_text::secret::Secret::new),
            password_variable,
        })
    }
}

/// What is wrong with a role beside those before it.
fn wrong(role: &ServiceRole, others: &[ServiceRole]) -> Option<ProblemKind> {
    if let Some(first) = others.iter().find(|other| other.role == role.role) {
        return Some(ProblemKind::RoleTwice {
            role: role.role.clone(),
            first: first.service.clone(),
            second: role.service.clone(),
        });
    }
    let variable = &role.password_variable;
    if let Some(first) = others
        .iter()
        .find(|other| &other.password_variable == variable)
    {
        return Some(ProblemKind::PasswordTwice {
            variable: variable.clone(),
            first: first.service.clone(),
            second: role.service.clone(),
        });
    }
    let reason = match role.role.as_str() {
        "" => "a role has a name",
        "public" | "none" => "the word means something else to PostgreSQL",
        name if name.starts_with("pg_") => "PostgreSQL keeps names with `pg_` for itself",
        name if name.len() > LONGEST_NAME => "PostgreSQL's names have at most 63 bytes",
        // It stands in a comment of `grants --sql` too, and what follows a line break would be run.
        name if name.contains(char::is_control) => "a role's name is one line of text",
        _ => return None,
    };
    Some(ProblemKind::BadRole {
        service: role.service.clone(),
        role: role.role.clone(),
        reason,
    })
}

/// `AUTH_DATABASE_PASSWORD` for `auth`.
fn password_variable(service: &str) -> String {
    let letter = |c: char| match c.to_ascii_uppercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    };
    let name: String = service.chars().map(letter).collect();
    format!("{name}_DATABASE_PASSWORD")
}
