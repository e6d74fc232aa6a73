//! One backup after another of the server that is under load.

use harness::window::program;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Backups that are made until they are stopped.
pub struct Backups {
    stop_flag: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Duration>, String>>,
}

impl Backups {
    /// Makes backups of the server with this data folder; each is deleted when it is complete.
    pub fn start(data: &Path) -> Self {
        let (stop_flag, data) = (Arc::new(AtomicBool::new(false)), data.to_owned());
        let stop = stop_flag.clone();
        let thread = std::thread::spawn(move || {
            let mut elapsed = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                elapsed.push(make(&data)?);
            }
            Ok(elapsed)
        });
        Self { stop_flag, thread }
    }

    /// Waits for the last one, and returns how long each took.
    ///
    /// # Errors
    /// Describes why one could not be made.
    pub fn finish(self) -> Result<Vec<Duration>, String> {
        self.stop_flag.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "making backups panicked")?
    }
}

fn make(data: &Path) -> Result<Duration, String> {
    let file: PathBuf = data.join("load.backup");
    let started = Instant::now();
    let mut command = Command::new(program("parlour-server"));
    command.arg("backup").arg(&file).arg("--data").arg(data).stdout(Stdio::null());
    let ended = command.status().map_err(|error| error.to_string())?;
    if !ended.success() {
        return Err("a backup could not be made".into());
    }
    let elapsed = started.elapsed();
    std::fs::remove_file(&file).map_err(|error| error.to_string())?;
    Ok(elapsed)
}
