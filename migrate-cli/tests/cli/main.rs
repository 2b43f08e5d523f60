//! The command line as a person uses it: the real binary on a real server. What it prints is in
//! the snapshots, with times and paths replaced.

mod addresses;
mod authoring;
mod bad_servers;
mod built_upon;
mod check;
mod concurrency;
mod databases;
mod deploy;
mod diesel_interop;
mod diesel_parity;
mod edited;
mod embedded;
mod embedded_guards;
mod errors;
mod generate;
mod grants;
mod guard;
mod guard_harmless;
mod guard_names;
mod guard_nobodys;
mod guard_outside;
mod guard_told;
mod interrupted;
mod late;
mod ledger_formats;
mod ledger_kept;
mod locks;
mod long_history;
mod odd_files;
mod output;
mod outside;
mod own_sql;
mod passwords;
mod resolve;
mod revert;
mod robust;
mod settings;
mod several_databases;
mod statements;
mod status;
mod terminal;
mod together;
mod transfer;
mod visible;
mod walls;

use testkit::Workspace;

/// A workspace that runs the binary of this build.
fn workspace() -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_migrate"))
}

/// A workspace with two migrations that fit each other.
fn users_and_posts() -> Workspace {
    let workspace = workspace();
    workspace.migration(
        "20240101000000_users",
        "create table users (id int primary key, name text not null);\n",
        "drop table users;\n",
    );
    workspace.migration_with(
        "20240202000000_posts",
        "create table posts (id int primary key, author int not null references users);\n",
        "drop table posts;\n",
        "run_in_transaction = true\nservices = [\"post\"]\n",
    );
    workspace
}
