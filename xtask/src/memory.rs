//! Temporary files in memory, where a sync costs nothing: tests wait for the disk thousands of times, and no
//! test cuts the power.

use std::path::{Path, PathBuf};
use std::process::Command;

const MEMORY: &str = "/dev/shm";
/// What the tests write at most, in KiB, with room to spare.
const WANTED_KIB: u64 = 4 << 20;

/// A folder for temporary files, with all that is in it gone when this is dropped.
pub struct Memory(Option<PathBuf>);

impl Memory {
    /// A folder in memory; where there is none, or too little of it, temporary files lie where they always do.
    pub fn new() -> Self {
        let folder = Path::new(MEMORY).join(format!("parlour-tests-{}", std::process::id()));
        let has_room = available_kib(MEMORY).is_some_and(|kib| kib >= WANTED_KIB);
        Self((has_room && std::fs::create_dir(&folder).is_ok()).then_some(folder))
    }

    /// The variables by which programs are told of it.
    pub fn variable(&self) -> Option<(&'static str, String)> {
        self.0.as_ref().map(|folder| ("TMPDIR", folder.to_string_lossy().into_owned()))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // What cannot be removed is gone with the machine's next start.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn available_kib(folder: &str) -> Option<u64> {
    let output = Command::new("df").args(["-k", "--output=avail", folder]).output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().nth(1)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_there_goes_with_it() {
        let memory = Memory::new();
        let Some((_, folder)) = memory.variable() else {
            return eprintln!("SKIPPED: there is no {MEMORY}, or too little of it");
        };
        std::fs::write(Path::new(&folder).join("file"), "text").unwrap();
        drop(memory);
        assert!(!Path::new(&folder).exists());
    }
}
