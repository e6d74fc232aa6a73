//! The pictures that are shown but not on this computer yet.

use parlour_protocol::PictureId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Maximum number of pictures in the queue. If there are more, the oldest requests are dropped: they may not be visible
/// any more.
const CAPACITY: usize = 1000;

/// The pictures to fetch, in the order of the requests.
#[derive(Debug, Default)]
pub struct PictureQueue {
    state: Mutex<State>,
    /// Notified when there may be one to fetch.
    added: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_online: bool,
    waiting: VecDeque<PictureId>,
    /// The pictures that the server does not have. They are not requested again before the next connection.
    missing: HashSet<PictureId>,
}

impl PictureQueue {
    /// Adds pictures, except those that already wait or that the server does not have.
    pub(crate) fn add(&self, ids: impl IntoIterator<Item = PictureId>) {
        let mut state = self.lock();
        for id in ids {
            if state.missing.contains(&id) || state.waiting.contains(&id) {
                continue;
            }
            if state.waiting.len() == CAPACITY {
                state.waiting.pop_front();
            }
            state.waiting.push_back(id);
        }
        drop(state);
        self.added.notify_one();
    }

    /// Sets whether there is a connection. After a new one, all pictures may be requested again.
    pub(crate) fn set_online(&self, is_online: bool) {
        let mut state = self.lock();
        if is_online && !state.is_online {
            state.missing.clear();
        }
        state.is_online = is_online;
        drop(state);
        self.added.notify_one();
    }

    /// Waits until there is a connection and a picture to fetch, and returns that picture. The next call waits
    /// until [`Self::mark_stored`], [`Self::mark_missing`] or [`Self::put_back`] reports its outcome. Only one task
    /// may call this.
    pub(crate) async fn next(&self) -> PictureId {
        loop {
            let first = {
                let state = self.lock();
                state.waiting.front().copied().filter(|_| state.is_online)
            };
            match first {
                Some(id) => return id,
                None => self.added.notified().await,
            }
        }
    }

    /// Removes a picture that was stored.
    pub(crate) fn mark_stored(&self, id: PictureId) {
        self.lock().waiting.retain(|waiting| *waiting != id);
    }

    /// Removes a picture that the server does not have.
    pub(crate) fn mark_missing(&self, id: PictureId) {
        let mut state = self.lock();
        state.waiting.retain(|waiting| *waiting != id);
        if state.missing.len() == CAPACITY {
            state.missing.clear();
        }
        state.missing.insert(id);
    }

    /// Puts a picture that could not be fetched at the end of the queue.
    pub(crate) fn put_back(&self, id: PictureId) {
        let mut state = self.lock();
        state.waiting.retain(|waiting| *waiting != id);
        state.waiting.push_back(id);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn id(n: u32) -> PictureId {
        PictureId::of(&n.to_be_bytes())
    }

    fn next(queue: &PictureQueue) -> Option<PictureId> {
        queue.next().now_or_never()
    }

    #[test]
    fn each_picture_is_fetched_once_in_order_and_only_with_a_connection() {
        let queue = PictureQueue::default();
        queue.add([id(1), id(2), id(1)]);
        assert_eq!(next(&queue), None, "there is no connection");
        queue.set_online(true);
        assert_eq!(next(&queue), Some(id(1)));
        // It could not be fetched, so the next one is returned.
        queue.put_back(id(1));
        assert_eq!(next(&queue), Some(id(2)));
        queue.mark_missing(id(2));
        queue.add([id(2)]);
        assert_eq!(next(&queue), Some(id(1)));
        queue.mark_stored(id(1));
        assert_eq!(next(&queue), None);
        // After a new connection the server may have it.
        queue.set_online(false);
        queue.add([id(2)]);
        queue.set_online(true);
        assert_eq!(next(&queue), None, "it was not requested since");
        queue.add([id(2)]);
        assert_eq!(next(&queue), Some(id(2)));
    }

    #[test]
    fn the_oldest_requests_are_dropped_when_the_queue_is_full() {
        let queue = PictureQueue::default();
        queue.set_online(true);
        queue.add((0..=u32::try_from(CAPACITY).unwrap()).map(id));
        assert_eq!(next(&queue), Some(id(1)));
        assert_eq!(queue.lock().waiting.len(), CAPACITY);
    }
}
