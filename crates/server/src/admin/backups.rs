//! Backups of a server that runs, or of the database that a command opened.

use crate::app::App;
use crate::backup::{BackupError, Image, Made, Seal, Source, extras, make};
use crate::db::{self, DbError, Pages};
use crate::lock::lock;
use parlour_protocol::Millis;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// Called with the bytes that are done and those there are, if that is known.
pub type Told = Box<dyn FnMut(u64, u64) + Send>;

/// Makes a backup at `to`, where nothing may be yet, and notes what becomes of it. Nobody has to wait for it: SQLite is
/// read on a connection of its own, PostgreSQL in one snapshot. If this is dropped before it ended, nothing comes of it.
///
/// # Errors
/// Fails if the disk is full or fails, if the database does, or if another one is being made. Then nothing is left of
/// it.
pub async fn back_up(app: &App, to: PathBuf, seal: Seal, told: Told) -> Result<Made, BackupError> {
    let _turn = app.backups.turn.try_lock().map_err(|_| BackupError::Another)?;
    let now = app.now();
    let made = made(app, to, seal, told, now).await;
    match &made {
        Ok(made) => app.backups.note(made),
        // A mistyped command is answered to the one who typed it, and is no failed backup.
        Err(error) if is_mistyped(error) => {}
        Err(error) => app.backups.note_failure(now, chain(error)),
    }
    made
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

async fn made(
    app: &App,
    to: PathBuf,
    seal: Seal,
    told: Told,
    now: Millis,
) -> Result<Made, BackupError> {
    let extras = extras(app.backups.data.as_deref(), &seal)?;
    // Where it cannot be read, the backup is made all the same.
    let own_key = lock(&app.run.about).tls.pin().ok().flatten().map(|pin| pin.to_string());
    let Some(database) = app.db.file().map(Path::to_owned) else {
        return of_postgres(app, to, seal, told, (now, extras, own_key)).await;
    };
    beside(move |goes_on| {
        let source = Source { database: &database, engine: "sqlite", extras, own_key, now };
        make(source, &to, &seal, telling(goes_on, told))
    })
    .await
}

/// The other files of a server, with their names in a backup.
type Extras = Vec<(&'static str, Vec<u8>)>;

/// The rows are first written to a SQLite file beside the backup.
async fn of_postgres(
    app: &App,
    to: PathBuf,
    seal: Seal,
    mut told: Told,
    (now, extras, own_key): (Millis, Extras, Option<String>),
) -> Result<Made, BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to));
    }
    let image = Image::begin(to.with_added_extension("database"));
    let (_, bytes) = app.db.size().await?;
    let tx = app.db.read().await?;
    let runtime = tokio::runtime::Handle::current();
    beside(move |goes_on| {
        let mut page = |_| {
            told(0, bytes);
            goes_on()
        };
        let filled = runtime.block_on(db::image(&tx, image.path(), &mut page));
        let _entered = runtime.enter();
        drop(tx);
        filled.map_err(|error| full_or(error, &to, bytes))?;
        let (database, engine) = (image.path(), "postgres");
        let source = Source { database, engine, extras, own_key, now };
        make(source, &to, &seal, telling(goes_on, told))
    })
    .await
}

/// Says how many bytes are wanting, where a file of all rows does not fit.
fn full_or(error: DbError, to: &Path, bytes: u64) -> BackupError {
    match &error {
        DbError::Sqlite(cause) if parlour_sqlite::is_full(cause) => {
            BackupError::Full { path: to.to_owned(), wanting: bytes }
        }
        _ => error.into(),
    }
}

fn telling(goes_on: &dyn Fn() -> bool, mut told: Told) -> impl FnMut(u64, u64) -> bool {
    move |done, total| {
        told(done, total);
        goes_on()
    }
}

/// Does long work on a thread of its own, which gives way to others. It is told to stop when nobody waits for it any
/// more; the process does not wait for it.
async fn beside<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let waits = Waits::default();
    let is_waited_for = waits.0.clone();
    let (answer, answered) = oneshot::channel();
    let body = move || {
        give_way();
        let done = work(&|| !is_waited_for.load(Ordering::Relaxed));
        // Who asked may be gone.
        let _ = answer.send(done);
    };
    let started = std::thread::Builder::new().name("backup".into()).spawn(body);
    started.map_err(|error| BackupError::Database(DbError::Thread(error)))?;
    answered.await.map_err(|_| BackupError::Ended)?
}

/// Linux alone knows how nice a thread is; elsewhere the whole process would be.
fn give_way() {
    #[cfg(target_os = "linux")]
    // Where it may not be, it is as quick as the others.
    let _ = rustix::process::nice(19);
}

/// Somebody waits; dropped when nobody does.
#[derive(Default)]
struct Waits(Arc<AtomicBool>);

impl Drop for Waits {
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
    mut told: Told,
) -> Result<(Vec<String>, Vec<db::Copied>), BackupError> {
    let (file, tx) = (app.db.file().map(Path::to_owned), app.db.read().await?);
    let (_, bytes) = app.db.size().await?;
    let runtime = tokio::runtime::Handle::current();
    beside(move |goes_on| {
        let faults = match file {
            Some(file) => Pages::open(&file)?.faults()?,
            None => Vec::new(),
        };
        let mut tables = Vec::new();
        let mut page = |_| {
            told(0, bytes);
            goes_on()
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
