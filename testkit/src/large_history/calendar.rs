//! When each migration was written, and how its author spelt the version.
//!
//! Diesel takes everything before the first `_` as the version, removes the dashes and compares
//! what is left as text. All spellings are mixed here, so sorting the folders by name gives an
//! order other than the right one.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// 2018-04-09 15:19:22 UTC, the first working day, as seconds since 1970.
const FOUNDED: u64 = 1_523_287_162;

/// Up to here a migration is written every nine days, which ends in 2026; after it the company
/// rolls out its subsidiaries and writes several a day.
const UNHURRIED: u64 = 320;

/// The version of the migration at `index`; dash-less versions strictly ascend with the index.
pub(super) fn version(index: usize) -> String {
    if index == 0 {
        return "00000000000000".to_owned();
    }
    let time = moment(index);
    match index % 50 {
        // Three in the same second: told apart by the suffix only.
        32 => dashed(time),
        33 => format!("{}-0000", dashed(moment(index - 1))),
        34 => format!("{}-0001", dashed(moment(index - 2))),
        _ if index % 7 == 3 => compact(time),
        _ if index % 5 == 4 || index >= 200 => format!("{}-0000", dashed(time)),
        _ => dashed(time),
    }
}

/// Seconds since 1970 at which the migration at `index` was written.
fn moment(index: usize) -> u64 {
    let nth = index as u64 - 1;
    let steps = nth.min(UNHURRIED) * 9 * DAY + nth.saturating_sub(UNHURRIED) * 6 * HOUR;
    // Less than the shortest step, so that the order stays.
    let time_of_day = nth * 7919 % (5 * HOUR);
    FOUNDED + steps + time_of_day
}

/// As Diesel writes it: `2018-04-09-151922`.
fn dashed(time: u64) -> String {
    let (year, month, day) = date(time);
    let (hour, minute, second) = clock(time);
    format!("{year:04}-{month:02}-{day:02}-{hour:02}{minute:02}{second:02}")
}

/// As most other tools write it: `20180409151922`.
fn compact(time: u64) -> String {
    dashed(time).replace('-', "")
}

fn clock(time: u64) -> (u64, u64, u64) {
    (time % DAY / HOUR, time % HOUR / MINUTE, time % MINUTE)
}

/// Year, month and day in the Gregorian calendar.
///
/// Counts in years that begin in March, so that a leap day is the last day of its year.
fn date(time: u64) -> (u64, u64, u64) {
    const DAYS_IN_400_YEARS: u64 = 146_097;
    const DAYS_FROM_YEAR_0_TO_1970: u64 = 719_468;

    let days = time / DAY + DAYS_FROM_YEAR_0_TO_1970;
    let era = days / DAYS_IN_400_YEARS;
    let day_of_era = days % DAYS_IN_400_YEARS;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let (month, new_year) = if march_month < 10 {
        (march_month + 3, 0)
    } else {
        (march_month - 9, 1)
    };
    (era * 400 + year_of_era + new_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_ascend_without_their_dashes() {
        let versions: Vec<_> = (0..3000).map(|i| version(i).replace('-', "")).collect();
        assert!(versions.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn versions_are_spelt_in_every_way() {
        assert_eq!(version(0), "00000000000000");
        assert_eq!(version(1), "2018-04-09-151922");
        assert_eq!(version(3), "20180427194320");
        assert_eq!(version(4), "2018-05-06-165519-0000");
        assert_eq!(version(32), version(33).trim_end_matches("-0000"));
    }
}
