//! Checks that a message reaches people who joined since it was written only if its author confirms.

use crate::bugs::Bug;
use crate::world::World;
use parlour_protocol::{Action, MemberRow, MessageId, Op, OpId, UserId};

/// Checks that a message written offline is first sent without confirmation only if nobody unknown to its
/// author had joined by then. `since` is when the device began to send it.
pub fn confirmed_before_sending(
    world: &World,
    client: usize,
    op: &Op,
    since: i64,
) -> Result<(), String> {
    let message = world.ledger.messages.get(&MessageId(op.id.0)).filter(|message| !message.is_sent);
    let (Some(until), Action::Send { .. }) =
        (message.and_then(|message| message.members_until), &op.action)
    else {
        return Ok(());
    };
    // The members that such a server reports are unreliable; and a device with another bug that
    // affects sending never asks.
    let skips_confirmation = world.bug.is_some_and(|bug| bug != Bug::NoConfirmation);
    if world.server_lies || world.servers.was_restored_undetected || skips_confirmation {
        return Ok(());
    }
    // A member may be missing in its mirror, until the comparison with the server finds that.
    if world.clients[client].was_damaged {
        return Ok(());
    }
    let (author, conversation) = (world.clients[client].user, op.conversation_id);
    let member = |user: UserId| -> Option<MemberRow> {
        let (row, _) = world.servers.core.member(user, conversation)?;
        row.left_at.is_none().then_some(row)
    };
    // The server refuses a message of a user who is not a member.
    if member(author).is_none() {
        return Ok(());
    }
    for other in world.servers.users.iter().filter(|other| **other != author) {
        let is_known = world.ledger.added.contains(&(client, conversation, *other));
        let joined_at = member(*other).map(|row| row.joined_at);
        if let Some(joined_at) = joined_at.filter(|at| *at > until && at.0 <= since && !is_known) {
            return Err(format!(
                "device {client} sends {} to {other}, who joined at {}, without confirmation",
                op.id, joined_at.0
            ));
        }
    }
    Ok(())
}

/// Returns whether a message may wait for its author to confirm who will read it.
pub fn may_wait_for_confirmation(world: &World, id: OpId) -> bool {
    // A message whose id was already taken waits under another id, which the ledger does not
    // contain.
    world
        .ledger
        .messages
        .get(&MessageId(id.0))
        .is_none_or(|message| message.members_until.is_some())
}
