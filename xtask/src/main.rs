//! The repository's tasks: `cargo xtask COMMAND`.

mod api;
mod bench;
mod check;
mod circles;
mod demo;
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
            installs what is missing, builds, and opens the app on real conversations;
            --headless on a display that nobody sees, --screenshot writes a picture once the
            timeline is painted, --exit ends then
  test      installs what is missing and runs every test
  test NAME...
            the Rust tests that have one of these in their names, and starts what those need
  test OPTIONS
            `cargo test` with these options, such as `--test server -- FILTER`, with PostgreSQL and
            NATS beside it
  api       what a server says of its interface against what it does, on requests made up from that
  check     format, lints, types, circles of modules, the documents of the code; dependencies: licences,
            sources, and what is known against them as far as that can be asked from here. Needs no
            display and no database, and rights to install packages only where one is missing
  audit [--advisories DIR]
            what is known against the dependencies today, or a failure if that cannot be asked; DIR
            has a copy of RustSec's advisory-db
  bench [--json] [--logs DIR] [--copies N]
            speed and memory, as ratios to a floor measured in the same run; with N copies of the
            logs under other names
  load [--server URL | --database sqlite|postgres] [--pairs N] [--rooms N] [--room-size N]
       [--rate PER_SECOND] [--seconds N] [--idle N] [--storm N] [--pid PID] [--json]
            load on a server, whether every message arrives once and in order, and what it costs;
            starts a server of its own if none is named
  sim [--seeds N] [--from SEED] [--seed SEED] [--bug NAME] [--bugs]
            real clients and a real server core under a seeded scheduler; one history again by its
            seed; with a rule of the sync taken away; every such bug in turn
  torture [--minutes N] [--seed N]
            real processes, half of the time on each database: either side killed, the line cut,
            slow and doubling, the disk full; then whether anything is lost, doubled or different
  package   the .deb and .rpm of the app, and a test of the .deb
  package server [--program FILE]
            the .deb and .rpm of the server, of a program that is built already if it is named";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["demo", ref options @ ..] => demo::run(options),
        ["test"] => test::run(),
        ["test", ref args @ ..] => test::some(args),
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
