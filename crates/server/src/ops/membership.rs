//! Joins and leaves conversations, and decides who owns a group. Used by ops, administrators and imports.

use crate::db::{Change, DbError, Tx};
use crate::error::ApiError;
use crate::queries::members::join::{self as joins, NewMember};
use crate::queries::members::{PresentMember, Removed};
use crate::queries::users::Eligibility;
use crate::queries::{account, conversations, members, streams, users};
use parlour_protocol::{
    ConversationId, ConversationType, MemberRole, MemberRow, Millis, Refusal, Row, Seq, StreamId,
    UserId, limits,
};

/// Checks that a user can still sign in: the account is neither erased nor deactivated.
pub async fn require_active(tx: &Tx, user: UserId) -> Result<(), ApiError> {
    let eligibility = users::eligibility(tx, &[user]).await?;
    check_active(eligibility.get(&user)).map(drop)
}

/// Checks that all of these users can be added to a conversation: that they can still sign in and, if it is a
/// group, are not in too many.
pub async fn require_addable(
    tx: &Tx,
    kind: ConversationType,
    users: &[UserId],
) -> Result<(), ApiError> {
    let eligibility = users::eligibility(tx, users).await?;
    for user in users {
        let eligibility = check_active(eligibility.get(user))?;
        if kind == ConversationType::Group && eligibility.group_count >= limits::GROUPS {
            let (name, limit) = (&eligibility.username, limits::GROUPS);
            return Err(ApiError::invalid(format!(
                "{name} is in {limit} groups, which is as many as one person can be in."
            )));
        }
    }
    Ok(())
}

fn check_active(eligibility: Option<&Eligibility>) -> Result<&Eligibility, ApiError> {
    let eligibility = eligibility.ok_or_else(|| ApiError::not_found("person"))?;
    match (eligibility.is_erased, eligibility.is_deactivated) {
        (true, _) => Err(Refusal::PersonErased.into()),
        (false, true) => {
            let message = format!("The account of {} is deactivated.", eligibility.username);
            Err(ApiError::from(Refusal::PersonDeactivated).with_message(message))
        }
        (false, false) => Ok(eligibility),
    }
}

/// Makes a user a member and announces it to their account. Returns the member row, which the caller
/// announces to the conversation.
pub async fn join(
    tx: &Tx,
    conversation: (ConversationId, ConversationType),
    user: UserId,
    role: MemberRole,
    now: Millis,
    changed_seq: i64,
) -> Result<Row, ApiError> {
    let mut rows = join_all(tx, conversation, &[(user, role)], now, changed_seq).await?;
    rows.pop().ok_or_else(|| DbError::Missing.into())
}

/// Makes distinct users members like [`join`], with a few statements for any number of them.
pub async fn join_all(
    tx: &Tx,
    (conversation, kind): (ConversationId, ConversationType),
    people: &[(UserId, MemberRole)],
    now: Millis,
    changed_seq: i64,
) -> Result<Vec<Row>, ApiError> {
    let group_change = i64::from(kind == ConversationType::Group);
    let users = people.iter().map(|(user, _)| *user);
    let heads = streams::advance_accounts(tx, users, group_change).await?;
    let mut joining = Vec::with_capacity(people.len());
    for (user, role) in people {
        let account_seq = *heads.get(user).ok_or(DbError::Missing)?;
        joining.push(NewMember { user: *user, role: *role, account_seq });
    }
    let mut rows = Vec::with_capacity(people.len());
    for member in joins::join_all(tx, conversation, &joining, now, changed_seq).await? {
        let (user, membership) = (member.row.user_id, member.membership);
        let first_visible = Seq(membership.visible_from);
        tx.announce(Change::Joined(user, StreamId::Conversation(conversation), first_visible));
        let changed_seq = membership.changed_seq;
        streams::announce(
            tx,
            StreamId::Account(user),
            changed_seq,
            vec![Row::Membership(membership)],
        );
        rows.push(Row::Member(member.row));
    }
    Ok(rows)
}

