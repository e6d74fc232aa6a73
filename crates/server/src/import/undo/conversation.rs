//! Removes what an import added to a conversation.
//!
//! The remaining messages are renumbered, and every member gets a new term, so that mirrors reload the conversation, as
//! after an import of older history.

use super::super::write::renumber_member;
use crate::db::{Change, Tx};
use crate::error::ApiError;
use crate::ops::files;
use crate::queries::history::MessageOrigin;
use crate::queries::import_runs::{self, ImportRun};
use crate::queries::members::{self, Member, Removed as RemovedBy};
use crate::queries::{account, conversations, edits, history, reactions, streams};
use parlour_protocol::{
    ConversationId, ConversationType, Count, Millis, Row, Seq, StreamId, UserId,
};
use std::collections::HashSet;

/// What was removed from a conversation.
#[derive(Debug, Default)]
pub struct Removed {
    /// Number of messages that were removed.
    pub messages: u64,
    /// Number of reactions that stayed without their messages.
    pub reactions_kept: u64,
    /// Number of messages that stayed, because they were deleted since.
    pub deletions_kept: u64,
    /// Whether the conversation itself was removed.
    pub fate: Fate,
}

/// Whether a conversation of an import was removed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No import that is undone created it.
    #[default]
    Existing,
    /// It was removed.
    Removed,
    /// It was removed before.
    Gone,
    /// Somebody has written in it since, or another import has.
    Kept,
}

/// Removes what an import added to a conversation, and the conversation itself, if an import that is undone created it
/// and nobody has written in it since.
pub async fn remove_from(
    tx: &Tx,
    run: &ImportRun,
    id: ConversationId,
    now: Millis,
) -> Result<Removed, ApiError> {
    let mut undone = import_runs::undone(tx).await?;
    undone.insert(run.number);
    let Some(found) = conversations::find(tx, id).await? else { return Ok(Removed::default()) };
    let mut scan = Scan::default();
    scan.run(tx, (run, id), &undone, now).await?;
    let marks = import_runs::of_conversation(tx, id).await?;
    let is_created = marks.iter().any(|mark| mark.is_new && undone.contains(&mark.run));
    scan.removed.fate = match (is_created, scan.has_others, found.member_count) {
        (false, ..) => Fate::Existing,
        (true, true, _) => Fate::Kept,
        (true, false, 0) => Fate::Gone,
        (true, false, _) => Fate::Removed,
    };
    if scan.removed.fate == Fate::Removed {
        withdraw(tx, (id, found.row.kind), now).await?;
    }
    if matches!(scan.removed.fate, Fate::Removed | Fate::Gone) {
        import_runs::mark_conversation(tx, id, true).await?;
    }
    if scan.removed.messages > 0 {
        for span in &scan.spans {
            history::remove(tx, id, *span).await?;
        }
        renumber(tx, id, &scan.kept).await?;
    }
    Ok(scan.removed)
}

/// The messages of a conversation, as far as they matter here.
#[derive(Debug, Default)]
struct Scan {
    removed: Removed,
    /// The first and last positions of messages that are removed, without gaps in between.
    spans: Vec<(i64, i64)>,
    /// The positions of the others.
    kept: Vec<i64>,
    /// Whether there are messages that no import added which is undone.
    has_others: bool,
}

