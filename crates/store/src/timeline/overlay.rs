//! What waits in the outbox, laid over the mirror's messages.

use super::item::{Delivery, ItemReaction, Quote, TimelineItem};
use super::rows::{QUOTE_CHARS, find_quote};
use crate::error::Result;
use crate::mirror::messages;
use crate::mirror::users::{self, Person};
use crate::outbox::ops::{OpState, OpenOp};
use parlour_protocol::{Action, Count, ErrorCode, MessageId, UserId};
use rusqlite::Connection;

/// Shows an op that is not done as if it were, with where it stands.
pub(crate) fn overlay(
    conn: &Connection,
    items: &mut Vec<TimelineItem>,
    open: &OpenOp,
    me: (UserId, &str),
    at_newest: bool,
) -> Result<()> {
    let delivery = match open.state {
        OpState::Waiting => Delivery::Waiting,
        OpState::Refused => Delivery::Refused {
            code: open.code.unwrap_or(ErrorCode::Unknown),
            reason: open.reason.clone().unwrap_or_default(),
        },
    };
    let is_waiting = open.state == OpState::Waiting;
    let find = |id: MessageId| move |item: &&mut TimelineItem| item.id == id;
    match &open.op.action {
        Action::Send { .. } if at_newest => {
            let waiting = unsent(conn, items, open, me, delivery)?;
            items.extend(waiting);
        }
        Action::Edit { message_id, body, mentions } => {
            if let Some(item) = items.iter_mut().find(find(*message_id)) {
                item.body.clone_from(body);
                item.blocks = parlour_markup::parse(body);
                item.mentions = named(conn, mentions);
                item.edited = true;
                item.delivery = delivery;
            }
        }
        Action::Delete { message_id } => {
            if let Some(item) = items.iter_mut().find(find(*message_id)) {
                item.deleted = is_waiting;
                item.delivery = delivery;
            }
        }
        Action::React { message_id, emoji, on } if is_waiting => {
            if let Some(item) = items.iter_mut().find(find(*message_id)) {
                react(item, emoji, *on, me.1);
            }
        }
        Action::PinMessage { message_id, on } if is_waiting => {
            items.iter_mut().filter(find(*message_id)).for_each(|item| item.pinned = *on);
        }
        Action::Save { message_id, on } if is_waiting => {
            items.iter_mut().filter(find(*message_id)).for_each(|item| item.saved = *on);
        }
        _ => {}
    }
    Ok(())
}

/// A message that waits, unless the mirror has it.
fn unsent(
    conn: &Connection,
    items: &[TimelineItem],
    open: &OpenOp,
    me: (UserId, &str),
    delivery: Delivery,
) -> Result<Option<TimelineItem>> {
    let Action::Send { body, reply_to, mentions, .. } = &open.op.action else { return Ok(None) };
    let id = MessageId(open.op.id.0);
    if messages::is_held(conn, id)? {
        return Ok(None);
    }
    let sender = (me.0, me.1.to_owned());
    let reply_to = reply_to.map(|id| quote(conn, items, id)).transpose()?;
    let item = TimelineItem::waiting(id, sender, body.clone(), open.created_at);
    let mentions = named(conn, mentions);
    Ok(Some(TimelineItem { reply_to, mentions, delivery, ..item }))
}

/// What is answered may wait itself.
fn quote(conn: &Connection, items: &[TimelineItem], id: MessageId) -> Result<Quote> {
    let Some(item) = items.iter().find(|item| item.id == id) else { return find_quote(conn, id) };
    let body = item.body.chars().take(QUOTE_CHARS).collect();
    Ok(Quote { id, seq: item.seq, sender: item.sender.clone(), body, deleted: item.deleted })
}

fn named(conn: &Connection, ids: &[UserId]) -> Vec<Person> {
    let name = |id| users::name(conn, id).unwrap_or_default();
    ids.iter().map(|id| Person { id: *id, username: name(*id) }).collect()
}

fn react(item: &mut TimelineItem, emoji: &str, on: bool, me: &str) {
    let known = item.reactions.iter_mut().find(|reaction| reaction.emoji == emoji);
    match known {
        Some(reaction) if reaction.own != on => {
            reaction.own = on;
            reaction.count.0 = reaction.count.0.saturating_add(if on { 1 } else { -1 });
            reaction.names.retain(|name| name != me);
            if on {
                reaction.names.push(me.to_owned());
            }
            item.reactions.retain(|reaction| reaction.count.0 > 0);
        }
        None if on => item.reactions.push(ItemReaction {
            emoji: emoji.into(),
            count: Count(1),
            own: true,
            names: vec![me.to_owned()],
        }),
        _ => {}
    }
}
