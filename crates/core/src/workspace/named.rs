//! What servers know by a name that `migrate.toml` gives.

use super::database::Address;
use super::resolve::Resolver;
use super::settings::Workspace;

/// Names of the whole server, which no migration's own database says to whom they belong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerNames {
    /// The databases, as their servers call them.
    pub databases: Vec<String>,
    /// The services, each with its role.
    pub roles: Vec<(String, String)>,
}

impl Workspace {
    /// The names, as far as they are known: what a variable would say that is not set is told by
    /// whoever needs it to connect.
    pub fn server_names(&self) -> ServerNames {
        let mut resolver = Resolver::of(self);
        let mut names = ServerNames::default();
        for settings in &self.settings {
            let services = resolver.services(settings, self).into_iter();
            names.roles.extend(services.map(|it| (it.service, it.role)));
            let database = match resolver.address(settings) {
                Some(Address::Embedded { database }) => Some(database),
                Some(Address::Server(target)) => target.database().map(str::to_owned),
                None => None,
            };
            names.databases.extend(database);
        }
        names
    }
}
