//! Orders a conversation's messages by time, and marks the imported ones as read.
//!
//! Positions are dense, in order of arrival. If older messages arrived after newer ones, the conversation is
//! renumbered, and every member gets a new term, so that mirrors reload it; see
//! docs/decisions/0034-imported-history-stands-where-its-time-says.md.

use crate::db::{Change, Tx};
use crate::error::ApiError;
use crate::queries::members::{self, Member};
use crate::queries::{history, streams};
use parlour_protocol::{ConversationId, Row, Seq, StreamId};

/// Orders a conversation by time; returns whether the positions of messages changed.
pub async fn order_by_time(tx: &Tx, conversation: ConversationId) -> Result<bool, ApiError> {
    let times = history::times(tx, conversation).await?;
    let mut present = Vec::new();
    for member in members::present(tx, conversation).await? {
        present.extend(members::find(tx, conversation, member.row.user_id).await?);
    }
    let local = LocalPositions::find(tx, conversation, &present).await?;
    if times.is_sorted() {
        mark_imported_read(tx, &present, &local, times.len()).await?;
        return Ok(false);
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|index| times[*index]);
    // The new position of each message, by its old one.
    let mut new_positions = vec![0_i64; times.len()];
    for (new, old) in (1..).zip(&order) {
        new_positions[*old] = new;
    }
    let moves = (1..).zip(&new_positions).filter(|(old, new)| old != *new);
    let moves: Vec<(i64, i64)> = moves.map(|(old, new)| (old, *new)).collect();
    let new_positions = NewPositions(new_positions);
    let count = i64::try_from(present.len()).unwrap_or(i64::MAX);
    let head = streams::advance_by(tx, StreamId::Conversation(conversation), count).await?;
    history::reorder(tx, conversation, &moves).await?;
    for (index, member) in (1..).zip(&present) {
        let positions = new_positions.of_member(member, &local);
        renumber_member(tx, conversation, member, positions, head - count + index).await?;
    }
    streams::announce_head(tx, StreamId::Conversation(conversation), head);
    Ok(true)
}

/// The positions of messages that were sent here, not imported, as far as members have not read them or may not see
/// them.
struct LocalPositions(Vec<i64>);

impl LocalPositions {
    async fn find(
        tx: &Tx,
        conversation: ConversationId,
        present: &[Member],
    ) -> Result<Self, ApiError> {
        let lower_bound = |member: &Member| {
            let membership = &member.membership;
            let hidden = Some(membership.visible_from - 1).filter(|hidden| *hidden > 0);
            hidden.unwrap_or(i64::MAX).min(membership.last_read_seq.0)
        };
        match present.iter().map(lower_bound).min() {
            Some(after) => Ok(Self(history::not_imported(tx, conversation, after.max(0)).await?)),
            None => Ok(Self(Vec::new())),
        }
    }

    /// Returns the first of them after a position.
    fn first_after(&self, seq: i64) -> Option<i64> {
        self.0.get(self.0.partition_point(|position| *position <= seq)).copied()
    }
}

/// The new position of each message, by its old one.
struct NewPositions(Vec<i64>);

impl NewPositions {
    fn get(&self, seq: i64) -> i64 {
        let index = usize::try_from(seq - 1).ok();
        index.and_then(|index| self.0.get(index)).copied().unwrap_or(0)
    }

    /// Returns the position from which a member sees the conversation, the one up to which they have read, and the
    /// one that others see as read. Only messages that were sent here count, since the imported ones did not exist
    /// when the member joined or read.
    fn of_member(&self, member: &Member, local: &LocalPositions) -> (Seq, Seq, Seq) {
        let last = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        let membership = &member.membership;
        let visible_from = match membership.visible_from {
            ..=1 => 1,
            first => local.first_after(first - 1).map_or(last + 1, |seq| self.get(seq)),
        };
        let read =
            local.first_after(membership.last_read_seq.0).map_or(last, |seq| self.get(seq) - 1);
        let shown = member.row.last_read_seq.map_or(0, |seq| self.get(seq.0));
        (Seq(visible_from), Seq(read), Seq(shown.min(read)))
    }
}

/// Gives a member new positions and a new term.
pub async fn renumber_member(
    tx: &Tx,
    conversation: ConversationId,
    member: &Member,
    positions: (Seq, Seq, Seq),
    changed_seq: i64,
) -> Result<(), ApiError> {
    let user = member.row.user_id;
    let account = StreamId::Account(user);
    let account_seq = streams::advance(tx, account).await?;
    let member =
        members::renumber(tx, conversation, user, positions, (changed_seq, account_seq)).await?;
    tx.announce(Change::Joined(user, StreamId::Conversation(conversation), positions.0));
    streams::announce(tx, account, account_seq, vec![Row::Membership(member.membership)]);
    Ok(())
}

/// Marks the imported messages after each member's last read message as read.
async fn mark_imported_read(
    tx: &Tx,
    present: &[Member],
    local: &LocalPositions,
    messages: usize,
) -> Result<(), ApiError> {
    let last = i64::try_from(messages).unwrap_or(i64::MAX);
    for member in present {
        let mut membership = member.membership.clone();
        if membership.last_read_seq.0 >= last {
            continue;
        }
        let read = local.first_after(membership.last_read_seq.0).map_or(last, |seq| seq - 1);
        if read <= membership.last_read_seq.0 {
            continue;
        }
        membership.last_read_seq = Seq(read);
        let account = StreamId::Account(member.row.user_id);
        let account_seq = streams::advance(tx, account).await?;
        let member =
            members::update_membership(tx, member.row.user_id, &membership, account_seq).await?;
        streams::announce(tx, account, account_seq, vec![Row::Membership(member.membership)]);
    }
    Ok(())
}
