//! Ids created by the simulation.

use parlour_protocol::UserId;
use uuid::Uuid;

/// The account of the attacker, who is in no conversation.
pub const MALLORY: UserId =
    UserId(Uuid::from_u64_pair(0x0199_bbbb_0000_7000, 0x8000_0000_0000_0001));

/// Returns an id like those of clients: version 7, with `time` in its time part and `end` at its
/// end.
pub fn make_id(time: u64, end: u64) -> Uuid {
    Uuid::from_u64_pair(0x0199_0000_0000_7000 + (time << 32), 0x8000_0000_0000_0000 + end)
}
