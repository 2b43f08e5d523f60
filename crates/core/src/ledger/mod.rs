//! The ledger: what a database says was applied to it.
//!
//! Diesel's `__diesel_schema_migrations` holds the truth of what is applied, so that Diesel's own
//! tool may run at any time. Beside it, `__migrate_ledger` has a row for every attempt, never
//! changed once it is finished: what was run, by whom, when, for how long, and how it ended.

mod attempt;
mod by_hand;
mod digest;
mod kept;
mod new_row;
mod place;
mod read;
mod row;
mod schema;
mod unfinished;
mod write;

pub use attempt::{Attempt, ByHand, Outcome};
pub use by_hand::record_by_hand;
pub use digest::{StandingDigest, digest};
pub use kept::{is_not_kept, not_kept};
pub use new_row::{Attempted, Client};
pub use place::{LedgerError, LedgerPlace};
pub use read::{
    Applied, LedgerState, PATIENCE, all_attempts, attempted_sql, locate, read, saved_down_sql,
    saved_up_sql,
};
pub use schema::ensure;
pub use unfinished::{Begun, Sent, Unfinished};
pub use write::{
    adopt, finish_applied, finish_failed, record_applied, record_failure, record_reverted,
    start_outside_transaction, statement_begun, statement_done,
};
