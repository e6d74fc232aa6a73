//! Which files a server accepts, and how long it keeps unused ones.

use super::bucket_address::BucketAddress;
use parlour_protocol::{Count, FileLimits, limits};
use std::path::PathBuf;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The settings for files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    /// The folder of the store; `None` if the server accepts no files, or stores them in a bucket.
    pub folder: Option<PathBuf>,
    /// The bucket of the store, instead of a folder.
    pub bucket: Option<BucketAddress>,
    /// The size of the largest file, in bytes; 0 if the server accepts no files.
    pub file_bytes: u64,
    /// The largest total size of the files of one account, in bytes; 0 for no limit.
    pub account_bytes: u64,
    /// The largest total size of all files, in bytes; 0 for no limit.
    pub server_bytes: u64,
    /// The accepted media types, such as `image/*`; empty for all.
    pub media_types: Vec<String>,
    /// How many bytes of the disk remain free for everything else, above all messages.
    pub reserve_bytes: u64,
    /// How long a file is kept to which no message refers: as long as a message may wait in an outbox after its files
    /// were uploaded.
    pub grace: Duration,
    /// How long the bytes of a file are kept that the database does not refer to: long enough to notice that an old
    /// backup was restored by mistake.
    pub orphan_grace: Duration,
    /// How long a part is kept that was never added to its file.
    pub part_grace: Duration,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            folder: None,
            bucket: None,
            file_bytes: 1 << 30,
            account_bytes: 10 << 30,
            server_bytes: 0,
            media_types: Vec::new(),
            reserve_bytes: 256 << 20,
            grace: 7 * DAY,
            orphan_grace: 60 * DAY,
            part_grace: DAY,
        }
    }
}

impl FileSettings {
    /// Returns the limits for a user whose files have `used` bytes.
    pub fn limits(&self, used: i64) -> FileLimits {
        let has_store = self.folder.is_some() || self.bucket.is_some();
        let file_bytes = if has_store { self.file_bytes } else { 0 };
        FileLimits {
            file_bytes: count(file_bytes.min(limits::FILE_BYTES.unsigned_abs())),
            media_types: self.media_types.clone(),
            quota_bytes: (self.account_bytes > 0).then(|| count(self.account_bytes)),
            used_bytes: Count(used),
            part_bytes: count(limits::PART_BYTES as u64),
            min_part_bytes: count(limits::MIN_PART_BYTES as u64),
        }
    }

    /// Returns whether all files together may have this many bytes.
    pub fn has_capacity_for(&self, size: i64) -> bool {
        self.server_bytes == 0 || size.unsigned_abs() <= self.server_bytes
    }

    /// Returns whether files of this media type are accepted.
    pub fn accepts_type(&self, media_type: &str) -> bool {
        self.limits(0).accepts_type(media_type)
    }
}

fn count(size: u64) -> Count {
    Count(i64::try_from(size).unwrap_or(i64::MAX))
}
