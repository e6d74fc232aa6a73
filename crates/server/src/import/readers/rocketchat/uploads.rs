//! The contents of uploaded files: chunks of GridFS in a dump, or files that are named after the uploads' ids.

use super::documents::id;
use crate::import::input::bson::{self, Document};
use crate::import::input::json::Fields;
use crate::import::input::{Entry, Files, Wanted};
use crate::import::records::{AttachedFile, FileContent, Location, Sink, StopReason};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::io::BufReader;
use std::sync::Arc;

/// The collections of GridFS with the chunks of uploads, and with their sizes.
const CHUNKS: &str = "rocketchat_uploads.chunks.bson";
const SIZES: &str = "rocketchat_uploads.files.bson";

/// A part of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Chunk {
    number: i64,
    offset: u64,
    bytes: u64,
}

/// The uploads of a dump.
pub struct Uploads<'a> {
    files: &'a Files,
    /// The bytes of the complete uploads, and their numbers.
    complete: HashMap<String, (Location, u64)>,
    unused: HashSet<String>,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its name.
    pub name: String,
    /// The id of its upload.
    pub id: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<u64>,
}

/// Returns whether a file is read by [`Uploads::read`].
pub fn is_of_uploads(entry: &Entry) -> bool {
    [CHUNKS, SIZES].contains(&entry.file_name())
}

impl<'a> Uploads<'a> {
    /// Finds the chunks of all uploads, without keeping their bytes.
    pub fn read(files: &'a Files, sink: &mut Sink<'_>) -> Result<Self, StopReason> {
        let mut uploads = Self { files, complete: HashMap::new(), unused: HashSet::new() };
        let mut sizes = HashMap::new();
        if let Some(entry) = files.named(SIZES) {
            for_each(entry, sink, &mut |document, _, _| {
                let size = document.int("length").and_then(|size| u64::try_from(size).ok());
                sizes.extend(id(document.get("_id")).zip(size));
            })?;
        }
        if let Some(entry) = files.named(CHUNKS) {
            let mut chunks: HashMap<String, Vec<Chunk>> = HashMap::new();
            for_each(entry, sink, &mut |document, raw, offset| {
                let upload = id(document.get("files_id"));
                let number = document.int("n");
                let range = bson::binary_range(raw, "data");
                if let (Some(upload), Some(number), Some(range)) = (upload, number, range) {
                    let (offset, bytes) = (offset + range.start as u64, range.len() as u64);
                    let chunk = Chunk { number, offset, bytes };
                    chunks.entry(upload).or_default().push(chunk);
                }
            })?;
            for (upload, chunks) in chunks {
                let bytes = chunks.iter().map(|chunk| chunk.bytes).sum();
                if let Some(ranges) = joined(chunks)
                    && sizes.get(&upload).is_none_or(|size| *size == bytes)
                {
                    let location = Location::Ranges(Box::new(entry.location.clone()), ranges);
                    uploads.complete.insert(upload.clone(), (location, bytes));
                }
                uploads.unused.insert(upload);
            }
        }
        Ok(uploads)
    }

    /// Returns an attached file.
    pub fn attached(&mut self, file: ListedFile) -> AttachedFile {
        let ListedFile { name, id, bytes } = file;
        if let Some(content) = id.as_deref().and_then(|id| self.content(&name, id, bytes)) {
            return AttachedFile { name, content };
        }
        self.files.attached(&Wanted { name, paths: Vec::new(), id, bytes })
    }

    /// Returns the content of an upload, if all its chunks are there.
    fn content(&mut self, name: &str, id: &str, stated_bytes: Option<u64>) -> Option<FileContent> {
        let (location, bytes) = self.complete.get(id)?;
        self.unused.remove(id);
        Some(self.files.content(name, location, *bytes, stated_bytes))
    }

    /// Reports the uploads to which no message refers.
    pub fn report_unused(&self, sink: &mut Sink<'_>) -> Result<(), StopReason> {
        match self.unused.len() as u64 {
            0 => Ok(()),
            count => {
                let reason =
                    "an uploaded file that is incomplete or to which no message refers, left out";
                sink.warn_many(reason, CHUNKS, count)
            }
        }
    }
}

/// Returns the ranges of the chunks of an upload in their order; `None` if a chunk is missing or is there twice.
fn joined(mut chunks: Vec<Chunk>) -> Option<Arc<[(u64, u64)]>> {
    chunks.sort_unstable();
    let is_whole = (0..).zip(&chunks).all(|(number, chunk)| chunk.number == number);
    is_whole.then(|| chunks.iter().map(|chunk| (chunk.offset, chunk.bytes)).collect())
}

/// Calls `on_document` for every document of a file, with its raw bytes and its offset in the file. Damaged documents
/// are reported.
fn for_each(
    entry: &Entry,
    sink: &mut Sink<'_>,
    on_document: &mut dyn FnMut(&Value, &[u8], u64),
) -> Result<(), StopReason> {
    let mut input = BufReader::new(entry.open()?);
    let mut offset = 0;
    loop {
        match bson::next(&mut input).map_err(|source| entry.failed(source))? {
            Document::Whole(document, raw) => {
                on_document(&document, &raw, offset);
                offset += raw.len() as u64;
                sink.read(raw.len() as u64)?;
            }
            Document::Broken(raw) => {
                sink.broken(format!("{}@{offset}", entry.name), "not BSON", &raw)?;
                offset += raw.len() as u64;
            }
            Document::End => return Ok(()),
        }
    }
}

/// Returns the files of a message.
pub fn listed_files(item: &Value) -> Vec<ListedFile> {
    let listed = |file: &Value| {
        let name = file.text("name")?.to_owned();
        let bytes = file.int("size").and_then(|size| u64::try_from(size).ok());
        Some(ListedFile { name, id: id(file.get("_id")), bytes })
    };
    let files = item.list("files").iter().filter_map(listed);
    let files: Vec<ListedFile> = files.filter(|file| !file.name.starts_with("thumb-")).collect();
    if !files.is_empty() {
        return files;
    }
    if let Some(file) = item.get("file").and_then(listed) {
        return vec![file];
    }
    item.list("attachments").iter().filter_map(uploaded).collect()
}

/// Returns the file to which an attachment of a message links.
fn uploaded(attachment: &Value) -> Option<ListedFile> {
    let keys = ["title_link", "image_url", "video_url", "audio_url"];
    let (_, path) =
        keys.iter().find_map(|key| attachment.text(key)?.split_once("/file-upload/"))?;
    let id = path.split('/').next().filter(|id| !id.is_empty()).map(str::to_owned);
    let name = attachment.text("title").unwrap_or("?").to_owned();
    Some(ListedFile { name, id, bytes: None })
}
