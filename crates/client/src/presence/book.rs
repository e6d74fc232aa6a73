//! The people whose presence is shown, and what the server said of them since the socket was opened. Of others nothing
//! is kept, whatever a server sends.

use parlour_protocol::{Availability, Millis, PersonStatus, Presence, UserId, limits};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a person is doing at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct PersonNow {
    /// The person's id.
    pub id: UserId,
    /// Whether they are online; `None` if that is not known.
    pub state: Option<Availability>,
    /// If they are offline, when they were last online, if they let others see that.
    pub last_seen_at: Option<Millis>,
    /// Their status, if they have one that has not ended.
    pub status: Option<PersonStatus>,
}

/// The people who are watched, and what is known of them.
#[derive(Debug, Default)]
pub(crate) struct PresenceBook {
    watched: BTreeSet<UserId>,
    known: BTreeMap<UserId, Presence>,
    /// Whether a change was announced and nobody has read it yet.
    is_announced: bool,
}

impl PresenceBook {
    /// Watches these people and no others, as many as a server allows. Returns them if they differ from those before.
    pub fn watch(&mut self, ids: &[UserId]) -> Option<Vec<UserId>> {
        let watched: BTreeSet<UserId> = ids.iter().copied().take(limits::WATCHED).collect();
        if watched == self.watched {
            return None;
        }
        self.watched = watched;
        self.known.retain(|id, _| self.watched.contains(id));
        Some(self.watched())
    }

    /// Returns the people who are watched.
    pub fn watched(&self) -> Vec<UserId> {
        self.watched.iter().copied().collect()
    }

    /// Notes what the server says. Returns whether to announce it: once, until it is read.
    pub fn hear(&mut self, people: Vec<Presence>) -> bool {
        let mut is_new = false;
        for presence in people {
            if self.watched.contains(&presence.user_id) {
                is_new |= self.known.insert(presence.user_id, presence) != Some(presence);
            }
        }
        is_new && !std::mem::replace(&mut self.is_announced, true)
    }

    /// Forgets what the server said, because the socket is closed. Returns whether to announce that.
    pub fn forget(&mut self) -> bool {
        let is_new = !std::mem::take(&mut self.known).is_empty();
        is_new && !std::mem::replace(&mut self.is_announced, true)
    }

    /// Returns what is known of the people who are watched.
    pub fn read(&mut self) -> BTreeMap<UserId, Presence> {
        self.is_announced = false;
        self.known.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn presence(n: u128, state: Availability) -> Presence {
        Presence { user_id: user(n), state, last_seen_at: None }
    }

    #[test]
    fn a_flood_of_a_server_is_bounded_and_announced_once_until_it_is_read() {
        let mut book = PresenceBook::default();
        let shown: Vec<UserId> = (0..20_000).map(user).collect();
        assert_eq!(book.watch(&shown).unwrap().len(), limits::WATCHED);
        assert_eq!(book.watch(&shown), None, "they are the same");
        let mut announced = 0;
        for round in 0..100 {
            let state = if round % 2 == 0 { Availability::Online } else { Availability::Away };
            announced += usize::from(book.hear((0..20_000).map(|n| presence(n, state)).collect()));
        }
        assert_eq!(announced, 1);
        assert_eq!(book.read().len(), limits::WATCHED);
        let same = vec![presence(0, Availability::Away)];
        assert!(!book.hear(same), "nothing is new");
        assert!(book.hear(vec![presence(0, Availability::Busy)]));
    }

    #[test]
    fn nothing_is_known_once_the_socket_is_closed_or_somebody_is_not_shown_any_more() {
        let mut book = PresenceBook::default();
        book.watch(&[user(1), user(2)]);
        book.hear(vec![presence(1, Availability::Online), presence(2, Availability::Online)]);
        assert_eq!(book.watch(&[user(2)]).unwrap(), [user(2)]);
        assert_eq!(book.read().into_keys().collect::<Vec<_>>(), [user(2)]);
        assert!(book.forget());
        assert!(book.read().is_empty() && !book.forget());
        assert_eq!(book.watched(), [user(2)], "they are watched again with the next socket");
    }
}
