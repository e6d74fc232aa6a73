//! Parses the times in exports.

use super::super::records::{Sink, StopReason};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use parlour_protocol::Millis;
use serde_json::Value;

/// The first and the last time that can be stored: the years 1 to 9999.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// Returns a time if it can be stored.
pub fn millis(at: i64) -> Option<Millis> {
    RANGE.contains(&at).then_some(Millis(at))
}

/// Returns the time of ISO 8601 text with an offset.
pub fn iso(text: &str) -> Option<Millis> {
    let at = text.parse::<jiff::Timestamp>().ok()?;
    millis(at.as_millisecond())
}

/// Returns the time of a number of seconds since 1970.
pub fn seconds(at: f64) -> Option<Millis> {
    if !at.is_finite() || at.abs() > 1e12 {
        return None;
    }
    millis((at * 1000.0).round() as i64)
}

/// Returns the time of a decimal number of seconds since 1970, truncated to milliseconds.
pub fn decimal(text: &str) -> Option<Millis> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let part: i64 = digits.parse().ok()?;
    millis(whole.checked_mul(1000)?.checked_add(if whole < 0 { -part } else { part })?)
}

/// Returns the time of a value: a number of seconds, a string of one, or an ISO 8601 string.
pub fn any(value: &Value) -> Option<Millis> {
    match value {
        Value::Number(number) => seconds(number.as_f64()?),
        Value::String(text) => decimal(text).or_else(|| iso(text)),
        _ => None,
    }
}

/// Converts a local time to UTC. In an hour that a clock change repeats, returns the second occurrence if the first
/// would be before `after`.
pub fn local(zone: &TimeZone, at: DateTime, after: Option<Millis>) -> Option<Millis> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    let early = ambiguous.compatible().ok()?.as_millisecond();
    let late = ambiguous.later().ok()?.as_millisecond();
    let is_second = after.is_some_and(|after| early < after.0 && late >= after.0);
    millis(if is_second { late } else { early })
}

/// Remembers the time of the last message, for messages without one.
#[derive(Default)]
pub struct Clock(Option<Millis>);

impl Clock {
    /// Returns the time, or that of the previous message if there is none, which is reported.
    pub fn time_or_previous(
        &mut self,
        at: Option<Millis>,
        sink: &mut Sink<'_>,
        location: impl Fn() -> String,
    ) -> Result<Millis, StopReason> {
        if at.is_none() {
            sink.warn("a message without a valid time, placed after the previous one", location())?;
        }
        let at = at.or(self.0).unwrap_or(Millis(0));
        self.0 = Some(at);
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_parsed_to_the_millisecond() {
        assert_eq!(decimal("1442059830.000123"), Some(Millis(1_442_059_830_000)));
        assert_eq!(decimal("1442059830.987654"), Some(Millis(1_442_059_830_987)));
        assert_eq!(seconds(1_777_387_274.781_904), Some(Millis(1_777_387_274_782)));
        assert_eq!(iso("2026-01-01T12:00:00.1234567+02:00"), Some(Millis(1_767_261_600_123)));
        for bad in ["", "x", "99999999999999999999", "1e9"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn both_occurrences_of_a_repeated_hour_are_found() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at: DateTime = "2025-10-26T02:30".parse().unwrap();
        let first = local(&zone, at, None).unwrap();
        assert_eq!(local(&zone, at, Some(first)).unwrap(), first);
        assert_eq!(local(&zone, at, Some(Millis(first.0 + 1))).unwrap().0 - first.0, 3_600_000);
    }
}
