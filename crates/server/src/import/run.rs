//! Runs an import: a reader on its own thread, and a writer that stores its records.

use super::contents::Contents;
use super::detect;
use super::ids::{IdOrigin, Source};
use super::input::Files;
use super::options::Options;
use super::people::{self, Map};
use super::readers;
use super::rebuild::begin_to_rebuild;
use super::recording::{record_end, record_start};
use super::records::{Record, Sink, StopReason};
use super::report::{ImportError, Report};
use super::report_file::{ReportFile, create};
use super::tally::Tally;
use super::unchanged_files::skip_unchanged;
use super::write::{self, Counts, Needed, Origin, Senders, State};
use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::users;
use futures_util::future::BoxFuture;
use parlour_protocol::{FileLimits, Millis};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::spawn_blocking;

/// The approximate maximum number of messages in a commit.
const MAX_BATCH_MESSAGES: usize = 2000;
/// The approximate maximum number of bytes of their texts.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Number of records that the reader sends to the writer at once.
const RECORDS_PER_SEND: usize = 256;

/// Imports an export, or examines it.
///
/// `progress` is called with the number of bytes imported so far, and the total.
///
/// # Errors
/// Fails for the reasons that [`ImportError`] lists.
pub async fn import(
    app: &App,
    options: Options,
    mut progress: impl FnMut(u64, u64),
) -> Result<Report, ImportError> {
    // One import at a time, and none while one is undone.
    let _alone = match options.is_dry_run {
        true => None,
        false => Some(app.runtime.importing.lock().await),
    };
    let options = Arc::new(options);
    let limits = FileLimits { quota_bytes: None, ..app.files.settings.limits(0) };
    let mut files = find(options.clone(), limits).await?;
    let map = map(app, &options).await?;
    check_members(app, &options).await?;
    let mut report = Report {
        format: Some(options.format),
        dry_run: options.is_dry_run,
        people_matched: map.len() as u64,
        files_read: files.entries.len() as u64,
        ..Report::default()
    };
    if options.format == super::Format::Irc {
        skip_unchanged(app, &mut files, &mut report).await?;
    }
    let (total, found) = (files.bytes(), !files.entries.is_empty() || report.unchanged > 0);
    if !found {
        return Err(ImportError::Empty {
            path: options.path.clone(),
            format: options.format.name(),
        });
    }
    if options.ids == IdOrigin::Exported {
        begin_to_rebuild(app, options.is_dry_run).await?;
    }
    let origin = match options.is_dry_run {
        true => Origin::default(),
        false => record_start(app, &options, total).await?,
    };
    let number = origin.run;
    let (sender, mut records) = mpsc::channel(4);
    let reader = spawn_blocking({
        let options = options.clone();
        move || {
            let read = read(&files, &options, &sender);
            (read, files)
        }
    });
    let source = Source { format: options.format, name: options.source.clone(), ids: options.ids };
    let mut run = Run {
        app,
        state: Arc::new(Mutex::new(State::new(source, options.names, map, origin))),
        tally: Tally::new(report),
        report_file: ReportFile::new(report_path(app, &options)),
        contents: Contents::default(),
        batch: Vec::new(),
        size: (0, 0),
    };
    while let Some(received) = records.recv().await {
        for record in received {
            run.add(record, options.is_dry_run).await?;
        }
        progress(run.tally.read().min(total), total);
    }
    drop(records);
    // An unpacked archive is removed with its files, which the writer still needs.
    let (read, _files) = reader.await.expect("readers do not panic");
    read?;
    let mut report = run.finish(&options).await?;
    if !options.is_dry_run {
        record_end(app, number).await?;
        report.number = Some(number);
    }
    progress(total, total);
    Ok(report)
}

/// The state of a running import.
struct Run<'a> {
    app: &'a App,
    state: Arc<Mutex<State>>,
    tally: Tally,
    report_file: ReportFile,
    contents: Contents,
    batch: Vec<Record>,
    /// Number of messages in the batch, and of bytes of their texts.
    size: (usize, usize),
}

