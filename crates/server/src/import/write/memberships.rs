//! The members that an export describes: their roles, and when they joined and left.

use super::super::records::ExportedMember;
use super::direct::fits;
use super::order::renumber_member;
use super::state::State;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::{join, leave};
use crate::queries::{conversations, history, members, streams};
use parlour_protocol::{
    ConversationId, ConversationType, HistoryVisibility, MemberRole, Millis, Seq, StreamId, UserId,
};

/// Adds a current or former member, unless they are or were one already. Roles are taken only for a group that the same
/// import created, and only one owner.
pub async fn add_described_member(
    tx: &Tx,
    state: &mut State,
    key: &str,
    (id, member): (ConversationId, &ExportedMember),
) -> Result<(), ApiError> {
    let (user, _) = state.people.find_or_create(tx, &member.person, member.joined_at).await?;
    let Some(entry) = state.conversations.get_mut(key) else { return Ok(()) };
    if !entry.members.insert(user) || is_or_was_member(tx, id, user).await? {
        return Ok(());
    }
    if !fits(tx, entry, id, user).await? {
        return Ok(());
    }
    let kind = entry.stored_kind;
    let role = match member.role {
        _ if kind == ConversationType::P2p || !entry.is_new || member.left_at.is_some() => {
            MemberRole::Member
        }
        MemberRole::Owner if entry.has_owner => MemberRole::Administrator,
        role => role,
    };
    entry.has_owner |= role == MemberRole::Owner;
    state.origin.record(tx, [user]).await?;
    let changed_seq = streams::advance(tx, StreamId::Conversation(id)).await?;
    join(tx, (id, kind), user, role, member.joined_at, changed_seq).await?;
    if let Some(left_at) = member.left_at {
        leave(tx, id, user, left_at).await?;
    }
    Ok(())
}

/// Hides from members of a conversation what was sent before they joined, if its new members do not see that. Only
/// those whose times are as in the export are considered: the others have joined here.
pub async fn hide_from_newcomers(
    tx: &Tx,
    state: &State,
    conversation: ConversationId,
) -> Result<(), ApiError> {
    let mut described = state.conversations.values().filter(|one| one.id == Some(conversation));
    let Some(details) = described.find_map(|one| one.source.details.as_deref()) else {
        return Ok(());
    };
    let found = conversations::find(tx, conversation).await?;
    if found.is_none_or(|found| found.row.history != HistoryVisibility::Joining) {
        return Ok(());
    }
    let times = history::times(tx, conversation).await?;
    for exported in details.members.iter().filter(|member| member.left_at.is_none()) {
        let Some(user) = state.people.known(&exported.person) else { continue };
        let Some(member) = members::find(tx, conversation, user).await? else { continue };
        if !member.is_present() || member.row.joined_at != exported.joined_at {
            continue;
        }
        let Millis(joined_at) = exported.joined_at;
        let before = times.partition_point(|sent_at| *sent_at < joined_at);
        let visible_from = i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1);
        if member.membership.visible_from.max(1) == visible_from {
            continue;
        }
        let stream = StreamId::Conversation(conversation);
        let changed_seq = streams::advance(tx, stream).await?;
        let shown = member.row.last_read_seq.unwrap_or_default();
        let positions = (Seq(visible_from), member.membership.last_read_seq, shown);
        renumber_member(tx, conversation, &member, positions, changed_seq).await?;
        streams::announce_head(tx, stream, changed_seq);
    }
    Ok(())
}

/// Returns whether somebody is a member of a conversation, or was one until they left or were removed. Whoever was in
/// it until it was removed by undoing an import can be added again.
pub(super) async fn is_or_was_member(
    tx: &Tx,
    id: ConversationId,
    user: UserId,
) -> Result<bool, ApiError> {
    let found = members::find(tx, id, user).await?;
    Ok(found.is_some_and(|member| !member.was_withdrawn()))
}
