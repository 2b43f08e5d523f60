//! Writes a new, empty migration.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::timeline::History;

/// What to write.
#[derive(Debug, Clone)]
pub struct NewMigration {
    /// The name after the version. Everything but letters and digits becomes `_`.
    pub name: String,
    /// The services it is for.
    pub services: Vec<String>,
    /// The database it is for, where there is more than one.
    pub database: Option<String>,
    /// When it is written: the version is this moment in UTC.
    pub now: SystemTime,
}

/// What was written.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Created {
    /// The version.
    pub version: String,
    /// The folder.
    pub folder: PathBuf,
    /// Its files, in the order in which they are filled in.
    pub files: Vec<PathBuf>,
}

/// Creates `<version>_<name>/` with `up.sql`, `down.sql` and `metadata.toml`.
///
/// The version is `YYYYMMDDHHMMSS`, moved forward past the newest of `history`, so that a new
/// migration is always the last one, two written in one second included.
///
/// # Errors
///
/// Whatever the file system says, or that the newest version leaves no room for another.
pub fn create(folder: &Path, history: &History, new: &NewMigration) -> io::Result<Created> {
    let version = next_version(history, new.now)?;
    let path = folder.join(format!("{version}_{}", folder_name(&new.name)));
    fs::create_dir_all(folder)?;
    // Not `create_dir_all`: the folder must be ours alone.
    fs::create_dir(&path)?;
    let files = [
        ("up.sql", "-- What the migration does.\n".to_owned()),
        (
            "down.sql",
            "-- What undoes it, in the reverse order.\n".to_owned(),
        ),
        ("metadata.toml", metadata(new)),
    ];
    let mut written = Vec::new();
    for (name, text) in files {
        let file = path.join(name);
        fs::write(&file, text)?;
        written.push(file);
    }
    Ok(Created {
        version,
        folder: path,
        files: written,
    })
}

fn metadata(new: &NewMigration) -> String {
    let quoted = |name: &String| format!("{name:?}");
    let mut text = String::from("run_in_transaction = true\n");
    if !new.services.is_empty() {
        let services: Vec<String> = new.services.iter().map(quoted).collect();
        text.push_str(&format!("services = [{}]\n", services.join(", ")));
    }
    if let Some(database) = &new.database {
        text.push_str(&format!("database = {}\n", quoted(database)));
    }
    text
}

/// The name as a folder can have it on every system: letters and digits of any script stay.
fn folder_name(name: &str) -> String {
    let mut folder = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if c.is_alphanumeric() || c == '-' {
            folder.push(c);
        } else if !folder.ends_with('_') {
            folder.push('_');
        }
    }
    folder.trim_matches('_').to_owned()
}

fn next_version(history: &History, now: SystemTime) -> io::Result<String> {
    let now = timestamp(now);
    let newest = history
        .migrations()
        .iter()
        .map(|migration| migration.version.as_str())
        .filter(|version| version.len() == 14 && version.bytes().all(|b| b.is_ascii_digit()))
        .max();
    let Some(newest) = newest.filter(|newest| *newest >= now.as_str()) else {
        return Ok(now);
    };
    // A version is only a number that grows; after 59 seconds come 60. A fifteenth digit would
    // make it the first one: versions are compared as text.
    newest
        .parse::<u64>()
        .map(|number| format!("{:014}", number + 1))
        .ok()
        .filter(|next| next.len() == 14)
        .ok_or_else(|| io::Error::other(format!("no version comes after {newest}")))
}

/// `YYYYMMDDHHMMSS` in UTC.
pub(crate) fn timestamp(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::history::{Rules, read};

    #[test]
    fn two_in_one_second_get_two_versions() {
        let folder = tempfile::tempdir().unwrap();
        let new = NewMigration {
            name: "VEXT-123-Add  tenant: id!".to_owned(),
            services: vec!["auth".to_owned(), "post".to_owned()],
            database: None,
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_730_386_187),
        };
        let history = || read(folder.path(), folder.path(), &Rules::default()).unwrap();
        let first = create(folder.path(), &history(), &new).unwrap();
        let second = create(folder.path(), &history(), &new).unwrap();
        assert_eq!(first.version, "20241031144947");
        assert_eq!(second.version, "20241031144948");
        assert!(
            first
                .folder
                .ends_with("20241031144947_VEXT-123-Add_tenant_id")
        );
        let history = history();
        assert_eq!(history.migrations()[1].services, ["auth", "post"]);
        assert!(history.migrations()[1].run_in_transaction);
    }
    #[test]
    fn nothing_comes_after_the_last_of_all_versions() {
        let folder = tempfile::tempdir().unwrap();
        let new = NewMigration {
            name: "next".to_owned(),
            services: Vec::new(),
            database: None,
            now: SystemTime::UNIX_EPOCH,
        };
        for (newest, next) in [
            ("99999999999998", Some("99999999999999")),
            ("99999999999999", None),
        ] {
            let last = folder.path().join(format!("{newest}_last"));
            fs::create_dir(&last).unwrap();
            fs::write(last.join("up.sql"), "select 1;").unwrap();
            let history = read(folder.path(), folder.path(), &Rules::default()).unwrap();
            let created = create(folder.path(), &history, &new).ok();
            assert_eq!(created.as_ref().map(|c| c.version.as_str()), next);
            if let Some(created) = created {
                fs::remove_dir_all(created.folder).unwrap();
            }
        }
    }
}
