//! Applies the rule for one message to the account's files.

use super::entries::is_alive;
use crate::error::Result;
use crate::notify::decide::{Occasion, decide};
use crate::notify::level::{Cause, Level};
use crate::notify::preferences::{self, Preferences};
use jiff::tz::TimeZone;
use parlour_protocol::{ConversationId, Millis};
use parlour_store::{News, Notable, Standing, Store};
use parlour_sync::Now;
use std::collections::BTreeMap;

/// The age from which a message does not notify, whenever it is received: imports and restored backups contain such
/// messages.
const OLD_MS: i64 = 24 * 3600 * 1000;

/// The circumstances of a decision.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The driver's clock, which never goes back.
    pub now: Now,
    /// The wall clock.
    pub wall: Millis,
    /// The time zone of this device.
    pub here: TimeZone,
    /// The conversation that is visible in a focused window.
    pub seen: Option<ConversationId>,
}

/// The rule and the account's files.
pub struct Rule<'a> {
    /// The files.
    pub store: &'a Store,
    /// The circumstances.
    pub moment: &'a Moment,
    preferences: Preferences,
    standings: BTreeMap<ConversationId, Option<Standing>>,
}

/// The message and the conversation to decide about.
pub struct About {
    /// The state of the conversation.
    pub standing: Standing,
    /// The message.
    pub notable: Notable,
}

/// The decision.
pub enum Decided {
    /// The conversation has not been received yet.
    Unknown,
    /// Nothing: it was read, deleted or removed, or is too old.
    Over,
    /// It notifies in this way.
    Level(Level, Box<About>),
}

impl<'a> Rule<'a> {
    /// Reads the account's choices.
    pub fn new(store: &'a Store, moment: &'a Moment) -> Result<Self> {
        let preferences = Preferences::read(store, &moment.here)?;
        Ok(Self { store, moment, preferences, standings: BTreeMap::new() })
    }

    fn standing(&mut self, id: ConversationId) -> Result<Option<Standing>> {
        if let Some(known) = self.standings.get(&id) {
            return Ok(known.clone());
        }
        let standing = self.store.standing(id)?;
        self.standings.insert(id, standing.clone());
        Ok(standing)
    }

    /// Decides about something that was received; `is_past` says that it happened during an absence, where age
    /// does not matter.
    pub fn level(&mut self, news: &News, is_past: bool) -> Result<Decided> {
        let Some(notable) = self.store.notable(news.message)? else { return Ok(Decided::Over) };
        let Some(standing) = self.standing(news.conversation)? else { return Ok(Decided::Unknown) };
        if notable.conversation != news.conversation || !is_alive(news, &notable, &standing) {
            return Ok(Decided::Over);
        }
        let is_old = self.moment.wall.0.saturating_sub(notable.sent_at.0) >= OLD_MS;
        if !is_past && news.reaction.is_none() && is_old {
            return Ok(Decided::Over);
        }
        let occasion = Occasion {
            by: news.reaction.as_ref().map_or(notable.sender, |reaction| reaction.by),
            causes: self.causes(news, &notable, &standing),
            choice: preferences::choice(self.store, news.conversation)?,
            muted_until: standing.muted_until,
            is_seen: self.moment.seen == Some(news.conversation),
        };
        let level = decide(&occasion, &self.preferences, self.moment.wall);
        Ok(Decided::Level(level, Box::new(About { standing, notable })))
    }

    fn causes(&self, news: &News, notable: &Notable, standing: &Standing) -> Vec<Cause> {
        if news.reaction.is_some() {
            return vec![Cause::Reaction];
        }
        let all = [
            (Cause::Direct, standing.is_direct),
            (Cause::Mention, notable.mentions_me),
            (Cause::All, notable.mentions_all),
            (Cause::Reply, notable.replies_to_me),
            (Cause::Keyword, self.preferences.keywords.are_in(&notable.spoken)),
            (Cause::Other, !standing.is_direct),
        ];
        all.into_iter().filter_map(|(cause, is_so)| is_so.then_some(cause)).collect()
    }
}
