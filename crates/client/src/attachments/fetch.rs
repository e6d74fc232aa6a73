//! Fetches files of messages: requested files first, thumbnails and small pictures in the background.

use super::transfers::Transfers;
use crate::context::Context;
use crate::effects::storage_failed;
use crate::notice::Notice;
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode, FileHash, FileKind};
use parlour_store::{FilePosition, FileToFetch, ReceiveResult};
use parlour_sync::{Backoff, Jitter};
use std::collections::HashSet;
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

/// Size of a range that one request fetches, in bytes.
const RANGE_BYTES: i64 = 1 << 20;
/// Largest picture that is fetched in the background, in bytes.
const SMALL_PICTURE_BYTES: i64 = 2 << 20;
/// Maximum size of all fetched files, in bytes; the least recently used ones are evicted.
const CACHE_BYTES: i64 = 4 << 30;
/// Debounce before new files are looked for, so that messages arrive before files.
const DEBOUNCE: Duration = Duration::from_millis(300);
/// The time after which all files are checked again, if messages have arrived since.
const RESCAN_INTERVAL: Duration = Duration::from_secs(60);

/// Fetches the requested files, one after another, until the task is aborted. A failed fetch is retried after growing
/// pauses.
pub async fn run_requested(context: Context) {
    let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(rand::random()));
    loop {
        let requested = context.fetches.next().await;
        let hash = requested.file.hash;
        let fetched = fetch(&context, &requested, true).await;
        let transfers = &context.shared.transfers;
        match fetched {
            Ok(()) => {
                backoff = Backoff::default();
                context.fetches.remove(hash);
                transfers.end(hash);
            }
            Err(error) if is_final(&error) => {
                tracing::debug!(code = %error.code, "a file cannot be fetched");
                context.fetches.remove(hash);
                transfers.fail(hash, error.problem());
            }
            Err(error) => {
                transfers.fail(hash, error.problem());
                context.fetches.put_back(hash);
                context.notices.send(Notice::Files);
                pause(&mut backoff, &mut jitter, &error).await;
            }
        }
        context.notices.send(Notice::Files);
    }
}

/// Fetches thumbnails and small pictures whenever there is a connection, the newest first, until the task is aborted.
pub async fn run_background(context: Context) {
    let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(rand::random()));
    // Files that the server does not have; this driver does not request them again.
    let mut missing: HashSet<FileHash> = HashSet::new();
    let mut scan = Scan::default();
    loop {
        if !context.fetches.is_online() {
            context.fetches.background_due.notified().await;
            scan = Scan::default();
            continue;
        }
        let found =
            block_in_place(|| context.store.files_to_fetch(scan.next_page(), SMALL_PICTURE_BYTES));
        let (to_fetch, next) = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the files of messages cannot be listed");
                sleep(RESCAN_INTERVAL).await;
                continue;
            }
        };
        let mut failure = None;
        for file in to_fetch {
            if missing.contains(&file.file.hash) {
                continue;
            }
            match fetch_small(&context, &file).await {
                Ok(()) => backoff = Backoff::default(),
                Err(error) if is_final(&error) => drop(missing.insert(file.file.hash)),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        match failure {
            Some(error) => pause(&mut backoff, &mut jitter, &error).await,
            None if scan.advance(next) => {}
            None => {
                // The keys of files of deleted messages are deleted already; this deletes their bytes.
                if let Err(error) = block_in_place(|| context.store.delete_unused_files()) {
                    tracing::warn!(%error, "unused files could not be deleted");
                }
                scan.wait(&context).await;
            }
        }
    }
}

/// A scan of all files, the newest first. Files that arrive later are looked for on the first page and, because older
/// messages may arrive too, by another scan after a while.
struct Scan {
    started_at: Instant,
    next: Option<FilePosition>,
    is_finished: bool,
    /// Whether something arrived since it started.
    is_stale: bool,
}

impl Default for Scan {
    fn default() -> Self {
        Self { started_at: Instant::now(), next: None, is_finished: false, is_stale: false }
    }
}

impl Scan {
    /// Returns the position of the next page; after the end, of the first page.
    fn next_page(&self) -> Option<FilePosition> {
        self.next.filter(|_| !self.is_finished)
    }

