//! The endpoint for commands: a socket in the data folder.

use crate::data_names::CONTROL_SOCKET;
use parlour_sqlite::SocketPath;
use std::fs::Permissions;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tokio::net::unix::uid_t;
use tokio::net::{UnixListener, UnixStream};

/// The name of the endpoint in the data folder.
pub const NAME: &str = CONTROL_SOCKET;

/// The command's side of a connection.
pub type Connection = UnixStream;

/// A connected command.
pub struct Peer {
    /// The server's side of the connection.
    pub stream: UnixStream,
    /// Whether it is the server's own user, or root.
    pub is_allowed: bool,
}

/// The socket of a running server.
pub struct Listener {
    listener: UnixListener,
    socket_path: SocketPath,
    /// The server's own user.
    owner: uid_t,
}

impl Listener {
    /// Creates the socket in a folder, accessible to its owner only.
    ///
    /// # Errors
    /// Fails if the folder cannot be written, or if its path is too long for a socket.
    pub fn open(folder: &Path) -> Result<Self> {
        let (socket_path, new) =
            (SocketPath::new(folder, NAME)?, SocketPath::new(folder, &format!("{NAME}-new"))?);
        match std::fs::remove_file(&new.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
        let listener = UnixListener::bind(&new.path)?;
        // The permissions are restricted before the socket gets its final name.
        std::fs::set_permissions(&new.path, Permissions::from_mode(0o600))?;
        let owner = std::fs::metadata(&new.path)?.uid();
        std::fs::rename(&new.path, &socket_path.path)?;
        Ok(Self { listener, socket_path, owner })
    }

    /// Waits for the next peer.
    ///
    /// # Errors
    /// Fails if the system lacks resources, or if the peer has disconnected.
    pub async fn accept(&self) -> Result<Peer> {
        let (stream, _) = self.listener.accept().await?;
        let peer = stream.peer_cred()?.uid();
        Ok(Peer { stream, is_allowed: peer == self.owner || peer == 0 })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The folder is still locked, so the file belongs to this server.
        let _ = std::fs::remove_file(&self.socket_path.path);
    }
}

/// Connects to the running server of a folder; returns `None` if there is no socket, or one that a killed server
/// left.
///
/// # Errors
/// Fails if the socket belongs to another user.
pub async fn connect(folder: &Path) -> Result<Option<Connection>> {
    let connected = match SocketPath::new(folder, NAME) {
        Ok(socket_path) => UnixStream::connect(&socket_path.path).await,
        Err(error) => Err(error),
    };
    connected.map(Some).or_else(none_if_absent)
}

fn none_if_absent<T>(error: Error) -> Result<Option<T>> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput => Ok(None),
        _ => Err(error),
    }
}
