//! Decides when the next backup is due, and which backups can be removed.

use parlour_protocol::Millis;
use std::collections::BTreeSet;

const HOUR_MS: i64 = 3600 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days from a Monday to 1970-01-01.
const DAYS_AFTER_MONDAY: i64 = 3;

/// Returns whether a backup is due: the newest one is older than the interval, and the last failed attempt was at
/// least an hour ago. A backup with a time in the future, from a wrong clock, does not count.
pub fn is_due(all: &[Millis], failed: Option<Millis>, now: Millis, every_ms: i64) -> bool {
    let newest = all.iter().filter(|at| **at <= now).max();
    let is_old = newest.is_none_or(|at| now.0 - at.0 >= every_ms);
    let was_just_tried =
        failed.is_some_and(|at| (0..HOUR_MS.min(every_ms)).contains(&(now.0 - at.0)));
    is_old && !was_just_tried
}

/// Returns which backups can be removed. Kept are those of the last 24 hours, the newest of each of the last `days`
/// days and `weeks` weeks that have one, and the newest of all. Days and weeks are in UTC; weeks begin on Monday.
/// Days without a backup do not count, so no backup is lost because the server was off for a long time. Backups with
/// a time in the future, from a wrong clock, are kept until that time has passed.
pub fn expired(all: &[Millis], now: Millis, days: u32, weeks: u32) -> Vec<Millis> {
    let mut past: Vec<Millis> = all.iter().copied().filter(|at| *at <= now).collect();
    past.sort_unstable_by(|a, b| b.cmp(a));
    past.dedup();
    let (mut in_days, mut in_weeks) = (BTreeSet::new(), BTreeSet::new());
    let mut expired = Vec::new();
    for (index, at) in past.into_iter().enumerate() {
        let day = at.0.div_euclid(DAY_MS);
        let is_newest_of_day = in_days.len() < days as usize && in_days.insert(day);
        let week = (day + DAYS_AFTER_MONDAY).div_euclid(7);
        let is_newest_of_week = in_weeks.len() < weeks as usize && in_weeks.insert(week);
        let is_needed =
            index == 0 || now.0 - at.0 < DAY_MS || is_newest_of_day || is_newest_of_week;
        if !is_needed {
            expired.push(at);
        }
    }
    expired
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-29 is a Sunday.
    fn at(text: &str) -> Millis {
        Millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn retained(all: &[Millis], now: Millis, days: u32, weeks: u32) -> Vec<Millis> {
        let removed = expired(all, now, days, weeks);
        all.iter().copied().filter(|at| !removed.contains(at)).collect()
    }

    #[test]
    fn a_backup_is_due_when_the_newest_is_old_enough() {
        let now = at("2026-11-29T12:00:00Z");
        let ago = |ms: i64| Millis(now.0 - ms);
        assert!(is_due(&[], None, now, DAY_MS));
        assert!(is_due(&[ago(DAY_MS)], None, now, DAY_MS));
        assert!(!is_due(&[ago(2 * DAY_MS), ago(DAY_MS - 1)], None, now, DAY_MS));
        assert!(is_due(&[ago(-1)], None, now, DAY_MS), "a backup from the future does not count");
        assert!(!is_due(&[], Some(ago(HOUR_MS - 1)), now, DAY_MS), "it was just tried");
        assert!(is_due(&[], Some(ago(HOUR_MS)), now, DAY_MS));
        assert!(is_due(&[], Some(ago(-1)), now, DAY_MS));
        assert!(
            is_due(&[], Some(ago(1000)), now, 1000),
            "a short interval also applies to retries"
        );
    }

    #[test]
    fn seven_days_and_four_weeks_of_daily_backups_are_kept() {
        let now = at("2026-11-29T12:00:00Z");
        let all: Vec<Millis> = (0..60).map(|day| Millis(now.0 - day * DAY_MS)).collect();
        let remaining = retained(&all, now, 7, 4);
        let days = (0..7).map(|day| Millis(now.0 - day * DAY_MS));
        // Sunday's backup is the newest of its week.
        let weeks = [7, 14, 21].map(|day| Millis(now.0 - day * DAY_MS));
        assert_eq!(remaining, days.chain(weeks).collect::<Vec<_>>());
    }

    #[test]
    fn daily_backups_become_weekly_backups() {
        let begin = at("2026-09-01T03:00:00Z");
        let mut all = Vec::new();
        for day in 0..100 {
            let now = Millis(begin.0 + day * DAY_MS);
            all.push(now);
            all = retained(&all, now, 7, 4);
            // The newest backup of this week, and except on a Sunday that of the previous one, is already among the
            // seven daily backups.
            let grown = day < 28 || (9..=10).contains(&all.len());
            assert!(grown, "{day}: {all:?}");
        }
        assert!(all.windows(2).all(|two| two[1].0 - two[0].0 <= 7 * DAY_MS));
    }

    #[test]
    fn the_backups_of_the_last_day_and_the_newest_are_always_kept() {
        let now = at("2026-11-29T23:30:00Z");
        let all: Vec<Millis> = (0..72).map(|hour| Millis(now.0 - hour * HOUR_MS)).collect();
        for days in 1..4 {
            // The newest backup of the previous day is exactly 24 hours old, so it is kept only as that day's newest.
            assert_eq!(retained(&all, now, days, 1).len(), 23 + days as usize);
        }
        let old = [at("2020-01-01T00:00:00Z"), at("2021-01-01T00:00:00Z")];
        assert_eq!(retained(&old, now, 0, 0), [old[1]]);
        assert_eq!(retained(&old, now, 7, 4), old, "no backup is lost while the server is off");
        assert!(expired(&[], now, 7, 4).is_empty());
    }

    #[test]
    fn a_backup_from_the_future_is_kept_and_does_not_count() {
        let now = at("2026-11-29T12:00:00Z");
        let (ahead, old) = (Millis(now.0 + DAY_MS), Millis(now.0 - 40 * DAY_MS));
        assert_eq!(retained(&[ahead, now, old], now, 1, 1), [ahead, now]);
    }
}
