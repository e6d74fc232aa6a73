//! Overlays the mirror's messages with the ops in the outbox.

use super::item::{Delivery, ItemReaction, Quote, TimelineItem};
use super::rows::{QUOTE_CHARS, find_quote};
use crate::error::Result;
use crate::mirror::messages;
use crate::mirror::users::{self, Person};
use crate::outbox::ops::{OpState, PendingOp};
use parlour_protocol::{Count, Echo, ErrorCode, MessageEcho, MessageId, UserId};
use rusqlite::Connection;

/// Shows an op that is not done as if it were done, with its delivery state.
pub(crate) fn overlay(
    conn: &Connection,
    items: &mut Vec<TimelineItem>,
    pending: &PendingOp,
    me: (UserId, &str),
    at_newest: bool,
) -> Result<()> {
    match pending.op.action.rules().echo {
        Echo::NewMessage { .. } if !at_newest => {}
        Echo::NewMessage { body, reply_to, mentions, mentions_all, files } => {
            let id = MessageId(pending.op.id.0);
            if !messages::is_present(conn, id)? {
                let reply_to = reply_to.map(|id| quote(conn, items, id)).transpose()?;
                let sender = (me.0, me.1.to_owned());
                let item = TimelineItem::waiting(id, sender, body.into(), pending.created_at);
                let files = files.to_vec();
                let (mentions, delivery) = (find_people(conn, mentions), delivery(pending));
                let mut item =
                    TimelineItem { reply_to, mentions, mentions_all, files, delivery, ..item };
                item.mark_mentions(conn);
                items.push(item);
            }
        }
        Echo::Message(id, echo) => {
            if let Some(item) = items.iter_mut().find(|item| item.id == id) {
                change(conn, item, echo, pending);
            }
        }
        Echo::NewConversation { .. }
        | Echo::Conversation(_)
        | Echo::Members(_)
        | Echo::Choice { .. }
        | Echo::Profile(_)
        | Echo::None => {}
    }
    Ok(())
}

/// Shows a change of a message. A refused edit or deletion stays on the message, so that it can be retried; any
/// other change is shown only while it waits.
fn change(conn: &Connection, item: &mut TimelineItem, echo: MessageEcho<'_>, pending: &PendingOp) {
    let is_waiting = pending.state == OpState::Waiting;
    match echo {
        MessageEcho::Edited { body, mentions } => {
            item.body = body.into();
            item.blocks = parlour_markup::parse(body);
            item.mentions = find_people(conn, mentions);
            item.mark_mentions(conn);
            item.edited = true;
            item.delivery = delivery(pending);
        }
        MessageEcho::Deleted => {
            item.deleted = is_waiting;
            item.delivery = delivery(pending);
        }
        _ if !is_waiting => {}
        MessageEcho::Reaction { emoji, on } => react(item, emoji, on),
        MessageEcho::Pinned(on) => item.pinned = on,
        MessageEcho::Saved(on) => item.saved = on,
    }
}

/// Returns the delivery state of an op.
fn delivery(pending: &PendingOp) -> Delivery {
    match pending.state {
        OpState::Waiting => Delivery::Waiting,
        OpState::Refused => Delivery::Refused {
            code: pending.code.unwrap_or(ErrorCode::Unknown),
            reason: pending.reason.clone(),
        },
    }
}

/// Returns the quote of a message, which may wait in the outbox itself.
fn quote(conn: &Connection, items: &[TimelineItem], id: MessageId) -> Result<Quote> {
    let Some(item) = items.iter().find(|item| item.id == id) else { return find_quote(conn, id) };
    let body = item.body.chars().take(QUOTE_CHARS).collect();
    Ok(Quote { id, seq: item.seq, sender: item.sender.clone(), body, deleted: item.deleted })
}

fn find_people(conn: &Connection, ids: &[UserId]) -> Vec<Person> {
    ids.iter().map(|id| users::person_or_unnamed(conn, *id)).collect()
}

fn react(item: &mut TimelineItem, emoji: &str, on: bool) {
    let known = item.reactions.iter_mut().find(|reaction| reaction.emoji == emoji);
    match known {
        Some(reaction) if reaction.own != on => {
            reaction.own = on;
            reaction.count.0 = reaction.count.0.saturating_add(if on { 1 } else { -1 });
            item.reactions.retain(|reaction| reaction.count.0 > 0);
        }
        None if on => item.reactions.push(ItemReaction {
            emoji: emoji.into(),
            count: Count(1),
            own: true,
            names: Vec::new(),
        }),
        _ => {}
    }
}
