//! Reads the values of a JSON file one at a time.

use super::super::records::{Sink, StopReason};
use super::entry::Entry;
pub use super::parse::parse;
use super::walk;
pub use super::walk::{Element, Step};
use serde_json::Value;
use std::io;

/// A callback for a value: its path, its content, and its location in the file.
pub type OnValue<'a> =
    &'a mut dyn FnMut(&mut Sink<'_>, &str, Value, Raw<'_>) -> Result<(), StopReason>;

/// Returns the fields of a file, which is an object, other than its messages.
pub fn without_messages(entry: &Entry, sink: &mut Sink<'_>) -> Result<Value, StopReason> {
    let mut header = Value::Object(serde_json::Map::new());
    let mut step = |path: &str| match path {
        "" => Step::Enter,
        "/messages" => Step::Skip,
        _ => Step::Return,
    };
    read_values(entry, sink, false, &mut step, &mut |_, path, value, _| {
        header[path.trim_start_matches('/')] = value;
        Ok(())
    })?;
    Ok(header)
}

/// Reads the values of a file one at a time: `step` decides what happens with the value at a path, and `on_value`
/// gets each requested value. With `is_counted`, damaged parts are reported, and the bytes as read: a pass before the
/// one that reads everything is not counted.
pub fn read_values(
    entry: &Entry,
    sink: &mut Sink<'_>,
    is_counted: bool,
    step: &mut dyn FnMut(&str) -> Step,
    on_value: OnValue<'_>,
) -> Result<(), StopReason> {
    let mut reported = 0;
    let mut emit = |path: &str, element: Element<'_>, offset: u64| {
        if is_counted && offset > reported {
            sink.read(offset - reported)?;
            reported = offset;
        }
        let location = || format!("{}:{path}@{offset}", entry.name);
        match element {
            Element::Value(raw) => match parse(raw) {
                Some(value) => {
                    on_value(sink, path, value, Raw { entry, path, offset, bytes: raw })?
                }
                None if is_counted => sink.broken(location(), "not JSON", raw)?,
                None => {}
            },
            Element::Broken(raw) if is_counted => sink.broken(location(), "not JSON", raw)?,
            Element::Broken(_) => {}
        }
        Ok(())
    };
    let read = walk::walk(entry.open()?, step, &mut emit);
    read.map_err(|stop: Failed| match stop {
        Failed::StopReason(stop) => stop,
        Failed::Read(source) => entry.failed(source),
    })
}

/// The reason why reading stopped.
enum Failed {
    StopReason(StopReason),
    Read(io::Error),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<StopReason> for Failed {
    fn from(stop: StopReason) -> Self {
        Self::StopReason(stop)
    }
}

/// A value in a file, as it is written.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    entry: &'a Entry,
    path: &'a str,
    offset: u64,
    /// Its raw bytes.
    pub bytes: &'a [u8],
}

impl Raw<'_> {
    /// Returns its location, for reports.
    pub fn location(&self) -> String {
        format!("{}:{}@{}", self.entry.name, self.path, self.offset)
    }

    /// Returns a path relative to the folder of its file as one relative to the export.
    pub fn beside(&self, path: &str) -> String {
        self.entry.beside(path)
    }

    /// Reports that it could not be parsed.
    pub fn broken(&self, sink: &mut Sink<'_>, reason: &str) -> Result<(), StopReason> {
        sink.broken(self.location(), reason, self.bytes)
    }
}

/// Access to the fields of a value that have the expected type.
pub trait Fields {
    /// Returns a string that is not empty.
    fn text(&self, key: &str) -> Option<&str>;
    /// Returns a string or a number, as a string.
    fn key(&self, key: &str) -> Option<String>;
    /// Returns an integer, even if it is written as a string.
    fn int(&self, key: &str) -> Option<i64>;
    /// Returns whether the field is `true`.
    fn is(&self, key: &str) -> bool;
    /// Returns a list; empty if there is none.
    fn list(&self, key: &str) -> &[Value];
}

impl Fields for Value {
    fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    fn key(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn int(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::String(text) => text.trim().parse().ok(),
            number => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        }
    }

    fn is(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&self, key: &str) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}
