//! The program itself, run as a command.
#![cfg(unix)]

use crate::common::{Database, TIMEOUT};
use parlour_server::DatabaseAddress;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_parlour-server");

/// Returns a command on a data folder.
pub fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).arg("--data").arg(data).env_remove("PARLOUR_DATABASE");
    command
}

/// Returns a command on a database of either kind.
pub fn command_on(database: &Database, args: &[&str]) -> Command {
    let address = match &database.address {
        DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseAddress::Postgres(_) => database.url.clone().unwrap(),
    };
    let mut command = Command::new(PROGRAM);
    command.args(args).env("PARLOUR_DATABASE", address);
    command
}

/// Runs a command until it ends, with `input` on its standard input.
pub fn output(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // This fails if the program ends without reading its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Returns the objects that a command printed; fails the test if the command failed.
pub fn objects(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", stderr_text(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the standard error of a command.
pub fn stderr_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running server, and its log.
pub struct Program {
    child: Child,
    pub url: String,
    log: tempfile::NamedTempFile,
}

impl Program {
    /// Runs a server on a folder, at a free port unless `args` contain another address.
    pub fn serve(data: &Path, args: &[&str]) -> Self {
        let mut serve = command(data, &["serve"]);
        if !args.contains(&"--listen") {
            serve.args(["--listen", "127.0.0.1:0"]);
        }
        serve.args(args);
        Self::start(serve)
    }

    /// Starts a command that runs a server.
    pub fn start(mut serve: Command) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap();
        serve.env("NO_COLOR", "1").stdout(Stdio::piped()).stderr(log.reopen().unwrap());
        let mut child = serve.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().map(Result::unwrap).unwrap_or_default();
        let url = line.strip_prefix("listening on ").map(str::to_owned);
        let url = url.unwrap_or_else(|| panic!("{}", std::fs::read_to_string(&log).unwrap()));
        std::thread::spawn(move || lines.count());
        Self { child, url, log }
    }

    /// Sends a signal to the server.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until the log contains a text.
    pub fn wait_until_logged(&self, text: &str) {
        let began = Instant::now();
        while !self.logged().contains(text) {
            assert!(began.elapsed() < TIMEOUT, "{text}: {}", self.logged());
            std::thread::yield_now();
        }
    }

    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Stops the server as a supervisor does.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success());
    }

    /// Kills the server without a chance to clean up, as a power failure would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The server may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
