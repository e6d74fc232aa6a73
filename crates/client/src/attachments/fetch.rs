//! Fetches files of messages: what somebody asked for at once, thumbnails and small pictures in the background.

use super::transfers::Transfers;
use crate::context::Context;
use crate::effects::failed;
use crate::notice::Notice;
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode, FileHash, FileKind};
use parlour_store::{FilePosition, Part, WantedFile};
use parlour_sync::{Backoff, Jitter};
use std::collections::HashSet;
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

/// Bytes of a stretch that is fetched at once.
const STRETCH: i64 = 1 << 20;
/// Largest picture that is fetched without being asked for, in bytes.
const SMALL: i64 = 2 << 20;
/// Maximum size of all files that were fetched, in bytes: those that were not used for longest go.
const KEPT: i64 = 4 << 30;
/// How long it must be quiet before it is looked for what is new, so that the text comes first.
const QUIET: Duration = Duration::from_millis(300);
/// The time after which all files are looked at again, if messages came meanwhile.
const AGAIN: Duration = Duration::from_secs(60);

/// Fetches the files that somebody asked for, one after another, until the task is aborted. One that cannot be fetched
/// is tried again after growing pauses.
pub async fn wanted(context: Context) {
    let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(rand::random()));
    loop {
        let wanted = context.fetches.next().await;
        let hash = wanted.file.hash;
        let fetched = fetch(&context, &wanted, true).await;
        let transfers = &context.shared.transfers;
        match fetched {
            Ok(()) => {
                backoff = Backoff::default();
                context.fetches.remove(hash);
                transfers.end(hash);
            }
            Err(error) if is_final(&error) => {
                tracing::debug!(code = %error.code, "a file is not to be had");
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
pub async fn background(context: Context) {
    let (mut backoff, mut jitter) = (Backoff::default(), Jitter::new(rand::random()));
    // What the server does not have; it is not asked for again by this driver.
    let mut missing: HashSet<FileHash> = HashSet::new();
    let mut walk = Walk::default();
    loop {
        if !context.fetches.is_online() {
            context.fetches.looked.notified().await;
            walk = Walk::default();
            continue;
        }
        let found = block_in_place(|| context.store.files_to_fetch(walk.next_page(), SMALL));
        let (wanted, next) = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the files of messages cannot be listed");
                sleep(AGAIN).await;
                continue;
            }
        };
        let mut failure = None;
        for wanted in wanted {
            if missing.contains(&wanted.file.hash) {
                continue;
            }
            match small(&context, &wanted).await {
                Ok(()) => backoff = Backoff::default(),
                Err(error) if is_final(&error) => drop(missing.insert(wanted.file.hash)),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        match failure {
            Some(error) => pause(&mut backoff, &mut jitter, &error).await,
            None if walk.passed(next) => {}
            None => {
                // What a deleted message had lost its key with it; now its bytes go, too.
                if let Err(error) = block_in_place(|| context.store.forget_unused_files()) {
                    tracing::warn!(%error, "files that nothing has any more could not be deleted");
                }
                walk.rest(&context).await;
            }
        }
    }
}

/// A walk through all files, the newest first. What comes later is looked for among the newest, and, since older
/// messages come too, by another walk after a while.
struct Walk {
    began: Instant,
    next: Option<FilePosition>,
    is_over: bool,
    /// Whether something came since it began.
    is_old: bool,
}

impl Default for Walk {
    fn default() -> Self {
        Self { began: Instant::now(), next: None, is_over: false, is_old: false }
    }
}

impl Walk {
    /// Returns the page to look at: the next one, or the newest after the end.
    fn next_page(&self) -> Option<FilePosition> {
        self.next.filter(|_| !self.is_over)
    }

    /// Notes that a page was looked at; returns whether there are more.
    fn passed(&mut self, next: Option<FilePosition>) -> bool {
        if !self.is_over {
            self.next = next;
            self.is_over = next.is_none();
            return !self.is_over;
        }
        false
    }

    /// Waits until something comes, or until it is time for another walk.
    async fn rest(&mut self, context: &Context) {
        let looked = context.fetches.looked.notified();
        if self.is_old {
            let again = self.began + AGAIN;
            if tokio::time::timeout_at(again, looked).await.is_err() {
                *self = Self::default();
                return;
            }
        } else {
            looked.await;
            self.is_old = true;
        }
        sleep(QUIET).await;
    }
}

/// Fetches the thumbnail of a file, and the file if it is a small picture.
async fn small(context: &Context, wanted: &WantedFile) -> Result<(), ErrorBody> {
    if let Some(small) = wanted.file.thumbnail {
        let is_here = block_in_place(|| context.store.has_thumbnail(small.hash)).map_err(failed)?;
        if !is_here {
            let bytes = context.http.thumbnail(wanted.message, wanted.index).await?;
            if FileHash::of(&bytes) != small.hash {
                return Err(other_bytes());
            }
            let kept = block_in_place(|| context.store.mirror.keep_thumbnail(&bytes));
            context.notices.changed(kept.map_err(failed)?);
        }
    }
    let is_picture = matches!(wanted.file.kind, FileKind::Picture { .. });
    if is_picture && wanted.file.bytes.0 <= SMALL {
        fetch(context, wanted, false).await?;
    }
    Ok(())
}

/// Fetches a file, from where it was left. With `is_asked`, only as long as somebody asks for it.
async fn fetch(context: &Context, wanted: &WantedFile, is_asked: bool) -> Result<(), ErrorBody> {
    let WantedFile { message, index, file } = wanted;
    let (hash, total) = (file.hash, file.bytes.0);
    if block_in_place(|| context.store.has_file(hash)).map_err(failed)? {
        return Ok(());
    }
    let now = context.clock.now();
    let begun = block_in_place(|| context.store.receive(hash, total, now));
    let mut arriving = begun.map_err(failed)?;
    let transfers: &Transfers = &context.shared.transfers;
    loop {
        if is_asked {
            if !context.fetches.is_wanted(hash) {
                return Ok(());
            }
            transfers.note(hash, false, arriving.received, total);
            context.notices.send(Notice::Files);
        }
        let range = arriving.received..total.min(arriving.received + STRETCH);
        let bytes = context.http.file_part(*message, *index, range).await?;
        let now = context.clock.now();
        let part = block_in_place(|| context.store.receive_part(arriving, &bytes, now));
        match part.map_err(failed)? {
            Part::More(next) => arriving = next,
            Part::Whole(changes) => {
                block_in_place(|| context.store.make_room(KEPT)).map_err(failed)?;
                context.notices.changed(changes);
                return Ok(());
            }
            Part::Differs => return Err(other_bytes()),
            Part::Unwanted => return Err(ErrorBody::new(ErrorCode::Gone, "the message is gone")),
        }
    }
}

/// Returns whether trying again is of no use.
fn is_final(error: &ErrorBody) -> bool {
    error.code.class() == ErrorClass::Refused
}

fn other_bytes() -> ErrorBody {
    ErrorBody::new(ErrorCode::Invalid, "other bytes than it is named by")
}

async fn pause(backoff: &mut Backoff, jitter: &mut Jitter, error: &ErrorBody) {
    backoff.record_failure(0, error.retry_after_ms, jitter);
    let wait = backoff.due_at(0).and_then(|ms| u64::try_from(ms).ok());
    sleep(Duration::from_millis(wait.unwrap_or(0))).await;
}
