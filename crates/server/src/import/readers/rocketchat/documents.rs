//! The documents of a dump, of whichever kind.

use super::super::time::{iso, millis};
use crate::import::form::{Sink, Stop};
use crate::import::input::Entry;
use crate::import::input::bson::{self, Document};
use crate::import::input::json::{Step, pieces};
use parlour_protocol::Millis;
use serde_json::Value;
use std::io::BufReader;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    User,
    Room,
    Message,
    /// Pictures and files, and others that are told when they are left out.
    Left,
    /// What nobody misses: the server's own state.
    Own,
}

/// What the documents of a file are, by its name or by where they stand in it.
pub fn of_file(entry: &Entry) -> Option<What> {
    let stem = entry.file_name().split(".json").next().unwrap_or_default();
    let stem = stem.trim_end_matches(".bson").trim_end_matches(".jsonl");
    Some(match stem.trim_start_matches("rocketchat_") {
        "users" => What::User,
        "room" | "rooms" => What::Room,
        "message" | "messages" => What::Message,
        name if ["uploads", "avatars", "custom_emoji"]
            .iter()
            .any(|start| name.starts_with(start)) =>
        {
            What::Left
        }
        _ if stem.starts_with("rocketchat_")
            || ["instances", "migrations", "permissions"].contains(&stem) =>
        {
            What::Own
        }
        _ => return None,
    })
}

pub type Take<'a> =
    &'a mut dyn FnMut(&mut Sink<'_>, Option<What>, &Value, String, &[u8]) -> Result<(), Stop>;

/// Hears of every document in a file.
pub fn documents(
    entry: &Entry,
    sink: &mut Sink<'_>,
    is_counted: bool,
    take: Take<'_>,
) -> Result<(), Stop> {
    let of_file = of_file(entry);
    if entry.ending() == "bson" {
        let mut input = BufReader::new(entry.open()?);
        let mut number = 0;
        loop {
            number += 1;
            let place = format!("{}:{number}", entry.name);
            match bson::next(&mut input).map_err(|source| entry.failed(source))? {
                Document::Whole(value, raw) => {
                    if is_counted {
                        sink.read(raw.len() as u64)?;
                    }
                    take(sink, of_file.or(Some(What::Own)), &value, place, &raw)?;
                }
                Document::Broken(raw) if is_counted => sink.broken(place, "not BSON", &raw)?,
                Document::Broken(_) => {}
                Document::End => return Ok(()),
            }
        }
    }
    let lists = ["/messages", "/channels", "/groups", "/ims", "/users", "/rooms", "/update"];
    // A list of documents is as good as one a line.
    let is_list = entry.beginning(64)?.trim_ascii_start().starts_with(b"[");
    let mut step = |path: &str| match path {
        "" if of_file.is_none() || is_list => Step::Open,
        path if lists.contains(&path) => Step::Open,
        _ => Step::Take,
    };
    pieces(entry, sink, is_counted, &mut step, &mut |sink, path, value, raw| {
        let what = match path {
            "" | "/*" => of_file,
            "/messages/*" => Some(What::Message),
            "/channels/*" | "/groups/*" | "/ims/*" | "/rooms/*" | "/update/*" => Some(What::Room),
            "/users/*" => Some(What::User),
            "/success" | "/count" | "/offset" | "/total" | "/status" | "/data"
            | "/unreadNotLoaded" => Some(What::Own),
            _ => None,
        };
        take(sink, what, &value, raw.place(), raw.bytes)
    })
}

/// An id as text, however it is written.
pub fn id(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        Value::Object(id) => id.get("$oid")?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// A date, however it is written.
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
