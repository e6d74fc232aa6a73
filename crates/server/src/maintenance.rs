//! What a server does from time to time, whoever asks for something.

use crate::app::App;
use crate::error::ApiError;
use crate::queries::{ops, sessions};
use crate::{audit, clock, db, hub, limits, recheck};
use std::time::{Duration, Instant};

/// Time between two looks for who lost access at another server, where there may be one.
const LOOKING: Duration = Duration::from_secs(20);
/// Time between two times that failed sign-ins are written.
const NOTING: Duration = Duration::from_secs(600);
/// Time between two looks for what can be forgotten.
const CLEANING: Duration = Duration::from_secs(3600);

/// Does what has to be done from time to time, as long as the server runs.
pub async fn run(app: &App) {
    let mut tick = tokio::time::interval(hub::TICK);
    let mut looking = tokio::time::interval(LOOKING);
    let mut cleaning = tokio::time::interval(CLEANING);
    let mut sweeping = tokio::time::interval(limits::SWEEP);
    let mut noting = tokio::time::interval(NOTING);
    let mut timing = tokio::time::interval(clock::EVERY);
    loop {
        tokio::select! {
            _ = sweeping.tick() => {
                app.limits.rates.sweep();
                app.sign_in.sessions.sweep();
                app.sign_in.last_seen.sweep(app.now());
            }
            _ = tick.tick() => app.hub.tick(Instant::now()),
            _ = looking.tick() => {
                if app.hub.has_peers(Instant::now())
                    && let Err(error) = look_again(app).await
                {
                    tracing::warn!(error = error.message, "who lost access is not known; again soon");
                }
            }
            _ = noting.tick() => write_failures(app).await,
            _ = timing.tick() => {
                if let Err(error) = keep_time(app).await {
                    tracing::warn!(error = error.message, "the time could not be noted; again soon");
                }
            }
            _ = cleaning.tick() => {
                if let Err(error) = forget_old(app).await {
                    tracing::warn!(error = error.message, "what is old could not be forgotten; again later");
                }
            }
        }
    }
}

/// Another server may have died between a commit and telling of it.
async fn look_again(app: &App) -> Result<(), ApiError> {
    let lost = recheck::lost_access(&app.db.read().await?, app.now()).await?;
    app.hub.recheck(lost);
    Ok(())
}

async fn write_failures(app: &App) {
    if let Err(error) = app.sign_in.failures.write(&app.db, app.now()).await {
        tracing::warn!(error = error.message, "failed sign-ins are not in the audit");
    }
}

async fn forget_old(app: &App) -> Result<(), ApiError> {
    app.limits.quota.sweep();
    let now = app.now();
    let before = ops::forgettable(&app.db.read().await?, now).await?;
    while app.write(move |tx| Box::pin(async move { Ok(ops::forget(tx, before).await?) })).await? {}
    while app.write(move |tx| Box::pin(async move { Ok(sessions::lapse(tx, now).await?) })).await? {
    }
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

/// What is done once before the server ends.
pub async fn end(app: &App) {
    write_failures(app).await;
    stop_time(app).await;
}

/// Tells the database how late it is, while times are given out.
async fn keep_time(app: &App) -> Result<(), ApiError> {
    let clock = &app.run.clock;
    clock.complain();
    let Some(until) = clock.due() else { return Ok(()) };
    app.write(move |tx| Box::pin(async move { Ok(db::clock::set(tx, until).await?) })).await?;
    clock.set_stored(until);
    Ok(())
}

/// Tells the database how late it became. Should that fail, the next start is a few seconds ahead.
async fn stop_time(app: &App) {
    let (newest, stored) = app.run.clock.newest_and_stored();
    let told = app
        .write(move |tx| Box::pin(async move { Ok(db::clock::stop(tx, newest, stored).await?) }));
    if let Err(error) = told.await {
        tracing::warn!(error = error.message, "the next start is a few seconds ahead");
    }
}
