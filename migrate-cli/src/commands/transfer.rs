//! `migrate transfer`

use console::Style;
use migrate_core::migrator::TransferOptions;

use crate::args::TransferArgs;
use crate::session::Session;
use migrate_messages::Status;

pub fn run(session: &mut Session, args: TransferArgs) -> anyhow::Result<Status> {
    let options = TransferOptions {
        table: args.table,
        from: args.from,
        to: args.to,
    };
    let report = session.migrator()?.transfer(&options)?;
    let since = report.after.as_ref();
    let since = since.map_or_else(String::new, |after| {
        format!(", for all that comes after {after}")
    });
    let text = format!(
        "{} from {} to {} in migrate.toml{since}",
        report.table, report.from, report.to
    );
    let style = Style::new().green();
    session.printer.result("handed on", style, &text);
    let next = format!(
        "`migrate generate` moves it between their schemas, `migrate deploy` the privileges; if {} \
         still reads it, add it to `reads` of {}",
        report.from, report.from
    );
    session.printer.progress("next", Style::new().cyan(), &next);
    session.printer.document(&report);
    Ok(Status::Done)
}
