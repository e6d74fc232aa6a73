//! What the packages say of themselves, and do.

use crate::run::{Result, root};

/// What it is called.
pub const NAME: &str = "parlour-server";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Its licence.
pub const LICENSE: &str = env!("CARGO_PKG_LICENSE");
/// What it is, in a line.
pub const SUMMARY: &str = "Team chat that its people own: the server";
/// What it is, in a paragraph.
pub const DESCRIPTION: &str = "Parlour's server is one program, on an embedded SQLite or on PostgreSQL. Its data is in \
    /var/lib/parlour, and stays there when the package is removed.";

/// A script that the packages run, from `packaging/scripts`.
pub fn script(name: &str) -> Result<String> {
    Ok(std::fs::read_to_string(root().join("packaging/scripts").join(name))?)
}
