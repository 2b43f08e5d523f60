//! `embed_migrations!` reads files that Cargo does not know of.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
