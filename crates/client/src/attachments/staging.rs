//! Attaches picked, dropped and pasted files to the message that is being written.

use super::stage::{self, Source, refused};
use super::staged::StagedFile;
use crate::blocking::blocking;
use crate::error::Result;
use crate::session::Session;
use data_encoding::BASE64;
use parlour_protocol::{ConversationId, LocalReason, Problem, Refusal, clean_file_name, limits};
use serde::Serialize;
use std::path::PathBuf;

/// Maximum size of a pasted file, in bytes.
pub const PASTED_BYTES: usize = 32 << 20;

/// The result of attaching files.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Staging {
    /// The attached files.
    pub staged: Vec<StagedFile>,
    /// The files that could not be attached.
    pub failed: Vec<NotStaged>,
}

/// A file that could not be attached.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NotStaged {
    /// The file's name.
    pub name: String,
    /// The reason.
    pub problem: Problem,
}

impl Session {
    /// Attaches files of this computer, in this order. Each is copied before this returns; the originals are
    /// not needed afterwards.
    pub async fn stage_paths(&self, conversation: ConversationId, paths: Vec<PathBuf>) -> Staging {
        self.stage(conversation, paths.into_iter().map(Source::Path)).await
    }

    /// Attaches a pasted file, which has no path on this computer.
    pub async fn stage_bytes(
        &self,
        conversation: ConversationId,
        name: &str,
        bytes: Vec<u8>,
    ) -> Staging {
        let name = clean_file_name(name);
        self.stage(conversation, [Source::Bytes { name, bytes }].into_iter()).await
    }

    /// Same as [`Self::stage_bytes`], with the bytes in Base64, as the page sends them.
    ///
    /// # Errors
    /// Fails if there are more than 32 MiB, or if they are not valid Base64.
    pub async fn stage_base64(
        &self,
        conversation: ConversationId,
        name: &str,
        bytes: &str,
    ) -> Result<Staging> {
        if bytes.len() > PASTED_BYTES / 3 * 4 + 4 {
            return Err(refused(Refusal::FileTooLarge { max_mib: 32 }));
        }
        let decoded = BASE64.decode(bytes.as_bytes()).map_err(|_| LocalReason::FileUnreadable)?;
        Ok(self.stage_bytes(conversation, name, decoded).await)
    }

    async fn stage(
        &self,
        conversation: ConversationId,
        sources: impl Iterator<Item = Source>,
    ) -> Staging {
        let mut staging = Staging::default();
        for source in sources {
            let name = source.name();
            match self.stage_one(conversation, source).await {
                Ok(staged) => staging.staged.push(staged),
                Err(error) => {
                    tracing::debug!(%error, "a file cannot be attached");
                    staging.failed.push(NotStaged { name, problem: error.problem() });
                }
            }
        }
        staging
    }

    async fn stage_one(&self, conversation: ConversationId, source: Source) -> Result<StagedFile> {
        let limits = self.file_limits()?;
        // One after another: a picture takes memory while it is decoded.
        let _lock = self.context.shared.staging.lock().await;
        let store = self.context.store.clone();
        let staged = blocking(move || {
            if store.staged(conversation)?.len() >= limits::FILES {
                return Err(refused(Refusal::FilesTooMany));
            }
            stage::stage(&store, conversation, source, limits.as_ref())
        });
        let (staged, changes) = staged.await?;
        self.context.notices.changed(changes);
        Ok(staged.into())
    }
}
