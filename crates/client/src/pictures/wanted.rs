//! The pictures that are shown but not on this computer yet.

use parlour_protocol::PictureId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Maximum number of pictures that wait. If there are more, the oldest requests are dropped: they may not be visible
/// any more.
const WAITING: usize = 1000;

/// The pictures to fetch, in the order of the requests.
#[derive(Debug, Default)]
pub struct Wanted {
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

impl Wanted {
    /// Adds pictures, except those that already wait or that the server does not have.
    pub(crate) fn add(&self, ids: impl IntoIterator<Item = PictureId>) {
        let mut state = self.lock();
        for id in ids {
            if state.missing.contains(&id) || state.waiting.contains(&id) {
                continue;
            }
            if state.waiting.len() == WAITING {
                state.waiting.pop_front();
            }
            state.waiting.push_back(id);
        }
        drop(state);
        self.added.notify_one();
    }

    /// Notes whether there is a connection. After a new one, all pictures may be requested again.
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
    /// until [`Self::arrived`], [`Self::is_missing`] or [`Self::put_back`] reports its outcome. Only one task
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

    /// Notes that a picture was stored.
    pub(crate) fn arrived(&self, id: PictureId) {
        self.lock().waiting.retain(|waiting| *waiting != id);
    }

    /// Notes that the server does not have a picture.
    pub(crate) fn is_missing(&self, id: PictureId) {
        let mut state = self.lock();
        state.waiting.retain(|waiting| *waiting != id);
        if state.missing.len() == WAITING {
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

    fn next(wanted: &Wanted) -> Option<PictureId> {
        wanted.next().now_or_never()
    }

    #[test]
    fn each_is_fetched_once_in_turn_and_only_with_a_connection() {
        let wanted = Wanted::default();
        wanted.add([id(1), id(2), id(1)]);
        assert_eq!(next(&wanted), None, "there is no connection");
        wanted.set_online(true);
        assert_eq!(next(&wanted), Some(id(1)));
        // It could not be fetched, so the next one is returned.
        wanted.put_back(id(1));
        assert_eq!(next(&wanted), Some(id(2)));
        wanted.is_missing(id(2));
        wanted.add([id(2)]);
        assert_eq!(next(&wanted), Some(id(1)));
        wanted.arrived(id(1));
        assert_eq!(next(&wanted), None);
        // After a new connection the server may have it.
        wanted.set_online(false);
        wanted.add([id(2)]);
        wanted.set_online(true);
        assert_eq!(next(&wanted), None, "it was not asked for since");
        wanted.add([id(2)]);
        assert_eq!(next(&wanted), Some(id(2)));
    }

    #[test]
    fn what_was_asked_for_long_ago_makes_room() {
        let wanted = Wanted::default();
        wanted.set_online(true);
        wanted.add((0..=u32::try_from(WAITING).unwrap()).map(id));
        assert_eq!(next(&wanted), Some(id(1)));
        assert_eq!(wanted.lock().waiting.len(), WAITING);
    }
}
