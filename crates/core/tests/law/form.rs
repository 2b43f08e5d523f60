//! The forms that a statement can be hidden in.

/// How a statement gets to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Plain,
    Block,
    Dynamic,
    Subtransaction,
    Function,
    SecurityDefiner,
    Procedure,
    TriggerBefore,
    TriggerAfter,
    TriggerDeferred,
    TriggerOfView,
    Rule,
    Default,
    Check,
    Outside,
    OutsideDynamic,
}

impl Form {
    pub const ALL: [Self; 16] = [
        Self::Plain,
        Self::Block,
        Self::Dynamic,
        Self::Subtransaction,
        Self::Function,
        Self::SecurityDefiner,
        Self::Procedure,
        Self::TriggerBefore,
        Self::TriggerAfter,
        Self::TriggerDeferred,
        Self::TriggerOfView,
        Self::Rule,
        Self::Default,
        Self::Check,
        Self::Outside,
        Self::OutsideDynamic,
    ];

    /// Whether the statements of the migration run one by one.
    pub fn is_outside(self) -> bool {
        matches!(self, Self::Outside | Self::OutsideDynamic)
    }

    /// Whether the text of the statement can be read in that of the migration.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Plain | Self::Block | Self::Outside)
    }

    /// The text of a migration that runs a statement.
    pub fn wrap(self, sql: &str, mine: &str) -> String {
        let run = execute(sql);
        let routine = |kind: &str, returns: &str, more: &str, end: &str| {
            format!(
                "create {kind} auth_run() {returns} language plpgsql {more} as $run$ begin {run}; {end} end $run$;"
            )
        };
        let trigger = |table: &str, when: &str| {
            format!(
                "{table};\n{}\n{when};\ninsert into auth_bin values (1);",
                routine("function", "returns trigger", "", "return new;")
            )
        };
        let function = routine("function", "returns int", "", "return 1;");
        let table = "create table auth_bin (id int)";
        let text = match self {
            Self::Plain | Self::Outside => format!("{sql};"),
            Self::Block => format!("do $block$ begin {}; end $block$;", performed(sql)),
            Self::Dynamic | Self::OutsideDynamic => {
                format!("do $block$ begin {run}; end $block$;")
            }
            Self::Subtransaction => format!(
                "do $block$ begin begin {run}; exception when division_by_zero then null; end; end $block$;"
            ),
            Self::Function => format!("{function}\nselect auth_run();"),
            Self::SecurityDefiner => format!(
                "{}\nselect auth_run();",
                routine(
                    "function",
                    "returns int",
                    "security definer set search_path = public, pg_temp",
                    "return 1;"
                )
            ),
            Self::Procedure => format!("{}\ncall auth_run();", routine("procedure", "", "", "")),
            Self::TriggerBefore => trigger(
                table,
                "create trigger auth_run before insert on auth_bin for each row execute function auth_run()",
            ),
            Self::TriggerAfter => trigger(
                table,
                "create trigger auth_run after insert on auth_bin for each statement execute function auth_run()",
            ),
            Self::TriggerDeferred => trigger(
                table,
                "create constraint trigger auth_run after insert on auth_bin deferrable initially deferred \
                 for each row execute function auth_run()",
            ),
            Self::TriggerOfView => trigger(
                "create view auth_bin as select 1 as id",
                "create trigger auth_run instead of insert on auth_bin for each row execute function auth_run()",
            ),
            Self::Rule => format!(
                "{function}\n{table};\ncreate rule auth_run as on insert to auth_bin do also select auth_run();\n\
                 insert into auth_bin values (1);"
            ),
            Self::Default => format!(
                "{function}\n{table};\ninsert into auth_bin values (1);\n\
                 alter table auth_bin add column made int default auth_run();"
            ),
            Self::Check => format!(
                "{function}\n{table};\nalter table auth_bin add check (auth_run() = 1);\n\
                 insert into auth_bin values (1);"
            ),
        };
        // All is called after the one whose it is.
        text.replace("auth_run", &format!("{mine}_run"))
            .replace("auth_bin", &format!("{mine}_bin"))
    }
}

/// The statement as text that nobody can read before it runs.
fn execute(sql: &str) -> String {
    let hex: String = sql.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("execute convert_from('\\x{hex}'::bytea, 'UTF8')")
}

/// A query of PL/pgSQL has to say what becomes of its rows.
fn performed(sql: &str) -> String {
    match sql.strip_prefix("select ") {
        Some(rest) if !rest.contains(" into ") => format!("perform {rest}"),
        _ => sql.to_owned(),
    }
}
