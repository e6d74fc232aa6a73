//! A server that runs looks whether anything is wrong with it.

use super::request::{Item, Reply};
use crate::app::App;
use crate::doctor::{Finding, Patient, compare_clock, examine, glance};
use crate::error::ApiError;
use crate::lock::lock;
use crate::tls::Tls;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::interval;

/// Who asked hears at least so often that there is more to come.
const STILL: Duration = Duration::from_secs(20);

/// Does every check.
pub async fn itself(app: &App, items: &Sender<Item>) -> Result<Reply, ApiError> {
    let patient = patient(app);
    let mut examining = pin!(examine(&patient));
    let mut still = interval(STILL);
    let found = loop {
        tokio::select! {
            found = &mut examining => break found,
            _ = still.tick() => {
                let _ = items.try_send(Item::Progress { done: 0, total: 0 });
            }
        }
    };
    for finding in found {
        let sent = items.send(Item::Finding(finding)).await;
        sent.map_err(|_| ApiError::invalid("Nobody listens any more."))?;
    }
    Ok(Reply::Listed)
}

/// Runs the quick checks. They read files, so they run on a thread for blocking work.
///
/// # Errors
/// Fails if a check panics.
pub async fn at_a_glance(app: &App) -> Result<Vec<Finding>, ApiError> {
    let (patient, (newest, _)) = (patient(app), app.run.clock.newest_and_stored());
    let looking = tokio::task::spawn_blocking(move || {
        let mut found = glance(&patient);
        found.push(compare_clock(newest));
        found
    });
    looking.await.map_err(|error| {
        tracing::error!(%error, "cannot run the health checks");
        ApiError::internal()
    })
}

fn patient(app: &App) -> Patient {
    let about = lock(&app.run.about).clone();
    Patient {
        folder: app.run.folder.clone(),
        database: app.run.database.clone(),
        tls: about.tls,
        acme_failure: about.shown.as_ref().and_then(Tls::failure),
        metrics: app.run.metrics_mode.clone(),
        backups: app.backups.status(),
        address: about.address,
        public_url: about.public_url,
        is_running: true,
    }
}
