//! Runs every test: the simulation, unit and property tests, the server's on both databases, server
//! and client end to end, the UI's, and the real window's.

use crate::api;
use crate::failures;
use crate::memory::Memory;
use crate::parts;
use crate::run::{Result, build, build_ui, root, run_in, run_with};
use crate::sim;
use crate::system;
use crate::torture;
use parlour_headless::{Nats, Postgres};
use std::process::Command;

/// The package whose tests need the window.
const WINDOW: &str = "parlour-tests";
/// The package whose tests need PostgreSQL and NATS.
const SERVER: &str = "parlour-server";

/// `cargo xtask test`
pub fn run() -> Result {
    system::install()?;
    build_ui()?;
    run_in("ui", "npm", &["run", "--silent", "test"])?;
    // The window's tests start these programs.
    let programs = build()?;
    sim::run_for_tests()?;
    torture::run_for_tests(&programs)?;
    let services = Services::start()?;
    api::run(&programs, &services.postgres.url("postgres"))?;
    services.test(&["--workspace", "--no-fail-fast"])
}

/// `cargo xtask api`
pub fn api() -> Result {
    let programs = build()?;
    api::run(&programs, &Services::start()?.postgres.url("postgres"))
}

/// `cargo xtask test ARGS`: ARGS are tests' names or parts of them, or arguments of `cargo test`,
/// of which at least one is an option.
pub fn run_selected(args: &[&str]) -> Result {
    if args.iter().any(|arg| arg.starts_with('-')) {
        return Services::start()?.test(&[&["--workspace"], args].concat());
    }
    let packages = parts::packages_with(args)?;
    if packages.contains(WINDOW) {
        // The window's tests start the programs, and after that everything in the workspace is
        // built already.
        build_ui()?;
        build()?;
        return Services::start()?.test(&[&["--workspace", "--"], args].concat());
    }
    let chosen = packages.iter().flat_map(|name| ["--package", name]).collect::<Vec<_>>();
    let args = [&chosen[..], &["--"], args].concat();
    if packages.contains(SERVER) {
        Services::start()?.test(&args)
    } else {
        run_with("cargo", &[&["test", "--locked"], &args[..]].concat(), &[])
    }
}

/// The services whose addresses the tests receive. They end when this is dropped.
struct Services {
    postgres: Postgres,
    nats: Nats,
    memory: Memory,
}

impl Services {
    fn start() -> Result<Self> {
        let memory = Memory::new();
        Ok(Self { postgres: Postgres::start(false)?, nats: Nats::start()?, memory })
    }

    fn test(&self, args: &[&str]) -> Result {
        let mut variables = vec![
            ("PARLOUR_TEST_POSTGRES", self.postgres.url("postgres")),
            (
                "PARLOUR_TEST_POSTGRES_CERTIFICATE",
                self.postgres.certificate().to_string_lossy().into_owned(),
            ),
            ("PARLOUR_TEST_NATS", self.nats.url()),
        ];
        variables.extend(self.memory.variable());
        let args = [&["test", "--locked"], args].concat();
        eprintln!("> cargo {}", args.join(" "));
        failures::run(Command::new("cargo").args(args).envs(variables).current_dir(root()))
    }
}
