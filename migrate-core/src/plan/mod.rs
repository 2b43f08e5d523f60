//! Decisions: how each migration stands, and what a deploy or revert would do. Pure functions of
//! the history and the ledger.

mod deploy;
mod revert;
mod standing;

pub use deploy::{DeployPlan, DeployRequest, PlanError, Step, plan_deploy};
pub use revert::{Reach, RevertStep, plan_revert};
pub use standing::{Doubt, Happened, Standing, State, standings};
