//! `cargo xtask sim`: simulates the sync with as many histories as requested.

use crate::run::{Result, root, run as call};

/// Number of histories in the test command, and the most that may be needed to catch a seeded bug.
const SEEDS: &str = "5000";

/// Number of histories about notifications in the test command. They are longer than the others.
const NOTIFICATION_SEEDS: &str = "40";

/// `cargo xtask sim [OPTIONS of the program]`
pub fn run(args: &[&str]) -> Result {
    // Builds with the features of the whole workspace, like the tests.
    call("cargo", &["build", "--locked", "--workspace", "--bin", "sim"])?;
    call(&root().join("target/debug/sim").to_string_lossy(), args)
}

/// Runs the simulation for the test command: no history may fail, and every seeded bug must make
/// one fail.
pub fn run_for_tests() -> Result {
    run(&["--seeds", SEEDS])?;
    run(&["--notifications", "--seeds", NOTIFICATION_SEEDS])?;
    run(&["--bugs", "--seeds", SEEDS])
}
