//! The files that a server accepts, which a client reads before an upload.

use crate::{Count, Refusal, limits};
use serde::{Deserialize, Serialize};

/// The response to `GET /v1/uploads`: the files that the server accepts from the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileLimits {
    /// The size of the largest file, in bytes; 0 if the server accepts no files.
    pub file_bytes: Count,
    /// The media types that it accepts, such as `image/*` or `application/pdf`; empty for all.
    pub media_types: Vec<String>,
    /// Maximum total size of the caller's files, in bytes; `None` for no limit. A file counts for at least 4 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<Count>,
    /// Their current total size, in bytes, including those that are being uploaded.
    pub used_bytes: Count,
    /// The size of the largest part of an upload, in bytes.
    pub part_bytes: Count,
    /// The size of the smallest part, in bytes. Only the last one of a file may be smaller.
    #[serde(alias = "leastPartBytes")]
    pub min_part_bytes: Count,
}

impl FileLimits {
    /// Checks whether the server accepts a new file.
    ///
    /// # Errors
    /// The reason why it does not.
    pub fn check(&self, size: i64, media_type: &str) -> Result<(), Refusal> {
        if self.file_bytes.0 == 0 {
            return Err(Refusal::FilesOff);
        }
        if size > self.file_bytes.0 {
            return Err(Refusal::FileTooLarge { max_mib: mib(self.file_bytes.0) });
        }
        if !self.accepts_type(media_type) {
            return Err(Refusal::FileType);
        }
        let counted = counted_bytes(size);
        match self.quota_bytes {
            Some(max) if self.used_bytes.0.saturating_add(counted) > max.0 => {
                Err(Refusal::FileQuota { max_mib: mib(max.0) })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns whether the server accepts files of this media type.
    pub fn accepts_type(&self, media_type: &str) -> bool {
        let matches = |known: &String| match known.strip_suffix("/*") {
            Some(kind) => media_type.split_once('/').is_some_and(|(its_kind, _)| its_kind == kind),
            None => media_type == known,
        };
        self.media_types.is_empty() || self.media_types.iter().any(matches)
    }
}

/// Returns for how many bytes a file of this size counts.
pub fn counted_bytes(size: i64) -> i64 {
    size.max(limits::MIN_COUNTED_FILE_BYTES)
}

fn mib(size: i64) -> u32 {
    u32::try_from(size >> 20).unwrap_or(u32::MAX)
}