impl Run<'_> {
    async fn add(&mut self, record: Record, is_dry_run: bool) -> Result<(), ImportError> {
        self.tally.add(&record);
        self.report_file.add(&record)?;
        if let Record::Message(message) = &record {
            self.report_file.add_files(message)?;
        }
        if is_dry_run {
            return Ok(());
        }
        match &record {
            Record::Message(message) => {
                self.size.0 += 1;
                self.size.1 += message.body.len();
                self.size.1 += message.earlier.iter().map(|(text, _)| text.len()).sum::<usize>();
            }
            Record::Person(_) | Record::Conversation(_) | Record::Amendment(_) => {
                self.size.1 += 256
            }
            Record::Notice { .. }
            | Record::Warning { .. }
            | Record::Broken(_)
            | Record::Read(_) => {
                return Ok(());
            }
        }
        self.batch.push(record);
        if self.size.0 >= MAX_BATCH_MESSAGES || self.size.1 >= MAX_BATCH_BYTES {
            self.store().await?;
        }
        Ok(())
    }

    /// Stores the batch in one commit, after the contents of its files.
    async fn store(&mut self) -> Result<(), ImportError> {
        self.size = (0, 0);
        self.store_contents().await?;
        let (batch, now) = (std::mem::take(&mut self.batch), self.app.now());
        let counts =
            self.commit(move |tx, state| Box::pin(write::write(tx, state, batch, now))).await?;
        self.count(counts)
    }

    /// Stores the contents of the files of the batch. They are kept for a week without a message, so that an import
    /// that is interrupted before the messages are stored can be repeated.
    async fn store_contents(&mut self) -> Result<(), ImportError> {
        let Some(needed) = Needed::of(&self.batch) else { return Ok(()) };
        let senders: Senders =
            self.commit(move |tx, state| Box::pin(write::add_senders(tx, state, needed))).await?;
        let stored = self.contents.store(self.app, &senders, &mut self.batch).await?;
        self.tally.add_read(stored.read_bytes);
        self.tally.report.files_added += stored.added;
        self.tally.report.files_added_bytes += stored.added_bytes;
        for (reason, location) in stored.altered {
            self.report_file.add_reason(reason, &location)?;
            self.tally.report.add(reason, location, 1);
        }
        for (reason, location, bytes) in stored.unreadable {
            self.report_file.add_reason(reason, &location)?;
            self.tally.unreadable(reason, location, bytes);
        }
        Ok(())
    }

    /// Runs `body` with the transaction and the state of the import, and commits.
    async fn commit<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx, &'t mut State) -> BoxFuture<'t, Result<T, ApiError>>
        + Send
        + 'static,
    ) -> Result<T, ImportError> {
        let state = self.state.clone();
        let done = self.app.write(move |tx| {
            Box::pin(async move {
                let mut state = state.lock().await;
                body(tx, &mut state).await
            })
        });
        done.await.map_err(ImportError::Store)
    }

    fn count(&mut self, counts: Counts) -> Result<(), ImportError> {
        let report = &mut self.tally.report;
        report.added += counts.added;
        report.known += counts.known;
        report.changed += counts.changed;
        for (reason, location) in counts.odd {
            self.report_file.add_reason(reason, &location)?;
            self.tally.report.add(reason, location, 1);
        }
        Ok(())
    }

    async fn finish(mut self, options: &Options) -> Result<Report, ImportError> {
        if options.is_dry_run {
            self.write_map(options).await?;
        } else {
            self.store_rest(options).await?;
        }
        let mut report = self.tally.report;
        report.report_file = self.report_file.finish()?;
        Ok(report)
    }

    /// Stores the rest, and orders every conversation by time.
    async fn store_rest(&mut self, options: &Options) -> Result<(), ImportError> {
        self.store().await?;
        loop {
            let now = self.app.now();
            let counts = self
                .commit(move |tx, state| {
                    Box::pin(async move {
                        let count = state.amendments.len().min(MAX_BATCH_MESSAGES);
                        let amendments: Vec<_> = state.amendments.drain(..count).collect();
                        let is_last = amendments.is_empty();
                        Ok((write::amend(tx, state, amendments, now).await?, is_last))
                    })
                })
                .await?;
            self.count(counts.0)?;
            if counts.1 {
                break;
            }
        }
        let stored_ids = self.state.lock().await.stored_ids.clone();
        for conversation in stored_ids {
            let is_reordered =
                self.commit(move |tx, _| Box::pin(write::order_by_time(tx, conversation))).await?;
            self.tally.report.reordered += u64::from(is_reordered);
            self.commit(move |tx, state| {
                Box::pin(write::hide_from_newcomers(tx, state, conversation))
            })
            .await?;
        }
        let (usernames, now) = (options.members.clone(), self.app.now());
        self.commit(move |tx, state| {
            Box::pin(async move { write::add_requested_members(tx, state, &usernames, now).await })
        })
        .await
    }

    /// Writes the map of people.
    async fn write_map(&mut self, options: &Options) -> Result<(), ImportError> {
        let tx = self.app.db.read().await?;
        let (text, matched) = people::write_map(&tx, &self.tally.people).await?;
        self.tally.report.people_matched = matched;
        if let Some(path) = &options.people {
            let failed = |source| ImportError::Write { path: path.clone(), source };
            let mut file = create(path).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
            self.tally.report.people_file = Some(path.clone());
        }
        Ok(())
    }
}

