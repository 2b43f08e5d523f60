//! Files that cannot be run.

use migrate_core::error::ForbiddenText;
use migrate_sql::ForbiddenKind;

use crate::code::Code;
use crate::message::Message;

/// Words what no migration may hold.
pub fn forbidden(forbidden: &ForbiddenText) -> Message {
    let (label, next) = match forbidden.kind {
        ForbiddenKind::TransactionControl => (
            "the transaction is the tool's: it holds the ledger row too",
            "remove the statement; for one that cannot run in a transaction write \
             `run_in_transaction = false` into metadata.toml",
        ),
        ForbiddenKind::CopyFromStdin => (
            "the rows after it are not SQL",
            "write them as `INSERT`, or dump with `pg_dump --inserts`",
        ),
        ForbiddenKind::CopyToStdout => ("nobody is there to take them", "remove the statement"),
        ForbiddenKind::FreesTheLock => (
            "another deploy could then run beside this one",
            "remove it; every migration begins with a clean session anyway",
        ),
        ForbiddenKind::PsqlCommand => ("only `psql` knows this", "remove the line"),
        ForbiddenKind::NulByte => ("here", "save the file as UTF-8"),
        ForbiddenKind::ByteOrderMark => (
            "PostgreSQL takes it for a part of the first word",
            "save the file as UTF-8 without a byte order mark (BOM)",
        ),
        ForbiddenKind::UnterminatedComment
        | ForbiddenKind::UnterminatedString
        | ForbiddenKind::UnterminatedDollarQuote
        | ForbiddenKind::UnterminatedIdentifier => ("begins here and never ends", "close it"),
        ForbiddenKind::UnterminatedBody => (
            "begins here and never ends",
            "write `end` after the last `;` of the body",
        ),
        ForbiddenKind::AmbiguousNumber => (
            "what follows may belong to it or not",
            "write a space after the number",
        ),
    };
    Message::new(Code::Migration, forbidden.what())
        .at(Some(&forbidden.location), label)
        .state("nothing was applied")
        .next(next)
}
