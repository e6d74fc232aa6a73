//! Reads the facts about messages and conversations that notifications depend on.

use crate::direct;
use crate::error::Result;
use crate::list::preview::preview;
use crate::mirror::{conversations, messages};
use crate::outbox::ops::OpState;
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
    CONVERSATION = concat!("SELECT conversations.number, conversations.id, conversations.type, conversations.title, ",
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

/// The facts about a message that notifications depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDetails {
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
    /// The text without code and quotes, in which keywords are looked for.
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
    /// The people who reacted to it, each with the emoji, if the server names them.
    pub reactions: Vec<(UserId, String)>,
    /// The emoji of reactions by unnamed people, each with their number.
    pub unnamed_reactions: Vec<(String, i64)>,
}

/// The state of a conversation for this user, with the waiting ops of the outbox applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationState {
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
    /// Returns the facts about a message; `None` if it is not on this computer.
    pub fn message_details(&self, id: MessageId) -> Result<Option<MessageDetails>> {
        self.mirror.read(|conn| {
            let found = conn.prepare_cached(MESSAGE)?.query_row([id.0], read_message).optional()?;
            let Some((mut details, reply_to, me)) = found else { return Ok(None) };
            if let Some(root) = reply_to {
                details.replies_to_me = sender(conn, root)? == Some(me);
            }
            Ok(Some(details))
        })
    }

    /// Returns the state of a conversation; `None` before both its row and this user's membership were received, or if
    /// the server sent impossible members.
    pub fn conversation_state(&self, id: ConversationId) -> Result<Option<ConversationState>> {
        let pending = self.outbox.pending_ops_in(id)?;
        let found = self.mirror.read(|conn| {
            let read = |row: &Row<'_>| Ok((row.get::<_, i64>("number")?, read_conversation(row)?));
            let found = conn.prepare_cached(CONVERSATION)?.query_row([id.0], read).optional()?;
            let Some((number, Some(state))) = found else { return Ok(None) };
            let is_possible = !state.is_direct || direct::is_valid_direct(conn, number, id)?;
            Ok(is_possible.then_some(state))
        })?;
        let Some(mut state) = found else { return Ok(None) };
        for pending in pending.iter().filter(|pending| pending.state == OpState::Waiting) {
            let echo = pending.op.action.rules().echo;
            if let Echo::Conversation(echo) = echo {
                state.last_read = echo.read_after(state.last_read);
                if let ConversationEcho::MutedUntil(until) = echo {
                    state.muted_until = until;
                }
            } else if let Echo::Members(MembersEcho::Left) = echo {
                state.is_in = false;
            } else if let Echo::Message(message, MessageEcho::Deleted) = echo {
                state.deleting.push(message);
            }
        }
        Ok(Some(state))
    }

    /// Returns a person's shown name; empty if they are not known.
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
fn read_message(row: &Row<'_>) -> rusqlite::Result<(MessageDetails, Option<Uuid>, UserId)> {
    let message = messages::read(row)?;
    let me = UserId(row.get("me")?);
    let reactions = message
        .reactions
        .iter()
        .flat_map(|reaction| reaction.users.iter().map(|by| (*by, reaction.emoji.clone())));
    let details = MessageDetails {
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
            .map(|reaction| (reaction.emoji.clone(), unnamed_count(reaction, me)))
            .filter(|(_, count)| *count > 0)
            .collect(),
    };
    Ok((details, message.reply_to.map(|id| id.0), me))
}

/// Returns the number of people other than this user who gave this reaction and are not named.
fn unnamed_count(reaction: &Reaction, me: UserId) -> i64 {
    let named = i64::try_from(reaction.users.len()).unwrap_or(i64::MAX);
    let own = reaction.is_by(me).unwrap_or(false) && !reaction.users.contains(&me);
    (reaction.count.0 - named - i64::from(own)).max(0)
}

fn read_conversation(row: &Row<'_>) -> rusqlite::Result<Option<ConversationState>> {
    let membership = conversations::read_membership(row)?;
    let kind = ConversationType::parse(&row.get::<_, String>("type")?);
    let Some(kind) = kind.filter(|_| membership.changed_seq > 0) else { return Ok(None) };
    let is_direct = kind == ConversationType::P2p;
    let title = match is_direct {
        true => row.get::<_, Option<String>>("peer_name")?.unwrap_or_default(),
        false => row.get("title")?,
    };
    Ok(Some(ConversationState {
        title,
        is_direct,
        is_in: membership.left_at.is_none() && !membership.purged,
        last_read: membership.last_read_seq,
        muted_until: membership.muted_until,
        deleting: Vec::new(),
    }))
}
