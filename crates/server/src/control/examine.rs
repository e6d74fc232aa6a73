//! Runs the checks within a running server.

use super::lists::disconnected;
use super::request::{Item, Reply};
use crate::app::App;
use crate::doctor::{ExaminedServer, Finding, compare_clock, examine, quick_checks};
use crate::error::ApiError;
use crate::lock::lock;
use crate::tls::Tls;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::interval;

/// The longest time without a message to the waiting command-line client.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);

/// Runs every check.
pub async fn run_checks(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let server = server(app);
    let mut examination = pin!(examine(&server));
    let mut keep_alive = interval(KEEP_ALIVE_INTERVAL);
    let findings = loop {
        tokio::select! {
            findings = &mut examination => break findings,
            _ = keep_alive.tick() => {
                let _ = items.try_send(Item::Progress { done: 0, total: 0 });
            }
        }
    };
    for finding in findings {
        let sent = items.send(Item::Finding(finding)).await;
        sent.map_err(disconnected)?;
    }
    Ok(Reply::Listed)
}

/// Runs the quick checks. They read files, so they run on a thread for blocking work.
///
/// # Errors
/// Fails if a check panics.
pub async fn run_quick_checks(app: &App) -> Result<Vec<Finding>, ApiError> {
    let (server, (newest, _)) = (server(app), app.runtime.clock.newest_and_stored());
    let task = tokio::task::spawn_blocking(move || {
        let mut findings = quick_checks(&server);
        findings.push(compare_clock(newest));
        findings
    });
    task.await.map_err(|error| {
        tracing::error!(%error, "cannot run the health checks");
        ApiError::internal()
    })
}

fn server(app: &App) -> ExaminedServer {
    let about = lock(&app.runtime.about).clone();
    ExaminedServer {
        folder: app.runtime.folder.clone(),
        database: app.runtime.database.clone(),
        tls: about.tls,
        acme_failure: about.certificate.as_ref().and_then(Tls::failure),
        files: app.files.settings.clone(),
        metrics: app.runtime.metrics_mode.clone(),
        backups: app.backups.status(),
        address: about.address,
        public_url: about.public_url,
        is_running: true,
    }
}
