//! What is asked of a message before somebody is notified of it.

use crate::error::Result;
use crate::list::preview::preview;
use crate::mirror::{conversations, messages};
use crate::outbox::ops::OpState;
use crate::pairs;
use crate::store::Store;
use parlour_protocol::{
    ConversationEcho, ConversationId, ConversationType, Echo, MembersEcho, MessageEcho, MessageId,
    Millis, Reaction, Seq, UserId,
};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 id.
    MESSAGE = concat!("SELECT ", messages!(qualified), ", users.id AS sender_id, ", shown_name!(), " AS sender_name,
            conversations.id AS conversation_id, mirror.user_id AS me
        FROM messages
        CROSS JOIN users ON users.number = messages.sender
        CROSS JOIN conversations ON conversations.number = messages.key >> 32
        CROSS JOIN mirror ON mirror.only_row = 1
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1");
    /// $1 id.
    SENDER = "SELECT users.id FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1";
    /// $1 id.
    STANDING = concat!("SELECT conversations.number, conversations.id, conversations.type, conversations.title, ",
            membership_row!(qualified), ",
            (SELECT ", shown_name!(), " FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = conversations.number AND conversations.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer_name
        FROM conversations
        CROSS JOIN mirror ON mirror.only_row = 1
        WHERE conversations.id = $1");
    /// $1 id.
    NAME = concat!("SELECT ", shown_name!(), " FROM users WHERE id = $1");
}

/// A message, as far as a notification is concerned with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notable {
    /// The conversation.
    pub conversation: ConversationId,
    /// The position in the conversation.
    pub seq: Seq,
    /// The author.
    pub sender: UserId,
    /// The author's name as it is shown.
    pub sender_name: String,
    /// One line of the text, without markup.
    pub line: String,
    /// The text as its words are read, without code and quotes: in these, keywords are looked for.
    pub authored_text: String,
    /// The time at which the server accepted it.
    pub sent_at: Millis,
    /// Whether this user wrote it.
    pub is_own: bool,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Whether it mentions this user by name.
    pub mentions_me: bool,
    /// Whether it mentions everybody.
    pub mentions_all: bool,
    /// Whether it replies to a message of this user.
    pub replies_to_me: bool,
    /// Who reacted to it, and with which emoji, as far as that is named.
    pub reactions: Vec<(UserId, String)>,
    /// The emoji of reactions of others who are not named, each with their number.
    pub unnamed_reactions: Vec<(String, i64)>,
}

/// How a conversation stands with this user, with what waits in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// A group's title, or the other person's name.
    pub title: String,
    /// Whether it is between two people.
    pub is_direct: bool,
    /// Whether this user is in it and may see it.
    pub is_in: bool,
    /// The position up to which this user has read.
    pub last_read: Seq,
    /// The time until which it is muted.
    pub muted_until: Option<Millis>,
    /// The messages that wait to be deleted.
    pub deleting: Vec<MessageId>,
}

impl Store {
    /// Returns what a notification of a message needs; `None` if the message is not here.
    pub fn notable(&self, id: MessageId) -> Result<Option<Notable>> {
        self.mirror.read(|conn| {
            let found = conn.prepare_cached(MESSAGE)?.query_row([id.0], notable).optional()?;
            let Some((mut notable, reply_to, me)) = found else { return Ok(None) };
            if let Some(root) = reply_to {
                notable.replies_to_me = sender(conn, root)? == Some(me);
            }
            Ok(Some(notable))
        })
    }

