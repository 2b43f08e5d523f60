//! What `grants` shows, and the lines about it in `status`.

use console::{Alignment, Style, pad_str};
use migrate_core::report::{
    Change, ChangeKind, DatabaseGrants, GrantsReport, GrantsStanding, RolePrivileges,
};
use migrate_text::name::quote_identifier;

use super::line::line;
use migrate_messages::{count, finding, to_change};

/// So many names are in one cell; of more there is a number.
const IN_A_CELL: usize = 6;

/// One part for each database: the roles, what differs, what is too much, and in short.
pub fn grants_text(report: &GrantsReport) -> String {
    let parts: Vec<String> = report.databases.iter().map(part).collect();
    parts.join("\n\n")
}

fn part(database: &DatabaseGrants) -> String {
    if !database.exists {
        let text = "the database does not exist yet";
        return line(&database.database, &Style::new().bold(), text);
    }
    let privileges = &database.privileges;
    let mut lines = table(&privileges.roles);
    for change in &privileges.changes {
        let (label, style) = match change.kind {
            ChangeKind::CreateRole => ("create", Style::new().cyan()),
            ChangeKind::Login => ("alter", Style::new().cyan()),
            ChangeKind::Give => ("give", Style::new().cyan()),
            ChangeKind::Take => ("take", Style::new().yellow()),
        };
        lines.push(line(label, &style.for_stdout(), &change.sql));
    }
    let red = Style::new().red().for_stdout();
    let findings = privileges.findings.iter();
    lines.extend(findings.map(|one| line("finding", &red, &finding(one))));
    if !database.enabled {
        let text = "`roles = true` is not set in migrate.toml: a deploy leaves all this as it is";
        lines.push(line("note", &Style::new().dim().for_stdout(), text));
    }
    let standing: GrantsStanding = privileges.clone().into();
    let bold = Style::new().bold().for_stdout();
    lines.push(line(&database.database, &bold, &in_short(&standing)));
    lines.join("\n")
}

/// A line for each role: what it reads and writes, what it only reads, what it uses.
fn table(roles: &[RolePrivileges]) -> Vec<String> {
    let mut rows = vec![["role", "reads and writes", "only reads", "uses"].map(str::to_owned)];
    rows.extend(roles.iter().map(row));
    // Nobody needs a column in which nothing is.
    let kept: Vec<usize> = (0..4)
        .filter(|column| rows.iter().skip(1).any(|row| row[*column] != "-"))
        .collect();
    let width = |column: usize| {
        let cells = rows
            .iter()
            .map(|row| console::measure_text_width(&row[column]));
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = kept.iter().map(|column| width(*column)).collect();
    let lines = rows.iter().map(|row| {
        let cells = kept.iter().zip(&widths);
        let cells = cells.map(|(column, width)| {
            pad_str(&row[*column], *width, Alignment::Left, None).into_owned()
        });
        let cells: Vec<String> = cells.collect();
        format!("{:>9} {}", "", cells.join("  "))
            .trim_end()
            .to_owned()
    });
    lines.collect()
}

fn row(role: &RolePrivileges) -> [String; 4] {
    let name = match role.role == role.service {
        true => role.role.clone(),
        false => format!("{} ({})", role.role, role.service),
    };
    let cell = |names: &[String]| match names.len() {
        0 => "-".to_owned(),
        number if number <= IN_A_CELL => names.join(", "),
        number => format!("{}, +{}", names[..IN_A_CELL].join(", "), number - IN_A_CELL),
    };
    [
        name,
        cell(&role.writes),
        cell(&role.reads),
        cell(&role.uses),
    ]
}

/// `3 privileges to give, 1 to take; 1 role to create; 1 finding`
fn in_short(standing: &GrantsStanding) -> String {
    if !standing.differs() {
        return format!("the privileges are {}", right_but_for(standing));
    }
    let mut parts = Vec::new();
    if standing.to_give + standing.to_take > 0 {
        parts.push(to_change(standing.to_give, standing.to_take));
    }
    for (roles, what) in [
        (&standing.roles_missing, "to create"),
        (&standing.without_login, "to let log in"),
    ] {
        if !roles.is_empty() {
            parts.push(format!("{} {what}", count(roles.len(), "role")));
        }
    }
    if !standing.findings.is_empty() {
        parts.push(count(standing.findings.len(), "finding"));
    }
    parts.join("; ")
}

/// What no deploy can mend is not as it should be, and changes the exit code.
fn right_but_for(standing: &GrantsStanding) -> String {
    match standing.findings.len() {
        0 => "as they should be".to_owned(),
        findings => format!("as they should be, but for {}", count(findings, "finding")),
    }
}

/// What `status` says about the roles.
pub fn grants_lines(standing: &GrantsStanding) -> Vec<String> {
    let (style, text) = if standing.differs() {
        let text = format!(
            "differ: {}; `migrate grants` shows them",
            in_short(standing)
        );
        (Style::new().red(), text)
    } else {
        let style = match standing.is_right() {
            true => Style::new().green(),
            false => Style::new().red(),
        };
        (style, right_but_for(standing))
    };
    let style = style.for_stdout();
    let mut lines = vec![format!("{:>9}  {text}", style.apply_to("grants"))];
    let red = Style::new().red().for_stdout();
    let findings = standing.findings.iter();
    lines.extend(findings.map(|one| format!("{:>9}  {}", red.apply_to("finding"), finding(one))));
    lines
}

/// The statements alone, for `psql`: all of them or none.
pub fn grants_sql(database: &DatabaseGrants) -> String {
    if database.privileges.changes.is_empty() {
        return "-- nothing to do".to_owned();
    }
    let mut lines = vec!["begin;".to_owned()];
    for change in &database.privileges.changes {
        lines.push(format!("{};", change.sql));
        lines.extend(password_note(database, change));
    }
    lines.push("commit;".to_owned());
    lines.join("\n")
}

/// A password goes by no pipe.
fn password_note(database: &DatabaseGrants, change: &Change) -> Option<String> {
    let role = change.role.as_ref()?;
    let is_new = change.kind == ChangeKind::CreateRole;
    let has_password = is_new && database.with_password.contains(role);
    has_password.then(|| {
        format!(
            "-- its password is left out: \\password {}",
            quote_identifier(role)
        )
    })
}
