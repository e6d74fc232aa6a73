//! A private PostgreSQL, on a free port of this machine, in a folder that is deleted with it.

use crate::find_program;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The configuration with which openssl creates the certificate.
const CERTIFICATE: &[u8] = b"[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = 127.0.0.1
[extensions]
subjectAltName = IP:127.0.0.1
basicConstraints = critical, CA:FALSE
";

/// A running PostgreSQL. It ends, and all its data is deleted, when this is dropped.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

/// Number of servers started so far, for the names of their folders.
static STARTED: AtomicU32 = AtomicU32::new(0);

impl Postgres {
    /// Starts the system's PostgreSQL. Without `fsync` it does not wait for the disk: what it has
    /// acknowledged survives a crash of the server, but not one of the machine.
    ///
    /// # Errors
    /// Fails if PostgreSQL is not installed or does not start.
    pub fn start(fsync: bool) -> io::Result<Self> {
        Self::start_with(fsync, |postgres| {
            let mut command = postgres.command("initdb");
            command.args(["--username=parlour", "--auth=trust"]);
            command.args(["--encoding=UTF8", "--locale=C.UTF-8"]);
            run(command.arg("--pgdata").arg(postgres.data()))
        })
    }

    /// Starts a standby that replicates this server until it is promoted. It runs without `fsync`.
    ///
    /// # Errors
    /// Fails if no backup can be made of this server, or if the standby does not start.
    pub fn standby(&self) -> io::Result<Self> {
        Self::start_with(false, |standby| {
            let mut copy = standby.command("pg_basebackup");
            copy.args(["--host=127.0.0.1", "--username=parlour", "--checkpoint=fast"]);
            copy.args(["--wal-method=stream", "--write-recovery-conf", "--no-sync"]);
            copy.arg(format!("--port={}", self.port)).arg("--pgdata").arg(standby.data());
            run(&mut copy)
        })
    }

    /// Creates the folder, fills it with `command`, and starts the server.
    fn start_with(fsync: bool, create: impl FnOnce(&Self) -> io::Result<()>) -> io::Result<Self> {
        let programs = programs()?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("parlour-postgres-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let port = crate::ports::unused_port()?;
        let postgres = Self { programs, folder, port };
        create(&postgres)?;
        postgres.create_certificate()?;
        let folder = postgres.folder.display();
        let fsync = if fsync { "on" } else { "off" };
        let options = format!(
            "-h 127.0.0.1 -p {port} -k {folder} -c max_connections=500 -c fsync={fsync} -c ssl=on \
             -c ssl_cert_file={folder}/certificate.pem -c ssl_key_file={folder}/key.pem"
        );
        let mut start = postgres.command("pg_ctl");
        start.arg("--pgdata").arg(postgres.data()).arg("--log").arg(postgres.folder.join("log"));
        run(start.args(["--wait", "--options", &options, "start"]))?;
        Ok(postgres)
    }

    /// Makes a standby accept writes.
    ///
    /// # Errors
    /// Fails if it is not a standby.
    pub fn promote(&self) -> io::Result<()> {
        run(self.command("pg_ctl").arg("--pgdata").arg(self.data()).args(["--wait", "promote"]))
    }

    /// Ends the server as a power cut does.
    ///
    /// # Errors
    /// Fails if it is not running.
    pub fn kill(&self) -> io::Result<()> {
        let mut stop = self.command("pg_ctl");
        run(stop.arg("--pgdata").arg(self.data()).args(["--mode=immediate", "stop"]))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Returns the port at which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of one of its databases; `postgres` always exists.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://parlour@127.0.0.1:{}/{database}", self.port)
    }

    /// Returns the path of its self-signed certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn create_certificate(&self) -> io::Result<()> {
        let key = self.folder.join("key.pem");
        create_certificate(&self.certificate(), &key)?;
        if is_root() { run(Command::new("chown").arg("postgres").arg(&key)) } else { Ok(()) }
    }

    /// Returns the id of its main process, which is the parent of the others.
    pub fn pid(&self) -> Option<u32> {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        file.lines().next()?.parse().ok()
    }

    /// Returns a command for one of its programs. PostgreSQL refuses to run as root: then it runs
    /// as the user that its package created.
    fn command(&self, program: &str) -> Command {
        unprivileged_command(&self.programs.join(program))
    }
}

/// Creates a self-signed certificate for 127.0.0.1, and its key.
pub(crate) fn create_certificate(certificate: &Path, key: &Path) -> io::Result<()> {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "30", "-config", "-"]);
    command.arg("-out").arg(certificate).arg("-keyout").arg(key);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    child.stdin.take().expect("it was piped").write_all(CERTIFICATE)?;
    let success = child.wait()?.success();
    if success { Ok(()) } else { Err(io::Error::other("openssl created no certificate")) }
}

/// Returns a command for a program that refuses to run as root.
pub(crate) fn unprivileged_command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and the folder is a temporary one.
        if self.pid().is_some() {
            let _ = self.kill();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Returns the folder of PostgreSQL's programs.
fn programs() -> io::Result<PathBuf> {
    // If the path contains only some of the programs, as links, the others are in the folder that
    // the links point to.
    let initdb = find_program("initdb").and_then(|program| program.canonicalize().ok());
    let folder = initdb.as_deref().and_then(Path::parent);
    folder.map(Path::to_owned).ok_or_else(|| io::Error::other("PostgreSQL is not installed"))
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

pub(crate) fn run(command: &mut Command) -> io::Result<()> {
    let name = format!("{command:?}");
    let output = command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if output.success() { Ok(()) } else { Err(io::Error::other(format!("{name}: {output}"))) }
}
