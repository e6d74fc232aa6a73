//! Checks that accepted ops are not lost, and refused only by a server.

use super::audience;
use crate::world::World;
use parlour_client::{Delivery, Position};
use parlour_protocol::{ErrorCode, MessageId, OpId, StreamId};

/// More than the number of messages in any conversation of a run.
const ALL: i64 = 500;

/// Checks that the messages that a device accepted are in its outbox or its mirror, at any moment.
pub fn accepted_messages_exist(world: &mut World, client: usize) -> Result<(), String> {
    let device = &world.clients[client];
    for item in device.session().outbox().map_err(|error| error.to_string())? {
        // The device itself refuses to send if the server lies about the members of a pair.
        let is_refused = match &item.delivery {
            Delivery::Sent | Delivery::Waiting => false,
            Delivery::Refused { code: ErrorCode::ImpossibleMembers, .. } => false,
            Delivery::Refused { code: ErrorCode::MembersChanged, .. } => {
                !audience::may_wait_for_confirmation(world, item.id)
            }
            Delivery::Refused { .. } => true,
        };
        if is_refused && !world.servers.refused.contains(&item.id) {
            return Err(format!("device {client} shows a refusal that no server gave: {item:?}"));
        }
    }
    // A device that does not know yet that the server was restored shows the previous state.
    if device.lost_power
        || world.servers.was_restored_undetected
        || device.epoch() != world.servers.core.epoch()
    {
        return Ok(());
    }
    let own_messages: Vec<MessageId> = world
        .ledger
        .order
        .iter()
        .filter(|id| world.ledger.messages[id].client == client)
        .copied()
        .collect();
    for _ in 0..3 {
        let Some(id) = world.rng.pick(&own_messages) else { return Ok(()) };
        if world.ledger.messages[id].is_deleted {
            continue;
        }
        let waits =
            device.store().pending_op(OpId(id.0)).map_err(|error| error.to_string())?.is_some();
        let conversation = world.ledger.messages[id].conversation;
        let page = device
            .session()
            .timeline(conversation, Position::Newest, ALL)
            .map_err(|error| error.to_string())?;
        // A conversation that was reset may not have fetched the message yet, or the user may not
        // see it any more. The user may also have left it, or joined it again, without the device
        // knowing yet.
        let state = device.store().sync_state().map_err(|error| error.to_string())?;
        let term = state.streams.iter().find(|s| s.stream == StreamId::Conversation(conversation));
        // A rejoined conversation keeps its old messages until it is bootstrapped again.
        let term = term.filter(|stream| stream.cursor.is_some()).map(|stream| stream.term);
        let membership = world.servers.core.member(device.user, conversation);
        let is_whole = page.at_oldest
            && !world.servers.purging.contains(&world.ledger.messages[id].conversation)
            && membership.is_some_and(|(member, membership)| {
                member.left_at.is_none()
                    && membership.visible_from <= 1
                    && term == Some(membership.term)
            });
        if !waits
            && is_whole
            && device.store().find_message(*id).map_err(|error| error.to_string())?.is_none()
        {
            return Err(format!("device {client} does not show its own message {id}"));
        }
    }
    Ok(())
}
