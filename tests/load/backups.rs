//! One backup after another of the server that is under load.

use harness::window::program;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Backups that are being made until they are to end.
pub struct Backups {
    ends: Arc<AtomicBool>,
    making: JoinHandle<Result<Vec<Duration>, String>>,
}

impl Backups {
    /// Makes backups of the server with this data folder, each of which is deleted once it is made.
    pub fn begin(data: &Path) -> Self {
        let (ends, data) = (Arc::new(AtomicBool::new(false)), data.to_owned());
        let ending = ends.clone();
        let making = std::thread::spawn(move || {
            let mut took = Vec::new();
            while !ending.load(Ordering::Relaxed) {
                took.push(make(&data)?);
            }
            Ok(took)
        });
        Self { ends, making }
    }

    /// Waits for the last one, and returns how long each took.
    ///
    /// # Errors
    /// Describes why one could not be made.
    pub fn end(self) -> Result<Vec<Duration>, String> {
        self.ends.store(true, Ordering::Relaxed);
        self.making.join().map_err(|_| "making backups panicked")?
    }
}

fn make(data: &Path) -> Result<Duration, String> {
    let file: PathBuf = data.join("load.backup");
    let began = Instant::now();
    let mut command = Command::new(program("parlour-server"));
    command.arg("backup").arg(&file).arg("--data").arg(data).stdout(Stdio::null());
    let ended = command.status().map_err(|error| error.to_string())?;
    if !ended.success() {
        return Err("a backup could not be made".into());
    }
    let took = began.elapsed();
    std::fs::remove_file(&file).map_err(|error| error.to_string())?;
    Ok(took)
}
