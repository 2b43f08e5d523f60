//! How the privileges of a database stand.

use serde::Serialize;

use super::change::{Change, ChangeKind};
use super::finding::Finding;
use super::snapshot::Snapshot;
use super::wall::Wall;
use super::wanted::RolePrivileges;
use super::{difference, findings, wanted};

/// How the privileges of a database stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Privileges {
    /// What each service's role may do, or will when everything is as it should be.
    pub roles: Vec<RolePrivileges>,
    /// What has to be done so that everything is as it should be, in order.
    pub changes: Vec<Change>,
    /// What no `GRANT` or `REVOKE` of ours can mend.
    pub findings: Vec<Finding>,
}

impl Privileges {
    /// How the privileges stand, by what the database says.
    pub fn of(wall: &Wall, snapshot: &Snapshot) -> Self {
        let wanted = wanted::wanted(wall, snapshot);
        Self {
            roles: wanted::summary(wall, snapshot, &wanted),
            changes: difference::difference(wall, snapshot, &wanted),
            findings: findings::findings(wall, snapshot, &wanted),
        }
    }

    /// Whether everything is as it should be, and no role has more.
    pub fn is_right(&self) -> bool {
        self.changes.is_empty() && self.findings.is_empty()
    }

    /// How many privileges the changes of a kind are about.
    pub fn count(&self, kind: ChangeKind) -> usize {
        let all = self.changes.iter().filter(|change| change.kind == kind);
        all.map(|change| change.privileges).sum()
    }
}
