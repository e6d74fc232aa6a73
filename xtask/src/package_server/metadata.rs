//! The metadata and the scripts of the packages.

use crate::run::{Result, root};

/// The packages' name.
pub const NAME: &str = "parlour-server";
/// The packages' version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The packages' licence.
pub const LICENSE: &str = env!("CARGO_PKG_LICENSE");
/// The description in one line.
pub const SUMMARY: &str = "Team chat that its people own: the server";
/// The description in one paragraph.
pub const DESCRIPTION: &str = "Parlour's server is one program, on an embedded SQLite or on PostgreSQL. Its data is in \
    /var/lib/parlour, and stays there when the package is removed.";

/// Returns a script that the packages run, from `packaging/scripts`.
pub fn script(name: &str) -> Result<String> {
    Ok(std::fs::read_to_string(root().join("packaging/scripts").join(name))?)
}
