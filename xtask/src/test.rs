//! Every test: unit and property tests, server and client end to end, the UI's, and the real
//! window's.

use crate::run::{Result, build, build_ui, run as call, run_in};
use crate::system;

/// `cargo xtask test`
pub fn run() -> Result {
    system::install()?;
    build_ui()?;
    run_in("ui", "npm", &["run", "--silent", "test"])?;
    // The window's tests start the programs.
    build()?;
    call("cargo", &["test", "--workspace", "--no-fail-fast"])
}
