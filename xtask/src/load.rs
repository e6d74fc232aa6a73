//! `cargo xtask load`: puts load on a running server, or on one that is started for it.

use crate::run::{Result, root, run as call};
use crate::server::Server;
use parlour_headless::Postgres;

/// `cargo xtask load [--server URL | --database sqlite|postgres] [OPTIONS of the tool]`
pub fn run(args: &[&str]) -> Result {
    let programs = ["--bin", "parlour-server", "--bin", "load"];
    let packages = ["--package", "parlour-server", "--package", "parlour-tests"];
    call("cargo", &[&["build", "--locked", "--release"], &packages[..], &programs[..]].concat())?;
    let tool = root().join("target/release/load").to_string_lossy().into_owned();
    if args.contains(&"--server") {
        return call(&tool, args);
    }
    let (on_postgres, rest) = match args {
        ["--database", "postgres", rest @ ..] => (true, rest),
        ["--database", "sqlite", rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let postgres = if on_postgres { Some(Postgres::start(true)?) } else { None };
    let folder = root().join("target/load");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let database = match &postgres {
        Some(postgres) => postgres.url("postgres"),
        None => format!("sqlite:{}", folder.join("parlour.db").display()),
    };
    let open = ["--registration", "open", "--requests-per-second", "0", "--mib-per-day", "0"];
    // All sockets come from this machine, and a hundred of them share a session.
    let many = ["--max-connections-per-network", "0", "--max-sockets-per-session", "0"];
    let open = [&open[..], &many].concat();
    let server = Server::start(&root().join("target/release"), &database, &open)?;
    let mut all = vec!["--server".to_owned(), server.url.clone()];
    let pids = [Some(server.child.id()), postgres.as_ref().and_then(Postgres::pid)];
    for pid in pids.into_iter().flatten() {
        all.extend(["--pid".to_owned(), pid.to_string()]);
    }
    all.extend(rest.iter().map(|arg| (*arg).to_owned()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    call(&tool, &all)
}
