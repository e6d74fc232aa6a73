//! `cargo xtask load`: puts load on a running server, or on one that is started for it.

use crate::run::{Result, root, run as call, run_with};
use crate::server::Server;
use parlour_headless::Postgres;
use std::path::Path;
use std::process::Command;

/// `cargo xtask load [--server URL | --database sqlite|postgres [--tls] [--import LOGS] [--backup]] [OPTIONS of the
/// tool]`; with `--tls`, the server encrypts with its own certificate; with `--import`, it has a history; with
/// `--backup`, it makes one backup after another meanwhile.
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
    let (is_encrypted, rest) = match rest {
        ["--tls", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (logs, rest) = match rest {
        ["--import", logs, rest @ ..] => (Some(*logs), rest),
        rest => (None, rest),
    };
    let (has_backups, rest) = match rest {
        ["--backup", rest @ ..] => (true, rest),
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
    let no_connection_limits =
        ["--max-connections-per-network", "0", "--max-sockets-per-session", "0"];
    let mut open = [&open[..], &no_connection_limits].concat();
    let programs = root().join("target/release");
    let data = folder.to_string_lossy().into_owned();
    let pin = if is_encrypted { Some(certificate(&programs, &data)?) } else { None };
    if is_encrypted {
        open.extend(["--data", &data]);
    }
    if let Some(logs) = logs {
        let program = programs.join("parlour-server").to_string_lossy().into_owned();
        run_with(&program, &["import", "irc", logs], &[("PARLOUR_DATABASE", &database)])?;
    }
    if has_backups && on_postgres {
        open.extend(["--data", &data]);
    }
    let server = Server::start(&programs, &database, &open)?;
    let mut all = vec!["--server".to_owned(), server.url.clone()];
    all.extend(pin.into_iter().flat_map(|pin| ["--pin".to_owned(), pin]));
    let pids = [Some(server.child.id()), postgres.as_ref().and_then(Postgres::pid)];
    for pid in pids.into_iter().flatten() {
        all.extend(["--pid".to_owned(), pid.to_string()]);
    }
    if has_backups {
        all.extend(["--backup".to_owned(), data.clone()]);
    }
    all.extend(rest.iter().map(|arg| (*arg).to_owned()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    call(&tool, &all)
}

/// Sets up a server with its own certificate. Returns the pin of its key.
fn certificate(programs: &Path, data: &str) -> Result<String> {
    let server = programs.join("parlour-server").to_string_lossy().into_owned();
    let reach = ["--listen", "127.0.0.1:0", "--public-url", "https://127.0.0.1:1"];
    let init = ["init", "--yes", "--name", "load", "--tls", "own", "--data", data];
    call(&server, &[&init[..], &reach].concat())?;
    let show = ["certificate", "show", "--json", "--data", data];
    let shown = String::from_utf8(Command::new(&server).args(show).output()?.stdout)?;
    let pin = shown.split("\"pin\":\"").nth(1).and_then(|rest| rest.split('"').next());
    Ok(pin.ok_or("the server printed no pin")?.to_owned())
}
