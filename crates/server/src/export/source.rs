//! What an export is made of.

use super::scope::Scope;
use super::snapshot::Snapshot;
use parlour_protocol::Millis;
use parlour_protocol::export_lines::HeaderLine;

/// The facts about the server that an export contains.
pub struct Origin {
    /// The server's name; empty if it has none.
    pub name: String,
    /// The address at which people reach it; empty if it is not known.
    pub address: String,
    /// When it was exported.
    pub at: Millis,
}

impl Origin {
    /// Returns the first line of a file. The server's command line exported it, not a user.
    pub fn header(&self) -> HeaderLine<'_> {
        HeaderLine::new(&self.address, self.at, "server")
    }
}

/// What an export is made of.
pub struct Source<'a> {
    /// The state of the database.
    pub snapshot: &'a Snapshot,
    /// Which conversations are exported.
    pub scope: &'a Scope,
    /// The facts about the server.
    pub origin: &'a Origin,
}