/// Makes sure that a group has an owner who can sign in: otherwise makes its administrator of longest standing who
/// can sign in the owner, or else its longest-standing such member. Changes nothing if nobody can sign in.
pub async fn ensure_owner(tx: &Tx, conversation: ConversationId) -> Result<(), ApiError> {
    let found = conversations::find(tx, conversation).await?;
    let is_group = found.is_some_and(|found| found.row.kind == ConversationType::Group);
    if !is_group || members::has_owner(tx, conversation).await? {
        return Ok(());
    }
    let present = members::present(tx, conversation).await?;
    match successor(&present) {
        Some(successor) => make_owner(tx, conversation, successor).await,
        None => Ok(()),
    }
}

/// Makes a member the owner of their group, and its previous owner an administrator.
pub async fn make_owner(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
) -> Result<(), ApiError> {
    let stream = StreamId::Conversation(conversation);
    let changed_seq = streams::advance(tx, stream).await?;
    let mut rows = Vec::new();
    for one in members::present(tx, conversation).await? {
        let is_successor = one.row.user_id == user;
        let role = match one.row.role {
            _ if is_successor => MemberRole::Owner,
            MemberRole::Owner => MemberRole::Administrator,
            _ => continue,
        };
        let user = one.row.user_id;
        let member = members::set_role(tx, conversation, user, role, changed_seq).await?;
        rows.push(Row::Member(member.row));
    }
    streams::announce(tx, stream, changed_seq, rows);
    Ok(())
}

/// Returns the administrator of longest standing who can sign in, or else the longest-standing such member.
fn successor(present: &[PresentMember]) -> Option<UserId> {
    let candidates = present.iter().filter(|member| member.can_sign_in).map(|member| &member.row);
    let order = |row: &&MemberRow| (row.role == MemberRole::Member, row.joined_at, row.user_id);
    candidates.min_by_key(order).map(|row| row.user_id)
}

/// Removes a user who leaves, and announces it to the conversation and to their account. Returns the rows for both.
/// If the user was the owner, the group passes to the administrator of longest standing who can sign in, or else to
/// the longest-standing such member.
pub async fn leave(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    now: Millis,
) -> Result<(Row, Row), ApiError> {
    remove(tx, conversation, user, (now, None)).await
}

/// Removes a user from a group as [`leave`] does; `when` contains the time and, if they were removed, by whom and
/// whether their history is purged.
pub async fn remove(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    when: (Millis, Option<Removed>),
) -> Result<(Row, Row), ApiError> {
    let (stream, account_stream) = (StreamId::Conversation(conversation), StreamId::Account(user));
    let role = members::find(tx, conversation, user).await?.map(|member| member.row.role);
    let changed_seq = streams::advance(tx, stream).await?;
    let account_seq = streams::advance_leaving(tx, user).await?;
    let member = members::leave(tx, conversation, user, when, (changed_seq, account_seq)).await?;
    let mut account_rows = Vec::new();
    if member.membership.purged {
        account_rows = account::purge(tx, user, conversation, account_seq).await?;
    }
    let (row, membership) = (Row::Member(member.row), Row::Membership(member.membership));
    account_rows.push(membership.clone());
    let mut rows = vec![row.clone()];
    let found = conversations::find(tx, conversation).await?.ok_or(DbError::Missing)?;
    if role == Some(MemberRole::Owner)
        && let Some(successor) = successor(&members::present(tx, conversation).await?)
    {
        let member =
            members::set_role(tx, conversation, successor, MemberRole::Owner, changed_seq).await?;
        rows.push(Row::Member(member.row));
    }
    tx.announce(Change::Left(user, stream));
    let announce = if found.is_large() { streams::announce_later } else { streams::announce };
    announce(tx, stream, changed_seq, rows);
    streams::announce(tx, account_stream, account_seq, account_rows);
    Ok((row, membership))
}

/// Keeps a user who left a conversation from being added again by its ordinary members, and announces it to their
/// account: the effect on their devices is the same as if they had been removed.
pub async fn ban(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    removed: Removed,
) -> Result<(), ApiError> {
    let stream = StreamId::Account(user);
    let account_seq = streams::advance(tx, stream).await?;
    let member = members::ban(tx, conversation, user, removed, account_seq).await?;
    let mut rows = match member.membership.purged {
        true => account::purge(tx, user, conversation, account_seq).await?,
        false => Vec::new(),
    };
    rows.push(Row::Membership(member.membership));
    streams::announce(tx, stream, account_seq, rows);
    Ok(())
}
