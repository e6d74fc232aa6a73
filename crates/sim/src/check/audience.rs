//! What is said to people who joined since: only if its author says so.

use crate::bugs::Bug;
use crate::world::World;
use parlour_protocol::{Action, MemberRow, MessageId, Op, OpId, UserId};

/// A message that was written without the server goes out for the first time only where nobody had joined by then
/// whom its author could not know of. `since` is when its device began to send it.
pub fn asked_before(world: &World, client: usize, op: &Op, since: i64) -> Result<(), String> {
    let said = world.ledger.said.get(&MessageId(op.id.0)).filter(|said| !said.is_out);
    let (Some(until), Action::Send { .. }) = (said.and_then(|said| said.members_until), &op.action)
    else {
        return Ok(());
    };
    // What such a server says of who is there cannot be relied on; and what sends for another bug never asks.
    let never_asks = world.bug.is_some_and(|bug| bug != Bug::NobodyAsked);
    if world.lies || world.servers.was_deceived || never_asks {
        return Ok(());
    }
    let (author, place) = (world.clients[client].user, op.conversation_id);
    let member = |user: UserId| -> Option<MemberRow> {
        let (row, _) = world.servers.core.member(user, place)?;
        row.left_at.is_none().then_some(row)
    };
    // To whoever is not in it the server refuses it.
    if member(author).is_none() {
        return Ok(());
    }
    for other in world.servers.users.iter().filter(|other| **other != author) {
        let is_known = world.ledger.added.contains(&(client, place, *other));
        let joined_at = member(*other).map(|row| row.joined_at);
        if let Some(joined_at) = joined_at.filter(|at| *at > until && at.0 <= since && !is_known) {
            return Err(format!(
                "device {client} sends {} to {other}, who joined at {}, without asking",
                op.id, joined_at.0
            ));
        }
    }
    Ok(())
}

/// Whether a message may wait for its author to say who is to read it.
pub fn may_be_asked(world: &World, id: OpId) -> bool {
    // One whose id somebody else had taken waits under another, which nobody knows here.
    world.ledger.said.get(&MessageId(id.0)).is_none_or(|said| said.members_until.is_some())
}
