//! Backups of a server that runs, or of the database that a command opened.

use crate::app::App;
use crate::audit::Event;
use crate::backup::{BackupError, NewBackup, Seal, Source, TemporaryDatabase, extras, make};
use crate::db::{self, DbError, Pages};
use crate::lock::lock;
use parlour_protocol::Millis;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// Called with the number of bytes that are done and the total, if that is known.
pub type OnProgress = Box<dyn FnMut(u64, u64) + Send>;

/// Makes a backup at `to`, where nothing may be yet, and notes what becomes of it, in the audit as `event`. Nobody has to wait for it: SQLite is
/// read on a connection of its own, PostgreSQL in one snapshot. If this is dropped before it ended, nothing comes of it.
///
/// # Errors
/// Fails if the disk is full or fails, if the database does, or if another one is being made. Then nothing is left of
/// it.
pub async fn back_up(
    app: &App,
    to: PathBuf,
    seal: Seal,
    event: Event,
    on_progress: OnProgress,
) -> Result<NewBackup, BackupError> {
    let _turn = app.backups.turn.try_lock().map_err(|_| BackupError::Another)?;
    let now = app.now();
    let event = event.details(format!("encrypted={}", seal.is_sealed()));
    let backup = make_backup(app, to, seal, on_progress, now).await;
    match &backup {
        Ok(backup) => {
            app.backups.note(backup);
            app.run.pending.add(event);
            // Whoever looks next finds it there.
            if let Err(error) = app.run.pending.write(&app.db, app.now()).await {
                tracing::error!(error = error.message, "cannot write a backup to the audit");
            }
        }
        // A mistyped command is answered to the one who typed it, and is no failed backup.
        Err(error) if is_mistyped(error) => {}
        Err(error) => app.backups.note_failure(now, chain(error)),
    }
    backup
}

fn is_mistyped(error: &BackupError) -> bool {
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
    seal: Seal,
    on_progress: OnProgress,
    now: Millis,
) -> Result<NewBackup, BackupError> {
    let extras = extras(app.backups.data.as_deref(), &seal)?;
    // Where it cannot be read, the backup is made all the same.
    let own_key = lock(&app.run.about).tls.pin().ok().flatten().map(|pin| pin.to_string());
    let Some(database) = app.db.file().map(Path::to_owned) else {
        return back_up_postgres(app, to, seal, on_progress, (now, extras, own_key)).await;
    };
    run_in_thread(move |should_continue| {
        let source = Source { database: &database, engine: "sqlite", extras, own_key, now };
        make(source, &to, &seal, report_and_continue(should_continue, on_progress))
    })
    .await
}

/// The other files of a server, with their names in a backup.
type Extras = Vec<(&'static str, Vec<u8>)>;

/// The rows are first written to a SQLite file beside the backup.
async fn back_up_postgres(
    app: &App,
    to: PathBuf,
    seal: Seal,
    mut on_progress: OnProgress,
    (now, extras, own_key): (Millis, Extras, Option<String>),
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
        let filled = runtime.block_on(db::image(&tx, image.path(), &mut page));
        let _entered = runtime.enter();
        drop(tx);
        filled.map_err(|error| disk_full_or(error, &to, bytes))?;
        let (database, engine) = (image.path(), "postgres");
        let source = Source { database, engine, extras, own_key, now };
        make(source, &to, &seal, report_and_continue(should_continue, on_progress))
    })
    .await
}

/// Says how many bytes are wanting, where a file of all rows does not fit.
fn disk_full_or(error: DbError, to: &Path, bytes: u64) -> BackupError {
    match &error {
        DbError::Sqlite(cause) if parlour_sqlite::is_full(cause) => {
            BackupError::Full { path: to.to_owned(), missing_bytes: bytes }
        }
        _ => error.into(),
    }
}

/// Returns a function that reports progress, and returns whether the work is still wanted.
fn report_and_continue(
    should_continue: &dyn Fn() -> bool,
    mut on_progress: OnProgress,
) -> impl FnMut(u64, u64) -> bool {
    move |done, total| {
        on_progress(done, total);
        should_continue()
    }
}

/// Does long work on a thread of its own with a low priority. It is cancelled when nobody waits for it any
/// more; the process does not wait for it.
async fn run_in_thread<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let cancel = CancelOnDrop::default();
    let is_cancelled = cancel.0.clone();
    let (answer, answered) = oneshot::channel();
    let body = move || {
        lower_priority();
        let done = work(&|| !is_cancelled.load(Ordering::Relaxed));
        // Who asked may be gone.
        let _ = answer.send(done);
    };
    let started = std::thread::Builder::new().name("backup".into()).spawn(body);
    started.map_err(|error| BackupError::Database(DbError::Thread(error)))?;
    answered.await.map_err(|_| BackupError::Ended)?
}

/// Linux alone knows how nice a thread is; elsewhere the whole process would be.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    // Where it may not be, it is as quick as the others.
    let _ = rustix::process::nice(19);
}

/// Cancels the work when it is dropped: nobody waits for it any more.
#[derive(Default)]
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Looks what is wrong with the database, if anything; also returns the row count and the digest of every table. Reads
/// everything.
///
/// # Errors
/// Fails if the disk or the database does.
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
        let reading = db::digests(&tx, &mut page, |copied| tables.push(copied.clone()));
        let read = runtime.block_on(reading);
        let _entered = runtime.enter();
        drop(tx);
        read?;
        Ok((faults, tables))
    })
    .await
}

/// An error and what caused it, in one line.
pub fn chain(error: &BackupError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
