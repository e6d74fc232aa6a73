//! Checks whether there is free space.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use crate::metrics::free_bytes;

const MIB: u64 = 1024 * 1024;
/// With less free space than this, in bytes, the server will soon refuse messages.
const ERROR_BELOW: u64 = 64 * MIB;
/// Less free space than this, in bytes, deserves a warning.
const WARNING_BELOW: u64 = 1024 * MIB;

/// Checks the free space on the data folder's disk, which must be sufficient for a copy of the database too.
pub fn check(server: &ExaminedServer) -> Option<Finding> {
    let free = free_bytes(server.folder.as_deref()?)?;
    Some(compare(free, server.database.bytes().unwrap_or_default()))
}

fn compare(free: u64, database: u64) -> Finding {
    let found = format!("{} MiB are free on the data folder's disk", free / MIB);
    let to_do = "free some space, or move the folder to a larger disk";
    if free < ERROR_BELOW {
        Finding::error(Check::Disk, found, to_do)
    } else if free < WARNING_BELOW.max(database) {
        Finding::warning(Check::Disk, found, to_do)
    } else {
        Finding::ok(Check::Disk, found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn the_needed_space_depends_on_the_size_of_the_database() {
        let state = |free: u64, database: u64| compare(free * MIB, database * MIB).state;
        assert_eq!(state(63, 0), State::Error);
        assert_eq!(state(64, 0), State::Warning);
        assert_eq!(state(1024, 0), State::Ok);
        assert_eq!(state(4000, 5000), State::Warning);
        assert_eq!(state(5000, 5000), State::Ok);
    }
}
