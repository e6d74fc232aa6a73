//! Applies the rule for one message to the account's files.

use super::entries::is_current;
use crate::error::Result;
use crate::notify::decide::{NotificationFacts, decide};
use crate::notify::level::{Cause, Level};
use crate::notify::preferences::{self, Preferences};
use jiff::tz::TimeZone;
use parlour_protocol::{ConversationId, MessageId, Millis};
use parlour_store::{ConversationState, MessageDetails, NewItem, Store};
use parlour_sync::Now;
use std::collections::BTreeMap;

/// The age from which a message does not notify, whenever it is received: imports and restored backups contain such
/// messages.
const OLD_MS: i64 = 24 * 3600 * 1000;

/// The state of this device at the time of a decision.
#[derive(Debug, Clone)]
pub struct DeviceState {
    /// The driver's clock, which never goes back.
    pub now: Now,
    /// The wall clock.
    pub wall: Millis,
    /// The time zone of this device.
    pub zone: TimeZone,
    /// The conversation that is visible in a focused window.
    pub visible: Option<ConversationId>,
}

impl DeviceState {
    /// Returns the state of a device in the time zone UTC.
    pub fn in_utc(now: Now, wall: Millis, visible: Option<ConversationId>) -> Self {
        Self { now, wall, zone: TimeZone::UTC, visible }
    }
}

/// The rule and the account's files.
pub struct Rule<'a> {
    /// The files.
    pub store: &'a Store,
    /// The state of this device.
    pub device_state: &'a DeviceState,
    preferences: Preferences,
    conversation_states: BTreeMap<ConversationId, Option<ConversationState>>,
}

/// The message and the conversation to decide about.
pub struct NotificationContext {
    /// The state of the conversation.
    pub state: ConversationState,
    /// The message.
    pub details: MessageDetails,
}

/// The decision.
pub enum Decision {
    /// The conversation has not been received yet.
    Unknown,
    /// It does not notify: it was read, deleted or removed, or is too old.
    Obsolete,
    /// It notifies in this way.
    Level(Level, Box<NotificationContext>),
}

impl<'a> Rule<'a> {
    /// Reads the account's settings.
    pub fn new(store: &'a Store, device_state: &'a DeviceState) -> Result<Self> {
        let preferences = Preferences::read(store, &device_state.zone)?;
        Ok(Self { store, device_state, preferences, conversation_states: BTreeMap::new() })
    }

    fn conversation_state(&mut self, id: ConversationId) -> Result<Option<ConversationState>> {
        if let Some(known) = self.conversation_states.get(&id) {
            return Ok(known.clone());
        }
        let state = self.store.conversation_state(id)?;
        self.conversation_states.insert(id, state.clone());
        Ok(state)
    }

    /// Decides about something that was received; `is_backlog` says that it belongs to the backlog of a
    /// catch-up, where age does not matter.
    pub fn level(&mut self, item: &NewItem, is_backlog: bool) -> Result<Decision> {
        let Some(details) = self.store.message_details(item.message)? else {
            return Ok(Decision::Obsolete);
        };
        let Some(state) = self.conversation_state(item.conversation)? else {
            return Ok(Decision::Unknown);
        };
        if details.conversation != item.conversation || !is_current(item, &details, &state) {
            return Ok(Decision::Obsolete);
        }
        let is_old = self.device_state.wall.0.saturating_sub(details.sent_at.0) >= OLD_MS;
        if !is_backlog && item.reaction.is_none() && is_old {
            return Ok(Decision::Obsolete);
        }
        let facts = NotificationFacts {
            by: item.reaction.as_ref().map_or(details.sender, |reaction| reaction.by),
            causes: match item.reaction {
                Some(_) => vec![Cause::Reaction],
                None => self.causes(&details, &state),
            },
            choice: preferences::choice(self.store, item.conversation)?,
            muted_until: state.muted_until,
            is_visible: self.device_state.visible == Some(item.conversation),
        };
        let level = decide(&facts, &self.preferences, self.device_state.wall);
        Ok(Decision::Level(level, Box::new(NotificationContext { state, details })))
    }

    /// Returns the keyword that a message contains, if there is one.
    pub fn keyword(&self, details: &MessageDetails) -> Option<String> {
        self.preferences.keywords.first_in(&details.authored_text).map(str::to_owned)
    }

    /// Returns the causes for which a message of another person, or with `is_reaction` the reactions to a message of the
    /// user, notifies according to the current settings, whether it was read or not. Returns `None` if it was deleted, or
    /// if the user left.
    pub fn causes_of(
        &mut self,
        message: MessageId,
        is_reaction: bool,
    ) -> Result<Option<(Vec<Cause>, NotificationContext)>> {
        let Some(details) = self.store.message_details(message)? else { return Ok(None) };
        let Some(state) = self.conversation_state(details.conversation)? else { return Ok(None) };
        let is_deleted = details.is_deleted || state.deleting.contains(&message);
        if is_deleted || !state.is_in || details.is_own != is_reaction {
            return Ok(None);
        }
        let mut causes = match is_reaction {
            true => vec![Cause::Reaction],
            false => self.causes(&details, &state),
        };
        let choice = preferences::choice(self.store, details.conversation)?;
        causes.retain(|cause| {
            let facts = NotificationFacts {
                by: details.sender,
                causes: vec![*cause],
                choice,
                muted_until: state.muted_until,
                is_visible: false,
            };
            decide(&facts, &self.preferences, self.device_state.wall) > Level::Off
        });
        Ok(Some((causes, NotificationContext { state, details })))
    }

    fn causes(&self, details: &MessageDetails, state: &ConversationState) -> Vec<Cause> {
        let all = [
            (Cause::Direct, state.is_direct),
            (Cause::Mention, details.mentions_me),
            (Cause::All, details.mentions_all),
            (Cause::Reply, details.replies_to_me),
            (Cause::Keyword, self.preferences.keywords.are_in(&details.authored_text)),
            (Cause::Other, !state.is_direct),
        ];
        all.into_iter().filter_map(|(cause, applies)| applies.then_some(cause)).collect()
    }
}
