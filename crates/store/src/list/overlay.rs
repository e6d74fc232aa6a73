//! What waits in the outbox, laid over the mirror's conversations.

use super::preview::preview;
use super::summary::ConversationSummary;
use crate::draft::BasedDraft;
use crate::error::Result;
use crate::mirror::{drafts, messages, users};
use crate::outbox::ops::{OpState, OpenOp};
use parlour_protocol::{Action, ConversationId, ConversationType, MemberRole, MessageId, Seq};
use rusqlite::Connection;

/// A conversation that was created here and that the server does not have yet.
/// Another device may have begun the same, and be writing there.
pub(super) fn begun(
    conn: &Connection,
    id: ConversationId,
    ops: &[OpenOp],
) -> Result<Option<ConversationSummary>> {
    let begun = ops.iter().find_map(|op| {
        let Action::Create { kind, title, members, .. } = &op.op.action else { return None };
        let is_group = *kind == ConversationType::Group;
        let other = members.first().filter(|_| !is_group);
        let peer = other.map(|peer| users::state(conn, *peer).unwrap_or_default());
        let name = other.and_then(|peer| users::name(conn, *peer).ok());
        let title = if is_group { title.clone() } else { name? };
        let role = if is_group { MemberRole::Owner } else { MemberRole::Member };
        let summary = ConversationSummary::new(id, *kind, title, op.created_at);
        Some(ConversationSummary { role, peer, own: true, ..summary })
    });
    let Some(begun) = begun else { return Ok(None) };
    let draft = drafts::find(conn, id)?.and_then(BasedDraft::shown);
    Ok(Some(ConversationSummary { draft, ..begun }))
}

/// Shows what waits as if it were done.
pub(super) fn overlay(
    conn: &Connection,
    summary: &mut ConversationSummary,
    open: &OpenOp,
) -> Result<()> {
    if let Action::Send { body, .. } = &open.op.action {
        if !messages::is_held(conn, MessageId(open.op.id.0))? {
            summary.waiting.0 += 1;
            summary.preview = preview(body);
            summary.sender = Some(String::new());
            summary.own = true;
            summary.active_at = summary.active_at.max(open.created_at);
            summary.hidden = false;
        }
        return Ok(());
    }
    if open.state == OpState::Refused {
        return Ok(());
    }
    match &open.op.action {
        Action::Read { seq, .. } => {
            summary.last_read_seq = summary.last_read_seq.max(*seq);
            summary.marked_unread = false;
        }
        Action::Leave => summary.left = true,
        Action::Transfer { .. } => summary.role = MemberRole::Administrator,
        Action::Rename { title } => summary.title.clone_from(title),
        Action::SetTopic { topic } => summary.topic.clone_from(topic),
        Action::SetHistory { history } => summary.history = *history,
        Action::SetRemoval { removal } => summary.removal = *removal,
        Action::Archive { on } => summary.archived = *on,
        Action::Mute { until } => summary.muted_until = *until,
        Action::Pin { on } => summary.pinned_at = on.then_some(open.created_at),
        Action::Hide { on } => summary.hidden = *on,
        Action::MarkUnread { on, from } => {
            summary.marked_unread = *on;
            if let Some(from) = from {
                summary.last_read_seq = summary.last_read_seq.min(Seq(from.0 - 1));
            }
        }
        _ => {}
    }
    Ok(())
}
