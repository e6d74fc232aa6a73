//! The lengths for which notifications can be paused from the tray menu.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parlour_protocol::Millis;

/// The hour at which a pause until tomorrow ends.
const MORNING: i8 = 8;

/// For how long notifications are paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// For 30 minutes.
    HalfHour,
    /// For two hours.
    TwoHours,
    /// Until tomorrow at eight in the local time zone.
    Tomorrow,
}

impl Pause {
    /// Returns the end of a pause that begins at `now`, in the time zone `zone`.
    pub(crate) fn end(self, now: Millis, zone: TimeZone) -> Millis {
        const MINUTE: i64 = 60_000;
        let next_morning = || {
            let now = Timestamp::from_millisecond(now.0).ok()?.to_zoned_datetime(zone.clone());
            let morning = now.date().tomorrow().ok()?.at(MORNING, 0, 0, 0);
            Some(zone.to_timestamp(morning).ok()?.as_millisecond())
        };
        Millis(match self {
            Self::HalfHour => now.0 + 30 * MINUTE,
            Self::TwoHours => now.0 + 120 * MINUTE,
            Self::Tomorrow => next_morning().unwrap_or(now.0 + 12 * 60 * MINUTE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_until_tomorrow_ends_at_eight_in_the_local_time_zone() {
        let zone = TimeZone::get("Europe/Vienna").unwrap();
        let at = |text: &str| Millis(text.parse::<Timestamp>().unwrap().as_millisecond());
        for (pause, now, end) in [
            (Pause::HalfHour, "2026-11-30T10:00:00Z", "2026-11-30T10:30:00Z"),
            (Pause::TwoHours, "2026-11-30T10:00:00Z", "2026-11-30T12:00:00Z"),
            (Pause::Tomorrow, "2026-11-30T10:00:00Z", "2026-12-01T07:00:00Z"),
            // In the night, tomorrow is the next day.
            (Pause::Tomorrow, "2026-11-30T23:30:00Z", "2026-12-02T07:00:00Z"),
            // Across the changes from and to daylight saving time.
            (Pause::Tomorrow, "2026-03-28T12:00:00Z", "2026-03-29T06:00:00Z"),
            (Pause::Tomorrow, "2026-10-24T12:00:00Z", "2026-10-25T07:00:00Z"),
        ] {
            assert_eq!(pause.end(at(now), zone.clone()), at(end), "{pause:?} {now}");
        }
    }
}