/// Returns the files of the export; refuses one that appears to have another format.
async fn find(options: Arc<Options>, limits: FileLimits) -> Result<Files, ImportError> {
    let found = spawn_blocking(move || {
        let mut files = Files::find(&options.path, limits.clone())?;
        detect::check(&files, options.format)?;
        for (number, path) in (2..).zip(&options.more) {
            let more = Files::find(path, limits.clone())?;
            detect::check(&more, options.format)?;
            files.add_export(&format!("export {number}"), more);
        }
        if let Some(folder) = &options.files {
            files.add_beside(folder)?;
        }
        Ok::<_, StopReason>(files)
    });
    Ok(found.await.expect("looking for files does not panic")?)
}

/// Reads the export on its own thread, as fast as its records are received.
fn read(
    files: &Files,
    options: &Options,
    sender: &mpsc::Sender<Vec<Record>>,
) -> Result<(), StopReason> {
    let (mut pending, mut bytes) = (Vec::with_capacity(RECORDS_PER_SEND), 0);
    let mut emit = |record: Record| {
        if let Record::Read(read) = &record {
            bytes += *read;
        }
        pending.push(record);
        if pending.len() >= RECORDS_PER_SEND || bytes >= MAX_BATCH_BYTES as u64 {
            bytes = 0;
            let full = std::mem::replace(&mut pending, Vec::with_capacity(RECORDS_PER_SEND));
            sender.blocking_send(full).map_err(|_| StopReason::Cancelled)?;
        }
        Ok(())
    };
    readers::read(files, options, &mut Sink::new(&mut emit))?;
    sender.blocking_send(pending).map_err(|_| StopReason::Cancelled)
}

/// Returns the map of people for an import.
async fn map(app: &App, options: &Options) -> Result<Map, ImportError> {
    let Some(path) = options.people.clone().filter(|_| !options.is_dry_run) else {
        return Ok(Map::new());
    };
    let failed = |reason: String| ImportError::Map { path: path.clone(), reason };
    let text = tokio::fs::read(&path).await.map_err(|error| failed(error.to_string()))?;
    let map = people::read_map(&String::from_utf8_lossy(&text)).map_err(failed)?;
    let tx = app.db.read().await?;
    for name in map.values() {
        if users::by_username(&tx, name).await?.is_none() {
            return Err(failed(format!(
                "there is nobody called {name} on this server; nothing was imported"
            )));
        }
    }
    Ok(map)
}

/// Refuses usernames of members that do not exist, before anything is stored.
async fn check_members(app: &App, options: &Options) -> Result<(), ImportError> {
    let tx = app.db.read().await?;
    for name in &options.members {
        if users::by_username(&tx, name).await?.is_none() {
            return Err(ApiError::not_found(&format!("person as {name}")).into());
        }
    }
    Ok(())
}

/// Returns the path of the report file: the requested one, or one in the data folder.
fn report_path(app: &App, options: &Options) -> Option<PathBuf> {
    let Millis(now) = app.now();
    let default = || {
        let name = format!("{}-{now}.jsonl", options.format.as_str());
        app.runtime.folder.as_ref().map(|folder| folder.join("imports").join(name))
    };
    options.report.clone().or_else(default)
}
