//! Older messages, and the digest of a range of them.

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
    /// Which.
    pub conversation: ConversationId,
    /// In which state of the server the mirror counts.
    pub epoch: String,
    /// One's join of the conversation.
    pub term: i64,
    /// Messages below this position.
    pub before: i64,
    /// At most so many of them.
    pub limits: PageLimits,
}

/// Older messages, newest first.
pub async fn history(tx: &Tx, caller: UserId, asked: &HistoryRange) -> Result<History, ApiError> {
    epoch::check(tx, &asked.epoch)?;
    let member = check_term(tx, caller, asked.conversation, asked.term).await?;
    let first = member.membership.visible_from;
    let rows = older(tx, (asked.conversation, caller), (asked.before, first), asked.limits).await?;
    Ok(History {
        epoch: tx.epoch(),
        stream: StreamId::Conversation(asked.conversation),
        term: asked.term,
        before: asked.before,
        rows,
    })
}

/// The digest of a stretch, from `low` to `before - 1`: what a mirror of it must be.
pub async fn digest(
    tx: &Tx,
    caller: UserId,
    asked: &HistoryRange,
    low: i64,
) -> Result<Digest, ApiError> {
    epoch::check(tx, &asked.epoch)?;
    let member = check_term(tx, caller, asked.conversation, asked.term).await?;
    let mut first = member.membership.visible_from.max(low);
    let head = streams::head(tx, StreamId::Conversation(asked.conversation)).await?;
    let mut digester = Digester::default();
    let last = asked.before.saturating_sub(1);
    loop {
        let (mut rows, is_cut) =
            messages::between(tx, asked.conversation, (first, last), asked.limits.bytes).await?;
        reactions::tell_own(tx, caller, rows.iter_mut().collect()).await?;
        rows.iter().for_each(|row| digester.add(row));
        first = rows.last().map_or(first, |row| row.seq.0 + 1);
        if !is_cut {
            break;
        }
    }
    let (count, sha256) = digester.finish();
    Ok(Digest { epoch: tx.epoch(), head, count, sha256 })
}

/// Messages below a position and not below `first`, newest first, as somebody is told them: as many as fit, but
/// one at least.
pub async fn older(
    tx: &Tx,
    (id, caller): (ConversationId, UserId),
    (before, first): (i64, i64),
    limits: PageLimits,
) -> Result<Vec<Row>, ApiError> {
    let mut rows = messages::before(tx, id, before, first, (limits.rows, limits.bytes)).await?;
    reactions::tell_own(tx, caller, rows.iter_mut().collect()).await?;
    let mut rows: Vec<Row> = rows.into_iter().map(Row::Message).collect();
    rows.truncate(rows_fit(&rows, limits.bytes).max(1));
    Ok(rows)
}
