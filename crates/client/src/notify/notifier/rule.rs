//! Applies the rule for one message to the account's files.

use super::entries::is_alive;
use crate::error::Result;
use crate::notify::decide::{Occasion, decide};
use crate::notify::level::{Cause, Level};
use crate::notify::preferences::{self, Preferences};
use jiff::tz::TimeZone;
use parlour_protocol::{ConversationId, MessageId, Millis};
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

impl Moment {
    /// Returns a moment on a device in the time zone UTC.
    pub fn in_utc(now: Now, wall: Millis, seen: Option<ConversationId>) -> Self {
        Self { now, wall, here: TimeZone::UTC, seen }
    }
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
            causes: match news.reaction {
                Some(_) => vec![Cause::Reaction],
                None => self.causes(&notable, &standing),
            },
            choice: preferences::choice(self.store, news.conversation)?,
            muted_until: standing.muted_until,
            is_seen: self.moment.seen == Some(news.conversation),
        };
        let level = decide(&occasion, &self.preferences, self.moment.wall);
        Ok(Decided::Level(level, Box::new(About { standing, notable })))
    }

    /// Returns the keyword that a message contains, if there is one.
    pub fn keyword(&self, notable: &Notable) -> Option<String> {
        self.preferences.keywords.first_in(&notable.authored_text).map(str::to_owned)
    }

    /// Returns for which causes a message of another person, or with `reacted` the reactions to a message of the
    /// user, count as things are chosen now, read or not; none if it is gone, or if the user left.
    pub fn counting(
        &mut self,
        message: MessageId,
        reacted: bool,
    ) -> Result<Option<(Vec<Cause>, About)>> {
        let Some(notable) = self.store.notable(message)? else { return Ok(None) };
        let Some(standing) = self.standing(notable.conversation)? else { return Ok(None) };
        let is_gone = notable.is_deleted || standing.deleting.contains(&message);
        if is_gone || !standing.is_in || notable.is_own != reacted {
            return Ok(None);
        }
        let mut causes = match reacted {
            true => vec![Cause::Reaction],
            false => self.causes(&notable, &standing),
        };
        let choice = preferences::choice(self.store, notable.conversation)?;
        causes.retain(|cause| {
            let occasion = Occasion {
                by: notable.sender,
                causes: vec![*cause],
                choice,
                muted_until: standing.muted_until,
                is_seen: false,
            };
            decide(&occasion, &self.preferences, self.moment.wall) > Level::Off
        });
        Ok(Some((causes, About { standing, notable })))
    }

    fn causes(&self, notable: &Notable, standing: &Standing) -> Vec<Cause> {
        let all = [
            (Cause::Direct, standing.is_direct),
            (Cause::Mention, notable.mentions_me),
            (Cause::All, notable.mentions_all),
            (Cause::Reply, notable.replies_to_me),
            (Cause::Keyword, self.preferences.keywords.are_in(&notable.authored_text)),
            (Cause::Other, !standing.is_direct),
        ];
        all.into_iter().filter_map(|(cause, is_so)| is_so.then_some(cause)).collect()
    }
}