    /// Returns how a conversation stands with this user; `None` as long as the server has not told both the
    /// conversation and this user's membership in it, or if what it tells cannot be.
    pub fn standing(&self, id: ConversationId) -> Result<Option<Standing>> {
        let open = self.outbox.open_ops_in(id)?;
        let found = self.mirror.read(|conn| {
            let read = |row: &Row<'_>| Ok((row.get::<_, i64>("number")?, standing(row)?));
            let found = conn.prepare_cached(STANDING)?.query_row([id.0], read).optional()?;
            let Some((number, Some(standing))) = found else { return Ok(None) };
            let is_possible = !standing.is_direct || pairs::is_pair(conn, number, id)?;
            Ok(is_possible.then_some(standing))
        })?;
        let Some(mut standing) = found else { return Ok(None) };
        for open in open.iter().filter(|open| open.state == OpState::Waiting) {
            let echo = open.op.action.rules().echo;
            if let Echo::Conversation(echo) = echo {
                standing.last_read = echo.read_after(standing.last_read);
                if let ConversationEcho::MutedUntil(until) = echo {
                    standing.muted_until = until;
                }
            } else if let Echo::Members(MembersEcho::Left) = echo {
                standing.is_in = false;
            } else if let Echo::Message(message, MessageEcho::Deleted) = echo {
                standing.deleting.push(message);
            }
        }
        Ok(Some(standing))
    }

    /// Returns the name that is shown of a person; empty if they are not known.
    pub fn shown_name(&self, id: UserId) -> Result<String> {
        self.mirror.read(|conn| {
            let name = conn.prepare_cached(NAME)?.query_row([id.0], |row| row.get(0)).optional()?;
            Ok(name.unwrap_or_default())
        })
    }
}

fn sender(conn: &Connection, id: Uuid) -> Result<Option<UserId>> {
    let found = conn.prepare_cached(SENDER)?.query_row([id], |row| row.get(0)).optional()?;
    Ok(found.map(UserId))
}

/// Reads a message, the one that it replies to, and this user.
fn notable(row: &Row<'_>) -> rusqlite::Result<(Notable, Option<Uuid>, UserId)> {
    let message = messages::read(row)?;
    let me = UserId(row.get("me")?);
    let reactions = message
        .reactions
        .iter()
        .flat_map(|one| one.users.iter().map(|by| (*by, one.emoji.clone())));
    let notable = Notable {
        conversation: ConversationId(row.get("conversation_id")?),
        seq: message.seq,
        sender: message.sender_id,
        sender_name: row.get("sender_name")?,
        line: preview(&message.body, &message.files),
        authored_text: parlour_markup::authored_text(&message.body),
        sent_at: message.sent_at,
        is_own: message.sender_id == me,
        is_deleted: message.deleted_at.is_some(),
        mentions_me: message.mentions.contains(&me),
        mentions_all: message.mentions_all,
        replies_to_me: false,
        reactions: reactions.collect(),
        unnamed_reactions: message
            .reactions
            .iter()
            .map(|one| (one.emoji.clone(), unnamed(one, me)))
            .filter(|(_, many)| *many > 0)
            .collect(),
    };
    Ok((notable, message.reply_to.map(|id| id.0), me))
}

/// Returns the number of people other than this user who reacted so and are not named.
fn unnamed(reaction: &Reaction, me: UserId) -> i64 {
    let named = i64::try_from(reaction.users.len()).unwrap_or(i64::MAX);
    let own = reaction.is_by(me).unwrap_or(false) && !reaction.users.contains(&me);
    (reaction.count.0 - named - i64::from(own)).max(0)
}

fn standing(row: &Row<'_>) -> rusqlite::Result<Option<Standing>> {
    let membership = conversations::read_membership(row)?;
    let kind = ConversationType::parse(&row.get::<_, String>("type")?);
    let Some(kind) = kind.filter(|_| membership.changed_seq > 0) else { return Ok(None) };
    let is_direct = kind == ConversationType::P2p;
    let title = match is_direct {
        true => row.get::<_, Option<String>>("peer_name")?.unwrap_or_default(),
        false => row.get("title")?,
    };
    Ok(Some(Standing {
        title,
        is_direct,
        is_in: membership.left_at.is_none() && !membership.purged,
        last_read: membership.last_read_seq,
        muted_until: membership.muted_until,
        deleting: Vec::new(),
    }))
}
