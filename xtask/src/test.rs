//! Every test: unit and property tests, the server's on both databases, server and client end to
//! end, the UI's, and the real window's.

use crate::api;
use crate::run::{Result, build, build_ui, run_in, run_with};
use crate::system;
use parlour_headless::Postgres;

/// Tells the tests where PostgreSQL is.
const TEST_POSTGRES: &str = "PARLOUR_TEST_POSTGRES";

/// `cargo xtask test`
pub fn run() -> Result {
    system::install()?;
    build_ui()?;
    run_in("ui", "npm", &["run", "--silent", "test"])?;
    // The window's tests start the programs.
    let programs = build()?;
    let postgres = Postgres::start()?;
    let url = postgres.url("postgres");
    api::run(&programs, &url)?;
    run_with("cargo", &["test", "--workspace", "--no-fail-fast"], &[(TEST_POSTGRES, &url)])
}
