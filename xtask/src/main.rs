//! The repository's tasks: `cargo xtask COMMAND`.

mod api;
mod bench;
mod check;
mod circles;
mod demo;
mod failures;
mod load;
mod memory;
mod package;
mod package_server;
mod parts;
mod run;
mod secrets;
mod sentences;
mod server;
mod sim;
mod supply;
mod system;
mod test;
mod torture;
mod workflows;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  demo [--headless] [--screenshot FILE] [--exit]
            installs what is missing, builds, and opens the app on real conversations; with
            --headless on an invisible display; with --screenshot, writes a picture once the
            timeline is painted; with --exit, ends after that
  test      installs what is missing and runs every test
  test NAME...
            runs the Rust tests whose names contain one of these, and starts the services they need
  test OPTIONS
            runs `cargo test` with these options, such as `--test server -- FILTER`, with
            PostgreSQL and NATS running
  api       checks the server's behaviour against its OpenAPI document, by generated requests
  check     checks format, lints, types, circles of modules, documentation and dependencies: their
            licences, their sources and, as far as the databases can be reached, known
            vulnerabilities. Needs no display and no database, and root only to install packages
  audit [--advisories DIR]
            checks the dependencies for vulnerabilities that are known today; fails if a database
            cannot be reached; DIR contains a copy of RustSec's advisory-db
  bench [--json] [--logs DIR] [--copies N]
            measures speed and memory, as ratios to a floor measured in the same run; --copies
            imports the logs N times under different names
  load [--server URL [--pin KEY] | --database sqlite|postgres [--tls] [--import LOGS] [--backup]]
       [--pairs N] [--groups N] [--group-size N] [--rate PER_SECOND] [--seconds N] [--idle N]
       [--storm N] [--pid PID] [--json]
            puts load on a server and checks that every message arrives once and in order; prints
            the costs; starts a server of its own if none is named, with a history of IRC, or while
            it makes one backup after another
  sim [--seeds N] [--from SEED] [--seed SEED] [--bug NAME] [--bugs] [--notifications]
            simulates real clients and a real server core under a seeded scheduler; --seed replays
            one history, --bug disables one rule of the sync, --bugs each rule in turn
  torture [--minutes N] [--seed N]
            runs real processes, half of the time on each database: kills either side, interrupts, slows
            and duplicates connections, fills the disk; then checks that nothing is lost, duplicated or
            different
  package   builds the .deb and .rpm of the app, and tests the .deb
  package server [--program FILE]
            builds the .deb and .rpm of the server; with --program, from a program that is built";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["demo", ref options @ ..] => demo::run(options),
        ["test"] => test::run(),
        ["test", ref args @ ..] => test::run_selected(args),
        ["api"] => test::api(),
        ["check"] => check::run(),
        ["audit"] => supply::audit(None),
        ["audit", "--advisories", folder] => supply::audit(Some(folder)),
        ["bench", ref options @ ..] => bench::run(options),
        ["load", ref options @ ..] => load::run(options),
        ["sim", ref options @ ..] => sim::run(options),
        ["torture", ref options @ ..] => torture::run(options),
        ["package"] => package::run(),
        ["package", "server", ref options @ ..] => package_server::run(options),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
