//! Parses JSON of other programs, which may be slightly invalid.

use serde_json::Value;
use std::borrow::Cow;

/// Parses a value, if these bytes are one. Invalid UTF-8, unpaired surrogates and unescaped control characters become
/// U+FFFD.
pub fn parse(raw: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(raw) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(raw);
    serde_json::from_str(&repair(&text)).ok()
}

/// Replaces unpaired surrogates and control characters in strings.
fn repair(text: &str) -> Cow<'_, str> {
    let mut repaired = String::with_capacity(text.len());
    let (mut in_string, mut rest) = (false, text);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '"' => {
                in_string = !in_string;
                repaired.push(c);
            }
            '\\' if in_string => {
                let unit = |text: &str| u32::from_str_radix(text.get(2..6)?, 16).ok();
                let escape = rest.starts_with("\\u").then(|| unit(rest)).flatten();
                length = match escape {
                    Some(0xd800..=0xdbff) => {
                        let low = rest.get(6..).filter(|low| low.starts_with("\\u")).and_then(unit);
                        if matches!(low, Some(0xdc00..=0xdfff)) { 12 } else { 0 }
                    }
                    Some(0xdc00..=0xdfff) => 0,
                    Some(_) => 6,
                    None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
                };
                if length == 0 {
                    repaired.push_str("\\ufffd");
                    length = 6;
                } else {
                    repaired.push_str(&rest[..length]);
                }
            }
            '\t' if in_string => repaired.push_str("\\t"),
            '\n' if in_string => repaired.push_str("\\n"),
            c if in_string && u32::from(c) < 0x20 => repaired.push('\u{fffd}'),
            c => repaired.push(c),
        }
        rest = &rest[length..];
    }
    repaired.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpaired_surrogates_and_invalid_utf8_are_replaced() {
        let half = parse(br#"{"a":"x\ud83dy","b":"\udc00","c":"\ud83d\ude00"}"#).unwrap();
        assert_eq!(half["a"], "x\u{fffd}y");
        assert_eq!((&half["b"], &half["c"]), (&"\u{fffd}".into(), &"😀".into()));
        assert_eq!(parse(b"\"caf\xe9\"").unwrap(), "caf\u{fffd}");
        assert_eq!(parse(b"\"a\nb\"").unwrap(), "a\nb");
        assert_eq!(parse(b"{"), None);
    }
}
