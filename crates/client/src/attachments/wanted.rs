//! The files that are to be fetched because somebody asked for them, and whether there is a connection.

use parlour_protocol::FileHash;
use parlour_store::WantedFile;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Maximum number of files that wait. If there are more, the oldest requests are dropped.
const WAITING: usize = 200;

/// The files that somebody asked for, in their order.
#[derive(Debug, Default)]
pub struct WantedFiles {
    state: Mutex<State>,
    /// Notified when there may be one to fetch.
    pub(super) added: Notify,
    /// Notified when there may be something to fetch without being asked for.
    pub(super) looked: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_online: bool,
    waiting: VecDeque<WantedFile>,
}

impl WantedFiles {
    /// Adds a file, unless it waits already.
    pub(crate) fn add(&self, wanted: WantedFile) {
        let mut state = self.lock();
        if state.waiting.iter().any(|waiting| waiting.file.hash == wanted.file.hash) {
            return;
        }
        if state.waiting.len() == WAITING {
            state.waiting.pop_front();
        }
        state.waiting.push_back(wanted);
        drop(state);
        self.added.notify_one();
    }

    /// Removes a file.
    pub(crate) fn remove(&self, hash: FileHash) {
        self.lock().waiting.retain(|waiting| waiting.file.hash != hash);
    }

    /// Returns whether somebody still asks for a file.
    pub(crate) fn is_wanted(&self, hash: FileHash) -> bool {
        self.lock().waiting.iter().any(|waiting| waiting.file.hash == hash)
    }

    /// Puts a file that could not be fetched at the end.
    pub(crate) fn put_back(&self, hash: FileHash) {
        let mut state = self.lock();
        let at = state.waiting.iter().position(|waiting| waiting.file.hash == hash);
        if let Some(wanted) = at.and_then(|at| state.waiting.remove(at)) {
            state.waiting.push_back(wanted);
        }
    }

    /// Notes whether there is a connection.
    pub(crate) fn set_online(&self, is_online: bool) {
        self.lock().is_online = is_online;
        self.added.notify_one();
        self.looked.notify_one();
    }

    /// Notes that messages may have come.
    pub(crate) fn look(&self) {
        self.looked.notify_one();
    }

    pub(super) fn is_online(&self) -> bool {
        self.lock().is_online
    }

    /// Waits until there is a connection and a file to fetch, and returns it. It stays in the list. Only one task may
    /// call this.
    pub(super) async fn next(&self) -> WantedFile {
        loop {
            let first = {
                let state = self.lock();
                state.waiting.front().filter(|_| state.is_online).cloned()
            };
            match first {
                Some(wanted) => return wanted,
                None => self.added.notified().await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
