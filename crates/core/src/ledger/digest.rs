//! Whether a ledger says just what is expected, without its rows: of thousands, the server sends
//! a digest.

use sha2::{Digest as _, Sha256};

use migrate_postgres::{ServerError, Session, sqlstate};
use migrate_text::checksum::{Checksum, hex};

use super::attempt::Outcome;
use super::place::LedgerPlace;

/// Stands for versions that are all applied, each from a file with its checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingDigest(String);

impl StandingDigest {
    /// Of versions, oldest first, with the checksums of their files.
    pub fn of<'a>(applied: impl Iterator<Item = (&'a str, &'a Checksum)>) -> Self {
        let lines: Vec<String> = applied
            .map(|(version, checksum)| format!("{version} {checksum}"))
            .collect();
        Self(hex(&Sha256::digest(lines.join("\n"))))
    }
}

/// The digest of what is applied, where the ledger tells of each version how, and of no other
/// attempt after that. One query. `None` where anything else is the case, or cannot be read.
pub fn digest(
    session: &mut Session,
    place: &LedgerPlace,
) -> Result<Option<StandingDigest>, ServerError> {
    if place.format.is_none() || !place.diesel_table {
        return Ok(None);
    }
    let rows = match session.query(&sql(place), &[]) {
        Err(error) if error.is(sqlstate::INSUFFICIENT_PRIVILEGE) => return Ok(None),
        other => other?,
    };
    let settled = rows.first().filter(|row| row.bool("settled"));
    let digest = settled.and_then(|row| row.optional("digest"));
    Ok(digest.map(StandingDigest))
}

/// The conditions are those of the query that reads the rows.
fn sql(place: &LedgerPlace) -> String {
    format!(
        "with settled as (\
           select distinct on (version) id, version, state, checksum, run_on from {ledger} \
           where state in {settled} order by version, id desc) \
         select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(\
                  pg_catalog.string_agg(d.version || ' ' || coalesce(s.checksum, '-'), e'\\n' \
                    order by d.version collate \"C\"), 'UTF8')), 'hex') as digest, \
                not exists (\
                  select from {ledger} l left join settled s on s.version = l.version \
                  where l.state in {stopped} and (s.id is null or l.id > s.id)) as settled \
         from {diesel} d \
         left join settled s on s.version = d.version and s.state in {applied} \
           and s.run_on is not distinct from d.run_on",
        ledger = place.ledger(),
        diesel = place.diesel(),
        settled = Outcome::list(&Outcome::SETTLED),
        stopped = Outcome::list(&Outcome::STOPPED),
        applied = Outcome::list(&Outcome::APPLIED),
    )
}
