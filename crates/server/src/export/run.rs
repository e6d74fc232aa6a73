//! Runs an export.

use super::error::ExportError;
use super::file_copies::FileCopies;
use super::format::ExportFormat;
use super::output::Output;
use super::progress::Progress;
use super::report::ExportReport;
use super::scope::Scope;
use super::snapshot::Snapshot;
use super::source::{Origin, Source};
use super::{jsonl, mattermost};
use crate::admin::newcomers::open_groups;
use crate::admin::server::{ConfiguredSettings, StoredSettings};
use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::background::{self, NotCompleted, OnProgress};
use crate::caller::Actor;
use crate::db::{RemovalLock, Tx};
use crate::file_store::Store;
use crate::lock::lock;
use parlour_sqlite::NewFolder;
use std::path::PathBuf;

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// The format.
    pub format: ExportFormat,
    /// The folder to create, which must not exist.
    pub to: PathBuf,
    /// Whether the contents of files are copied.
    pub with_files: bool,
}

/// Exports the whole server into a new folder, which only its owner can read, from one snapshot. Private conversations
/// are included only if the setting `export_private` was on when the server was started. The audit log records when it
/// begins and, before the folder gets its name, what it contains. If this future is dropped, the export is cancelled.
///
/// # Errors
/// Fails for the reasons that [`ExportError`] lists. Then nothing of it is left.
pub async fn export(
    app: &App,
    options: ExportOptions,
    on_progress: OnProgress,
) -> Result<ExportReport, ExportError> {
    let _running = app.runtime.exporting.try_lock().map_err(|_| ExportError::Another)?;
    let folder = NewFolder::create(&options.to)
        .map_err(|error| ExportError::unwritable(&options.to, error, 1))?;
    let has_private = app.runtime.export_private;
    let (format, path) = (options.format.as_str(), options.to.clone());
    let begun = format!("format={format} path={path:?} private={has_private}");
    record(app, Action::ExportBegun, begun).await?;
    let (folder, report) = write(app, options, folder, has_private, on_progress).await?;
    let ExportReport { conversations, left_out, messages, files, missing_files, .. } = report;
    let details = format!(
        "format={format} path={path:?} private={has_private} conversations={conversations} left_out={left_out} \
         messages={messages} files={files} missing_files={missing_files}"
    );
    record(app, Action::Exported, details).await?;
    folder.finish().map_err(|error| ExportError::unwritable(&path, error, 1))?;
    Ok(report)
}

/// Writes everything into the folder, on a thread of its own. No file is removed from the store meanwhile.
async fn write(
    app: &App,
    options: ExportOptions,
    folder: NewFolder,
    has_private: bool,
    mut on_progress: OnProgress,
) -> Result<(NewFolder, ExportReport), ExportError> {
    let _files = match options.with_files {
        true => Some(app.files.removal.read().await),
        false => None,
    };
    let _others = match app.db.url().filter(|_| options.with_files) {
        Some(url) => Some(RemovalLock::share(url).await?),
        None => None,
    };
    let store = app.files.store().ok().filter(|_| options.with_files);
    let tx = app.db.read().await?;
    let scope = Scope { has_private, open: open_groups(&tx).await? };
    let origin = origin(app, &tx).await?;
    let snapshot = Snapshot::new(tx);
    let work = move |should_continue: &dyn Fn() -> bool| {
        let mut report = |done, total| {
            on_progress(done, total);
            should_continue()
        };
        let source = Source { snapshot: &snapshot, scope: &scope, origin: &origin };
        let written = write_all(&source, &options, &folder, store, &mut report);
        snapshot.end();
        written.map(|report| (folder, report))
    };
    match background::run("export", work).await {
        Ok(written) => written,
        Err(NotCompleted::NotStarted(error)) => Err(ExportError::NotStarted(error)),
        Err(NotCompleted::Ended) => Err(ExportError::Ended),
    }
}

async fn origin(app: &App, tx: &Tx) -> Result<Origin, ExportError> {
    let about = lock(&app.runtime.about).clone();
    let configured = ConfiguredSettings { name: about.name, presence: about.presence };
    let name = StoredSettings::read(tx).await?.about(configured).name;
    Ok(Origin {
        name: name.unwrap_or_default(),
        address: about.public_url.or(about.address).unwrap_or_default(),
        at: app.now(),
    })
}

fn write_all(
    source: &Source<'_>,
    options: &ExportOptions,
    folder: &NewFolder,
    store: Option<Store>,
    on_progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<ExportReport, ExportError> {
    let estimate = estimate(source.snapshot, source.scope, store.is_some())?;
    let mut output = Output {
        folder: folder.path().to_owned(),
        target: options.to.clone(),
        progress: Progress::new(on_progress, estimate),
    };
    output.progress.check()?;
    let mut report =
        ExportReport::new(options.format, options.to.clone(), source.scope.has_private);
    let mut files = FileCopies::new(store);
    let write = match options.format {
        ExportFormat::Jsonl => jsonl::write,
        ExportFormat::Mattermost => mattermost::write,
    };
    write(source, &mut output, &mut files, &mut report)?;
    report.files = files.copied;
    report.missing_files = files.missing;
    report.bytes = output.progress.written();
    Ok(report)
}

/// Returns the number of messages, and the estimated number of bytes of their files: of all files on the server, the
/// share of the messages that are exported.
fn estimate(
    snapshot: &Snapshot,
    scope: &Scope,
    has_files: bool,
) -> Result<(u64, u64), ExportError> {
    let everything = Scope { has_private: true, open: Default::default() };
    let (mut messages, mut all) = (0_u64, 0_u64);
    snapshot.conversations(&everything, |conversation| {
        let count = conversation.last_seq.unsigned_abs();
        all = all.saturating_add(count);
        if scope.includes(&conversation) {
            messages = messages.saturating_add(count);
        }
        Ok(())
    })?;
    let bytes = if has_files { snapshot.file_bytes()? } else { 0 };
    let share = u128::from(bytes) * u128::from(messages) / u128::from(all.max(1));
    Ok((messages, u64::try_from(share).unwrap_or(u64::MAX)))
}

async fn record(app: &App, action: Action, details: String) -> Result<(), ExportError> {
    let now = app.now();
    let recorded = app.write(move |tx| {
        Box::pin(async move {
            let event = Event::by_actor(&Actor::CommandLine, action).details(details);
            Ok(audit::record(tx, event, now).await?)
        })
    });
    recorded.await.map_err(ExportError::Audit)
}
