//! A file of an export.

use super::super::records::{Location, StopReason};
use std::io::Read;

/// Extensions of files that are attached to messages, and never parts of an export.
const MEDIA: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "heic", "mp4", "mov", "m4v", "webm", "mp3", "m4a", "ogg",
    "opus", "wav", "pdf", "tgs", "aac", "avi", "mkv", "psd", "zip", "gz", "exe", "dmg",
];

/// A file of an export.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its path relative to the export, with slashes.
    pub name: String,
    /// Its location.
    pub location: Location,
    /// Its length in bytes.
    pub bytes: u64,
}

impl Entry {
    /// Returns the last part of its path.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the path of its folder relative to the export; empty for the top folder.
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns the number of folders in which it is.
    pub fn depth(&self) -> usize {
        self.name.matches('/').count()
    }

    /// Returns whether it is in a folder for which this holds, or in a folder below that.
    pub fn is_below(&self, is_folder: impl Fn(&str) -> bool) -> bool {
        self.folder().split('/').any(is_folder)
    }

    /// Returns a path relative to its folder as one relative to the export.
    pub fn beside(&self, path: &str) -> String {
        match self.folder() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        }
    }

    /// Returns the extension of its name, in lower case.
    pub fn extension(&self) -> String {
        let extension = self.file_name().rsplit_once('.').map(|(_, extension)| extension);
        extension.unwrap_or_default().to_lowercase()
    }

    /// Returns whether, according to its name, it can only be an attached file.
    pub fn is_media(&self) -> bool {
        MEDIA.contains(&self.extension().as_str())
    }

    /// Opens it.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, StopReason> {
        self.location.open().map_err(|source| self.failed(source))
    }

    /// Reads all of it, unless it is larger than `max_bytes` bytes.
    pub fn read_up_to(&self, max_bytes: u64) -> Result<Option<Vec<u8>>, StopReason> {
        let mut bytes = Vec::new();
        let mut file = self.open()?.take(max_bytes + 1);
        file.read_to_end(&mut bytes).map_err(|source| self.failed(source))?;
        Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
    }

    /// Reads its first bytes.
    pub fn beginning(&self, bytes: u64) -> Result<Vec<u8>, StopReason> {
        let mut read = Vec::new();
        let mut file = self.open()?.take(bytes);
        file.read_to_end(&mut read).map_err(|source| self.failed(source))?;
        Ok(read)
    }

    /// Returns the error that it could not be read.
    pub fn failed(&self, source: std::io::Error) -> StopReason {
        StopReason::Read { path: self.name.clone().into(), source }
    }
}
