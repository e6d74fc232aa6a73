//! Quiet hours: the days, and the beginning and end by the wall clock. Because they are compared with the wall clock,
//! instead of adding hours to a time, they are also correct on days on which daylight saving time begins or ends.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parlour_protocol::Millis;

/// Number of minutes of a day.
const DAY: i16 = 24 * 60;

/// The hours in which nothing alerts.
#[derive(Debug, Clone, PartialEq)]
pub struct QuietHours {
    /// Whether they begin on each day of the week, from Monday.
    days: [bool; 7],
    /// The minutes of the day at which they begin and end; they end on the next day if that is not later.
    from: i16,
    to: i16,
    /// The time zone.
    zone: TimeZone,
}

impl QuietHours {
    /// Parses a stored value of [`QuietHours`](parlour_store::SettingKey::QuietHours); `None` if there are no
    /// quiet hours, or if it is invalid. The time zone `zone` is used if the named one is unknown.
    pub fn parse(stored: &str, zone: &TimeZone) -> Option<Self> {
        let words: Vec<&str> = stored.split(' ').collect();
        let [days, from, to, name] = words[..] else { return None };
        let days: Vec<bool> = days.chars().map(|day| day == '1').collect();
        let minute = |text: &str| text.parse().ok().filter(|minute| (0..DAY).contains(minute));
        let zone = TimeZone::get(name).unwrap_or_else(|_| zone.clone());
        Some(Self { days: days.try_into().ok()?, from: minute(from)?, to: minute(to)?, zone })
    }

    /// Returns whether a time is in the quiet hours.
    pub fn contain(&self, now: Millis) -> bool {
        let Ok(now) = Timestamp::from_millisecond(now.0) else { return false };
        let now = now.to_zoned_datetime(self.zone.clone());
        let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
        let today = now.weekday().to_monday_zero_offset();
        let begins = |day: i8| self.days[usize::try_from(day.rem_euclid(7)).unwrap_or(0)];
        if self.from < self.to {
            return begins(today) && (self.from..self.to).contains(&minute);
        }
        begins(today) && minute >= self.from || begins(today - 1) && minute < self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    fn are_quiet(stored: &str, time: &str) -> bool {
        QuietHours::parse(stored, &TimeZone::UTC).unwrap().contain(at(time))
    }

    #[test]
    fn quiet_hours_begin_and_end_at_a_minute_and_may_last_over_midnight() {
        // From Monday to Friday, 18:30 to 08:00. The 16th of November 2026 is a Monday.
        let evenings = "1111100 1110 480 Europe/Vienna";
        for (time, is_quiet) in [
            ("2026-11-16T17:29:59Z", false),
            ("2026-11-16T17:30:00Z", true),
            ("2026-11-17T06:59:59Z", true),
            ("2026-11-17T07:00:00Z", false),
            // The night to Saturday began on Friday, and Saturday has none.
            ("2026-11-21T06:59:00Z", true),
            ("2026-11-21T18:00:00Z", false),
            // The morning of Monday belongs to Sunday.
            ("2026-11-16T05:00:00Z", false),
        ] {
            assert_eq!(are_quiet(evenings, time), is_quiet, "{time}");
        }
        for (time, is_quiet) in [
            ("2026-11-22T11:59:00Z", false),
            ("2026-11-22T12:00:00Z", true),
            ("2026-11-22T13:00:00Z", false),
        ] {
            assert_eq!(are_quiet("0000001 720 780 UTC", time), is_quiet, "{time}");
        }
    }

    #[test]
    fn quiet_hours_are_correct_when_daylight_saving_time_begins_and_ends() {
        // In Vienna on 2026-03-29, 02:00 is followed by 03:00, and on 2026-10-25, 03:00 by 02:00.
        let nights = "1111111 1350 390 Europe/Vienna";
        for (time, is_quiet) in [
            ("2026-03-28T21:29:00Z", false),
            ("2026-03-28T21:30:00Z", true),
            ("2026-03-29T04:29:00Z", true),
            ("2026-03-29T04:30:00Z", false),
            ("2026-10-24T20:29:00Z", false),
            ("2026-10-24T20:30:00Z", true),
            ("2026-10-25T05:29:00Z", true),
            ("2026-10-25T05:30:00Z", false),
        ] {
            assert_eq!(are_quiet(nights, time), is_quiet, "{time}");
        }
        // Hours that begin in the hour that is left out, and end in the one that comes twice.
        assert!(are_quiet("1111111 150 240 Europe/Vienna", "2026-03-29T01:00:00Z"));
        let repeated = "1111111 60 150 Europe/Vienna";
        for (time, is_quiet) in [
            ("2026-10-25T00:29:00Z", true),
            ("2026-10-25T00:30:00Z", false),
            ("2026-10-25T01:29:00Z", true),
            ("2026-10-25T01:30:00Z", false),
        ] {
            assert_eq!(are_quiet(repeated, time), is_quiet, "{time}");
        }
    }

    #[test]
    fn quiet_hours_with_equal_start_and_end_last_a_day() {
        let all_day = "1000000 480 480 UTC";
        assert!(are_quiet(all_day, "2026-11-16T08:00:00Z"));
        assert!(are_quiet(all_day, "2026-11-17T07:59:00Z"));
        assert!(!are_quiet(all_day, "2026-11-17T08:00:00Z"));
    }

    #[test]
    fn an_invalid_value_is_ignored_and_an_unknown_time_zone_is_replaced_by_the_local_one() {
        for stored in ["off", "", "1111111 0 1440 UTC", "11 0 60 UTC", "1111111 a b UTC"] {
            assert_eq!(QuietHours::parse(stored, &TimeZone::UTC), None, "{stored:?}");
        }
        assert!(are_quiet("1111111 0 60 Nowhere/Atall", "2026-11-16T00:30:00Z"));
        let always = QuietHours::parse("1111111 0 0 UTC", &TimeZone::UTC).unwrap();
        assert!(!always.contain(Millis(i64::MAX)));
    }
}
