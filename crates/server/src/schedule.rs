//! The backups that a server makes by itself.

use crate::admin::backups::{back_up, chain};
use crate::app::App;
use crate::audit::{Action, Event};
use crate::backup::{self, BackupError, NewBackup, Plan, expired, is_due};
use crate::db::{DbError, Lease};
use crate::no_follow::give_folder_to_owner;
use parlour_protocol::Millis;
use parlour_sqlite::private;
use std::path::Path;

/// Makes backups as planned, for as long as the server runs.
pub async fn run(app: &App) {
    let Some(plan) = &app.backups.plan else { return std::future::pending().await };
    let mut lease = None;
    loop {
        tokio::time::sleep(plan.check_interval).await;
        match is_ours(app, &mut lease).await {
            Ok(true) => make_if_due(app, plan).await,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot look which server makes backups; retrying soon");
            }
        }
    }
}

/// Returns whether this server makes them: of several on a PostgreSQL one does.
async fn is_ours(app: &App, lease: &mut Option<Lease>) -> Result<bool, DbError> {
    let Some(url) = app.db.url() else { return Ok(true) };
    if let Some(held) = lease
        && held.holds().await
    {
        return Ok(true);
    }
    *lease = Lease::take(url).await?;
    Ok(lease.is_some())
}

async fn make_if_due(app: &App, plan: &Plan) {
    let now = app.now();
    let all: Vec<Millis> = match list(&plan.folder) {
        Ok(all) => all.into_iter().map(|(at, _)| at).collect(),
        Err(error) => {
            app.backups.note_failure(now, chain(&error));
            return tracing::error!(error = chain(&error), "cannot look which backups there are");
        }
    };
    let every_ms = i64::try_from(plan.every.as_millis()).unwrap_or(i64::MAX);
    if !is_due(&all, app.backups.failed_at(), now, every_ms) {
        return;
    }
    match make_backup(app, plan, now).await {
        Ok(backup) => {
            tracing::info!(file = ?backup.file, bytes = backup.bytes, "a backup was made");
            forget(plan, now);
        }
        // Somebody asked for one at the same time; soon it is seen whether another is due.
        Err(BackupError::Another) => {}
        Err(error) => {
            app.backups.note_failure(now, chain(&error));
            tracing::error!(
                error = chain(&error),
                "a backup failed; those before are as they were, and it is tried again in an hour"
            );
        }
    }
}

async fn make_backup(app: &App, plan: &Plan, now: Millis) -> Result<NewBackup, BackupError> {
    let file = plan.folder.join(backup::name(now, plan.seal.is_sealed()));
    let event = Event::on_schedule(Action::BackedUp);
    back_up(app, file, plan.seal.clone(), event, Box::new(|_, _| ())).await
}

fn list(folder: &Path) -> Result<Vec<(Millis, std::path::PathBuf)>, BackupError> {
    let failed = |source| BackupError::Write { path: folder.to_owned(), source };
    if !folder.is_dir() {
        let backup = private::make_folder(folder).and_then(|()| give_folder_to_owner(folder));
        backup.map_err(failed)?;
    }
    backup::list(folder).map_err(failed)
}

/// Removes the backups that are not needed any more, and what servers that were killed have left of theirs. Only what
/// is named as this server names its own is looked at.
fn forget(plan: &Plan, now: Millis) {
    let all = list(&plan.folder).unwrap_or_default();
    let moments: Vec<Millis> = all.iter().map(|(at, _)| *at).collect();
    let gone = expired(&moments, now, plan.keep_days, plan.keep_weeks);
    let old = all.into_iter().filter(|(at, _)| gone.contains(at)).map(|(_, path)| path);
    let stale = backup::stale_parts(&plan.folder, now).unwrap_or_default();
    for path in old.chain(stale) {
        match std::fs::remove_file(&path) {
            Ok(()) => tracing::info!(?path, "an old backup was removed"),
            Err(error) => tracing::warn!(?path, %error, "an old backup cannot be removed"),
        }
    }
}
