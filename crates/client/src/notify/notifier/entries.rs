//! The lines of the board's notifications.

use crate::error::Result;
use crate::notify::board::{Board, Line, Notification};
use parlour_protocol::ConversationId;
use parlour_store::{News, Notable, Standing, Store};
use std::collections::VecDeque;

/// Returns whether something is still worth showing: an unread message, or a reaction that was not removed.
pub fn is_alive(news: &News, notable: &Notable, standing: &Standing) -> bool {
    let is_gone = notable.is_deleted || standing.deleting.contains(&news.message);
    if !standing.is_in || is_gone {
        return false;
    }
    match &news.reaction {
        None => !notable.is_own && notable.seq > standing.last_read,
        Some(reaction) => {
            let is_it = |(by, emoji): &(_, String)| (*by, emoji) == (reaction.by, &reaction.emoji);
            notable.is_own && notable.reactions.iter().any(is_it)
        }
    }
}

/// Adds a line to the notification of its conversation.
pub fn add(
    board: &mut Board,
    store: &Store,
    news: &News,
    standing: &Standing,
    notable: &Notable,
) -> Result<()> {
    let by = match &news.reaction {
        Some(reaction) => store.shown_name(reaction.by)?,
        None => notable.sender_name.clone(),
    };
    let line = Line {
        message: news.message,
        seq: notable.seq,
        by,
        text: notable.line.clone(),
        reaction: news.reaction.clone(),
    };
    let notification =
        board.notifications.entry(news.conversation).or_insert_with(|| Notification {
            conversation: news.conversation,
            title: String::new(),
            is_direct: standing.is_direct,
            lines: VecDeque::new(),
            older: 0,
            version: 0,
        });
    notification.title.clone_from(&standing.title);
    notification.add(line);
    Ok(())
}

/// Reads the messages of a conversation's notification again: edited lines change; deleted, read or removed ones
/// disappear, and all of them if the conversation is visible. Returns whether anything changed.
pub fn refresh(
    board: &mut Board,
    store: &Store,
    id: ConversationId,
    seen: Option<ConversationId>,
) -> Result<bool> {
    let Some(notification) = board.notifications.get_mut(&id) else { return Ok(false) };
    let standing = store.standing(id)?.filter(|standing| standing.is_in && seen != Some(id));
    let Some(standing) = standing else {
        board.notifications.remove(&id);
        return Ok(true);
    };
    let mut lines = VecDeque::with_capacity(notification.lines.len());
    for line in &notification.lines {
        let Some(notable) = store.notable(line.message)? else { continue };
        let (message, seq, reaction) = (line.message, line.seq, line.reaction.clone());
        let news = News { conversation: id, message, seq, changed_seq: 0, reaction };
        if is_alive(&news, &notable, &standing) {
            lines.push_back(Line { text: notable.line, ..line.clone() });
        }
    }
    let is_changed = lines != notification.lines || standing.title != notification.title;
    if lines.is_empty() {
        board.notifications.remove(&id);
    } else {
        // Messages older than a read one are read, too.
        if lines.len() < notification.lines.len() {
            notification.older = 0;
        }
        (notification.lines, notification.title) = (lines, standing.title);
    }
    Ok(is_changed)
}
