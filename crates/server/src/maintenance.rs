//! The server's periodic work, independent of requests.

use crate::app::App;
use crate::error::ApiError;
use crate::queries::{ops, sessions};
use crate::{audit, clock, db, hub, limits, lookups};
use std::time::{Duration, Instant};

/// The time between two searches for users who lost access through another server, if there may be one.
const ACCESS_INTERVAL: Duration = Duration::from_secs(20);
/// The time between two writes of failed sign-ins to the audit log, and of what could not be written to it at once.
const FAILURES_INTERVAL: Duration = Duration::from_secs(600);
/// The time between two attempts to empty SQLite's write-ahead log, which otherwise keeps deleted texts for as long as
/// little is written.
const LOG_INTERVAL: Duration = Duration::from_secs(20);
/// The time between two deletions of old records.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(3600);

/// Runs the periodic work for as long as the server runs.
pub async fn run(app: &App) {
    let mut tick = tokio::time::interval(hub::TICK);
    let mut access = tokio::time::interval(ACCESS_INTERVAL);
    let mut cleanup = tokio::time::interval(CLEANUP_INTERVAL);
    let mut sweeps = tokio::time::interval(limits::SWEEP_INTERVAL);
    let mut failures = tokio::time::interval(FAILURES_INTERVAL);
    let mut log = tokio::time::interval(LOG_INTERVAL);
    let mut time = tokio::time::interval(clock::CHECK_INTERVAL);
    loop {
        tokio::select! {
            _ = sweeps.tick() => {
                app.limits.rates.sweep();
                app.sign_in.sessions.sweep();
                app.sign_in.last_seen.sweep(app.now());
            }
            _ = tick.tick() => app.hub.tick(Instant::now()),
            _ = access.tick() => {
                if app.hub.has_peers(Instant::now())
                    && let Err(error) = check_access(app).await
                {
                    tracing::warn!(error = error.message, "cannot look up who lost access; retrying soon");
                }
            }
            _ = failures.tick() => {
                write_failures(app).await;
                write_pending(app).await;
            }
            _ = log.tick() => {
                // If transactions need the log now, the next attempt is soon enough.
                if let Err(error) = app.db.empty_log().await {
                    tracing::warn!(%error, cause = error.cause(), "cannot empty the write-ahead log; retrying soon");
                }
            }
            () = app.runtime.pending.added() => write_pending(app).await,
            _ = time.tick() => {
                if let Err(error) = update_stored_time(app).await {
                    tracing::warn!(error = error.message, "cannot store the time; retrying soon");
                }
            }
            _ = cleanup.tick() => {
                if let Err(error) = forget_old(app).await {
                    tracing::warn!(error = error.message, "cannot delete old records; retrying later");
                }
            }
        }
    }
}

/// Looks up who lost access, because another server may have crashed between a commit and its announcement.
async fn check_access(app: &App) -> Result<(), ApiError> {
    let lost = lookups::lost_access(&app.db.read().await?, app.now()).await?;
    app.hub.request_lookups(lost);
    Ok(())
}

async fn write_failures(app: &App) {
    if let Err(error) = app.sign_in.failures.write(&app.db, app.now()).await {
        tracing::warn!(
            error = error.message,
            "cannot write failed sign-ins to the audit log; retrying later"
        );
    }
}

async fn write_pending(app: &App) {
    if let Err(error) = app.runtime.pending.write(&app.db, app.now()).await {
        tracing::error!(error = error.message, "cannot write to the audit log; retrying later");
    }
}

async fn forget_old(app: &App) -> Result<(), ApiError> {
    app.limits.quota.sweep();
    app.limits.uploads.sweep();
    let now = app.now();
    app.sign_in.known_addresses.sweep(now);
    let before = ops::forgettable(&app.db.read().await?, now).await?;
    while app.write(move |tx| Box::pin(async move { Ok(ops::forget(tx, before).await?) })).await? {}
    while app
        .write(move |tx| Box::pin(async move { Ok(sessions::announce_expired(tx, now).await?) }))
        .await?
    {}
    while app
        .write(move |tx| Box::pin(async move { Ok(sessions::forget_old(tx, now).await?) }))
        .await?
    {}
    while app
        .write(move |tx| Box::pin(async move { Ok(audit::forget_old(tx, now).await?) }))
        .await?
    {}
    Ok(())
}

/// Writes pending data before the server stops.
pub async fn end(app: &App) {
    write_failures(app).await;
    write_pending(app).await;
    store_newest_time(app).await;
}

/// Updates the time that is stored in the database, if that is due.
async fn update_stored_time(app: &App) -> Result<(), ApiError> {
    let clock = &app.runtime.clock;
    clock.warn_if_behind();
    let Some(until) = clock.time_to_store() else { return Ok(()) };
    app.write(move |tx| Box::pin(async move { Ok(db::clock::set(tx, until).await?) })).await?;
    clock.set_stored(until);
    Ok(())
}

/// Stores the newest time that the clock has returned. If that fails, the time of the next start is a few seconds
/// ahead.
async fn store_newest_time(app: &App) {
    let (newest, stored) = app.runtime.clock.newest_and_stored();
    let stored_time = app
        .write(move |tx| Box::pin(async move { Ok(db::clock::stop(tx, newest, stored).await?) }));
    if let Err(error) = stored_time.await {
        tracing::warn!(
            error = error.message,
            "cannot store the time; it will be a few seconds ahead after the next start"
        );
    }
}
