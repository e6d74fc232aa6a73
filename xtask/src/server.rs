//! A server that runs for the length of a task.

use crate::run::Result;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server, which is killed when this is dropped.
pub struct Server {
    /// The server's process.
    pub child: Child,
    /// The server's URL.
    pub url: String,
}

impl Server {
    /// Starts a server on a database and a free port, with the programs in the folder `programs`.
    pub fn start(programs: &Path, database: &str, args: &[&str]) -> Result<Self> {
        let mut command = Command::new(programs.join("parlour-server"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        let mut child = command.env("PARLOUR_DATABASE", database).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was piped")).read_line(&mut line)?;
        match line.trim().strip_prefix("listening on ") {
            Some(url) => Ok(Self { child, url: url.into() }),
            None => Err("the server did not start".into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
