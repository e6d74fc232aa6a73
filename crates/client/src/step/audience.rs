//! Checks who will read a message that was written offline: if people have joined since, the author must confirm before
//! it is sent.

use super::server::{Server, ServerResult};
use super::state;
use crate::context::local::LocalContext;
use crate::effects::storage_failed;
use parlour_protocol::{
    Action, ConversationId, ErrorBody, ErrorClass, ErrorCode, LocalReason, Millis, OpId,
    PulledStream, Row, StreamId, UserId, limits,
};
use parlour_sync::{Fetch, FetchKind};
use std::collections::BTreeMap;
use tokio::task::block_in_place;

/// Maximum number of pages of changes that are fetched for a check; if there are more, the message waits until the sync
/// has fetched them.
const PAGES: usize = 20;

/// Checks a message before it is sent; every other op passes.
///
/// # Errors
/// Fails if somebody has joined since, or if the server does not return the members; the message waits then.
pub(super) async fn check(
    local: &LocalContext,
    server: &impl Server,
    id: OpId,
    epoch: &str,
) -> ServerResult<()> {
    let found = block_in_place(|| {
        let pending = local.store.pending_op(id)?.map(|pending| pending.op);
        let op = pending.filter(|op| matches!(op.action, Action::Send { .. }));
        Ok(op.zip(local.store.members_until(id)?))
    });
    let Some((op, until)) = found.map_err(storage_failed)? else { return Ok(()) };
    let mut joined = joined_since(local, server, op.conversation_id, until, epoch).await?;
    if joined.is_empty() {
        return Ok(());
    }
    // People whom the author added are expected.
    for user in block_in_place(|| local.store.added_before(&op)).map_err(storage_failed)? {
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

/// Returns the people who joined after a time, according to the server, with their names. A name is empty
/// if it is not known.
async fn joined_since(
    local: &LocalContext,
    server: &impl Server,
    id: ConversationId,
    until: Millis,
    epoch: &str,
) -> ServerResult<BTreeMap<UserId, String>> {
    let (applied, members, me) = block_in_place(|| {
        let mirror = &local.store.mirror;
        let applied = mirror.stream_cursor(StreamId::Conversation(id))?;
        Ok((applied, mirror.members(id)?, local.store.account()?.user_id))
    })
    .map_err(storage_failed)?;
    let is_new = |user: UserId, joined_at: Millis| user != me && joined_at > until;
    let mut joined: BTreeMap<UserId, String> = members
        .into_iter()
        .filter(|member| is_new(member.id, member.joined_at))
        .map(|member| (member.id, member.name))
        .collect();
    // Missing changes are fetched but not stored, which is left to the sync.
    let stream = StreamId::Conversation(id);
    let (term, since) = applied.map_or((0, None), |applied| (applied.term, Some(applied.cursor)));
    let mut next_fetch = Fetch { stream, term, kind: kind_since(since) };
    for _ in 0..PAGES {
        let (rows, more_since) = match fetch_rows(server, next_fetch, epoch).await {
            Err(error) if needs_bootstrap(&error) && next_fetch.kind != FetchKind::Bootstrap => {
                next_fetch.kind = FetchKind::Bootstrap;
                continue;
            }
            result => result?,
        };
        for row in rows {
            let Row::Member(row) = row else { continue };
            if row.left_at.is_none() && is_new(row.user_id, row.joined_at) {
                let person = block_in_place(|| local.store.mirror.person(row.user_id));
                let name = person.map_err(storage_failed)?.map(|person| person.name);
                joined.insert(row.user_id, name.unwrap_or_default());
            }
        }
        if more_since.is_none() {
            return Ok(joined);
        }
        next_fetch.kind = kind_since(more_since);
    }
    Err(members_unknown())
}

/// Returns what to fetch of a stream that is stored up to a change, or not at all.
fn kind_since(since: Option<i64>) -> FetchKind {
    since.map_or(FetchKind::Bootstrap, |since| FetchKind::Changes { since })
}

/// Returns the rows of one response, and the change after which there are more.
async fn fetch_rows(
    server: &impl Server,
    fetch: Fetch,
    epoch: &str,
) -> ServerResult<(Vec<Row>, Option<i64>)> {
    let pulled = state::pull(server, &[fetch], epoch, limits::PAGE_BYTES).await?;
    match pulled.into_iter().next() {
        Some(PulledStream::Page(page)) if page.to >= page.head => Ok((page.rows, None)),
        Some(PulledStream::Page(page)) if page.to > page.from => Ok((page.rows, Some(page.to))),
        Some(PulledStream::Bootstrap(bootstrap)) => Ok((bootstrap.rows, None)),
        // A user who may not read the conversation may not write to it either: the server refuses the
        // message itself.
        Some(PulledStream::Error(error)) if error.code.class() == ErrorClass::Refused => {
            Ok((Vec::new(), None))
        }
        Some(PulledStream::Error(error)) => Err(error),
        Some(PulledStream::Page(_)) | None => Err(members_unknown()),
    }
}

/// Returns whether the server cannot continue from this device's state, so that all members are fetched.
/// If the server was restored, the sync has to handle that first.
fn needs_bootstrap(error: &ErrorBody) -> bool {
    error.code.class() == ErrorClass::Resync && error.code != ErrorCode::Epoch
}

/// Returns the error if the server does not return who joined.
fn members_unknown() -> ErrorBody {
    ErrorBody::new(ErrorCode::Retry, "it is not known yet who has joined since this was written")
}
