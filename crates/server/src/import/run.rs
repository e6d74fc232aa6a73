//! Runs an import: a reader on its own thread, and a writer that stores its records.

use super::detect;
use super::earlier::forget_unchanged;
use super::form::{Record, Sink, Stop};
use super::ids::Source;
use super::input::Files;
use super::kept::{Kept, make};
use super::options::Options;
use super::people::{self, Map};
use super::readers;
use super::report::{ImportError, Report};
use super::tally::Tally;
use super::write::{self, Counts, State};
use crate::app::App;
use crate::audit;
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::users;
use futures_util::future::BoxFuture;
use parlour_protocol::Millis;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};
use tokio::task::spawn_blocking;

/// The approximate maximum number of messages in a commit, and of bytes of their texts.
const BATCH: usize = 2000;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Number of records that are passed on at once.
const HANDED: usize = 256;

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
    let options = Arc::new(options);
    let mut files = find(options.clone()).await?;
    let map = map(app, &options).await?;
    check_members(app, &options).await?;
    let mut report = Report {
        format: Some(options.format),
        dry_run: options.is_dry,
        people_matched: map.len() as u64,
        files_read: files.entries.len() as u64,
        ..Report::default()
    };
    if options.format == super::Format::Irc {
        forget_unchanged(app, &mut files, &mut report).await?;
    }
    let (total, found) = (files.bytes(), !files.entries.is_empty() || report.unchanged > 0);
    if !found {
        return Err(ImportError::Empty {
            path: options.path.clone(),
            format: options.format.name(),
        });
    }
    if !options.is_dry {
        note_begin(app, &options, total).await?;
    }
    let (give, mut records) = mpsc::channel(4);
    let reader = spawn_blocking({
        let options = options.clone();
        move || read(&files, &options, &give)
    });
    let source = Source { format: options.format, name: options.source.clone() };
    let mut run = Run {
        app,
        state: Arc::new(Mutex::new(State::new(source, options.names, map))),
        tally: Tally::new(report),
        kept: Kept::new(kept_in(app, &options)),
        batch: Vec::new(),
        size: (0, 0),
    };
    while let Some(some) = records.recv().await {
        for record in some {
            run.take(record, options.is_dry).await?;
        }
        progress(run.tally.read().min(total), total);
    }
    drop(records);
    reader.await.expect("readers do not panic")?;
    progress(total, total);
    run.end(&options).await
}

/// The state of a running import.
struct Run<'a> {
    app: &'a App,
    state: Arc<Mutex<State>>,
    tally: Tally,
    kept: Kept,
    batch: Vec<Record>,
    /// Number of messages in the batch, and of bytes of their texts.
    size: (usize, usize),
}

impl Run<'_> {
    async fn take(&mut self, record: Record, is_dry: bool) -> Result<(), ImportError> {
        self.tally.add(&record);
        self.kept.add(&record)?;
        if is_dry {
            return Ok(());
        }
        match &record {
            Record::Message(message) => {
                self.size.0 += 1;
                self.size.1 += message.body.len();
            }
            Record::Person(_) | Record::Conversation(_) | Record::Amendment(_) => {
                self.size.1 += 256
            }
            Record::Notice { .. } | Record::Left { .. } | Record::Broken(_) | Record::Read(_) => {
                return Ok(());
            }
        }
        self.batch.push(record);
        if self.size.0 >= BATCH || self.size.1 >= BATCH_BYTES {
            self.store().await?;
        }
        Ok(())
    }

    /// Stores the batch in one commit.
    async fn store(&mut self) -> Result<(), ImportError> {
        self.size = (0, 0);
        let (batch, now) = (std::mem::take(&mut self.batch), self.app.now());
        let counts =
            self.do_with(move |tx, state| Box::pin(write::write(tx, state, batch, now))).await?;
        self.count(counts)
    }

    /// Runs something with the database and the state of the import, in one commit.
    async fn do_with<T: Send + 'static>(
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
        for (why, place) in counts.odd {
            self.kept.note(why, &place)?;
            self.tally.report.note(why, place, 1);
        }
        Ok(())
    }

    async fn end(mut self, options: &Options) -> Result<Report, ImportError> {
        if options.is_dry {
            self.write_map(options).await?;
        } else {
            self.finish(options).await?;
        }
        let mut report = self.tally.report;
        report.report_file = self.kept.end()?;
        Ok(report)
    }

    /// Stores the rest, and puts every conversation in order.
    async fn finish(&mut self, options: &Options) -> Result<(), ImportError> {
        self.store().await?;
        loop {
            let counts = self
                .do_with(|tx, state| {
                    Box::pin(async move {
                        let many = state.amendments.len().min(BATCH);
                        let some: Vec<_> = state.amendments.drain(..many).collect();
                        let is_over = some.is_empty();
                        Ok((write::amend(tx, state, some).await?, is_over))
                    })
                })
                .await?;
            self.count(counts.0)?;
            if counts.1 {
                break;
            }
        }
        let touched = self.state.lock().await.touched.clone();
        for conversation in touched {
            let is_reordered =
                self.do_with(move |tx, _| Box::pin(write::settle(tx, conversation))).await?;
            self.tally.report.reordered += u64::from(is_reordered);
        }
        let (also, now) = (options.members.clone(), self.app.now());
        self.do_with(move |tx, state| {
            Box::pin(async move { write::own_all(tx, state, &also, now).await })
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
            let mut file = make(path).map_err(failed)?;
            file.write_all(text.as_bytes()).map_err(failed)?;
            self.tally.report.people_file = Some(path.clone());
        }
        Ok(())
    }
}

