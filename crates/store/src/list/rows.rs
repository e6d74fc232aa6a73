//! The mirror's conversations as the list shows them.

use super::preview::preview;
use super::summary::ConversationSummary;
use crate::draft;
use crate::error::Result;
use crate::mirror::users::PersonState;
use crate::mirror::{conversations, members, messages};
use crate::packed::Unpacked;
use crate::unread::PresentRange;
use parlour_protocol::{ConversationId, ConversationType, MemberRole, Millis, Seq, UserId};
use rusqlite::{Connection, OptionalExtension, Row};

parlour_sqlite::statements! {
    /// $1 id.
    SUMMARY = concat!("SELECT conversations.number, conversations.id, ", conversation_row!(qualified), ", ",
            membership_row!(qualified), ", conversations.last_seq, conversations.floor_seq,
            conversations.known_seq, conversations.active_at,
            (SELECT ", shown_name!(), " FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = conversations.number AND conversations.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer_name,
            (SELECT ", person_state!(), "
             FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = conversations.number AND conversations.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer,
            (SELECT users.id FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = conversations.number AND conversations.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer_id,
            (SELECT members.role FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = conversations.number
               AND users.id = mirror.user_id) AS role,
            drafts.body AS draft, drafts.reply_to AS draft_reply_to,
            messages.body, messages.files, messages.deleted_at, ", shown_name!(), " AS sender,
            users.id = mirror.user_id AS own
        FROM conversations
        JOIN mirror ON mirror.only_row = 1
        LEFT JOIN messages ON messages.key = (conversations.number << 32) + conversations.last_seq
        LEFT JOIN users ON users.number = messages.sender
        LEFT JOIN drafts ON drafts.conversation_id = conversations.id
        WHERE conversations.id = $1");
}

/// Returns a conversation and how much of it the mirror contains; `None` if the mirror has nothing
/// to show. `new_conversation` is the conversation as a waiting op creates it.
pub(super) fn find(
    conn: &Connection,
    id: ConversationId,
    new_conversation: Option<&ConversationSummary>,
) -> Result<Option<(PresentRange, ConversationSummary)>> {
    let read = |row: &Row<'_>| summary(row, new_conversation);
    Ok(conn.prepare_cached(SUMMARY)?.query_row([id.0], read).optional()?.flatten())
}

/// Returns `None` for a conversation whose own row has not arrived yet, unless this device created
/// it too.
fn summary(
    row: &Row<'_>,
    new_conversation: Option<&ConversationSummary>,
) -> rusqlite::Result<Option<(PresentRange, ConversationSummary)>> {
    let kind = ConversationType::parse(&row.get::<_, String>("type")?);
    let new_conversation = new_conversation.filter(|_| kind.is_none());
    let Some(kind) = kind.or(new_conversation.map(|new_conversation| new_conversation.kind)) else {
        return Ok(None);
    };
    if row.get("purged")? {
        return Ok(None);
    }
    let (conversation, membership) =
        (conversations::read(row)?, conversations::read_membership(row)?);
    let last_seq = row.get("last_seq")?;
    let present = PresentRange {
        number: row.get("number")?,
        floor: row.get("floor_seq")?,
        last: last_seq,
        newest: row.get("known_seq")?,
        visible_from: membership.visible_from,
    };
    let title = match kind {
        _ if new_conversation.is_some() => new_conversation
            .map(|new_conversation| new_conversation.title.clone())
            .unwrap_or_default(),
        ConversationType::P2p => row.get::<_, Option<String>>("peer_name")?.unwrap_or_default(),
        ConversationType::Group => conversation.title,
    };
    let created_at =
        new_conversation.map_or(Millis(0), |new_conversation| new_conversation.active_at);
    let active_at = created_at.max(Millis(row.get("active_at")?));
    let is_deleted = row.get::<_, Option<i64>>("deleted_at")?.is_some();
    let body: Option<Unpacked> = row.get("body")?;
    let role: Option<String> = row.get("role")?;
    let summary = ConversationSummary {
        topic: conversation.topic,
        history: conversation.history,
        removal: conversation.removal,
        peer: match row.get::<_, Option<String>>("peer")? {
            Some(state) => Some(PersonState::parse(&state)),
            None => new_conversation.and_then(|new_conversation| new_conversation.peer),
        },
        peer_id: match row.get("peer_id")? {
            Some(id) => Some(UserId(id)),
            None => new_conversation.and_then(|new_conversation| new_conversation.peer_id),
        },
        archived: conversation.archived_at.is_some(),
        role: role.as_deref().map_or(
            new_conversation.map_or(MemberRole::Member, |new_conversation| new_conversation.role),
            members::role,
        ),
        preview: match body.filter(|_| !is_deleted) {
            Some(body) => preview(&body.0, &messages::files(row)?),
            None => String::new(),
        },
        sender: row.get("sender")?,
        own: row.get::<_, Option<bool>>("own")?.unwrap_or(false),
        marked_unread: membership.marked_unread,
        last_seq: Seq(last_seq),
        last_read_seq: membership.last_read_seq,
        left: membership.left_at.is_some(),
        muted_until: membership.muted_until,
        pinned_at: membership.pinned_at,
        hidden: membership.hidden_at.is_some_and(|hidden_at| hidden_at >= active_at),
        draft: draft::visible(row.get("draft")?, row.get("draft_reply_to")?),
        ..ConversationSummary::new(conversation.id, kind, title, active_at)
    };
    Ok(Some((present, summary)))
}
