//! Checks what devices are told of for the first time: every message of another person, and none twice.

use crate::world::World;
use parlour_protocol::{ConversationId, MessageRow, UserId};

/// Checks that each device was told of every message that it has, once; `rows` returns the messages of a conversation
/// that a user may see.
pub fn check(
    world: &World,
    rows: impl Fn(&World, UserId, ConversationId) -> Result<Vec<MessageRow>, String>,
) -> Result<(), String> {
    for device in &world.clients {
        // What was damaged is repaired, and what a power cut took comes again.
        if device.has_rotted || device.lost_power || world.lies || world.servers.was_restored {
            continue;
        }
        let wrong = |what: String| Err(format!("device {}: {what}", device.number));
        for (id, _) in world.servers.core.conversations_of(device.user) {
            for row in rows(world, device.user, id)? {
                let is_told = device.news.told.contains_key(&row.id);
                let is_older = device.news.older.contains(&row.id);
                if row.sender_id != device.user && row.deleted_at.is_none() && !is_told && !is_older
                {
                    return wrong(format!("nothing was told of {} ({:?})", row.id, row.body));
                }
            }
        }
        if let Some((id, many)) = device.news.told.iter().find(|(_, many)| **many > 1) {
            return wrong(format!("{id} was told {many} times"));
        }
    }
    Ok(())
}
