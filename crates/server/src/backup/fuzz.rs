//! The function of this module's fuzz target.

use super::walk::walk_archive;
use std::path::Path;

/// Parses the bytes as the archive in a backup.
pub fn fuzz(bytes: &[u8]) {
    let mut read = 0;
    let walked = walk_archive(Path::new("backup"), bytes, |_, entry| {
        read += entry.bytes()?.len();
        Ok(())
    });
    assert!(walked.is_err() || read <= bytes.len());
}