impl Scan {
    /// Reads all messages, and removes what is stored besides the rows of those that the import added.
    async fn run(
        &mut self,
        tx: &Tx,
        (run, id): (&ImportRun, ConversationId),
        undone: &HashSet<i64>,
        now: Millis,
    ) -> Result<(), ApiError> {
        let mut after = 0;
        loop {
            let page = history::origins(tx, id, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for message in &page {
                let is_deleted_since = message.deleted_at.is_some_and(|at| at >= run.started_at);
                if message.import_run == run.number && !is_deleted_since {
                    self.remove(tx, message, run.started_at, now).await?;
                    continue;
                }
                self.removed.deletions_kept += u64::from(message.import_run == run.number);
                self.has_others |= !undone.contains(&message.import_run);
                self.kept.push(message.seq);
            }
        }
    }

    /// Removes what is stored besides the row of a message. Reactions that people made since stay.
    async fn remove(
        &mut self,
        tx: &Tx,
        message: &MessageOrigin,
        started_at: Millis,
        now: Millis,
    ) -> Result<(), ApiError> {
        self.removed.messages += 1;
        if message.has_edits {
            edits::replace(tx, message.id, Count(1), &[]).await?;
        }
        if message.has_files {
            files::detach(tx, message.id, now).await?;
        }
        if message.has_reactions {
            let kept = reactions::delete_before(tx, message.id, started_at).await?;
            self.removed.reactions_kept += kept as u64;
        }
        match self.spans.last_mut() {
            Some((_, last)) if *last + 1 == message.seq => *last = message.seq,
            _ => self.spans.push((message.seq, message.seq)),
        }
        Ok(())
    }
}

/// Gives the remaining messages consecutive positions, and every member a new term.
async fn renumber(tx: &Tx, id: ConversationId, kept: &[i64]) -> Result<(), ApiError> {
    let moves = (1..).zip(kept).filter(|(new, old)| new != *old);
    let moves: Vec<(i64, i64)> = moves.map(|(new, old)| (*old, new)).collect();
    history::reorder(tx, id, &moves).await?;
    let last = Seq(i64::try_from(kept.len()).unwrap_or(i64::MAX));
    conversations::extend_to(tx, std::iter::once((id, last))).await?;
    let present = present(tx, id).await?;
    let count = i64::try_from(present.len()).unwrap_or(i64::MAX);
    let head = streams::advance_by(tx, StreamId::Conversation(id), count).await?;
    for (index, member) in (1..).zip(&present) {
        let positions = positions(kept, member);
        renumber_member(tx, id, member, positions, head - count + index).await?;
    }
    streams::announce_head(tx, StreamId::Conversation(id), head);
    Ok(())
}

/// Returns the position from which a member sees the remaining messages, the one up to which they have read, and the
/// one that others see as read.
fn positions(kept: &[i64], member: &Member) -> (Seq, Seq, Seq) {
    let count_to = |position: i64| {
        let count = kept.partition_point(|seq| *seq <= position);
        i64::try_from(count).unwrap_or(i64::MAX)
    };
    let visible_from = count_to(member.membership.visible_from - 1) + 1;
    let shown = member.row.last_read_seq.unwrap_or_default();
    (Seq(visible_from), Seq(count_to(member.membership.last_read_seq.0)), Seq(count_to(shown.0)))
}

/// Takes everybody out of a conversation, and has their devices delete what they have of it.
async fn withdraw(
    tx: &Tx,
    (id, kind): (ConversationId, ConversationType),
    now: Millis,
) -> Result<(), ApiError> {
    let stream = StreamId::Conversation(id);
    let present = present(tx, id).await?;
    let users: Vec<UserId> = present.iter().map(|member| member.row.user_id).collect();
    let group_change = -i64::from(kind == ConversationType::Group);
    let heads = streams::advance_accounts(tx, users.iter().copied(), group_change).await?;
    let removed = RemovedBy { remover: None, purged: true };
    let changed_seq = streams::advance(tx, stream).await?;
    for (user, account_seq) in heads {
        let when = (now, Some(removed));
        let member = members::leave(tx, id, user, when, (changed_seq, account_seq)).await?;
        let mut rows = account::purge(tx, user, id, account_seq).await?;
        rows.push(Row::Membership(member.membership));
        tx.announce(Change::Left(user, stream));
        streams::announce(tx, StreamId::Account(user), account_seq, rows);
    }
    Ok(())
}

/// Returns all current members.
async fn present(tx: &Tx, id: ConversationId) -> Result<Vec<Member>, ApiError> {
    let mut present = Vec::new();
    for member in members::present(tx, id).await? {
        present.extend(members::find(tx, id, member.row.user_id).await?);
    }
    Ok(present)
}
