//! Times.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Milliseconds since the Unix epoch, UTC. One that is parsed is within [`Millis::MIN`] and [`Millis::MAX`], whoever
/// sent it: a number outside is read as the nearer of them. So every time can be shown as a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Millis(#[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))] pub i64);

impl Millis {
    /// The latest time that a date in the window can be: 100,000,000 days after the epoch (ECMA-262).
    pub const MAX: Self = Self(8_640_000_000_000_000);
    /// The earliest one, as long before the epoch.
    pub const MIN: Self = Self(-Self::MAX.0);
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|ms| Self(ms.clamp(Self::MIN.0, Self::MAX.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageId, MessageRow, PersonStatus, UserId};
    use serde_json::{Value, json};
    use uuid::Uuid;

    #[test]
    fn a_time_that_no_date_can_be_is_read_as_the_nearest_one() {
        let read = |json: Value| serde_json::from_value::<Millis>(json).ok();
        for time in [Millis::MIN.0, -1, 0, 1_700_000_000_000, Millis::MAX.0] {
            assert_eq!(read(json!(time)), Some(Millis(time)));
            assert_eq!(serde_json::to_value(Millis(time)).unwrap(), json!(time));
        }
        for time in [Millis::MAX.0 + 1, i64::MAX] {
            assert_eq!(read(json!(time)), Some(Millis::MAX), "{time}");
            assert_eq!(read(json!(-time)), Some(Millis::MIN), "{time}");
        }
        assert_eq!(read(json!(i64::MIN)), Some(Millis::MIN));
        for other in [json!(u64::MAX), json!(1.5), json!("1"), json!(null)] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }
    #[test]
    fn the_times_of_a_servers_rows_are_bounded() {
        let (id, sender) = (MessageId(Uuid::nil()), UserId(Uuid::nil()));
        let row = MessageRow {
            deleted_at: Some(Millis(i64::MIN)),
            ..MessageRow::new(id, sender, "x", Millis(i64::MAX))
        };
        let json = serde_json::to_string(&row).unwrap();
        let read: MessageRow = serde_json::from_str(&json).unwrap();
        assert_eq!((read.sent_at, read.deleted_at), (Millis::MAX, Some(Millis::MIN)));
        let status: PersonStatus =
            serde_json::from_value(json!({"emoji": "👍", "until": i64::MAX})).unwrap();
        assert_eq!(status.until, Some(Millis::MAX));
    }
}
