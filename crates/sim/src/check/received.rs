//! Checks which messages devices report as new: every message of another person, once.

use crate::world::World;
use parlour_protocol::{ConversationId, MessageRow, UserId};

/// Checks that each device reported every message that it has as new, once; `rows` returns the messages of
/// a conversation that a user may see.
pub fn check(
    world: &World,
    rows: impl Fn(&World, UserId, ConversationId) -> Result<Vec<MessageRow>, String>,
) -> Result<(), String> {
    for device in &world.clients {
        // Repaired rows, and rows lost in a power cut, arrive a second time.
        if device.was_damaged
            || device.lost_power
            || world.server_lies
            || world.servers.was_restored
        {
            continue;
        }
        let wrong = |what: String| Err(format!("device {}: {what}", device.number));
        for (id, _) in world.servers.core.conversations_of(device.user) {
            for row in rows(world, device.user, id)? {
                let is_reported = device.received.reported.contains_key(&row.id);
                let is_older = device.received.from_history.contains(&row.id);
                if row.sender_id != device.user
                    && row.deleted_at.is_none()
                    && !is_reported
                    && !is_older
                {
                    return wrong(format!("{} ({:?}) was not reported", row.id, row.body));
                }
            }
        }
        if let Some((id, count)) = device.received.reported.iter().find(|(_, count)| **count > 1) {
            return wrong(format!("{id} was reported {count} times"));
        }
    }
    Ok(())
}
