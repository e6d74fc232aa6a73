//! Every test: the simulation, unit and property tests, the server's on both databases, server and
//! client end to end, the UI's, and the real window's.

use crate::api;
use crate::run::{Result, build, build_ui, run_in, run_with};
use crate::sim;
use crate::system;
use crate::torture;
use parlour_headless::{Nats, Postgres};

/// `cargo xtask test`
pub fn run() -> Result {
    system::install()?;
    build_ui()?;
    run_in("ui", "npm", &["run", "--silent", "test"])?;
    // The window's tests start the programs.
    let programs = build()?;
    sim::prove()?;
    torture::prove(&programs)?;
    let postgres = Postgres::start()?;
    let (url, nats) = (postgres.url("postgres"), Nats::start()?);
    api::run(&programs, &url)?;
    let (certificate, nats) = (postgres.certificate(), nats.url());
    // Tell the tests where the services are.
    let variables = [
        ("PARLOUR_TEST_POSTGRES", url.as_str()),
        ("PARLOUR_TEST_POSTGRES_CERTIFICATE", &certificate.to_string_lossy()),
        ("PARLOUR_TEST_NATS", &nats),
    ];
    run_with("cargo", &["test", "--locked", "--workspace", "--no-fail-fast"], &variables)
}
