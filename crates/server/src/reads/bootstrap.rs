//! The first response for a mirror of a conversation.

use super::history::older;
use super::page::{self, Kinds, PageLimits};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{conversations, members, streams};
use parlour_protocol::{Bootstrap, ConversationId, Row, StreamId, UserId, row_bytes};

/// Returns what a mirror needs to start with a conversation: the conversation itself, as many of its members
/// as fit, and its newest messages, at least one.
pub async fn bootstrap(
    tx: &Tx,
    caller: UserId,
    id: ConversationId,
    newest: PageLimits,
) -> Result<Bootstrap, ApiError> {
    let member = members::require(tx, id, caller).await?;
    let conversation = conversations::find(tx, id).await?.ok_or_else(ApiError::not_member)?;
    let stream = StreamId::Conversation(id);
    let head = streams::head(tx, stream).await?;
    let first = member.membership.visible_from;
    let last_seq = conversation.last_seq;
    // Messages matter more to the user, so members take at most half of the page.
    let member_limits = PageLimits { bytes: newest.bytes / 2, ..PageLimits::STATE };
    let kinds = (stream, Kinds::State);
    let (mut members, to) = page::read(tx, caller, kinds, (0, head), member_limits).await?;
    members.retain(|row| matches!(row, Row::Member(_)));
    let members_cursor = (to < head).then_some(to);
    let mut rows = vec![Row::Conversation(conversation.row)];
    rows.extend(members);
    let used_bytes = rows.iter().map(row_bytes).sum();
    let remaining = PageLimits { bytes: newest.bytes.saturating_sub(used_bytes), ..newest };
    rows.extend(older(tx, (id, caller), (i64::MAX, first), remaining).await?);
    let epoch = tx.epoch();
    let term = member.membership.term;
    Ok(Bootstrap { epoch, stream, term, head, last_seq, rows, members_cursor })
}
