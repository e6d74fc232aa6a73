//! A private ACME server that issues certificates, on free ports of this machine.

use crate::find_program;
use crate::ports::unused_port;
use crate::postgres::create_certificate;
use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Maximum time for the start.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Number of servers prepared so far, for the names of their folders.
static PREPARED: AtomicU32 = AtomicU32::new(0);

/// An ACME server that can be started and stopped. It ends, and its folder is deleted, when this is dropped.
pub struct Pebble {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    management: u16,
    child: Option<Child>,
}

impl Pebble {
    /// Prepares a server, which is not running yet.
    ///
    /// # Errors
    /// Fails if Pebble is not installed (`NotFound`) or if its certificate cannot be created.
    pub fn prepare() -> io::Result<Self> {
        let program = find_program("pebble").ok_or(io::ErrorKind::NotFound)?;
        let number = PREPARED.fetch_add(1, Ordering::Relaxed);
        let name = format!("parlour-pebble-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        let (port, management) = (unused_port()?, unused_port()?);
        let pebble = Self { program, folder, port, management, child: None };
        create_certificate(&pebble.root(), &pebble.folder.join("key.pem"))?;
        Ok(pebble)
    }

    /// Starts it. It connects to `tls_port` of this machine to verify that a name belongs to a server. After a stop it
    /// has lost its accounts and the root that its certificates lead to.
    ///
    /// # Errors
    /// Fails if it does not start.
    pub fn start(&mut self, tls_port: u16) -> io::Result<()> {
        let config = self.folder.join("pebble.json");
        let text = format!(
            "{{\"pebble\": {{\"listenAddress\": \"127.0.0.1:{}\", \"managementListenAddress\": \"127.0.0.1:{}\", \
             \"certificate\": \"certificate.pem\", \"privateKey\": \"key.pem\", \"httpPort\": 1, \
             \"tlsPort\": {tls_port}}}}}",
            self.port, self.management
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new(&self.program);
        command.arg("-config").arg(&config).current_dir(&self.folder);
        command.env("PEBBLE_VA_NOSLEEP", "1").stdout(Stdio::null()).stderr(Stdio::null());
        let child = self.child.insert(command.spawn()?);
        let began = Instant::now();
        for port in [self.port, self.management] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                if began.elapsed() > TIMEOUT || child.try_wait()?.is_some() {
                    return Err(io::Error::other("pebble does not start"));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// Ends it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It does not matter if it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Returns the URL of its directory.
    pub fn directory(&self) -> String {
        format!("https://127.0.0.1:{}/dir", self.port)
    }

    /// Returns the URL of the root that its certificates lead to, while it is running.
    pub fn issued_root(&self) -> String {
        format!("https://127.0.0.1:{}/roots/0", self.management)
    }

    /// Returns the path of the self-signed certificate of its own address.
    pub fn root(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        self.stop();
        // The folder is a temporary one.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
