//! Times as they are shown.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parlour_protocol::Millis;

/// Shows times in a time zone, in a notation that is the same in all languages.
pub(crate) struct Clock {
    zone: TimeZone,
}

/// A time as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The day, such as `2024-05-17`.
    pub day: String,
    /// The time of the day, such as `14:02`.
    pub time: String,
    /// The time for programs, such as `2024-05-17T12:02:00Z`; empty if no calendar has it.
    pub utc: String,
}

impl Clock {
    pub fn new(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// Returns a time as it is shown: a number if no calendar has it.
    pub fn moment(&self, at: Millis) -> Moment {
        let Ok(timestamp) = Timestamp::from_millisecond(at.0) else {
            return Moment { day: at.to_string(), time: String::new(), utc: String::new() };
        };
        let local = timestamp.to_zoned_datetime(self.zone.clone());
        Moment {
            day: local.strftime("%Y-%m-%d").to_string(),
            time: local.strftime("%H:%M").to_string(),
            utc: timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_its_zone_and_an_impossible_one_as_a_number() {
        let clock = Clock::new(TimeZone::fixed(jiff::tz::offset(2)));
        let moment = clock.moment(Millis(1_715_983_200_000));
        let shown = [moment.day.as_str(), &moment.time, &moment.utc];
        assert_eq!(shown, ["2024-05-18", "00:00", "2024-05-17T22:00:00Z"]);
        for impossible in [i64::MIN, i64::MAX] {
            let moment = clock.moment(Millis(impossible));
            assert_eq!((moment.day, moment.utc), (impossible.to_string(), String::new()));
        }
    }
}
