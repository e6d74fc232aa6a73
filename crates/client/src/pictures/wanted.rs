//! The pictures that are shown somewhere and not on this computer yet.

use parlour_protocol::PictureId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Maximum number of pictures that wait; the ones asked for first make room, for they may not be shown any more.
const WAITING: usize = 1000;

/// The pictures to fetch, in the order in which they were asked for.
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
    /// Those that the server does not have. They are not asked for again before the next connection.
    missing: HashSet<PictureId>,
}

impl Wanted {
    /// Adds pictures, without those that wait already or that the server does not have.
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

    /// Notes whether there is a connection. With a new one, everything is worth asking for again.
    pub(crate) fn set_online(&self, is_online: bool) {
        let mut state = self.lock();
        if is_online && !state.is_online {
            state.missing.clear();
        }
        state.is_online = is_online;
        drop(state);
        self.added.notify_one();
    }

    /// Waits until there are a connection and a picture to fetch, and returns that. It waits on until
    /// [`Self::arrived`], [`Self::is_missing`] or [`Self::put_back`] says what became of it. Only one may call this.
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

    /// Notes that a picture is here.
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

    /// Lets a picture that could not be fetched wait behind all others.
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
        // It could not be fetched, and the next one is none.
        wanted.put_back(id(1));
        assert_eq!(next(&wanted), Some(id(2)));
        wanted.is_missing(id(2));
        wanted.add([id(2)]);
        assert_eq!(next(&wanted), Some(id(1)));
        wanted.arrived(id(1));
        assert_eq!(next(&wanted), None);
        // With a new connection it may be there.
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
