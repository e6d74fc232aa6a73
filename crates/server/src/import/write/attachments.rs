//! The files of a message: those that are stored, and the names of the others.

use super::super::records::Message;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::files::{self, FileUse};
use crate::queries::{file_uses, messages};
use parlour_protocol::{MessageFile, MessageId, UserId, clean_file_name, limits};

/// The files of a message.
pub struct Attachments<'a> {
    /// Those that are stored, in the order of the export.
    pub files: Vec<(MessageFile, FileUse)>,
    /// The names of the others.
    pub missing: Vec<&'a str>,
}

/// Returns the files of a message. If the export does not contain the content of one that an earlier import attached to
/// the same message, that is kept. `row_id` returns the ids of the rows into which the message may be split.
pub async fn attachments<'a>(
    tx: &Tx,
    sender: UserId,
    message: &'a Message,
    row_id: impl Fn(usize) -> MessageId,
) -> Result<Attachments<'a>, ApiError> {
    let mut found = Attachments { files: Vec::new(), missing: Vec::new() };
    if message.is_deleted {
        return Ok(found);
    }
    let mut attached = Vec::new();
    if message.files.iter().any(|file| file.stored().is_none()) {
        for number in 0..message.files.len().div_ceil(limits::FILES) {
            attached.extend(attached_before(tx, row_id(number)).await?);
        }
    }
    attached.retain(|(known, _)| message.files.iter().all(|file| file.stored() != Some(known)));
    for file in &message.files {
        if let Some(stored) = file.stored() {
            let uses = files::find(tx, sender, std::slice::from_ref(stored)).await?;
            found.files.extend(uses.into_iter().map(|file_use| (stored.clone(), file_use)));
            continue;
        }
        let name = clean_file_name(&file.name);
        match attached.iter().position(|(known, _)| known.name == name) {
            Some(at) => found.files.push(attached.remove(at)),
            None => found.missing.push(&file.name),
        }
    }
    Ok(found)
}

/// Returns the files of an existing message; none if there is no such message, or if it was deleted.
async fn attached_before(tx: &Tx, id: MessageId) -> Result<Vec<(MessageFile, FileUse)>, ApiError> {
    let mut attached = Vec::new();
    let Some(existing) = messages::find(tx, id).await? else { return Ok(attached) };
    for (number, file) in (0..).zip(existing.row.files) {
        if let Some(file_use) = file_uses::find(tx, id, number).await? {
            attached.push((file, file_use));
        }
    }
    Ok(attached)
}
