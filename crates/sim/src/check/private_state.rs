//! Checks what people keep for themselves, such as drafts and saved messages: it must be the same
//! on all of a user's devices, and nothing may be lost of what two of them wrote concurrently.

use crate::private_state::draft;
use crate::world::World;
use parlour_client::Position;
use parlour_protocol::{
    ConversationId, DraftRow, MembershipRow, Pull, PullStream, PulledStream, Row, StreamId, UserId,
};

/// More than the number of anything in a run.
const ALL: i64 = 1000;

/// Checks that a device has the server's version of its user's own state.
pub fn check(world: &World, client: usize) -> Result<(), String> {
    let device = &world.clients[client];
    let rows = account(world, device.user)?;
    let session = device.session();
    for (conversation, _) in world.servers.core.conversations_of(device.user) {
        let found =
            session.conversations_by_id(&[conversation]).map_err(|error| error.to_string())?;
        let Some(summary) = found.into_iter().next() else { continue };
        let pending = device.store().pending_ops().map_err(|error| error.to_string())?;
        if pending.iter().any(|pending| pending.op.conversation_id == conversation) {
            continue;
        }
        let wrong = |what: String| Err(format!("device {client}, {conversation}: {what}"));
        let (_, there) = world.servers.core.member(device.user, conversation).expect("a member");
        let own = |row: &MembershipRow| (row.muted_until, row.pinned_at, row.marked_unread);
        let here = (summary.muted_until, summary.pinned_at, summary.marked_unread);
        if here != own(&there) {
            return wrong(format!("its place is {here:?}, not {:?}", own(&there)));
        }
        let shown = summary.draft.unwrap_or_default().body;
        let written = rows.iter().find_map(|row| match row {
            Row::Draft(DraftRow { conversation_id, body, .. })
                if *conversation_id == conversation =>
            {
                Some(body.clone())
            }
            _ => None,
        });
        let written = written.unwrap_or_default();
        if shown != written {
            return wrong(format!("the draft is {shown:?}, not {written:?}"));
        }
        let key = (device.user, conversation);
        let lost_power = world.clients.iter().any(|other| other.lost_power && other.user == key.0);
        let alive = world.ledger.drafts.parts_in(device.user, conversation);
        // A draft that the server rejected, because the user was not a member then, is still on the
        // device.
        let same = world.clients.iter().filter(|other| other.user == device.user);
        let local: Vec<String> = same.map(|other| draft(other, conversation)).collect();
        let is_kept = |one: &String| {
            written.contains(one.as_str()) || local.iter().any(|body| body.contains(one.as_str()))
        };
        // A restored server counts changes again before any device can prove the restore, so the
        // change that a draft continues may be wrong. A user who was removed and added again may
        // have had to delete the draft.
        let is_excused = lost_power
            || world.servers.was_restored_undetected
            || world.servers.purging.contains(&conversation);
        let lost = alive.iter().find(|item| !is_kept(item) && !is_excused);
        if let Some(lost) = lost {
            return wrong(format!("{lost} was written, and the draft is {written:?}"));
        }
        saved(world, client, conversation, &rows)?;
    }
    Ok(())
}

fn saved(
    world: &World,
    client: usize,
    conversation: ConversationId,
    rows: &[Row],
) -> Result<(), String> {
    let session = world.clients[client].session();
    let page =
        session.timeline(conversation, Position::Newest, ALL).map_err(|error| error.to_string())?;
    for item in page.items {
        let is_saved = rows.iter().any(
            |row| matches!(row, Row::Saved(row) if row.message_id == item.id && row.saved_at.is_some()),
        );
        if item.saved != is_saved {
            return Err(format!("device {client}: {} is saved: {}", item.id, item.saved));
        }
    }
    Ok(())
}

/// Returns the rows of a user's account.
fn account(world: &World, user: UserId) -> Result<Vec<Row>, String> {
    let core = &world.servers.core;
    let stream = PullStream { stream: StreamId::Account(user), term: 0, since: Some(0) };
    let asked = Pull { epoch: core.epoch(), streams: vec![stream], bytes: None };
    let response = core.pull(user, &asked, 100_000, ALL).map_err(|error| error.message)?;
    match response.answers.into_iter().next() {
        Some(PulledStream::Page(page)) => Ok(page.rows),
        other => Err(format!("the account's rows are {other:?}")),
    }
}
