//! What every service needs to talk to its database, written once.

pub mod constraint;
pub mod pool;
pub mod standing;
pub mod text_list;
