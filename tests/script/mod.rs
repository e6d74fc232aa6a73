//! A session on real files against a server's core in the same process, for testing a program whose writes
//! fail and its recovery. There is no socket and no timer: each step of the sync is the real one, and its
//! requests are answered at once.

mod check;
mod device;
mod server;

pub use device::Device;
pub use server::create_server;

use parlour_protocol::{ConversationId, UserId};
use uuid::Uuid;

const WREN: UserId = UserId(Uuid::from_u128(1));
const OAK: UserId = UserId(Uuid::from_u128(2));
/// The conversation in which Oak wrote before Wren had a device.
const OLD: ConversationId = ConversationId(Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0003));

/// A sequence of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Write offline, send, change, and receive responses.
    SendMessages,
    /// Fetch older and newer messages.
    CatchUp,
    /// The server is restored from a backup.
    Restore,
    /// The mirror is damaged between two starts.
    Damage,
    /// The outbox, of which there is a copy, is damaged between two starts.
    Salvage,
}

impl Script {
    /// All scripts, with their names on the command line.
    pub const ALL: [(Self, &str); 5] = [
        (Self::SendMessages, "talk"),
        (Self::CatchUp, "catch-up"),
        (Self::Restore, "restore"),
        (Self::Damage, "damage"),
        (Self::Salvage, "salvage"),
    ];
}
