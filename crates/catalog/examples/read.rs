//! Reads the catalog of a database and its dependencies, and prints how many there are of each.
//!
//! ```sh
//! cargo run --release -p migrate-catalog --example read -- "$DATABASE_URL"
//! ```

use std::error::Error;

use migrate_catalog::introspect::{self, Scope};
use migrate_postgres::Session;
use migrate_postgres::target::Target;

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args()
        .nth(1)
        .ok_or("the URL of a database is needed")?;
    let mut session = Session::connect(&Target::parse(&url)?)?;
    let catalog = introspect::read(&mut session, Scope::Everything)?;
    let dependencies = introspect::read_dependencies(&mut session)?;
    let (objects, edges) = (catalog.objects().len(), dependencies.edges().count());
    println!("{objects} objects, {edges} dependencies");
    Ok(())
}
