//! The lines of the notifications.

use crate::error::Result;
use crate::notify::desktop_notifications::{DesktopNotifications, Line, Notification};
use parlour_protocol::ConversationId;
use parlour_store::{ConversationState, MessageDetails, NewItem, Store};
use std::collections::VecDeque;

/// Returns whether something is still worth showing: an unread message, or a reaction that was not removed.
pub fn is_current(item: &NewItem, details: &MessageDetails, state: &ConversationState) -> bool {
    let is_deleted = details.is_deleted || state.deleting.contains(&item.message);
    if !state.is_in || is_deleted {
        return false;
    }
    match &item.reaction {
        None => !details.is_own && details.seq > state.last_read,
        Some(reaction) => {
            let is_this =
                |(by, emoji): &(_, String)| (*by, emoji) == (reaction.by, &reaction.emoji);
            details.is_own && details.reactions.iter().any(is_this)
        }
    }
}

/// Adds a line to the notification of its conversation.
pub fn add(
    notifications: &mut DesktopNotifications,
    store: &Store,
    item: &NewItem,
    state: &ConversationState,
    details: &MessageDetails,
) -> Result<()> {
    let author = match &item.reaction {
        Some(reaction) => store.shown_name(reaction.by)?,
        None => details.sender_name.clone(),
    };
    let line = Line {
        message: item.message,
        seq: details.seq,
        author,
        text: details.line.clone(),
        reaction: item.reaction.clone(),
    };
    let notification =
        notifications.by_conversation.entry(item.conversation).or_insert_with(|| Notification {
            conversation: item.conversation,
            title: String::new(),
            is_direct: state.is_direct,
            lines: VecDeque::new(),
            older: 0,
            version: 0,
        });
    notification.title.clone_from(&state.title);
    notification.add(line);
    Ok(())
}

/// Reads the messages of a conversation's notification again: edited lines change; deleted, read or removed ones
/// disappear, and all of them if the conversation is visible. Returns whether anything changed.
pub fn refresh(
    notifications: &mut DesktopNotifications,
    store: &Store,
    id: ConversationId,
    visible: Option<ConversationId>,
) -> Result<bool> {
    let Some(notification) = notifications.by_conversation.get_mut(&id) else { return Ok(false) };
    let state = store.conversation_state(id)?.filter(|state| state.is_in && visible != Some(id));
    let Some(state) = state else {
        notifications.by_conversation.remove(&id);
        return Ok(true);
    };
    let mut lines = VecDeque::with_capacity(notification.lines.len());
    for line in &notification.lines {
        let Some(details) = store.message_details(line.message)? else { continue };
        let (message, seq, reaction) = (line.message, line.seq, line.reaction.clone());
        let item = NewItem { conversation: id, message, seq, changed_seq: 0, reaction };
        if is_current(&item, &details, &state) {
            lines.push_back(Line { text: details.line, ..line.clone() });
        }
    }
    let is_changed = lines != notification.lines || state.title != notification.title;
    if lines.is_empty() {
        notifications.by_conversation.remove(&id);
    } else {
        // Messages older than a read one are read, too.
        if lines.len() < notification.lines.len() {
            notification.older = 0;
        }
        (notification.lines, notification.title) = (lines, state.title);
    }
    Ok(is_changed)
}
