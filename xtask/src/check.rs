//! Format, lints, types: nothing that runs the product.

use crate::run::{Result, build_ui, run as call, run_in};
use crate::system;

/// `cargo xtask check`: the first checker that finds something ends it.
pub fn run() -> Result {
    system::install()?;
    call("cargo", &["fmt", "--all", "--check"])?;
    // The app's program holds the built UI.
    build_ui()?;
    run_in("ui", "npm", &["run", "--silent", "lint"])?;
    run_in("ui", "npm", &["run", "--silent", "check"])?;
    call("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}
