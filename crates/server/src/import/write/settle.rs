//! Puts a conversation in order of time, and lets nothing of what was imported count as unread.
//!
//! Positions are dense in order of arrival. Where older messages arrived after newer ones, the conversation is
//! numbered anew, and every member gets another term, so that mirrors begin it anew; see
//! docs/decisions/0034-imported-history-stands-where-its-time-says.md.

use crate::db::{Change, Tx};
use crate::error::ApiError;
use crate::queries::members::{self, Member};
use crate::queries::{history, streams};
use parlour_protocol::{ConversationId, Row, Seq, StreamId};

/// Settles a conversation; returns whether its messages have other positions now.
pub async fn settle(tx: &Tx, conversation: ConversationId) -> Result<bool, ApiError> {
    let times = history::times(tx, conversation).await?;
    let mut present = Vec::new();
    for one in members::present(tx, conversation).await? {
        present.extend(members::find(tx, conversation, one.row.user_id).await?);
    }
    let said = LogMessage::of(tx, conversation, &present).await?;
    if times.is_sorted() {
        read_on(tx, &present, &said, times.len()).await?;
        return Ok(false);
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|at| times[*at]);
    // Where each message goes.
    let mut becomes = vec![0_i64; times.len()];
    for (new, old) in (1..).zip(&order) {
        becomes[*old] = new;
    }
    let moves = (1..).zip(&becomes).filter(|(was, becomes)| was != *becomes);
    let moves: Vec<(i64, i64)> = moves.map(|(was, becomes)| (was, *becomes)).collect();
    let places = Places { becomes };
    let many = i64::try_from(present.len()).unwrap_or(i64::MAX);
    let head = streams::advance_by(tx, StreamId::Conversation(conversation), many).await?;
    history::reorder(tx, conversation, &moves).await?;
    for (index, member) in (1..).zip(&present) {
        let positions = places.of(member, &said);
        renew(tx, conversation, member, positions, head - many + index).await?;
    }
    streams::announce_head(tx, StreamId::Conversation(conversation), head);
    Ok(true)
}

/// What was said here, and not imported: the positions of it that members have not read or may not see.
struct LogMessage(Vec<i64>);

impl LogMessage {
    async fn of(
        tx: &Tx,
        conversation: ConversationId,
        present: &[Member],
    ) -> Result<Self, ApiError> {
        let first = |member: &Member| {
            let own = &member.membership;
            let hidden = Some(own.visible_from - 1).filter(|hidden| *hidden > 0);
            hidden.unwrap_or(i64::MAX).min(own.last_read_seq.0)
        };
        match present.iter().map(first).min() {
            Some(after) => Ok(Self(history::not_imported(tx, conversation, after.max(0)).await?)),
            None => Ok(Self(Vec::new())),
        }
    }

    /// The first of it behind a position.
    fn behind(&self, seq: i64) -> Option<i64> {
        self.0.get(self.0.partition_point(|one| *one <= seq)).copied()
    }
}

/// Where each message goes.
struct Places {
    becomes: Vec<i64>,
}

impl Places {
    fn get(&self, seq: i64) -> i64 {
        let at = usize::try_from(seq - 1).ok();
        at.and_then(|at| self.becomes.get(at)).copied().unwrap_or(0)
    }

    /// From where on a member sees the conversation, how far they have read, and how far others see that: counted
    /// by what was said here, since the rest was not there when they came or read.
    fn of(&self, member: &Member, said: &LogMessage) -> (Seq, Seq, Seq) {
        let last = i64::try_from(self.becomes.len()).unwrap_or(i64::MAX);
        let own = &member.membership;
        let visible_from = match own.visible_from {
            ..=1 => 1,
            first => said.behind(first - 1).map_or(last + 1, |seq| self.get(seq)),
        };
        let read = said.behind(own.last_read_seq.0).map_or(last, |seq| self.get(seq) - 1);
        let shown = member.row.last_read_seq.map_or(0, |seq| self.get(seq.0));
        (Seq(visible_from), Seq(read), Seq(shown.min(read)))
    }
}

/// Gives a member their new positions, and another term.
async fn renew(
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

/// Notes that members have read what was imported behind the last message that they had read.
async fn read_on(
    tx: &Tx,
    present: &[Member],
    said: &LogMessage,
    messages: usize,
) -> Result<(), ApiError> {
    let last = i64::try_from(messages).unwrap_or(i64::MAX);
    for member in present {
        let mut own = member.membership.clone();
        if own.last_read_seq.0 >= last {
            continue;
        }
        let read = said.behind(own.last_read_seq.0).map_or(last, |seq| seq - 1);
        if read <= own.last_read_seq.0 {
            continue;
        }
        own.last_read_seq = Seq(read);
        let account = StreamId::Account(member.row.user_id);
        let account_seq = streams::advance(tx, account).await?;
        let member = members::update_membership(tx, member.row.user_id, &own, account_seq).await?;
        streams::announce(tx, account, account_seq, vec![Row::Membership(member.membership)]);
    }
    Ok(())
}
