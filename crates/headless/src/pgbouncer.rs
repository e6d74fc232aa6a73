//! A pooler in front of a PostgreSQL, on a free port of this machine.

use crate::find_program;
use crate::ports::unused_port;
use crate::postgres::{is_root, run, unprivileged_command};
use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Maximum time for the start.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running pgbouncer. It ends when this is dropped.
pub struct Pgbouncer {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Pgbouncer {
    /// Starts it in front of the PostgreSQL at the port `postgres` of this machine. `settings` has
    /// one setting per line: `pool_mode = session` keeps a connection for each client,
    /// `transaction` passes it on after each transaction.
    ///
    /// # Errors
    /// Fails if it is not installed (`NotFound`) or does not start.
    pub fn start(postgres: u16, settings: &str) -> io::Result<Self> {
        let program = find_program("pgbouncer").ok_or(io::ErrorKind::NotFound)?;
        let port = unused_port()?;
        let name = format!("parlour-pgbouncer-{}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        let config = folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={postgres} user=parlour\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\ndefault_pool_size = 40\n{settings}\n"
        );
        std::fs::write(&config, text)?;
        if is_root() {
            run(Command::new("chown").args(["-R", "postgres"]).arg(&folder))?;
        }
        let mut command = unprivileged_command(&program);
        command.arg("--quiet").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let mut pooler = Self { child: command.spawn()?, folder, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > TIMEOUT || pooler.child.try_wait()?.is_some() {
                return Err(io::Error::other("pgbouncer does not start"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(pooler)
    }

    /// Returns the URL of one of the databases behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://parlour@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pgbouncer {
    fn drop(&mut self) {
        // It does not matter if it has ended already, and the folder is a temporary one.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
