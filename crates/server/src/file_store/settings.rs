//! What a server takes of files, and how long it keeps what nobody refers to.

use parlour_protocol::{Count, FileLimits, limits};
use std::path::PathBuf;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The settings for files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    /// The folder in which they are; `None` if the server takes none.
    pub folder: Option<PathBuf>,
    /// The size of the largest file, in bytes; 0 if the server takes none.
    pub file_bytes: u64,
    /// How many bytes all files of one account may have; 0 for no limit.
    pub account_bytes: u64,
    /// How many bytes all files of the server may have; 0 for no limit.
    pub server_bytes: u64,
    /// The media types that it takes, such as `image/*`; empty for all.
    pub media_types: Vec<String>,
    /// How many bytes of the disk files leave to everything else, messages above all.
    pub reserve_bytes: u64,
    /// How long a file stays to which no message refers: the time that a message waits in an outbox whose files were
    /// uploaded.
    pub grace: Duration,
    /// How long the bytes of a file stay that the database does not know: long enough to notice that an old backup was
    /// restored by mistake.
    pub lost_grace: Duration,
    /// How long a part stays that was never added to a file that the database knows.
    pub part_grace: Duration,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            folder: None,
            file_bytes: 1 << 30,
            account_bytes: 10 << 30,
            server_bytes: 0,
            media_types: Vec::new(),
            reserve_bytes: 256 << 20,
            grace: 7 * DAY,
            lost_grace: 60 * DAY,
            part_grace: DAY,
        }
    }
}

impl FileSettings {
    /// Returns what the caller is told of them, who has `used` bytes.
    pub fn limits(&self, used: i64) -> FileLimits {
        let file_bytes = if self.folder.is_some() { self.file_bytes } else { 0 };
        FileLimits {
            file_bytes: count(file_bytes.min(limits::FILE_BYTES.unsigned_abs())),
            media_types: self.media_types.clone(),
            quota_bytes: (self.account_bytes > 0).then(|| count(self.account_bytes)),
            used_bytes: Count(used),
            part_bytes: count(limits::PART_BYTES as u64),
            least_part_bytes: count(limits::LEAST_PART_BYTES as u64),
        }
    }

    /// Returns whether all files together may have so many bytes.
    pub fn has_room_for(&self, bytes: i64) -> bool {
        self.server_bytes == 0 || bytes.unsigned_abs() <= self.server_bytes
    }

    /// Returns whether files of this media type are taken.
    pub fn takes_type(&self, media_type: &str) -> bool {
        self.limits(0).takes_type(media_type)
    }
}

fn count(bytes: u64) -> Count {
    Count(i64::try_from(bytes).unwrap_or(i64::MAX))
}
