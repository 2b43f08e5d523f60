//! Reads the catalog of a database and its dependencies, and prints how many there are of each.
//!
//! ```sh
//! cargo run --release -p migrate-catalog --example read -- "$DATABASE_URL" [catalog | dependencies]
//! ```

#![expect(
    clippy::disallowed_macros,
    reason = "an example is a program: it prints"
)]

use std::error::Error;

use migrate_catalog::introspect::{self, Scope};
use migrate_postgres::Session;
use migrate_postgres::target::Target;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("the URL of a database is needed")?;
    let only = arguments.next();
    let wanted = |what| only.as_deref().is_none_or(|only| only == what);
    let mut session = Session::connect(&Target::parse(&url)?)?;
    if wanted("catalog") {
        let catalog = introspect::read(&mut session, Scope::Everything)?;
        println!("{} objects", catalog.objects().len());
    }
    if wanted("dependencies") {
        let dependencies = introspect::read_dependencies(&mut session)?;
        println!("{} dependencies", dependencies.edges().count());
    }
    Ok(())
}