/// Returns the files of the export; refuses one that appears to have another format.
async fn find(options: Arc<Options>) -> Result<Files, ImportError> {
    let found = spawn_blocking(move || {
        let files = Files::of(&options.path)?;
        detect::check(&files, options.format)?;
        Ok::<_, Stop>(files)
    });
    Ok(found.await.expect("looking for files does not panic")?)
}

/// Reads the export on its own thread, as fast as its records are taken.
fn read(files: &Files, options: &Options, give: &mpsc::Sender<Vec<Record>>) -> Result<(), Stop> {
    let mut some = Vec::with_capacity(HANDED);
    let mut take = |record| {
        some.push(record);
        if some.len() >= HANDED {
            let full = std::mem::replace(&mut some, Vec::with_capacity(HANDED));
            give.blocking_send(full).map_err(|_| Stop::Unwanted)?;
        }
        Ok(())
    };
    readers::read(files, options, &mut Sink::new(&mut take))?;
    give.blocking_send(some).map_err(|_| Stop::Unwanted)
}

/// Returns the map of people for an import.
async fn map(app: &App, options: &Options) -> Result<Map, ImportError> {
    let Some(path) = options.people.clone().filter(|_| !options.is_dry) else {
        return Ok(Map::new());
    };
    let failed = |why: String| ImportError::Map { path: path.clone(), why };
    let text = tokio::fs::read(&path).await.map_err(|error| failed(error.to_string()))?;
    let map = people::read_map(&String::from_utf8_lossy(&text)).map_err(failed)?;
    let tx = app.db.read().await?;
    for name in map.values() {
        if users::by_username(&tx, name).await?.is_none() {
            return Err(failed(format!(
                "there is nobody here called {name}; nothing was imported"
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

/// Records in the audit that the following people and messages were imported.
async fn note_begin(app: &App, options: &Options, bytes: u64) -> Result<(), ImportError> {
    let now = app.now();
    let details =
        format!("format={} path={:?} bytes={bytes}", options.format.as_str(), options.path);
    let noted = app.write(move |tx| {
        Box::pin(async move {
            users::compute_looks(tx).await?;
            let event = audit::Event::by_actor(&Actor::CommandLine, audit::Action::Imported)
                .details(details);
            Ok(audit::record(tx, event, now).await?)
        })
    });
    noted.await.map_err(ImportError::Store)
}

/// Returns the path for what is left out: the requested one, or one in the data folder.
fn kept_in(app: &App, options: &Options) -> Option<PathBuf> {
    let Millis(now) = app.now();
    let usual = || {
        let name = format!("{}-{now}.jsonl", options.format.as_str());
        app.run.folder.as_ref().map(|folder| folder.join("imports").join(name))
    };
    options.report.clone().or_else(usual)
}
