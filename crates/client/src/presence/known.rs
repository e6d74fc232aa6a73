//! The people whose presence is shown, and their presence since the socket was opened. The presence of other people is
//! dropped, whatever a server sends.

use parlour_protocol::{Availability, Millis, PersonStatus, Presence, UserId, limits};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The current presence and status of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct PersonPresence {
    /// The person's id.
    pub id: UserId,
    /// Their presence; `None` if it is not known.
    pub state: Option<Availability>,
    /// If they are offline, when they were last online, if they let others see that.
    pub last_seen_at: Option<Millis>,
    /// Their status, if they have one that has not ended.
    pub status: Option<PersonStatus>,
}

/// The people who are watched, and their known presence.
#[derive(Debug, Default)]
pub(crate) struct KnownPresence {
    watched: BTreeSet<UserId>,
    known: BTreeMap<UserId, Presence>,
    /// Whether a change was announced and nobody has read it yet.
    is_unread: bool,
}

impl KnownPresence {
    /// Watches these people instead of the previous ones, as many as a server allows. Returns them if they changed.
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

    /// Stores presence from the server. Returns whether to announce it: once, until it is read.
    pub fn update(&mut self, people: Vec<Presence>) -> bool {
        let mut is_new = false;
        for presence in people {
            if self.watched.contains(&presence.user_id) {
                is_new |= self.known.insert(presence.user_id, presence) != Some(presence);
            }
        }
        is_new && !std::mem::replace(&mut self.is_unread, true)
    }

    /// Removes all presence, because the socket is closed. Returns whether to announce that.
    pub fn clear(&mut self) -> bool {
        let is_new = !std::mem::take(&mut self.known).is_empty();
        is_new && !std::mem::replace(&mut self.is_unread, true)
    }

    /// Returns the known presence of the people who are watched.
    pub fn read(&mut self) -> BTreeMap<UserId, Presence> {
        self.is_unread = false;
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
    fn presence_of_many_people_is_bounded_and_announced_once_until_it_is_read() {
        let mut presences = KnownPresence::default();
        let shown: Vec<UserId> = (0..20_000).map(user).collect();
        assert_eq!(presences.watch(&shown).unwrap().len(), limits::WATCHED);
        assert_eq!(presences.watch(&shown), None, "they are the same");
        let mut announced = 0;
        for round in 0..100 {
            let state = if round % 2 == 0 { Availability::Online } else { Availability::Away };
            announced +=
                usize::from(presences.update((0..20_000).map(|n| presence(n, state)).collect()));
        }
        assert_eq!(announced, 1);
        assert_eq!(presences.read().len(), limits::WATCHED);
        let same = vec![presence(0, Availability::Away)];
        assert!(!presences.update(same), "nothing is new");
        assert!(presences.update(vec![presence(0, Availability::Busy)]));
    }

    #[test]
    fn presence_is_removed_when_the_socket_closes_or_a_person_is_no_longer_shown() {
        let mut presences = KnownPresence::default();
        presences.watch(&[user(1), user(2)]);
        presences
            .update(vec![presence(1, Availability::Online), presence(2, Availability::Online)]);
        assert_eq!(presences.watch(&[user(2)]).unwrap(), [user(2)]);
        assert_eq!(presences.read().into_keys().collect::<Vec<_>>(), [user(2)]);
        assert!(presences.clear());
        assert!(presences.read().is_empty() && !presences.clear());
        assert_eq!(presences.watched(), [user(2)], "they are watched again with the next socket");
    }
}
