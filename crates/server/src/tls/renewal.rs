//! Keeps the certificate up to date: reads it again when its files change, or obtains it by ACME.

use super::encryption::Tls;
use super::mode::TlsMode;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio::time::{MissedTickBehavior, interval};

/// The time between two checks of the files.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Keeps the certificate up to date for as long as the server runs.
pub async fn run(tls: Tls) {
    match tls.mode() {
        TlsMode::Acme(acme) => tls.renew(acme).await,
        TlsMode::Off | TlsMode::Own(_) | TlsMode::Files { .. } => watch(&tls).await,
    }
}

/// Reads the certificate again whenever a file changes. An error is logged once, and the previous certificate stays
/// in use: while the two files are being replaced, they do not match for a moment.
async fn watch(tls: &Tls) {
    let files = tls.files();
    // The files may have changed since they were read, so the first check always reads them.
    let mut last_stamps = Vec::new();
    let mut ticks = interval(CHECK_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = stamps(&files);
        if now == last_stamps {
            continue;
        }
        last_stamps = now;
        match tls.reload() {
            Ok(true) => tracing::info!("using a new certificate from its files from now on"),
            Ok(false) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(
                    error,
                    "cannot use the new certificate; the previous one stays in use"
                );
            }
        }
    }
}

/// Returns the modification time and length of each file, to detect changes.
fn stamps(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let stamp = |file: &PathBuf| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(stamp).collect()
}
