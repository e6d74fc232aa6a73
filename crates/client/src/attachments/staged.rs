//! The files that are attached to the message that is being written.

use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{ConversationId, Count, FileLimits, LocalReason, MessageFile};
use parlour_store::{SettingKey, Staged, Store};
use serde::Serialize;

/// A file that is attached to the message that is being written.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct StagedFile {
    /// Its number, which is the same until it is sent or removed.
    pub id: Count,
    /// What will be sent.
    pub file: MessageFile,
    /// Whether it is sent as a file although it can be a picture.
    pub as_file: bool,
    /// Whether it can be sent as a picture, without its metadata.
    pub can_be_picture: bool,
}

impl From<Staged> for StagedFile {
    fn from(staged: Staged) -> Self {
        Self {
            id: Count(staged.id),
            file: staged.sent().clone(),
            as_file: staged.as_file,
            can_be_picture: staged.picture.is_some(),
        }
    }
}

impl Session {
    /// Returns the files that are attached to the message that is being written, in their order.
    pub fn staged(&self, conversation: ConversationId) -> Result<Vec<StagedFile>> {
        let staged = self.context.store.staged(conversation)?;
        Ok(staged.into_iter().map(StagedFile::from).collect())
    }

    /// Removes an attached file.
    pub fn unstage(&self, id: Count) -> Result<()> {
        let changes = self.context.store.unstage(id.0)?;
        self.context.notices.changed(changes);
        Ok(())
    }

    /// Sets whether an attached picture is sent as a file, unchanged. Returns all files that are attached with it.
    pub fn set_staged_as_file(&self, id: Count, as_file: bool) -> Result<Vec<StagedFile>> {
        let changes = self.context.store.set_staged_as_file(id.0, as_file)?;
        self.context.notices.changed(changes);
        match self.context.store.find_staged(id.0)? {
            Some(staged) => self.staged(staged.conversation),
            None => Ok(Vec::new()),
        }
    }

    /// Puts the attached files into this order.
    pub fn order_staged(&self, ids: &[Count]) -> Result<()> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let changes = self.context.store.order_staged(&ids)?;
        self.context.notices.changed(changes);
        Ok(())
    }

    /// Returns the descriptions of attached files.
    ///
    /// # Errors
    /// Fails if one of them is not attached to the message in this conversation.
    pub(crate) fn files_to_send(
        &self,
        conversation: ConversationId,
        ids: &[Count],
    ) -> Result<Vec<MessageFile>> {
        let staged = self.context.store.staged(conversation)?;
        let find = |id: &Count| {
            let found = staged.iter().find(|staged| staged.id == id.0);
            Ok(found.ok_or(LocalReason::FileLost)?.sent().clone())
        };
        ids.iter().map(find).collect()
    }

    /// Returns the server's last known limits for files; `None` before they are known.
    pub fn file_limits(&self) -> Result<Option<FileLimits>> {
        let json = self.context.store.setting(SettingKey::FileLimits, None)?;
        Ok(serde_json::from_str(&json).ok())
    }
}

/// Stores the server's limits for files.
pub(crate) fn store_file_limits(store: &Store, limits: &FileLimits) -> parlour_store::Result<()> {
    let json = serde_json::to_string(limits)?;
    store.set_setting(SettingKey::FileLimits, None, &json)
}
