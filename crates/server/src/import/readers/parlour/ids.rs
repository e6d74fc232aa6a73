//! The ids of an export.

use super::super::super::input::json::Fields;
use serde_json::Value;
use uuid::Uuid;

/// Returns the id in a field.
pub fn id(line: &Value, field: &str) -> Option<Uuid> {
    Uuid::try_parse(line.text(field)?).ok()
}

/// Returns the ids in a list. Those that are none are left out.
pub fn ids(line: &Value, field: &str) -> Vec<Uuid> {
    let texts = line.list(field).iter().filter_map(Value::as_str);
    texts.filter_map(|text| Uuid::try_parse(text).ok()).collect()
}
