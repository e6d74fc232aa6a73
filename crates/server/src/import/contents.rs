//! Stores the contents of the files of messages, before the messages.

use super::records::{AttachedFile, FileContent, FoundFile, Location, Message, Record};
use super::report::ImportError;
use super::write::Senders;
use crate::app::App;
use crate::files::{self, AddError, Added};
use parlour_protocol::{Count, MessageFile, UserId, clean_file_name};
use std::collections::HashMap;
use std::sync::Arc;

/// Maximum number of stored files that are remembered, so that one to which several messages refer is read once.
const MAX_REMEMBERED: usize = 10_000;

/// Stores contents, and remembers which ones are stored.
#[derive(Default)]
pub struct Contents {
    known: HashMap<(UserId, Location), Added>,
}

/// What was stored for a batch.
#[derive(Debug, Default)]
pub struct StoredContents {
    /// Number of files that their senders did not have before.
    pub added: u64,
    /// The total size of these, in bytes.
    pub added_bytes: u64,
    /// Number of bytes that were read.
    pub read_bytes: u64,
    /// The files with other contents than the export states: the reason, and the location.
    pub altered: Vec<(&'static str, String)>,
    /// The files that could not be read: the reason, the location, and the size in bytes when they were found.
    pub unreadable: Vec<(&'static str, String, u64)>,
}

impl Contents {
    /// Stores the files of a batch that were found, for the senders of their messages, and describes them in the batch.
    /// A file that cannot be read is described as refused.
    pub async fn store(
        &mut self,
        app: &App,
        senders: &Senders,
        batch: &mut [Record],
    ) -> Result<StoredContents, ImportError> {
        let mut stored = StoredContents::default();
        for record in batch {
            let Record::Message(message) = record else { continue };
            let is_deleted = message.is_deleted
                || senders.deleted.contains(&(message.conversation.clone(), message.key.clone()));
            let Some(sender) = senders.users.get(&message.sender).filter(|_| !is_deleted) else {
                continue;
            };
            self.store_files(app, *sender, message, &mut stored).await?;
        }
        Ok(stored)
    }

    async fn store_files(
        &mut self,
        app: &App,
        sender: UserId,
        message: &mut Message,
        stored: &mut StoredContents,
    ) -> Result<(), ImportError> {
        let prefix = format!("{} {}", message.conversation, message.key);
        for file in &mut message.files {
            let Some(found) = file.found() else { continue };
            file.content = match self.add(app, sender, found, stored).await? {
                Some(added) => {
                    if found.stated_hash.is_some_and(|hash| hash != added.hash) {
                        let reason =
                            "a file with another content than the export states, imported as it is";
                        stored.altered.push((reason, format!("{prefix} {}", file.name)));
                    }
                    FileContent::Stored(Box::new(describe(file, found, added)))
                }
                None => {
                    let reason = "a file that cannot be read, left out: its name is in the message";
                    let location = format!("{prefix} {}", file.name);
                    stored.unreadable.push((reason, location, found.bytes));
                    FileContent::Refused(reason)
                }
            };
        }
        Ok(())
    }

    /// Stores a file; `None` if it cannot be read.
    async fn add(
        &mut self,
        app: &App,
        sender: UserId,
        found: &FoundFile,
        stored: &mut StoredContents,
    ) -> Result<Option<Added>, ImportError> {
        let key = (sender, found.location.clone());
        if let Some(added) = self.known.get(&key) {
            return Ok(Some(*added));
        }
        let location = found.location.clone();
        let added = files::add(app, sender, Arc::new(move || location.open()), found.bytes).await;
        let added = match added {
            Ok(added) => added,
            Err(AddError::Source(error)) => {
                tracing::warn!(%error, "a file of an import cannot be read");
                return Ok(None);
            }
            Err(AddError::Store(error)) => return Err(error.into()),
        };
        stored.read_bytes += found.bytes;
        if added.is_new {
            stored.added += 1;
            stored.added_bytes += found.bytes;
        }
        if self.known.len() >= MAX_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(key, added);
        Ok(Some(added))
    }
}

/// Returns the description of a stored file in its message. It has no thumbnail and no preview, because the server
/// decodes no pictures.
fn describe(file: &AttachedFile, found: &FoundFile, added: Added) -> MessageFile {
    MessageFile {
        hash: added.hash,
        bytes: Count(added.bytes),
        name: clean_file_name(&file.name),
        media_type: found.media_type.clone(),
        kind: found.kind.clone(),
        thumbnail: None,
    }
}
