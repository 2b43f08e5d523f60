//! Ways out: of the session, to where no wall looks, or round the walls, by a right that none of
//! them holds. Nobody takes one by the way.

use std::fmt;

use migrate_text::class::Class;

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WayOut {
    /// Another session of any server, ours too.
    Dblink,
    /// The same by tables that are elsewhere.
    ForeignServer,
    /// Programs that the server runs.
    CopyProgram,
    /// Files of the server: its own configuration and tables are among them.
    ServerFiles,
    /// A language in which a function may do whatever the server may.
    UntrustedLanguage,
    /// A library that the server loads.
    Library,
    /// Another session, which outlives this one.
    Background,
    /// Another session, later and again.
    Cron,
    /// An attribute of a role for which walls are none, or that makes further roles.
    RoleAttribute,
    /// What another service's role may, or one of PostgreSQL's own that may everything of a kind.
    Membership,
}

/// PostgreSQL's functions that read or write files of the server, and those of `adminpack`.
const FILE_FUNCTIONS: [&str; 14] = [
    "pg_read_file",
    "pg_read_binary_file",
    "pg_read_file_old",
    "pg_read_server_file",
    "pg_ls_dir",
    "pg_stat_file",
    "pg_file_read",
    "pg_file_write",
    "pg_file_sync",
    "pg_file_rename",
    "pg_file_unlink",
    "pg_logdir_ls",
    "lo_import",
    "lo_export",
];

/// Attributes of a role that lead round the walls.
const ATTRIBUTES: [&str; 5] = [
    "superuser",
    "createrole",
    "createdb",
    "replication",
    "bypassrls",
];

/// PostgreSQL's own roles that only let one look at what the server does.
const ONLY_LOOKING: [&str; 4] = [
    "pg_monitor",
    "pg_read_all_settings",
    "pg_read_all_stats",
    "pg_stat_scan_tables",
];

impl WayOut {
    /// The way that a call takes, whatever schema the extension was put into. A name is enough: a
    /// function of the same name may stand in front of it, with other arguments.
    pub fn of_call(schema: Option<&str>, name: &str) -> Option<Self> {
        if name == "dblink" || name.starts_with("dblink_") {
            return Some(Self::Dblink);
        }
        if name.starts_with("pg_background_") {
            return Some(Self::Background);
        }
        if schema == Some("cron") {
            return Some(Self::Cron);
        }
        let is_file = FILE_FUNCTIONS.contains(&name);
        is_file.then_some(Self::ServerFiles)
    }

    /// The way that rows take which are written to a table: `pg_cron` has its jobs in one.
    pub fn of_table(schema: Option<&str>) -> Option<Self> {
        (schema == Some("cron")).then_some(Self::Cron)
    }

    /// Whether a language lets a function do what the server may. By PostgreSQL's own custom a name
    /// ends with a `u` then; `c` and `internal` are its own, and these others came without one.
    pub fn is_untrusted(language: &str) -> bool {
        let language = language.to_lowercase();
        matches!(
            language.as_str(),
            "c" | "internal" | "plsh" | "plr" | "plproxy" | "pljavau"
        ) || language.starts_with("pl") && language.ends_with('u')
    }

    /// Whether a role's attribute leads round the walls.
    pub fn is_attribute(option: &str) -> bool {
        ATTRIBUTES.contains(&option)
    }

    /// Whether a role is one of PostgreSQL's own by which one may do more than look.
    pub fn is_predefined(role: &str) -> bool {
        role.starts_with("pg_") && !ONLY_LOOKING.contains(&role)
    }

    /// What `allow` calls it; of some ways the text says which it is.
    pub fn name(self, said: &str) -> String {
        match self {
            Self::Dblink => "dblink".to_owned(),
            Self::ForeignServer => "foreign server".to_owned(),
            Self::CopyProgram => "copy program".to_owned(),
            Self::ServerFiles => "server files".to_owned(),
            Self::UntrustedLanguage => format!("language {said}"),
            Self::Library => "load".to_owned(),
            Self::Background => "pg_background".to_owned(),
            Self::Cron => "pg_cron".to_owned(),
            Self::RoleAttribute | Self::Membership => said.to_owned(),
        }
    }

    /// What it is taken by.
    pub fn class(self) -> Class {
        match self {
            Self::Dblink
            | Self::CopyProgram
            | Self::ServerFiles
            | Self::Library
            | Self::Background
            | Self::Cron => Class::Routine,
            Self::ForeignServer => Class::ForeignServer,
            Self::UntrustedLanguage => Class::Language,
            Self::RoleAttribute | Self::Membership => Class::Role,
        }
    }

    /// In the words of a message: `open another session`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Dblink | Self::Background => "open another session",
            Self::ForeignServer => "work with tables elsewhere",
            Self::CopyProgram => "run a program of the server",
            Self::ServerFiles => "touch files of the server",
            Self::UntrustedLanguage => "use an untrusted language",
            Self::Library => "load a library into the server",
            Self::Cron => "have something done later",
            Self::RoleAttribute => "give a role a right that no wall holds",
            Self::Membership => "hand on what another role may",
        }
    }
}

/// In words.
impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str) -> Option<WayOut> {
        match name.split_once('.') {
            Some((schema, name)) => WayOut::of_call(Some(schema), name),
            None => WayOut::of_call(None, name),
        }
    }

    #[test]
    fn functions_that_lead_out_are_known_in_any_schema() {
        for (name, way) in [
            ("dblink", Some(WayOut::Dblink)),
            ("tools.dblink_exec", Some(WayOut::Dblink)),
            ("public.dblink_connect_u", Some(WayOut::Dblink)),
            ("pg_catalog.pg_read_file", Some(WayOut::ServerFiles)),
            ("lo_export", Some(WayOut::ServerFiles)),
            ("cron.schedule", Some(WayOut::Cron)),
            ("cron.unschedule", Some(WayOut::Cron)),
            ("pg_background_launch", Some(WayOut::Background)),
            ("dblinks", None),
            ("lo_from_bytea", None),
            ("schedule", None),
            ("pg_background", None),
        ] {
            assert_eq!(call(name), way, "{name}");
        }
    }

    #[test]
    fn languages_are_trusted_or_not_by_their_names() {
        for language in [
            "c",
            "C",
            "internal",
            "plpython3u",
            "plperlu",
            "pltclu",
            "plsh",
        ] {
            assert!(WayOut::is_untrusted(language), "{language}");
        }
        for language in ["sql", "plpgsql", "plperl", "pltcl", "plv8", "plrust"] {
            assert!(!WayOut::is_untrusted(language), "{language}");
        }
    }

    #[test]
    fn roles_that_only_look_are_harmless() {
        assert!(WayOut::is_predefined("pg_read_server_files"));
        assert!(WayOut::is_predefined("pg_write_all_data"));
        assert!(!WayOut::is_predefined("pg_monitor"));
        assert!(!WayOut::is_predefined("reporting"));
    }
}