    /// Records that a page was checked; returns whether there are more.
    fn advance(&mut self, next: Option<FilePosition>) -> bool {
        if !self.is_finished {
            self.next = next;
            self.is_finished = next.is_none();
            return !self.is_finished;
        }
        false
    }

    /// Waits until something arrives, or until it is time for another scan.
    async fn wait(&mut self, context: &Context) {
        let background_due = context.fetches.background_due.notified();
        if self.is_stale {
            let next_scan = self.started_at + RESCAN_INTERVAL;
            if tokio::time::timeout_at(next_scan, background_due).await.is_err() {
                *self = Self::default();
                return;
            }
        } else {
            background_due.await;
            self.is_stale = true;
        }
        sleep(DEBOUNCE).await;
    }
}

/// Fetches the thumbnail of a file, and the file if it is a small picture.
async fn fetch_small(context: &Context, to_fetch: &FileToFetch) -> Result<(), ErrorBody> {
    if let Some(small) = to_fetch.file.thumbnail {
        let is_here =
            block_in_place(|| context.store.has_thumbnail(small.hash)).map_err(storage_failed)?;
        if !is_here {
            let bytes = context.http.thumbnail(to_fetch.message, to_fetch.index).await?;
            if FileHash::of(&bytes) != small.hash {
                return Err(hash_mismatch());
            }
            let stored = block_in_place(|| context.store.mirror.put_thumbnail(&bytes));
            context.notices.changed(stored.map_err(storage_failed)?);
        }
    }
    let is_picture = matches!(to_fetch.file.kind, FileKind::Picture { .. });
    if is_picture && to_fetch.file.bytes.0 <= SMALL_PICTURE_BYTES {
        fetch(context, to_fetch, false).await?;
    }
    Ok(())
}

/// Fetches a file, continuing an interrupted fetch. With `is_requested`, it stops once the request is cancelled.
async fn fetch(
    context: &Context,
    to_fetch: &FileToFetch,
    is_requested: bool,
) -> Result<(), ErrorBody> {
    let FileToFetch { message, index, file } = to_fetch;
    let (hash, total) = (file.hash, file.bytes.0);
    if block_in_place(|| context.store.has_file(hash)).map_err(storage_failed)? {
        return Ok(());
    }
    let now = context.clock.now();
    let started = block_in_place(|| context.store.receive(hash, total, now));
    let mut partial = started.map_err(storage_failed)?;
    let transfers: &Transfers = &context.shared.transfers;
    loop {
        if is_requested {
            if !context.fetches.contains(hash) {
                return Ok(());
            }
            transfers.set_progress(hash, false, partial.received, total);
            context.notices.send(Notice::Files);
        }
        let range = partial.received..total.min(partial.received + RANGE_BYTES);
        let bytes = context.http.file_part(*message, *index, range).await?;
        let now = context.clock.now();
        let part = block_in_place(|| context.store.receive_part(partial, &bytes, now));
        match part.map_err(storage_failed)? {
            ReceiveResult::Incomplete(next) => partial = next,
            ReceiveResult::Complete(changes) => {
                block_in_place(|| context.store.evict_files(CACHE_BYTES))
                    .map_err(storage_failed)?;
                context.notices.changed(changes);
                return Ok(());
            }
            ReceiveResult::HashMismatch => return Err(hash_mismatch()),
            ReceiveResult::NotNeeded => {
                return Err(ErrorBody::new(ErrorCode::NotFound, "the message was deleted"));
            }
        }
    }
}

/// Returns whether a retry would fail, too.
fn is_final(error: &ErrorBody) -> bool {
    error.code.class() == ErrorClass::Refused
}

fn hash_mismatch() -> ErrorBody {
    ErrorBody::new(ErrorCode::Invalid, "the bytes do not match the hash")
}

async fn pause(backoff: &mut Backoff, jitter: &mut Jitter, error: &ErrorBody) {
    backoff.record_failure(0, error.retry_after_ms, jitter);
    let wait = backoff.due_at(0).and_then(|ms| u64::try_from(ms).ok());
    sleep(Duration::from_millis(wait.unwrap_or(0))).await;
}
