//! The endpoint for commands on Windows: a named pipe. Pipes are not in folders, so a file in the data folder
//! contains the pipe's name, which nobody can guess: with it, a command connects to the right server.

use crate::data_names::CONTROL_PIPE;
use crate::tokens::new_secret;
use interprocess::os::windows::named_pipe::pipe_mode::Bytes;
use interprocess::os::windows::named_pipe::tokio::{DuplexPipeStream, PipeListener};
use interprocess::os::windows::named_pipe::{PipeListenerOptions, PipeMode};
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use parlour_sqlite::durable;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};
use tokio::time::sleep;
use widestring::u16cstr;

/// The name of the endpoint in the data folder.
pub const NAME: &str = CONTROL_PIPE;

/// The command's side of a connection.
pub type Connection = NamedPipeClient;

/// A connected command.
pub struct Peer {
    /// The server's side of the connection.
    pub stream: DuplexPipeStream<Bytes>,
    /// Always true, because Windows admits nobody else: see [`Listener::open`].
    pub is_allowed: bool,
}

/// The pipe of a running server.
pub struct Listener {
    listener: PipeListener<Bytes, Bytes>,
    file: PathBuf,
}

/// The beginning of the names of our pipes.
const PREFIX: &str = r"\\.\pipe\parlour-";
/// The error of a pipe all of whose instances are in use, until the server opens the next one.
const BUSY: i32 = 231;
/// The delay between two attempts while it is, and their number.
const RETRY_DELAY: Duration = Duration::from_millis(50);
const MAX_RETRIES: usize = 100;

impl Listener {
    /// Creates the pipe, which only the server's own user, administrators and the system itself may open, from this
    /// computer; stores its name in the folder.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self> {
        // The owner, administrators and the system have full access; nothing is inherited.
        let access =
            SecurityDescriptor::deserialize(u16cstr!("D:P(A;;GA;;;OW)(A;;GA;;;BA)(A;;GA;;;SY)"))?;
        let (name, file) = (format!("{PREFIX}{}", new_secret()), folder.join(NAME));
        let listener = PipeListenerOptions::new()
            .path(name.as_str())
            .mode(PipeMode::Bytes)
            .accept_remote(false)
            .security_descriptor(Some(access))
            .create_tokio_duplex()?;
        durable::write(&file, name.as_bytes())?;
        Ok(Self { listener, file })
    }

    /// Waits for the next peer.
    ///
    /// # Errors
    /// Fails if the system lacks resources.
    pub async fn accept(&self) -> Result<Peer> {
        Ok(Peer { stream: self.listener.accept().await?, is_allowed: true })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The folder is still locked, so the file belongs to this server.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Connects to the running server of a folder; returns `None` if there is no pipe, or one of a killed server. The
/// process that serves the pipe can identify the caller, but not impersonate them.
///
/// # Errors
/// Fails if the file or the pipe belongs to another user, or if the server does not respond.
pub async fn connect(folder: &Path) -> Result<Option<Connection>> {
    let name = match std::fs::read_to_string(folder.join(NAME)) {
        Ok(name) if name.starts_with(PREFIX) => name,
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    for _ in 0..MAX_RETRIES {
        match ClientOptions::new().open(&name) {
            Err(error) if error.raw_os_error() == Some(BUSY) => sleep(RETRY_DELAY).await,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => return opened.map(Some),
        }
    }
    Err(Error::from_raw_os_error(BUSY))
}
