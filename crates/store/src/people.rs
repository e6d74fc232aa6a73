//! Looks up people.

use crate::error::Result;
use crate::mirror::Mirror;
use crate::mirror::users::{self, Person, PersonState};
use crate::outbox::ops::OpState;
use crate::store::Store;
use parlour_protocol::{
    ConversationId, Echo, PersonStatus, Profile, ProfileChange, UserId, UserRole,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A person as their card shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct PersonCard {
    /// The person's id.
    pub id: UserId,
    /// Their username, spelled as they chose.
    pub username: String,
    /// The shown name: see [`Person`].
    pub name: String,
    /// Their profile; for the user, the one that waits to be sent, if any.
    pub profile: Profile,
    /// Their role on the server.
    pub role: UserRole,
    /// Whether they can read what is written to them.
    pub state: PersonState,
    /// Whether another person's shown name or username looks like the one that is shown.
    pub is_alike: bool,
}

impl Store {
    /// Returns the contents of a person's card; `None` if the person is not known. A profile that waits to be sent
    /// is shown as if it were already sent.
    pub fn card(&self, id: UserId) -> Result<Option<PersonCard>> {
        let is_own = self.account()?.user_id == id;
        // Read before the mirror: a change that is confirmed in between is then in both, not in neither.
        let waiting = if is_own { self.waiting_changes()? } else { Vec::new() };
        let known = self.mirror.read(|conn| Ok((users::find(conn, id)?, users::person(conn, id)?)));
        let (Some(row), Some(person)) = known? else { return Ok(None) };
        let (state, role, Person { username, mut name, .. }) =
            (PersonState::from_row(&row), row.role, person);
        let display_name = &row.profile.display_name;
        let is_alike = !display_name.is_empty() && name != *display_name;
        let mut profile = row.profile.clone();
        waiting.iter().for_each(|change| change.apply_to(&mut profile));
        if profile != row.profile {
            let candidates = [&profile.display_name, &username];
            name =
                candidates.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
        }
        Ok(Some(PersonCard { id, username, name, profile, role, state, is_alike }))
    }

    /// Returns the non-empty statuses of these people, including those that have ended. The user's own status is returned
    /// as it will be once the waiting change is sent.
    pub fn statuses(&self, ids: &[UserId]) -> Result<BTreeMap<UserId, PersonStatus>> {
        let own = self.account()?.user_id;
        let waiting = if ids.contains(&own) { self.waiting_changes()? } else { Vec::new() };
        let mut found = self.mirror.read(|conn| {
            let rows = ids.iter().map(|id| users::find(conn, *id));
            let rows: Vec<_> = rows.collect::<Result<_>>()?;
            let statuses = rows.into_iter().flatten().map(|row| (row.id, row.profile.status));
            Ok(statuses.collect::<BTreeMap<_, _>>())
        })?;
        if let Some(status) = waiting.into_iter().filter_map(|change| change.status).next_back() {
            found.insert(own, status);
        }
        found.retain(|_, status| !status.is_empty());
        Ok(found)
    }

    /// Returns the user's waiting profile changes, in the order in which they were made.
    fn waiting_changes(&self) -> Result<Vec<ProfileChange>> {
        let pending = self.outbox.pending_ops_in(ConversationId::NONE)?.into_iter();
        let waiting = pending.filter(|pending| pending.state != OpState::Refused);
        let changes = waiting.filter_map(|pending| match pending.op.action.rules().echo {
            Echo::Profile(change) => Some(change.clone()),
            Echo::NewMessage { .. }
            | Echo::Message(..)
            | Echo::NewConversation { .. }
            | Echo::Conversation(_)
            | Echo::Members(_)
            | Echo::Choice { .. }
            | Echo::None => None,
        });
        Ok(changes.collect())
    }
}

impl Mirror {
    /// Returns at most `limit` people who can be written to and whose username, or a word of whose display name,
    /// starts with `prefix`, compared in their folded forms; sorted by name.
    pub fn people_starting(&self, prefix: &str, limit: usize) -> Result<Vec<Person>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.read(|conn| users::find_some_by_prefix(conn, prefix, true, limit))?;
        Ok(found.into_iter().map(|named| named.person).collect())
    }

    /// Returns the person with this id.
    pub fn person(&self, id: UserId) -> Result<Option<Person>> {
        self.read(|conn| users::person(conn, id))
    }

    /// Returns a person's role on the server; an unknown person counts as a member.
    pub fn role(&self, id: UserId) -> Result<UserRole> {
        self.read(|conn| Ok(users::find(conn, id)?.map_or(UserRole::Member, |row| row.role)))
    }
}
