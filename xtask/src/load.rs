//! `cargo xtask load`: load on a server, on one that is there or on one that is started for it.

use crate::run::{Result, root, run as call};
use parlour_headless::Postgres;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// `cargo xtask load [--server URL | --database sqlite|postgres] [OPTIONS of the tool]`
pub fn run(args: &[&str]) -> Result {
    call("cargo", &["build", "--release", "--package", "parlour-server"])?;
    call("cargo", &["build", "--release", "--package", "parlour-tests", "--bin", "load"])?;
    let tool = root().join("target/release/load").to_string_lossy().into_owned();
    if args.contains(&"--server") {
        return call(&tool, args);
    }
    let (on_postgres, rest) = match args {
        ["--database", "postgres", rest @ ..] => (true, rest),
        ["--database", "sqlite", rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let postgres = if on_postgres { Some(Postgres::start()?) } else { None };
    let folder = root().join("target/load");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let database = match &postgres {
        Some(postgres) => postgres.url("postgres"),
        None => format!("sqlite:{}", folder.join("parlour.db").display()),
    };
    let mut server = Server::start(&database)?;
    let mut all = vec!["--server".to_owned(), server.url.clone()];
    let pids = [Some(server.child.id()), postgres.as_ref().and_then(Postgres::pid)];
    for pid in pids.into_iter().flatten() {
        all.extend(["--pid".to_owned(), pid.to_string()]);
    }
    all.extend(rest.iter().map(|arg| (*arg).to_owned()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let done = call(&tool, &all);
    server.child.kill()?;
    server.child.wait()?;
    done
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// One that lets everybody in and sets no limits.
    fn start(database: &str) -> Result<Self> {
        let mut command = Command::new(root().join("target/release/parlour-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--registration", "open"]);
        command.args(["--requests-per-second", "0"]).env("PARLOUR_DATABASE", database);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was piped")).read_line(&mut line)?;
        match line.trim().strip_prefix("listening on ") {
            Some(url) => Ok(Self { child, url: url.into() }),
            None => Err("the server did not start".into()),
        }
    }
}
