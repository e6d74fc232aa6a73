//! An entry of Activity.

use crate::error::Result;
use crate::notify::level::Cause;
use crate::notify::notifier::rule::{NotificationContext, Rule};
use parlour_protocol::{ConversationId, Count, MessageId, UserId};
use parlour_store::{ActivityCandidate, ActivityKind, ActivityPosition, SettingKey, Store};
use serde::Serialize;

/// Maximum number of people whose names an entry has.
const NAMES: usize = 2;

/// Why a message is in Activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum ActivityCause {
    /// It mentions the user.
    Mention,
    /// It mentions everybody.
    All,
    /// It replies to a message of the user.
    Reply,
    /// Others reacted to this message of the user.
    Reaction,
    /// It contains a keyword.
    Keyword,
}

impl ActivityCause {
    fn of(cause: Cause) -> Option<Self> {
        match cause {
            Cause::Mention => Some(Self::Mention),
            Cause::All => Some(Self::All),
            Cause::Reply => Some(Self::Reply),
            Cause::Reaction => Some(Self::Reaction),
            Cause::Keyword => Some(Self::Keyword),
            // The list of conversations counts these.
            Cause::Direct | Cause::Other => None,
        }
    }

    fn is_of(self, kind: ActivityKind) -> bool {
        match kind {
            ActivityKind::Mention => matches!(self, Self::Mention | Self::All),
            ActivityKind::Reply => self == Self::Reply,
            ActivityKind::Reaction => self == Self::Reaction,
            ActivityKind::Keyword => self == Self::Keyword,
        }
    }
}

/// Something that concerns the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ActivityEntry {
    /// Its position in Activity.
    pub position: ActivityPosition,
    /// The message.
    pub message_id: MessageId,
    /// Why it is in Activity.
    pub cause: ActivityCause,
    /// The keyword, if that is the cause.
    pub keyword: Option<String>,
    /// A group's title, or the other person's name.
    pub title: String,
    /// Whether the conversation is between two people.
    pub is_direct: bool,
    /// The author, or the first person who reacted.
    pub person: Option<UserId>,
    /// The names of the author or of the people who reacted, at most two.
    pub names: Vec<String>,
    /// Number of other people who reacted.
    pub others: Count,
    /// The emoji of the reactions.
    pub emoji: Vec<String>,
    /// The beginning of the message, in one line.
    pub line: String,
    /// Whether the user has not seen it.
    pub is_new: bool,
}

/// Returns the entry of a candidate, if it concerns the user according to the current settings.
pub(super) fn activity_entry(
    rule: &mut Rule<'_>,
    found: &ActivityCandidate,
    kind: Option<ActivityKind>,
) -> Result<Option<ActivityEntry>> {
    let is_reaction = found.kind == ActivityKind::Reaction;
    let Some((causes, context)) = rule.causes_of(found.message, is_reaction)? else {
        return Ok(None);
    };
    let causes: Vec<_> = causes.into_iter().filter_map(ActivityCause::of).collect();
    let matching = causes.iter().find(|cause| kind.is_none_or(|kind| cause.is_of(kind)));
    let Some(cause) = matching.copied() else { return Ok(None) };
    let NotificationContext { state, details } = &context;
    let people: Vec<UserId> = match cause {
        ActivityCause::Reaction => reactors(rule.store, &context)?,
        _ => vec![details.sender],
    };
    let counts = details.unnamed_reactions.iter().map(|(_, count)| count);
    let unnamed_count: i64 = counts.filter(|_| is_reaction).sum();
    if people.is_empty() && unnamed_count == 0 {
        return Ok(None);
    }
    let named = people.iter().take(NAMES).map(|id| rule.store.shown_name(*id));
    let names = named.collect::<parlour_store::Result<Vec<_>>>()?;
    let other_count = i64::try_from(people.len() - names.len()).unwrap_or(i64::MAX);
    let by_people = details.reactions.iter().filter(|(by, _)| people.contains(by));
    let by_others = details.unnamed_reactions.iter().map(|(one, _)| one);
    let mut emoji: Vec<String> = Vec::new();
    for one in by_people.map(|(_, one)| one).chain(by_others).filter(|_| is_reaction) {
        if !emoji.contains(one) {
            emoji.push(one.clone());
        }
    }
    let is_new = match is_reaction {
        true => found.changed_seq > seen(rule.store, details.conversation)?,
        false => details.seq > state.last_read,
    };
    Ok(Some(ActivityEntry {
        position: found.position,
        message_id: found.message,
        cause,
        keyword: rule.keyword(details).filter(|_| cause == ActivityCause::Keyword),
        title: state.title.clone(),
        is_direct: state.is_direct,
        person: people.first().copied(),
        names,
        others: Count(other_count.saturating_add(unnamed_count)),
        emoji,
        line: details.line.clone(),
        is_new,
    }))
}

/// Returns the other people who reacted to a message of this user, each once.
fn reactors(store: &Store, context: &NotificationContext) -> Result<Vec<UserId>> {
    let me = store.account()?.user_id;
    let mut people = Vec::new();
    for (by, _) in &context.details.reactions {
        if *by != me && !people.contains(by) {
            people.push(*by);
        }
    }
    Ok(people)
}

/// Returns the change of a conversation up to which the user has seen the reactions.
pub(crate) fn seen(store: &Store, id: ConversationId) -> Result<i64> {
    Ok(store.setting(SettingKey::ReactionsSeen, Some(id))?.parse().unwrap_or(0))
}
