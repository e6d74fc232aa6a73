//! Temporary files in memory, where syncing costs nothing: tests wait for the disk thousands of
//! times, and no test cuts the power.

use std::path::{Path, PathBuf};
use std::process::Command;

const MEMORY: &str = "/dev/shm";
/// More than the tests write, in KiB.
const REQUIRED_KIB: u64 = 4 << 20;

/// A folder for temporary files, which is deleted with its contents when this is dropped.
pub struct Memory(Option<PathBuf>);

impl Memory {
    /// Creates a folder in memory. If that is impossible or there is too little space, temporary files stay
    /// in the usual folder.
    pub fn new() -> Self {
        let folder = Path::new(MEMORY).join(format!("parlour-tests-{}", std::process::id()));
        let has_space = available_kib(MEMORY).is_some_and(|kib| kib >= REQUIRED_KIB);
        Self((has_space && std::fs::create_dir(&folder).is_ok()).then_some(folder))
    }

    /// Returns the environment variable with which programs find the folder.
    pub fn variable(&self) -> Option<(&'static str, String)> {
        self.0.as_ref().map(|folder| ("TMPDIR", folder.to_string_lossy().into_owned()))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // Remaining files are lost at the next restart of the machine.
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
    fn the_folder_is_deleted_with_its_files() {
        let memory = Memory::new();
        let Some((_, folder)) = memory.variable() else {
            return eprintln!("SKIPPED: {MEMORY} does not exist, or is too small");
        };
        std::fs::write(Path::new(&folder).join("file"), "text").unwrap();
        drop(memory);
        assert!(!Path::new(&folder).exists());
    }
}
