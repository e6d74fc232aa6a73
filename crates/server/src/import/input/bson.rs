//! Converts documents of MongoDB's dumps to JSON. Dates become milliseconds in `{"$date": …}`, ids become strings.

use serde_json::{Map, Number, Value, json};
use std::io::{self, Read};
use std::ops::Range;

/// Maximum size of a document in MongoDB.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024 + 16 * 1024;
/// Maximum depth of a document.
const MAX_DEPTH: usize = 64;

/// The type of binary values.
const BINARY: u8 = 0x05;

/// The result of reading a document.
pub enum Document {
    /// A document, and its raw bytes.
    Whole(Value, Vec<u8>),
    /// A damaged document: its raw bytes.
    Broken(Vec<u8>),
    /// The end of the file.
    End,
}

/// Reads the next document.
pub fn next(input: &mut impl Read) -> io::Result<Document> {
    let mut bytes = Vec::new();
    input.by_ref().take(4).read_to_end(&mut bytes)?;
    let Ok(length) = <[u8; 4]>::try_from(bytes.as_slice()) else {
        return Ok(if bytes.is_empty() { Document::End } else { Document::Broken(bytes) });
    };
    let length = usize::try_from(i32::from_le_bytes(length)).unwrap_or(0);
    if !(5..=MAX_DOCUMENT_BYTES).contains(&length) {
        // The start of the next document is unknown, so the rest of the file is reported as one damaged
        // document.
        input.by_ref().take(1024 * 1024).read_to_end(&mut bytes)?;
        return Ok(Document::Broken(bytes));
    }
    input.by_ref().take(length as u64 - 4).read_to_end(&mut bytes)?;
    let value = (bytes.len() == length).then(|| document(&bytes, 0)).flatten();
    Ok(match value {
        Some((fields, _)) => Document::Whole(Value::Object(fields.into_iter().collect()), bytes),
        None => Document::Broken(bytes),
    })
}

/// Returns where the bytes of a binary field of a document are.
pub fn binary_range(bytes: &[u8], field: &str) -> Option<Range<usize>> {
    let length = usize::try_from(int32(bytes)?).ok()?;
    let mut at = 4;
    while at + 1 < length {
        let kind = *bytes.get(at)?;
        let (name, name_length) = cstring(bytes.get(at + 1..length)?)?;
        at += 1 + name_length;
        let rest = bytes.get(at..length - 1)?;
        if kind == BINARY && name == field {
            // After the length and the subtype.
            let start = at + 5;
            let end = start.checked_add(usize::try_from(int32(rest)?).ok()?)?;
            return (end < length).then_some(start..end);
        }
        at += value(kind, rest, 0)?.1;
    }
    None
}

/// Returns the fields of a document, and its length.
fn document(bytes: &[u8], depth: usize) -> Option<(Vec<(String, Value)>, usize)> {
    let length = usize::try_from(int32(bytes)?).ok()?;
    if depth > MAX_DEPTH || length < 5 || length > bytes.len() || bytes[length - 1] != 0 {
        return None;
    }
    let mut fields = Vec::new();
    let mut at = 4;
    while at < length - 1 {
        let kind = bytes[at];
        let (name, name_length) = cstring(&bytes[at + 1..length])?;
        at += 1 + name_length;
        let (value, value_length) = value(kind, bytes.get(at..length - 1)?, depth)?;
        at += value_length;
        fields.push((name, value));
    }
    (at == length - 1).then_some((fields, length))
}

