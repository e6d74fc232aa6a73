//! `cargo xtask sim`: the sync's proof, as many histories as asked for.

use crate::run::{Result, root, run as call};

/// Histories that the test command plays, and most that a seeded bug may need to be caught.
const SEEDS: &str = "5000";

/// `cargo xtask sim [OPTIONS of the program]`
pub fn run(args: &[&str]) -> Result {
    // With the features of the whole workspace, as the tests build it.
    call("cargo", &["build", "--locked", "--workspace", "--bin", "sim"])?;
    call(&root().join("target/debug/sim").to_string_lossy(), args)
}

/// What the test command plays: no history may fail, and every seeded bug must make one fail.
pub fn prove() -> Result {
    run(&["--seeds", SEEDS])?;
    run(&["--bugs", "--seeds", SEEDS])
}
