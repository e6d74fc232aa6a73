//! The ranges of numbers in settings.

use super::error::SettingsError;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The range of each setting that is a number. If a setting accepts 0, that means no limit, or none at all.
const RANGES: [(&str, RangeInclusive<u64>); 15] = [
    ("session_idle_days", 1..=36_500),
    ("session_max_days", 1..=36_500),
    ("requests_per_second", 0..=1_000_000),
    ("mib_per_day", 0..=1_000_000_000),
    ("max_file_mib", 0..=4096),
    ("file_mib_per_account", 0..=1_000_000_000),
    ("file_mib_in_all", 0..=1_000_000_000),
    ("max_connections", 1..=1_000_000),
    ("max_connections_per_network", 0..=1_000_000),
    ("max_sockets_per_session", 0..=1_000_000),
    ("max_sockets_per_account", 0..=1_000_000),
    ("backup_every_hours", 0..=8_760),
    ("backup_keep_days", 0..=36_500),
    ("backup_keep_weeks", 0..=5_200),
    ("trust_proxy", 0..=16),
];

/// Returns the key as a constant, and its range, if it is a number's.
fn range(key: &str) -> Option<(&'static str, RangeInclusive<u64>)> {
    RANGES.into_iter().find(|(known, _)| *known == key)
}

/// Returns the error for a value of this key that is out of range; `None` if it is valid.
pub(super) fn range_error(key: &str, value: Option<i128>) -> Option<String> {
    let (_, range) = range(key)?;
    let is_in_range =
        value.and_then(|value| u64::try_from(value).ok()).is_some_and(|n| range.contains(&n));
    (!is_in_range).then(|| format!("use a whole number from {} to {}", range.start(), range.end()))
}

/// Refuses a number outside its range.
pub(super) fn check(values: &Map<String, Value>) -> Result<(), SettingsError> {
    for (key, value) in values {
        let Some((key, _)) = range(key) else { continue };
        if let Some(reason) = range_error(key, value.as_u64().map(i128::from)) {
            return Err(SettingsError::value(key, reason));
        }
    }
    Ok(())
}

/// Returns the parser of a number on the command line or in the environment.
pub(super) fn number<T: TryFrom<u64> + 'static>(
    key: &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let value = text.trim().parse::<i128>().ok();
        if let Some(reason) = range_error(key, value) {
            return Err(reason);
        }
        let number = value.and_then(|value| u64::try_from(value).ok());
        let number = number.and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| "use a smaller number".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::settings::values::keys;
    use std::path::Path;

    fn in_file(key: &str, value: &str) -> Result<(), SettingsError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("parlour.toml"), format!("{key} = {value}\n")).unwrap();
        Settings::in_folder(dir.path()).map(drop)
    }

    #[test]
    fn every_number_has_a_range_that_the_error_for_another_value_contains() {
        let is_number = |key: &String| toml::from_str::<Settings>(&format!("{key} = 1")).is_ok();
        let numbers: Vec<String> = keys().into_iter().filter(is_number).collect();
        assert_eq!(numbers.len(), RANGES.len());
        for key in numbers {
            let (_, range) = range(&key).unwrap_or_else(|| panic!("{key} has no range"));
            let expected = format!("from {} to {}", range.start(), range.end());
            let above = i128::from(*range.end()) + 1;
            let below = i128::from(*range.start()) - 1;
            for value in [below.to_string(), above.to_string(), "99999999999999999999".into()] {
                let error = in_file(&key, &value).expect_err(&key).to_string();
                assert!(error.contains(&expected) && error.contains("line 1"), "{error}");
                let error = number::<u64>(range_key(&key))(&value).unwrap_err();
                assert!(error.contains(&expected), "{error}");
            }
            for value in ["\"1\"", "1.5", "true", "[1]"] {
                let error = in_file(&key, value).expect_err(&key).to_string();
                assert!(error.contains(&expected), "{error}");
            }
            for value in [range.start(), range.end()] {
                in_file(&key, &value.to_string()).unwrap();
                assert_eq!(number::<u64>(range_key(&key))(&value.to_string()), Ok(*value));
            }
        }
    }

    fn range_key(key: &str) -> &'static str {
        range(key).unwrap().0
    }

    #[test]
    fn a_number_out_of_range_is_refused_from_every_source() {
        let none = Settings { max_connections: Some(0), ..Settings::default() };
        let error = none.config(Some(Path::new("x"))).unwrap_err().to_string();
        assert!(error.contains("max_connections: use a whole number from 1 to"), "{error}");
        assert!(Settings::defaults().config(Some(Path::new("x"))).is_ok());
    }
}
