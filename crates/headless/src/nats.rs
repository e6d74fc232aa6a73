//! A private NATS server, on a free port of this machine.

use crate::ports::unused_port;
use std::io;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Maximum time for the start.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running NATS server. It ends when this is dropped.
pub struct Nats {
    child: Child,
    port: u16,
}

impl Nats {
    /// Starts the system's NATS server.
    ///
    /// # Errors
    /// Fails if NATS is not installed or does not start.
    pub fn start() -> io::Result<Self> {
        let port = unused_port()?;
        let mut command = Command::new("nats-server");
        command.args(["--addr", "127.0.0.1", "--port", &port.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut nats = Self { child, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > TIMEOUT || nats.child.try_wait()?.is_some() {
                return Err(io::Error::other("nats-server does not start"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nats)
    }

    /// Returns the URL of the server.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It does not matter if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
