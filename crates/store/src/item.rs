//! One message as it is shown.

use crate::Result;
use crate::messages::{self, seq_of};
use crate::outbox::{OpState, OpenOp};
use crate::packed::Unpacked;
use crate::users::{self, Person};
use parlour_markup::Block;
use parlour_protocol::{Action, Count, ErrorCode, MessageId, Millis, Reaction, Seq, UserId};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 id.
    QUOTE = "SELECT messages.key, users.username AS sender, messages.body, messages.deleted_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1";
}

/// Longest quote, in characters.
const QUOTE_CHARS: usize = 200;

/// Where a message of one's own stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Delivery {
    /// The server has it.
    Sent,
    /// It waits to be sent.
    Waiting,
    /// The server refused it.
    Refused {
        /// For programs.
        code: ErrorCode,
        /// The server's sentence.
        reason: String,
    },
}

/// A message on the screen. Its id never changes, so its row stays the same from Enter on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    /// Which.
    pub id: MessageId,
    /// Its position; nothing while it waits.
    pub seq: Option<Seq>,
    /// Who wrote it.
    pub sender_id: UserId,
    /// Their name.
    pub sender: String,
    /// Whether that is me.
    pub own: bool,
    /// What it says; empty once deleted.
    pub body: String,
    /// What its marks mean; nothing if it has none and is shown as it was written.
    pub blocks: Option<Vec<Block>>,
    /// When the server took it, or when I wrote it.
    pub sent_at: Millis,
    /// Whether it was edited.
    pub edited: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// What it answers.
    pub reply_to: Option<Quote>,
    /// Who is meant by it.
    pub mentions: Vec<Person>,
    /// Whether I am, by name or with everybody.
    pub mentions_me: bool,
    /// What people think of it, the first kind first.
    pub reactions: Vec<ItemReaction>,
    /// Whether it is pinned to its conversation.
    pub pinned: bool,
    /// Whether I saved it for later.
    pub saved: bool,
    /// Where it, or a change of it, stands.
    pub delivery: Delivery,
}

/// A message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Which.
    pub id: MessageId,
    /// Its position; nothing if it is not here.
    pub seq: Option<Seq>,
    /// Who wrote it; empty if it is not here.
    pub sender: String,
    /// Its beginning; empty if it was deleted or is not here.
    pub body: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// One kind of reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ItemReaction {
    /// One emoji.
    pub emoji: String,
    /// How many reacted so.
    pub count: Count,
    /// Whether I did.
    pub own: bool,
    /// The names of the first of them.
    pub names: Vec<String>,
}

impl TimelineItem {
    /// A message that waits to be sent.
    pub fn waiting(id: MessageId, sender: (UserId, String), body: String, sent_at: Millis) -> Self {
        let (sender_id, sender) = sender;
        Self {
            id,
            seq: None,
            sender_id,
            sender,
            own: true,
            blocks: parlour_markup::parse(&body),
            body,
            sent_at,
            edited: false,
            deleted: false,
            reply_to: None,
            mentions: Vec::new(),
            mentions_me: false,
            reactions: Vec::new(),
            pinned: false,
            saved: false,
            delivery: Delivery::Waiting,
        }
    }
}

/// The columns of a message; [`complete`] looks up the rest.
pub(crate) fn from_row(row: &Row<'_>, me: UserId) -> rusqlite::Result<TimelineItem> {
    let is_set = |name| row.get::<_, Option<i64>>(name).map(|at| at.is_some());
    let sender_id = UserId(row.get("sender_id")?);
    let reply_to: Option<Uuid> = row.get("reply_to")?;
    let mentions: Vec<UserId> = messages::list(row, "mentions")?;
    let named = |reaction: Reaction| ItemReaction {
        count: reaction.count,
        own: reaction.is_by(me).unwrap_or(false),
        names: reaction.users.iter().map(ToString::to_string).collect(),
        emoji: reaction.emoji,
    };
    let Unpacked(body) = row.get("body")?;
    Ok(TimelineItem {
        id: MessageId(row.get("id")?),
        seq: Some(Seq(seq_of(row.get("key")?))),
        sender_id,
        sender: row.get("sender")?,
        own: sender_id == me,
        blocks: parlour_markup::parse(&body),
        body,
        sent_at: Millis(row.get("sent_at")?),
        edited: is_set("edited_at")?,
        deleted: is_set("deleted_at")?,
        reply_to: reply_to.map(|id| missing(MessageId(id))),
        mentions_me: mentions.contains(&me) || row.get("mentions_all")?,
        mentions: mentions.into_iter().map(|id| Person { id, username: String::new() }).collect(),
        reactions: messages::list(row, "reactions")?.into_iter().map(named).collect(),
        pinned: is_set("pinned_at")?,
        saved: is_set("saved_at")?,
        delivery: Delivery::Sent,
    })
}

/// Looks up what is quoted, and the names of who is meant and who reacted.
pub(crate) fn complete(conn: &Connection, items: &mut [TimelineItem], me: UserId) -> Result<()> {
    for item in items {
        if let Some(quote) = &mut item.reply_to {
            *quote = find_quote(conn, quote.id)?;
        }
        for person in &mut item.mentions {
            person.username = users::name(conn, person.id).unwrap_or_default();
        }
        for name in item.reactions.iter_mut().flat_map(|reaction| &mut reaction.names) {
            let id = Uuid::parse_str(name).map(UserId).unwrap_or(me);
            *name = users::name(conn, id).unwrap_or_default();
        }
    }
    Ok(())
}

fn missing(id: MessageId) -> Quote {
    Quote { id, seq: None, sender: String::new(), body: String::new(), deleted: false }
}

fn find_quote(conn: &Connection, id: MessageId) -> Result<Quote> {
    let quote = conn.prepare_cached(QUOTE)?.query_row([id.0], |row| {
        let Unpacked(body) = row.get("body")?;
        Ok(Quote {
            id,
            seq: Some(Seq(seq_of(row.get("key")?))),
            sender: row.get("sender")?,
            body: body.chars().take(QUOTE_CHARS).collect(),
            deleted: row.get::<_, Option<i64>>("deleted_at")?.is_some(),
        })
    });
    Ok(quote.optional()?.unwrap_or_else(|| missing(id)))
}

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
        Action::Send { body, reply_to, mentions, .. } => {
            let id = MessageId(open.op.id.0);
            if !at_newest || messages::is_held(conn, id)? {
                return Ok(());
            }
            let sender = (me.0, me.1.to_owned());
            let item = TimelineItem::waiting(id, sender, body.clone(), open.created_at);
            let reply_to = reply_to.map(|id| quote(conn, items, id)).transpose()?;
            items.push(TimelineItem {
                reply_to,
                mentions: named(conn, mentions),
                delivery,
                ..item
            });
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
