//! Keeping the certificate new: reading it again when its files change, or getting one by ACME.

use super::encryption::Tls;
use super::mode::TlsMode;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(5);

/// Keeps the certificate new.
pub async fn run(tls: Tls) {
    match tls.mode() {
        TlsMode::Acme(acme) => tls.renew(acme).await,
        TlsMode::Off | TlsMode::Own(_) | TlsMode::Files { .. } => watch(&tls).await,
    }
}

/// Shows the certificate anew whenever a file changed. One that makes no sense is said once, and the one
/// from before is shown on: whoever writes two files writes one of them first.
async fn watch(tls: &Tls) {
    let files = tls.files();
    // They may have changed since they were read.
    let mut seen = Vec::new();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let now = stamps(&files);
        if now == seen {
            continue;
        }
        seen = now;
        match tls.reload() {
            Ok(true) => tracing::info!("the certificate was read again, and is shown from now on"),
            Ok(false) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "the new certificate cannot be used; the one before is");
            }
        }
    }
}

/// By which a change is noticed: when each was written, and how long it is.
fn stamps(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let stamp = |file: &PathBuf| {
        let told = std::fs::metadata(file).ok()?;
        Some((told.modified().ok()?, told.len()))
    };
    files.iter().map(stamp).collect()
}
