//! Private instances of a display, a session bus, a keychain, a PostgreSQL with a pooler, a NATS and
//! an ACME server, for running the app and the server on machines without them: in tests, in the bench and in
//! `cargo xtask demo --headless`. Linux only.
//!
//! Dropping [`Headless`] ends its display, bus and keychain.

mod nats;
#[cfg(feature = "stubs")]
mod notifications;
mod pebble;
mod pgbouncer;
mod ports;
mod postgres;
mod programs;
#[cfg(feature = "stubs")]
mod tray;

pub use nats::Nats;
#[cfg(feature = "stubs")]
pub use notifications::{DaemonRequests, ReceivedNotification, StubDaemon};
pub use pebble::Pebble;
pub use pgbouncer::Pgbouncer;
pub use postgres::Postgres;
pub use programs::find_program;
#[cfg(feature = "stubs")]
pub use tray::Tray;

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The keychain that the app finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keychain {
    /// A real Secret Service daemon, unlocked.
    Unlocked,
    /// No keychain.
    Absent,
}

/// The display on which the window is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// The existing display.
    Inherited,
    /// An invisible display, with this width and height in pixels.
    Virtual(u32, u32),
}

/// Maximum time until the keychain's daemon has opened its keyring.
const KEYCHAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// The configuration of a session bus for its own user, with no services to start.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A display, a session bus and a keychain of their own, and the environment variables by which programs
/// find them.
pub struct Headless {
    home: PathBuf,
    variables: Vec<(&'static str, OsString)>,
    children: Vec<Child>,
    keychain: Option<Child>,
    bus: String,
}

impl Headless {
    /// Starts everything; all data that programs store is below `home`.
    ///
    /// # Errors
    /// Fails if a program is not installed or does not start.
    pub fn start(home: &Path, display: Display, keychain: Keychain) -> io::Result<Self> {
        let (variables, children, keychain_daemon) = (Vec::new(), Vec::new(), None);
        let home = home.to_owned();
        let bus = String::new();
        let mut headless = Self { home, variables, children, keychain: keychain_daemon, bus };
        let home = headless.home.clone();
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_CACHE_HOME", "home/cache"),
        ] {
            let folder = home.join(folder);
            std::fs::create_dir_all(&folder)?;
            headless.variables.push((name, folder.into()));
        }
        if let Display::Virtual(width, height) = display {
            headless.start_display(width, height)?;
        }
        headless.start_bus()?;
        if keychain == Keychain::Unlocked {
            headless.start_keychain(true)?;
        }
        Ok(headless)
    }

    /// Returns the address of the bus, which is both the session bus and the system bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// Returns a command that runs `program` in this environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.variables.iter().cloned());
        command
    }

    /// Writes a screenshot of the whole display.
    ///
    /// # Errors
    /// Fails if ImageMagick is not installed or fails.
    pub fn screenshot(&self, file: &Path) -> io::Result<()> {
        let mut import = self.command("import");
        run(import.args(["-window", "root"]).arg(file))
    }

    fn start_display(&mut self, width: u32, height: u32) -> io::Result<()> {
        let screen = format!("{width}x{height}x24");
        let mut server = self.command("Xvfb");
        // Without this, the display would reset after the last window closes, and lose the state of the
        // desktop.
        server.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
        let number = self.first_line(server.stderr(Stdio::null()), "Xvfb")?;
        self.variables.push(("DISPLAY", format!(":{number}").into()));
        self.variables.push(("GDK_BACKEND", "x11".into()));
        self.variables.push(("XDG_RUNTIME_DIR", self.runtime_folder()?.into()));
        Ok(())
    }

    fn runtime_folder(&self) -> io::Result<PathBuf> {
        let folder = self.home.join("run");
        std::fs::create_dir_all(&folder)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
        }
        Ok(folder)
    }

    fn start_bus(&mut self) -> io::Result<()> {
        // No services can be started automatically: otherwise the bus would start a keychain where
        // there must be none.
        let config = self.home.join("bus.conf");
        std::fs::write(&config, BUS)?;
        let mut bus = self.command("dbus-daemon");
        bus.arg(format!("--config-file={}", config.display()));
        bus.args(["--nofork", "--nopidfile", "--print-address=1"]);
        let address = self.first_line(bus.stderr(Stdio::null()), "dbus-daemon")?;
        self.bus.clone_from(&address);
        for variable in ["DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"] {
            self.variables.push((variable, address.clone().into()));
        }
        Ok(())
    }

    /// Starts the keychain's daemon: unlocked, or locked without a prompt for its password. Entries of
    /// earlier runs still exist.
    ///
    /// # Errors
    /// Fails if it is not installed or does not start.
    pub fn start_keychain(&mut self, unlocked: bool) -> io::Result<()> {
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--foreground", "--components=secrets"]);
        if unlocked {
            daemon.arg("--unlock");
        }
        daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = spawn(&mut daemon, "gnome-keyring-daemon")?;
        // The password of the keyring, and the end of the input.
        child.stdin.take().expect("it was piped").write_all(b"\n")?;
        self.keychain = Some(child);
        let mut wait = self.command("gdbus");
        run(wait.args(["wait", "--session", "--timeout", "20", "org.freedesktop.secrets"]))?;
        if unlocked { self.wait_until_unlocked() } else { Ok(()) }
    }

    /// Waits until the default keyring is unlocked, which takes longer than the start of the daemon.
    fn wait_until_unlocked(&self) -> io::Result<()> {
        let began = Instant::now();
        while began.elapsed() < KEYCHAIN_TIMEOUT {
            let mut query = self.command("gdbus");
            query.args(["call", "--session", "--dest", "org.freedesktop.secrets"]);
            query.args(["--object-path", "/org/freedesktop/secrets/aliases/default"]);
            query.args(["--method", "org.freedesktop.DBus.Properties.Get"]);
            query.args(["org.freedesktop.Secret.Collection", "Locked"]);
            if query.output()?.stdout.starts_with(b"(<false>") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(io::Error::other("the keychain's keyring does not unlock"))
    }

    /// Kills the keychain's daemon with SIGKILL.
    pub fn stop_keychain(&mut self) {
        if let Some(mut daemon) = self.keychain.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }

    /// Starts a program that prints its address on the first line; returns that line.
    fn first_line(&mut self, command: &mut Command, name: &str) -> io::Result<String> {
        let mut child = spawn(command.stdout(Stdio::piped()), name)?;
        let output = child.stdout.take().expect("it was piped");
        self.children.push(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        match line.trim() {
            "" => Err(io::Error::other(format!("{name} ended before it was ready"))),
            line => Ok(line.into()),
        }
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        self.stop_keychain();
        // The last one started ends first; it does not matter if one has ended by itself.
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn spawn(command: &mut Command, name: &str) -> io::Result<Child> {
    command.spawn().map_err(|error| io::Error::other(format!("starting {name}: {error}")))
}

fn run(command: &mut Command) -> io::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{name}: {status}"))) }
}
