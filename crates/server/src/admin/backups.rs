//! Makes backups of a running server, or of the database that a command opened.

use crate::app::App;
use crate::audit::Event;
use crate::background::{self, NotCompleted, OnProgress};
use crate::backup::{
    BackupEncryption, BackupError, NewBackup, Source, TemporaryDatabase, extras, make,
};
use crate::db::{self, DbError, Pages, RemovalLock};
use crate::lock::lock;
use parlour_protocol::Millis;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a backup contains besides the database.
pub struct BackupContent {
    /// The encryption; only an encrypted backup contains the settings and the server's own key.
    pub encryption: BackupEncryption,
    /// Whether it contains the contents of files.
    pub has_files: bool,
}

/// Makes a backup at the path `to`, which must not exist, and records the result, in the audit log as
/// `event`. It blocks no other work: SQLite is read on a separate connection, PostgreSQL in one snapshot.
/// If this future is dropped, the backup is cancelled.
///
/// # Errors
/// Fails on an I/O error, if the disk is full, if the database fails, or if another backup is being made.
/// Then no file is left behind.
pub async fn back_up(
    app: &App,
    to: PathBuf,
    content: BackupContent,
    event: Event,
    on_progress: OnProgress,
) -> Result<NewBackup, BackupError> {
    let _guard = app.backups.running.try_lock().map_err(|_| BackupError::Another)?;
    let _files = match content.has_files {
        true => Some(app.files.removal.read().await),
        false => None,
    };
    let now = app.now();
    let event = event.details(format!("encrypted={}", content.encryption.is_encrypted()));
    let backup = make_backup(app, to, content, on_progress, now).await;
    match &backup {
        Ok(backup) => {
            let missing = backup.missing_files.count;
            if missing > 0 {
                tracing::error!(missing, "a backup lacks files that are missing in the store");
            }
            app.backups.record_success(backup);
            app.runtime.pending.add(event);
            // Written at once, so that the next reader of the audit log finds it.
            if let Err(error) = app.runtime.pending.write(&app.db, app.now()).await {
                tracing::error!(error = error.message, "cannot write a backup to the audit log");
            }
        }
        // A mistake in the command is only reported to its caller, and does not count as a failed backup.
        Err(error) if is_usage_error(error) => {}
        Err(error) => app.backups.record_failure(now, chain(error)),
    }
    backup
}

fn is_usage_error(error: &BackupError) -> bool {
    match error {
        BackupError::Exists(_)
        | BackupError::Busy(_)
        | BackupError::Another
        | BackupError::Recipient(_)
        | BackupError::NoPassphrase => true,
        BackupError::Write { source, .. } => {
            matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        }
        _ => false,
    }
}

async fn make_backup(
    app: &App,
    to: PathBuf,
    BackupContent { encryption, has_files }: BackupContent,
    on_progress: OnProgress,
    now: Millis,
) -> Result<NewBackup, BackupError> {
    // Other servers on the database remove no files meanwhile either.
    let _others = match app.db.url().filter(|_| has_files) {
        Some(url) => Some(RemovalLock::share(url).await?),
        None => None,
    };
    let source = Source {
        extras: extras(app.backups.data.as_deref(), &encryption)?,
        files: app.files.store().ok().filter(|_| has_files),
        // If it cannot be read, the backup is made anyway.
        own_key_pin: lock(&app.runtime.about).tls.pin().ok().flatten().map(|pin| pin.to_string()),
        now,
    };
    let Some(database) = app.db.file().map(Path::to_owned) else {
        return back_up_postgres(app, to, encryption, on_progress, source).await;
    };
    run_in_thread(move |should_continue| {
        let on_progress = report_and_continue(should_continue, on_progress);
        make((&database, "sqlite"), source, &to, &encryption, on_progress)
    })
    .await
}

/// Backs up PostgreSQL: writes the rows to a SQLite file next to the backup first.
async fn back_up_postgres(
    app: &App,
    to: PathBuf,
    encryption: BackupEncryption,
    mut on_progress: OnProgress,
    source: Source,
) -> Result<NewBackup, BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to));
    }
    let image = TemporaryDatabase::begin(to.with_added_extension("database"));
    let (_, bytes) = app.db.size().await?;
    let tx = app.db.read().await?;
    let runtime = tokio::runtime::Handle::current();
    run_in_thread(move |should_continue| {
        let mut page = |_| {
            on_progress(0, bytes);
            should_continue()
        };
        let copied = runtime.block_on(db::image(&tx, image.path(), &mut page));
        let _entered = runtime.enter();
        drop(tx);
        copied.map_err(|error| convert_error(error, &to, bytes))?;
        let on_progress = report_and_continue(should_continue, on_progress);
        make((image.path(), "postgres"), source, &to, &encryption, on_progress)
    })
    .await
}

/// Converts an error of writing the rows to a file; one of a full disk gets the number of missing bytes.
fn convert_error(error: DbError, to: &Path, size: u64) -> BackupError {
    match &error {
        DbError::Sqlite(cause) if parlour_sqlite::is_full(cause) => {
            BackupError::Full { path: to.to_owned(), missing_bytes: size }
        }
        _ => error.into(),
    }
}

/// Returns a function that reports progress, and returns false once the work is cancelled.
fn report_and_continue(
    should_continue: &dyn Fn() -> bool,
    mut on_progress: OnProgress,
) -> impl FnMut(u64, u64) -> bool {
    move |result, total| {
        on_progress(result, total);
        should_continue()
    }
}

/// Runs long work on a separate thread; see [`background::run`].
async fn run_in_thread<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    match background::run("backup", work).await {
        Ok(result) => result,
        Err(NotCompleted::NotStarted(error)) => Err(DbError::Thread(error).into()),
        Err(NotCompleted::Ended) => Err(BackupError::Ended),
    }
}

/// Checks the database. Returns the faults that were found, and the row count and digest of every table. Reads the
/// whole database.
///
/// # Errors
/// Fails if the database fails, or on an I/O error.
pub async fn check(
    app: &App,
    mut on_progress: OnProgress,
) -> Result<(Vec<String>, Vec<db::Copied>), BackupError> {
    let (file, tx) = (app.db.file().map(Path::to_owned), app.db.read().await?);
    let (_, bytes) = app.db.size().await?;
    let runtime = tokio::runtime::Handle::current();
    run_in_thread(move |should_continue| {
        let faults = match file {
            Some(file) => Pages::open(&file)?.faults()?,
            None => Vec::new(),
        };
        let mut tables = Vec::new();
        let mut page = |_| {
            on_progress(0, bytes);
            should_continue()
        };
        let future = db::digests(&tx, &mut page, |copied| tables.push(copied.clone()));
        let read = runtime.block_on(future);
        let _entered = runtime.enter();
        drop(tx);
        read?;
        Ok((faults, tables))
    })
    .await
}

/// Returns the messages of an error and its causes, in one line.
pub fn chain(error: &BackupError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
