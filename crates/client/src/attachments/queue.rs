//! The queue of requested files, and whether there is a connection.

use parlour_protocol::FileHash;
use parlour_store::FileToFetch;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Maximum number of files in the queue. If there are more, the oldest requests are dropped.
const CAPACITY: usize = 200;

/// The requested files, in the order of the requests.
#[derive(Debug, Default)]
pub struct FetchQueue {
    state: Mutex<State>,
    /// Notified when there may be one to fetch.
    pub(super) added: Notify,
    /// Notified when there may be something to fetch in the background.
    pub(super) background_due: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_online: bool,
    waiting: VecDeque<FileToFetch>,
}

impl FetchQueue {
    /// Adds a file, unless it waits already.
    pub(crate) fn add(&self, file: FileToFetch) {
        let mut state = self.lock();
        if state.waiting.iter().any(|waiting| waiting.file.hash == file.file.hash) {
            return;
        }
        if state.waiting.len() == CAPACITY {
            state.waiting.pop_front();
        }
        state.waiting.push_back(file);
        drop(state);
        self.added.notify_one();
    }

    /// Removes a file.
    pub(crate) fn remove(&self, hash: FileHash) {
        self.lock().waiting.retain(|waiting| waiting.file.hash != hash);
    }

    /// Returns whether a file is in the queue.
    pub(crate) fn contains(&self, hash: FileHash) -> bool {
        self.lock().waiting.iter().any(|waiting| waiting.file.hash == hash)
    }

    /// Moves a file that could not be fetched to the end of the queue.
    pub(crate) fn put_back(&self, hash: FileHash) {
        let mut state = self.lock();
        let index = state.waiting.iter().position(|waiting| waiting.file.hash == hash);
        if let Some(file) = index.and_then(|index| state.waiting.remove(index)) {
            state.waiting.push_back(file);
        }
    }

    /// Sets whether there is a connection.
    pub(crate) fn set_online(&self, is_online: bool) {
        self.lock().is_online = is_online;
        self.added.notify_one();
        self.background_due.notify_one();
    }

    /// Notifies the background fetch that messages may have arrived.
    pub(crate) fn notify_background(&self) {
        self.background_due.notify_one();
    }

    pub(super) fn is_online(&self) -> bool {
        self.lock().is_online
    }

    /// Waits until there is a connection and a file to fetch, and returns it. It stays in the queue until
    /// it is removed. Only one task may call this.
    pub(super) async fn next(&self) -> FileToFetch {
        loop {
            let first = {
                let state = self.lock();
                state.waiting.front().filter(|_| state.is_online).cloned()
            };
            match first {
                Some(file) => return file,
                None => self.added.notified().await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
