//! Overlays the mirror's conversations with the ops in the outbox.

use super::preview::preview;
use super::summary::ConversationSummary;
use crate::draft::BasedDraft;
use crate::error::Result;
use crate::mirror::{drafts, messages, users};
use crate::outbox::ops::{OpState, PendingOp};
use parlour_protocol::{
    ConversationEcho, ConversationId, ConversationType, Echo, MemberRole, MembersEcho, MessageId,
    Millis,
};
use rusqlite::Connection;

/// Returns a conversation that was created here and that the server does not have yet. Another device may
/// have created it, too, and have a draft there.
pub(super) fn new_conversation(
    conn: &Connection,
    id: ConversationId,
    ops: &[PendingOp],
) -> Result<Option<ConversationSummary>> {
    let new_conversation = ops.iter().find_map(|op| {
        let Echo::NewConversation { kind, title, others } = op.op.action.rules().echo else {
            return None;
        };
        let is_group = kind == ConversationType::Group;
        let other = others.first().filter(|_| !is_group);
        let peer = other.map(|peer| users::state(conn, *peer).unwrap_or_default());
        let name = other.and_then(|peer| users::person(conn, *peer).ok()?).map(|peer| peer.name);
        let title = if is_group { title.into() } else { name? };
        let role = if is_group { MemberRole::Owner } else { MemberRole::Member };
        let summary = ConversationSummary::new(id, kind, title, op.created_at);
        Some(ConversationSummary { role, peer, peer_id: other.copied(), own: true, ..summary })
    });
    let Some(new_conversation) = new_conversation else { return Ok(None) };
    let draft = drafts::find(conn, id)?.and_then(BasedDraft::visible);
    Ok(Some(ConversationSummary { draft, ..new_conversation }))
}

/// Shows an op as if it were done, except one that creates the conversation: see [`new_conversation`]. A
/// refused op is shown only if it is a message, since that stays in the timeline.
pub(super) fn overlay(
    conn: &Connection,
    summary: &mut ConversationSummary,
    pending: &PendingOp,
) -> Result<()> {
    let is_waiting = pending.state == OpState::Waiting;
    match pending.op.action.rules().echo {
        Echo::NewMessage { body, files, .. } => {
            if !messages::is_present(conn, MessageId(pending.op.id.0))? {
                summary.waiting.0 += 1;
                summary.preview = preview(body, files);
                summary.sender = Some(String::new());
                summary.own = true;
                summary.active_at = summary.active_at.max(pending.created_at);
                summary.hidden = false;
            }
        }
        Echo::Conversation(echo) if is_waiting => change(summary, echo, pending.created_at),
        Echo::Members(echo) if is_waiting => change_membership(summary, echo),
        Echo::Conversation(_)
        | Echo::Members(_)
        | Echo::NewConversation { .. }
        | Echo::Message(..)
        | Echo::Choice { .. }
        | Echo::Profile(_)
        | Echo::None => {}
    }
    Ok(())
}

/// Shows a change of the conversation.
fn change(summary: &mut ConversationSummary, echo: ConversationEcho<'_>, now: Millis) {
    summary.last_read_seq = echo.read_after(summary.last_read_seq);
    match echo {
        ConversationEcho::Title(title) => summary.title = title.into(),
        ConversationEcho::Topic(topic) => summary.topic = topic.into(),
        ConversationEcho::History(history) => summary.history = history,
        ConversationEcho::Removal(removal) => summary.removal = removal,
        ConversationEcho::Archived(on) => summary.archived = on,
        ConversationEcho::MutedUntil(until) => summary.muted_until = until,
        ConversationEcho::Pinned(on) => summary.pinned_at = on.then_some(now),
        ConversationEcho::Hidden(on) => summary.hidden = on,
        ConversationEcho::Read(_) => summary.marked_unread = false,
        ConversationEcho::MarkedUnread { on, .. } => summary.marked_unread = on,
    }
}

/// Shows a change of the user's own membership.
fn change_membership(summary: &mut ConversationSummary, echo: MembersEcho) {
    match echo {
        MembersEcho::Left => summary.left = true,
        MembersEcho::Transferred(_) => summary.role = MemberRole::Administrator,
        MembersEcho::Added(_) | MembersEcho::Removed(_) | MembersEcho::Role(..) => {}
    }
}
