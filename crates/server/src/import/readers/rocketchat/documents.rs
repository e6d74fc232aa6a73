//! Reads the documents of a dump.

use super::super::time::{iso, millis};
use crate::import::input::Entry;
use crate::import::input::bson::{self, Document};
use crate::import::input::json::{Step, read_values};
use crate::import::records::{Sink, StopReason};
use parlour_protocol::Millis;
use serde_json::Value;
use std::io::BufReader;

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    User,
    Room,
    Message,
    /// Pictures of people and custom emoji, which are reported as left out.
    Unsupported,
    /// Internal state of the server, which is ignored.
    Internal,
}

/// Returns the kind of the documents in a file, by its name.
pub fn kind_of_file(entry: &Entry) -> Option<DocumentKind> {
    let stem = entry.file_name().split(".json").next().unwrap_or_default();
    let stem = stem.trim_end_matches(".bson").trim_end_matches(".jsonl");
    Some(match stem.trim_start_matches("rocketchat_") {
        "users" => DocumentKind::User,
        "room" | "rooms" => DocumentKind::Room,
        "message" | "messages" => DocumentKind::Message,
        name if name.starts_with("uploads") => DocumentKind::Internal,
        name if ["avatars", "custom_emoji"].iter().any(|start| name.starts_with(start)) => {
            DocumentKind::Unsupported
        }
        _ if stem.starts_with("rocketchat_")
            || ["instances", "migrations", "permissions"].contains(&stem) =>
        {
            DocumentKind::Internal
        }
        _ => return None,
    })
}

pub type OnDocument<'a> = &'a mut dyn FnMut(
    &mut Sink<'_>,
    Option<DocumentKind>,
    &Value,
    String,
    &[u8],
) -> Result<(), StopReason>;

/// Calls `on_document` for every document in a file.
pub fn documents(
    entry: &Entry,
    sink: &mut Sink<'_>,
    is_counted: bool,
    on_document: OnDocument<'_>,
) -> Result<(), StopReason> {
    let kind_of_file = kind_of_file(entry);
    if entry.extension() == "bson" {
        let mut input = BufReader::new(entry.open()?);
        let mut number = 0;
        loop {
            number += 1;
            let location = format!("{}:{number}", entry.name);
            match bson::next(&mut input).map_err(|source| entry.failed(source))? {
                Document::Whole(value, raw) => {
                    if is_counted {
                        sink.read(raw.len() as u64)?;
                    }
                    on_document(
                        sink,
                        kind_of_file.or(Some(DocumentKind::Internal)),
                        &value,
                        location,
                        &raw,
                    )?;
                }
                Document::Broken(raw) if is_counted => sink.broken(location, "not BSON", &raw)?,
                Document::Broken(_) => {}
                Document::End => return Ok(()),
            }
        }
    }
    let lists = ["/messages", "/channels", "/groups", "/ims", "/users", "/rooms", "/update"];
    // Both a list of documents and one document per line are accepted.
    let is_list = entry.beginning(64)?.trim_ascii_start().starts_with(b"[");
    let mut step = |path: &str| match path {
        "" if kind_of_file.is_none() || is_list => Step::Enter,
        path if lists.contains(&path) => Step::Enter,
        _ => Step::Return,
    };
    read_values(entry, sink, is_counted, &mut step, &mut |sink, path, value, raw| {
        let kind = match path {
            "" | "/*" => kind_of_file,
            "/messages/*" => Some(DocumentKind::Message),
            "/channels/*" | "/groups/*" | "/ims/*" | "/rooms/*" | "/update/*" => {
                Some(DocumentKind::Room)
            }
            "/users/*" => Some(DocumentKind::User),
            "/success" | "/count" | "/offset" | "/total" | "/status" | "/data"
            | "/unreadNotLoaded" => Some(DocumentKind::Internal),
            _ => None,
        };
        on_document(sink, kind, &value, raw.location(), raw.bytes)
    })
}

/// Returns an id as a string, in any of its forms.
pub fn id(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        Value::Object(id) => id.get("$oid")?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Returns a date, in any of its forms.
pub fn date(value: Option<&Value>) -> Option<Millis> {
    match value? {
        Value::String(text) => iso(text),
        Value::Number(number) => millis(number.as_i64()?),
        Value::Object(date) => match date.get("$date").or_else(|| date.get("$numberLong"))? {
            Value::Object(long) => millis(long.get("$numberLong")?.as_str()?.parse().ok()?),
            Value::String(text) => iso(text).or_else(|| millis(text.parse().ok()?)),
            value => millis(value.as_i64()?),
        },
        _ => None,
    }
}
