//! The current presence and statuses of the people who are shown.

use crate::about;
use crate::error::Result;
use crate::presence::PersonPresence;
use crate::session::Session;
use crate::socket::Outgoing;
use parlour_protocol::{Availability, ClientFrame, Presence, UserId, limits};
use parlour_store::SettingKey;

impl Session {
    /// Returns the known presence and statuses of these people; statuses are available without a network, too. From now on
    /// the server sends the presence of these people and no others ([`Notice::Presence`](crate::Notice::Presence)), at
    /// most [`limits::WATCHED`]. A user who does not share their presence does not receive that of others.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn people_presence(&self, ids: &[UserId]) -> Result<Vec<PersonPresence>> {
        let store = &self.context.store;
        if about::stored(store)?.presence_off {
            self.watch_people(&[]);
            return Ok(Vec::new());
        }
        let ids = &ids[..ids.len().min(limits::WATCHED)];
        let shares = store.setting(SettingKey::SharesPresence, None)? != "no";
        self.watch_people(if shares { ids } else { &[] });
        let known = self.context.shared.presence().read();
        let (mut statuses, now) = (store.statuses(ids)?, self.now());
        let person = |id: &UserId| {
            let presence = known.get(id);
            PersonPresence {
                id: *id,
                state: presence.map(|presence| presence.state),
                last_seen_at: presence
                    .filter(|presence| presence.state == Availability::Offline)
                    .and_then(|presence| presence.last_seen_at),
                status: statuses.remove(id).filter(|status| status.is_current(now)),
            }
        };
        Ok(ids.iter().map(person).collect())
    }

    /// Stores the presence of people from the server, or clears it with `None` once the socket is closed. For the driver,
    /// and for a caller that takes the steps of the sync itself.
    pub fn update_presence(&self, people: Option<Vec<Presence>>) {
        self.context.shared.update_presence(people, &self.context.notices);
    }

    fn watch_people(&self, ids: &[UserId]) {
        let watched = self.context.shared.presence().watch(ids);
        if let Some(user_ids) = watched {
            self.context.shared.send(Outgoing::Frame(ClientFrame::Watch { user_ids }));
        }
    }
}
