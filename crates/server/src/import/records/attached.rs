//! The files that are attached to messages.

use super::Location;
use parlour_protocol::{FileHash, FileKind, MessageFile};

/// A file that is attached to a message.
#[derive(Debug, Clone, PartialEq)]
pub struct AttachedFile {
    /// Its name, as the export contains it.
    pub name: String,
    /// Its content, as far as it is known.
    pub content: FileContent,
}

/// The content of an attached file.
#[derive(Debug, Clone, PartialEq)]
pub enum FileContent {
    /// The export does not contain it.
    Missing,
    /// It cannot be imported, for this reason.
    Refused(&'static str),
    /// It was found, and this server accepts it.
    Found(Box<FoundFile>),
    /// It is stored on this server, for the sender of the message.
    Stored(Box<MessageFile>),
}

/// A file whose content was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundFile {
    /// Where its bytes are.
    pub location: Location,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its media type, from its first bytes or its name.
    pub media_type: String,
    /// How it is shown.
    pub kind: FileKind,
    /// The size that the export states, if it differs.
    pub stated_bytes: Option<u64>,
    /// The hash that the export states, if it does.
    pub stated_hash: Option<FileHash>,
}

impl AttachedFile {
    /// Returns a file whose content the export does not contain.
    pub fn missing(name: impl Into<String>) -> Self {
        Self { name: name.into(), content: FileContent::Missing }
    }

    /// Returns why it is not attached: its name becomes a line of the message.
    pub fn reason(&self) -> Option<&'static str> {
        match self.content {
            FileContent::Missing => {
                Some("the content of a file, left out: its name is in the message")
            }
            FileContent::Refused(reason) => Some(reason),
            FileContent::Found(_) | FileContent::Stored(_) => None,
        }
    }

    /// Returns its content, if it is stored on this server.
    pub fn stored(&self) -> Option<&MessageFile> {
        match &self.content {
            FileContent::Stored(file) => Some(file),
            FileContent::Missing | FileContent::Refused(_) | FileContent::Found(_) => None,
        }
    }

    /// Returns its content, if it was found and is not stored yet.
    pub fn found(&self) -> Option<&FoundFile> {
        match &self.content {
            FileContent::Found(found) => Some(found),
            FileContent::Missing | FileContent::Refused(_) | FileContent::Stored(_) => None,
        }
    }
}