fn value(kind: u8, bytes: &[u8], depth: usize) -> Option<(Value, usize)> {
    let int64 = || Some(i64::from_le_bytes(bytes.get(..8)?.try_into().ok()?));
    Some(match kind {
        0x01 => {
            let number = f64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
            (Number::from_f64(number).map_or(Value::Null, Value::Number), 8)
        }
        0x02 | 0x0d | 0x0e => {
            let (text, length) = string(bytes)?;
            (Value::String(text), length)
        }
        0x03 => {
            let (fields, length) = document(bytes, depth + 1)?;
            (Value::Object(fields.into_iter().collect::<Map<_, _>>()), length)
        }
        0x04 => {
            let (fields, length) = document(bytes, depth + 1)?;
            (Value::Array(fields.into_iter().map(|(_, value)| value).collect()), length)
        }
        BINARY => {
            let length = usize::try_from(int32(bytes)?).ok()?;
            (json!({"$binary": bytes.get(5..5 + length)?.len()}), 5 + length)
        }
        0x06 | 0x0a | 0x7f | 0xff => (Value::Null, 0),
        0x07 => (Value::String(data_encoding::HEXLOWER.encode(bytes.get(..12)?)), 12),
        0x08 => (Value::Bool(*bytes.first()? != 0), 1),
        0x09 => (json!({"$date": int64()?}), 8),
        0x0b => {
            let (pattern, first) = cstring(bytes)?;
            let (_, second) = cstring(bytes.get(first..)?)?;
            (Value::String(pattern), first + second)
        }
        0x0c => {
            let (_, length) = string(bytes)?;
            bytes.get(length..length + 12)?;
            (Value::Null, length + 12)
        }
        0x0f => {
            let length = usize::try_from(int32(bytes)?).ok()?;
            bytes.get(..length)?;
            (Value::Null, length.max(4))
        }
        0x10 => (Value::from(int32(bytes)?), 4),
        0x11 | 0x12 => (Value::from(int64()?), 8),
        0x13 => {
            bytes.get(..16)?;
            (Value::Null, 16)
        }
        _ => return None,
    })
}

fn int32(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))
}

fn cstring(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((String::from_utf8_lossy(&bytes[..end]).into_owned(), end + 1))
}

fn string(bytes: &[u8]) -> Option<(String, usize)> {
    let length = usize::try_from(int32(bytes)?).ok()?.checked_add(4)?;
    let text = bytes.get(4..length)?.strip_suffix(&[0])?;
    Some((String::from_utf8_lossy(text).into_owned(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_values_are_found() {
        let mut bytes = vec![0, 0, 0, 0];
        bytes.extend(b"\x10n\0\x07\0\0\0\x05data\0\x03\0\0\0\0xyz\x0ae\0\0");
        let length = i32::try_from(bytes.len()).unwrap();
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        let range = binary_range(&bytes, "data").unwrap();
        assert_eq!(&bytes[range], b"xyz");
        assert_eq!(binary_range(&bytes, "n"), None);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] = 0x7f;
            let range = binary_range(&damaged, "data");
            assert!(range.is_none_or(|range| damaged.get(range).is_some()));
            let _ = binary_range(&bytes[..at], "data");
        }
    }

    #[test]
    fn documents_are_read_and_damaged_ones_are_reported() {
        let mut bytes = vec![0, 0, 0, 0];
        bytes.extend(b"\x02a\0\x02\0\0\0x\0\x10b\0\x05\0\0\0\x09c\0\x01\0\0\0\0\0\0\0\x04d\0\x0c\0\0\0\x100\0\x07\0\0\0\0\x0ae\0\0");
        let length = i32::try_from(bytes.len()).unwrap();
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        let Ok(Document::Whole(value, _)) = next(&mut &*bytes) else { panic!() };
        assert_eq!(value, json!({"a": "x", "b": 5, "c": {"$date": 1}, "d": [7], "e": null}));
        bytes[4] = 0x55;
        assert!(matches!(next(&mut &*bytes), Ok(Document::Broken(_))));
        assert!(matches!(next(&mut &b""[..]), Ok(Document::End)));
        assert!(
            matches!(next(&mut &b"\xff\xff\xff\xffrest"[..]), Ok(Document::Broken(raw)) if raw.len() == 8)
        );
    }
}
