//! Makes scheduled backups.

use crate::admin::backups::{BackupContent, back_up, chain};
use crate::app::App;
use crate::audit::{Action, Event};
use crate::backup::{self, BackupError, NewBackup, Schedule, expired, is_due};
use crate::db::{DbError, Lease};
use crate::no_follow::chown_folder_to_parent_owner;
use parlour_protocol::Millis;
use parlour_sqlite::private;
use std::path::Path;

/// Makes the scheduled backups, for as long as the server runs.
pub async fn run(app: &App) {
    let Some(schedule) = &app.backups.schedule else { return std::future::pending().await };
    let mut lease = None;
    loop {
        tokio::time::sleep(schedule.check_interval).await;
        match is_responsible(app, &mut lease).await {
            Ok(true) => make_if_due(app, schedule).await,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot find out which server makes backups; retrying soon");
            }
        }
    }
}

/// Returns whether this server makes the backups: of several servers on a PostgreSQL, one does.
async fn is_responsible(app: &App, lease: &mut Option<Lease>) -> Result<bool, DbError> {
    let Some(url) = app.db.url() else { return Ok(true) };
    if let Some(current) = lease
        && current.is_held().await
    {
        return Ok(true);
    }
    *lease = Lease::acquire(url).await?;
    Ok(lease.is_some())
}

async fn make_if_due(app: &App, schedule: &Schedule) {
    let now = app.now();
    let all: Vec<Millis> = match list(&schedule.folder) {
        Ok(all) => all.into_iter().map(|(at, _)| at).collect(),
        Err(error) => {
            app.backups.record_failure(now, chain(&error));
            return tracing::error!(error = chain(&error), "cannot list the existing backups");
        }
    };
    let every_ms = i64::try_from(schedule.every.as_millis()).unwrap_or(i64::MAX);
    if !is_due(&all, app.backups.failed_at(), now, every_ms) {
        return;
    }
    match make_backup(app, schedule, now).await {
        Ok(backup) => {
            tracing::info!(file = ?backup.file, bytes = backup.bytes, "a backup was made");
            // Earlier backups may contain the files that are missing in this one.
            if backup.missing_files.count == 0 {
                remove_old(schedule, now);
            }
        }
        // A command is making a backup at the same time; the next check decides whether another one is due.
        Err(BackupError::Another) => {}
        Err(error) => {
            app.backups.record_failure(now, chain(&error));
            tracing::error!(
                error = chain(&error),
                "a backup failed; earlier ones are unchanged, and the next attempt follows in an hour"
            );
        }
    }
}

async fn make_backup(
    app: &App,
    schedule: &Schedule,
    now: Millis,
) -> Result<NewBackup, BackupError> {
    let file = schedule.folder.join(backup::name(now, schedule.encryption.is_encrypted()));
    let event = Event::on_schedule(Action::BackedUp);
    let content =
        BackupContent { encryption: schedule.encryption.clone(), has_files: schedule.has_files };
    back_up(app, file, content, event, Box::new(|_, _| ())).await
}

fn list(folder: &Path) -> Result<Vec<(Millis, std::path::PathBuf)>, BackupError> {
    let failed = |source| BackupError::Write { path: folder.to_owned(), source };
    if !folder.is_dir() {
        let backup =
            private::ensure_folder(folder).and_then(|()| chown_folder_to_parent_owner(folder));
        backup.map_err(failed)?;
    }
    backup::list(folder).map_err(failed)
}

/// Removes the backups that are no longer needed, and incomplete files of killed servers. Considers only files whose
/// names have the format of scheduled backups.
fn remove_old(schedule: &Schedule, now: Millis) {
    let all = list(&schedule.folder).unwrap_or_default();
    let times: Vec<Millis> = all.iter().map(|(at, _)| *at).collect();
    let removable = expired(&times, now, schedule.keep_days, schedule.keep_weeks);
    let old = all.into_iter().filter(|(at, _)| removable.contains(at)).map(|(_, path)| path);
    let stale = backup::stale_parts(&schedule.folder, now).unwrap_or_default();
    for path in old.chain(stale) {
        match std::fs::remove_file(&path) {
            Ok(()) => tracing::info!(?path, "an old backup was removed"),
            Err(error) => tracing::warn!(?path, %error, "an old backup cannot be removed"),
        }
    }
}
