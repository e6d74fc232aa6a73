//! The exports of Parlour's app and server: lines of JSON, as docs/export.md describes them, in one file for each
//! conversation.
//!
//! Several exports can be read at once, also of different members of the same conversation. What precedes the messages
//! is read first, that of the newest export before the others, so that titles and members are its; then all files,
//! the oldest first, so that a text comes before the one that replaced it.

mod header;
mod ids;
mod lines;
mod message;
mod people;
mod section;

pub use header::looks_like_export;

use self::header::Header;
use self::lines::{Part, Reader};
use super::super::input::{Entry, Files};
use super::super::options::Options;
use super::super::records::{Sink, StopReason};
use std::collections::HashSet;

/// The name of a file of messages.
const NAME: &str = "messages.jsonl";
/// The folder, next to such a file, of attached files.
const FILES: &str = "files";

/// Reads one or several exports.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let folders: HashSet<&str> = files
        .entries
        .iter()
        .filter(|entry| entry.file_name() == NAME)
        .map(|entry| entry.folder())
        .collect();
    let mut found: Vec<(&Entry, Option<Header>)> = Vec::new();
    for entry in files.entries.iter().filter(|entry| may_be_part(entry, files, &folders)) {
        let header = Header::of_file(entry)?;
        if header.is_some() || entry.file_name() == NAME || files.entries.len() == 1 {
            found.push((entry, header));
        }
    }
    let names: HashSet<&str> = found.iter().map(|(entry, _)| entry.name.as_str()).collect();
    files.set_read(|entry| names.contains(entry.name.as_str()) || is_page(entry, &folders));
    let mut parts = parts(found, !options.source.is_empty())?;
    parts.sort_by_key(|part| part.header.as_ref().map(|header| header.exported_at));
    let mut reader = Reader::new(files, !options.source.is_empty());
    for part in parts.iter().rev() {
        reader.read_beginning(part, sink)?;
    }
    for part in &parts {
        reader.read_all(part, sink)?;
    }
    files.report_unused(sink)
}

/// Returns the files with their servers. One without a header is of the server of the one before it in the folder.
fn parts(
    found: Vec<(&Entry, Option<Header>)>,
    has_source: bool,
) -> Result<Vec<Part<'_>>, StopReason> {
    if found.is_empty() {
        return Err(StopReason::WrongFormat(format!("there is no {NAME} of an export of Parlour")));
    }
    let mut last = found.iter().find_map(|(_, header)| header.as_ref().map(server));
    if last.is_none() && !has_source {
        return Err(StopReason::WrongFormat(
            "no file begins with the header of an export of Parlour, which names the server; if it was lost, give the \
             server a name with --source"
                .into(),
        ));
    }
    let part = |(entry, header): (_, Option<Header>)| {
        last = header.as_ref().map(server).or(last.take());
        let server = last.clone().filter(|_| !has_source).unwrap_or_default();
        Part { entry, header, server }
    };
    Ok(found.into_iter().map(part).collect())
}

fn server(header: &Header) -> String {
    header.server.clone()
}

/// Returns whether a file may have messages: it has such a name, or is the only one, and nobody attached it.
fn may_be_part(entry: &Entry, files: &Files, folders: &HashSet<&str>) -> bool {
    let has_name = entry.extension() == "jsonl" || files.entries.len() == 1;
    has_name && !is_attached(entry, folders)
}

/// Returns whether a file is a page of the same export.
fn is_page(entry: &Entry, folders: &HashSet<&str>) -> bool {
    entry.extension() == "html" && !is_attached(entry, folders)
}

/// Returns whether a file is in the folder of attached files of a conversation, whatever its name.
fn is_attached(entry: &Entry, folders: &HashSet<&str>) -> bool {
    let folder = entry.folder();
    let parent = match folder.rsplit_once('/') {
        Some((parent, FILES)) => parent,
        None if folder == FILES => "",
        _ => return false,
    };
    folders.contains(parent)
}
