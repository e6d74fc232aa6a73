//! The part of a file from a header on: usually all of it, but files may have been joined.

use super::header::Header;
use uuid::Uuid;

/// What is known from the lines that were read so far.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// The server; empty if `--source` stands for it.
    server: String,
    /// The person who exported it.
    pub exported_by: Option<Uuid>,
    /// The key of the conversation.
    pub conversation: Option<String>,
    /// Number of lines with messages.
    pub messages: u64,
    /// Whether there was a last line.
    pub is_ended: bool,
}

impl Section {
    /// Begins a section of this server.
    pub fn new(server: String, header: Option<&Header>) -> Self {
        let exported_by = header.and_then(|header| header.exported_by);
        Self { server, exported_by, ..Self::default() }
    }

    /// Returns the key of a person or a conversation, which is the same in every export of this server.
    pub fn key(&self, id: Uuid) -> String {
        if self.server.is_empty() { id.to_string() } else { format!("{}/{id}", self.server) }
    }
}
