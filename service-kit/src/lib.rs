//! What every service needs to talk to its database, written once: a pool that is sized by
//! variables, and a check at the start that what the service was built for is applied.
//!
//! It may use Diesel. It may not use anything of the engine: no service compiles an SQL parser.
//!
//! ```
//! use service_kit::pool::PoolSettings;
//!
//! let variables = |name: &str| (name == "DATABASE_POOL_SIZE").then(|| "3".into());
//! assert_eq!(PoolSettings::from_variables(variables)?.max_size, 3);
//! # Ok::<(), service_kit::pool::InvalidSetting>(())
//! ```

pub mod constraint;
pub mod pool;
pub mod standing;
pub mod text_list;
