//! Older messages, and digests of ranges of messages.

use super::access::check_term;
use super::page::PageLimits;
use crate::db::Tx;
use crate::epoch;
use crate::error::ApiError;
use crate::queries::{messages, reactions, streams};
use parlour_protocol::{
    ConversationId, Digest, Digester, History, Row, StreamId, UserId, rows_fit,
};

/// A range of a conversation's messages.
pub struct HistoryRange {
    /// The conversation.
    pub conversation: ConversationId,
    /// The epoch in which the mirror is valid.
    pub epoch: String,
    /// The term of the caller's membership.
    pub term: i64,
    /// The position below which the messages are.
    pub before: i64,
    /// The largest number of messages, and of their bytes.
    pub limits: PageLimits,
}

/// Returns older messages, newest first.
pub async fn history(tx: &Tx, caller: UserId, request: &HistoryRange) -> Result<History, ApiError> {
    epoch::check(tx, &request.epoch)?;
    let member = check_term(tx, caller, request.conversation, request.term).await?;
    let first = member.membership.visible_from;
    let rows =
        older(tx, (request.conversation, caller), (request.before, first), request.limits).await?;
    Ok(History {
        epoch: tx.epoch(),
        stream: StreamId::Conversation(request.conversation),
        term: request.term,
        before: request.before,
        rows,
    })
}

/// Returns the digest of the messages at positions from `low` to `before - 1`, which a mirror's must equal.
pub async fn digest(
    tx: &Tx,
    caller: UserId,
    request: &HistoryRange,
    low: i64,
) -> Result<Digest, ApiError> {
    epoch::check(tx, &request.epoch)?;
    let member = check_term(tx, caller, request.conversation, request.term).await?;
    let mut first = member.membership.visible_from.max(low);
    let head = streams::head(tx, StreamId::Conversation(request.conversation)).await?;
    let mut digester = Digester::default();
    let last = request.before.saturating_sub(1);
    loop {
        let (mut rows, has_more) =
            messages::between(tx, request.conversation, (first, last), request.limits.bytes)
                .await?;
        reactions::mark_own(tx, caller, rows.iter_mut().collect()).await?;
        rows.iter().for_each(|row| digester.add(row));
        first = rows.last().map_or(first, |row| row.seq.0 + 1);
        if !has_more {
            break;
        }
    }
    let (count, sha256) = digester.finish();
    Ok(Digest { epoch: tx.epoch(), head, count, sha256 })
}

/// Returns the messages at positions from `first` to below `before`, newest first, as the caller sees them:
/// as many as fit, but at least one.
pub async fn older(
    tx: &Tx,
    (id, caller): (ConversationId, UserId),
    (before, first): (i64, i64),
    limits: PageLimits,
) -> Result<Vec<Row>, ApiError> {
    let mut rows = messages::before(tx, id, before, first, (limits.rows, limits.bytes)).await?;
    reactions::mark_own(tx, caller, rows.iter_mut().collect()).await?;
    let mut rows: Vec<Row> = rows.into_iter().map(Row::Message).collect();
    rows.truncate(rows_fit(&rows, limits.bytes).max(1));
    Ok(rows)
}
