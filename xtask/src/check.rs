//! Checks format, lints, types, circles of modules, sentences, documentation and dependencies.
//! Nothing here runs the product.

use crate::circles;
use crate::run::{Result, build_ui, run as call, run_in, run_with as call_with};
use crate::secrets;
use crate::sentences;
use crate::supply;
use crate::system;

/// `cargo xtask check`: stops at the first check that fails.
pub fn run() -> Result {
    system::install_to_check()?;
    call("cargo", &["fmt", "--all", "--check"])?;
    circles::check()?;
    sentences::check()?;
    secrets::check()?;
    supply::check()?;
    // The app's program embeds the built UI.
    build_ui()?;
    run_in("ui", "npm", &["run", "--silent", "lint"])?;
    run_in("ui", "npm", &["run", "--silent", "check"])?;
    let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    call("cargo", &clippy)?;
    let doc = ["doc", "--locked", "--no-deps", "--workspace", "--document-private-items"];
    call_with("cargo", &doc, &[("RUSTDOCFLAGS", "-D warnings")])?;
    // Last, so that nobody overlooks it.
    for unchecked in supply::audit_if_reachable(None)? {
        eprintln!(
            "NOT CHECKED, because the database cannot be reached: {unchecked}. Run `cargo xtask audit`"
        );
    }
    Ok(())
}
