//! `cargo xtask torture`: kills and cuts off real processes, on both databases.

use crate::run::{Result, build, run as call, run_with};
use crate::system;
use parlour_headless::Postgres;
use std::path::Path;

/// Seconds of faults on each database in the test command.
const SECONDS: &str = "20";

/// `cargo xtask torture [--minutes N] [--seed N]`
pub fn run(args: &[&str]) -> Result {
    let (mut minutes, mut seed) = (1_u64, "1");
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value = *args.next().ok_or_else(|| format!("{arg} needs a number"))?;
        match *arg {
            "--minutes" => minutes = value.parse()?,
            "--seed" => seed = value,
            other => return Err(format!("torture does not know {other}").into()),
        }
    }
    system::install()?;
    let programs = build()?;
    let seconds = (minutes * 30).to_string();
    run_on_both_databases(&programs, &["--seconds", &seconds, "--seed", seed])
}

/// Runs the torture for the test command, with the programs in the folder `programs`.
pub fn run_for_tests(programs: &Path) -> Result {
    run_on_both_databases(programs, &["--seconds", SECONDS])
}

/// Runs it with `args` on each database.
fn run_on_both_databases(programs: &Path, args: &[&str]) -> Result {
    let torture = programs.join("torture").to_string_lossy().into_owned();
    call(&torture, args)?;
    // A separate PostgreSQL, whose data is deleted at the end.
    let postgres = Postgres::start(false)?;
    let url = postgres.url("postgres");
    run_with(&torture, args, &[("PARLOUR_DATABASE", url.as_str())])
}
