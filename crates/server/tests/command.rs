//! The program's prompts at a terminal.
#![cfg(target_os = "linux")]

use crate::common::{Database, credentials};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

const TYPED: &str = "typed by hand";

/// The program in a terminal, and everything that the terminal showed.
struct Terminal {
    keyboard: File,
    shown: Arc<Mutex<String>>,
    reading: std::thread::JoinHandle<()>,
    child: Child,
}

impl Terminal {
    fn run(data: &Path, command: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = || -> Stdio {
            let flags = OFlags::RDWR | OFlags::NOCTTY;
            File::from(rustix::fs::open(name.as_c_str(), flags, Mode::empty()).unwrap()).into()
        };
        let mut program = Command::new("setsid");
        program.args(["--ctty", "--wait", env!("CARGO_BIN_EXE_parlour-server")]).args(command);
        program.arg("--data").arg(data).stdin(slave()).stdout(slave()).stderr(slave());
        let child = program.spawn().unwrap();
        drop(program);
        let keyboard = File::from(master);
        let (mut screen, shown) = (keyboard.try_clone().unwrap(), Arc::new(Mutex::default()));
        let all: Arc<Mutex<String>> = shown.clone();
        let reading = std::thread::spawn(move || {
            let mut bytes = [0; 1024];
            // Reading ends with an error once the other side is closed.
            while let Ok(read @ 1..) = screen.read(&mut bytes) {
                all.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        });
        Self { keyboard, shown, reading, child }
    }

    /// Types a line once `prompt` was shown and the terminal no longer echoes typed text.
    fn answer(&mut self, prompt: &str, line: &str) {
        while !self.shown.lock().unwrap().contains(prompt) || self.echoes() {
            assert!(self.child.try_wait().unwrap().is_none(), "{}", self.shown.lock().unwrap());
            std::thread::yield_now();
        }
        writeln!(self.keyboard, "{line}").unwrap();
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.keyboard).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits until the program ends; returns whether it succeeded, and what was shown.
    fn finish(mut self) -> (bool, String) {
        let is_success = self.child.wait().unwrap().success();
        self.reading.join().unwrap();
        (is_success, self.shown.lock().unwrap().clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_password_is_requested_twice_and_never_shown() {
    let database = Database::sqlite();
    let parlour_server::DatabaseAddress::Sqlite(path) = &database.address else { unreachable!() };
    let data = path.parent().unwrap();
    let mut terminal = Terminal::run(data, &["user", "add", "wren"]);
    terminal.answer("Password: ", TYPED);
    terminal.answer("Repeat it: ", "something else");
    let (is_success, shown) = terminal.finish();
    assert!(!is_success && shown.contains("not the same"), "{shown}");
    assert!(!shown.contains(TYPED) && !shown.contains("something else"), "{shown}");
    for command in [["user", "add", "wren"], ["user", "password", "wren"]] {
        let mut terminal = Terminal::run(data, &command);
        terminal.answer("Password: ", TYPED);
        terminal.answer("Repeat it: ", TYPED);
        let (is_success, shown) = terminal.finish();
        assert!(is_success && !shown.contains(TYPED), "{shown}");
    }
    database.serve().await.post_credentials("sessions", &credentials("wren", TYPED)).await;
}
