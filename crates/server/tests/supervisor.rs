//! The notifications to a supervisor such as systemd.
#![cfg(target_os = "linux")]

use crate::common::TIMEOUT;
use crate::program::{Program, command};
use std::os::unix::net::UnixDatagram;

/// The supervisor's end of the socket.
struct Supervisor(UnixDatagram);

impl Supervisor {
    /// Waits for a notification that has `expected` as a line, and returns it.
    fn wait_until(&self, expected: &str) -> String {
        let mut bytes = [0; 1024];
        loop {
            let length =
                self.0.recv(&mut bytes).unwrap_or_else(|error| panic!("{expected}: {error}"));
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if text.lines().any(|line| line == expected) {
                return text;
            }
        }
    }
}

#[test]
fn a_supervisor_is_notified_of_start_reload_watchdog_and_stop() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify.sock");
    let supervisor = Supervisor(UnixDatagram::bind(&path).unwrap());
    supervisor.0.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut serve = command(&dir.path().join("data"), &["serve", "--listen", "127.0.0.1:0"]);
    serve.env("NOTIFY_SOCKET", &path);
    let server = Program::start(serve);
    supervisor.wait_until("READY=1");
    supervisor.wait_until("WATCHDOG=1");
    server.signal("HUP");
    assert!(supervisor.wait_until("RELOADING=1").contains("MONOTONIC_USEC="));
    supervisor.wait_until("READY=1");
    supervisor.wait_until("WATCHDOG=1");
    server.signal("TERM");
    supervisor.wait_until("STOPPING=1");
    server.stop();
}
