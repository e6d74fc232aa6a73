//! What the people who are shown are doing at the moment.

use crate::about;
use crate::error::Result;
use crate::presence::PersonNow;
use crate::session::Session;
use crate::socket::Outgoing;
use parlour_protocol::{Availability, ClientFrame, Presence, UserId, limits};
use parlour_store::SettingKey;

impl Session {
    /// Returns what these people are doing, as far as it is known: their statuses also without a network. From now on
    /// the server says which of them are online, and of nobody else ([`Notice::Presence`](crate::Notice::Presence));
    /// of no more than [`limits::WATCHED`]. Somebody who does not say whether they are online is not told it either.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn people_now(&self, ids: &[UserId]) -> Result<Vec<PersonNow>> {
        let store = &self.context.store;
        if about::told(store)?.presence_off {
            self.watch_people(&[]);
            return Ok(Vec::new());
        }
        let ids = &ids[..ids.len().min(limits::WATCHED)];
        let tells = store.setting(SettingKey::TellsPresence, None)? != "no";
        self.watch_people(if tells { ids } else { &[] });
        let known = self.context.shared.presence().read();
        let (mut statuses, now) = (store.statuses(ids)?, self.now());
        let person = |id: &UserId| {
            let presence = known.get(id);
            PersonNow {
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

    /// Notes what the server says of people; `None` once the socket is closed. For the driver, and for a caller that takes
    /// the steps of the sync itself.
    pub fn hear_presence(&self, people: Option<Vec<Presence>>) {
        self.context.shared.hear_presence(people, &self.context.notices);
    }

    fn watch_people(&self, ids: &[UserId]) {
        let watched = self.context.shared.presence().watch(ids);
        if let Some(user_ids) = watched {
            self.context.shared.send(Outgoing::Frame(ClientFrame::Watch { user_ids }));
        }
    }
}
