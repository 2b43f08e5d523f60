//! Wall 3: PostgreSQL's own privileges, so that no service's role can touch what is another's.
//!
//! [`Snapshot`] is what a database says now, `wanted` what it should say, `difference` the
//! statements that lead from one to the other, and [`apply()`] runs them in one transaction.

mod apply;
mod change;
mod difference;
mod finding;
mod findings;
mod privilege;
mod privileges;
mod read;
mod snapshot;
#[cfg(test)]
mod tests;
mod tomorrow;
mod wall;
mod wanted;

pub use apply::{ChangesMade, Passwords, apply};
pub use change::{Change, ChangeKind, Obstacle};
pub use finding::{Because, Excess, Finding, Written};
pub use privileges::Privileges;
pub use read::read;
pub use snapshot::Snapshot;
pub use wall::{Wall, WallRole};
pub use wanted::RolePrivileges;
