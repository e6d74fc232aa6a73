//! Who will read a message that was written while the server was away: if people have joined since, its
//! writer is asked before it goes.

use crate::context::Context;
use crate::effects::failed;
use parlour_protocol::{
    Action, ConversationId, ErrorBody, LocalReason, Millis, OpId, PulledStream, Row, StreamId,
    UserId, limits,
};
use parlour_store::StreamCursor;
use parlour_sync::{Fetch, FetchKind};
use std::collections::BTreeMap;
use tokio::task::block_in_place;

/// Most pages of news that are read.
const PAGES: usize = 20;

/// Checks a message before it is sent; every other op passes.
///
/// # Errors
/// Somebody joined since, or the server does not say: then the message waits.
pub async fn check(context: &Context, id: OpId, epoch: &str) -> Result<(), ErrorBody> {
    let found = block_in_place(|| {
        let open = context.store.open_op(id)?.map(|open| open.op);
        let op = open.filter(|op| matches!(op.action, Action::Send { .. }));
        Ok(op.zip(context.store.members_until(id)?))
    });
    let Some((op, until)) = found.map_err(failed)? else { return Ok(()) };
    let mut joined = joined_since(context, op.conversation_id, until, epoch).await?;
    if joined.is_empty() {
        return Ok(());
    }
    // Whom its writer had added is no surprise.
    for user in block_in_place(|| context.store.added_before(&op)).map_err(failed)? {
        joined.remove(&user);
    }
    if joined.is_empty() {
        return Ok(());
    }
    let (mut names, others): (Vec<_>, Vec<_>) =
        joined.into_values().partition(|name| !name.is_empty());
    names.sort_unstable();
    let others = u32::try_from(others.len()).unwrap_or(u32::MAX);
    Err(LocalReason::Joined { names, others }.into())
}

/// Those who joined after a time, by the server's own word, with their names: an empty one where it is not
/// known.
async fn joined_since(
    context: &Context,
    id: ConversationId,
    until: Millis,
    epoch: &str,
) -> Result<BTreeMap<UserId, String>, ErrorBody> {
    let (applied, members, me) = block_in_place(|| {
        let mirror = &context.store.mirror;
        let applied = mirror.stream_cursor(StreamId::Conversation(id))?;
        Ok((applied, mirror.members(id)?, context.store.account()?.user_id))
    })
    .map_err(failed)?;
    let is_new = |user: UserId, joined_at: Millis| user != me && joined_at > until;
    let mut joined: BTreeMap<UserId, String> = members
        .into_iter()
        .filter(|member| is_new(member.id, member.joined_at))
        .map(|member| (member.id, member.name))
        .collect();
    // What is not here yet is asked for, and not kept: that is the sync's.
    let Some(StreamCursor { stream, term, cursor: mut since }) = applied else { return Ok(joined) };
    for _ in 0..PAGES {
        let kind = FetchKind::Changes { since };
        let fetch = Fetch { stream, term, kind };
        let answer = context.http.pull(&[fetch], epoch.to_owned(), limits::PAGE_BYTES).await?;
        // Whatever else is answered, the sync deals with it.
        let Some(PulledStream::Page(page)) = answer.answers.into_iter().next() else { break };
        for row in &page.rows {
            let Row::Member(row) = row else { continue };
            if row.left_at.is_none() && is_new(row.user_id, row.joined_at) {
                let person = block_in_place(|| context.store.mirror.person(row.user_id));
                let name = person.map_err(failed)?.map(|person| person.name);
                joined.insert(row.user_id, name.unwrap_or_default());
            }
        }
        if page.to >= page.head || page.to <= since {
            break;
        }
        since = page.to;
    }
    Ok(joined)
}
