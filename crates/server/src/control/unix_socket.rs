//! The endpoint for commands: a socket in the data folder.

use crate::data_names::CONTROL_SOCKET;
use parlour_sqlite::SocketPath;
use rustix::fs::Mode;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use tokio::net::unix::uid_t;
use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// The name of the endpoint in the data folder.
pub const NAME: &str = CONTROL_SOCKET;

/// Maximum number of commands that wait for the server to accept them.
const BACKLOG: u32 = 128;

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
        let listener = bind(&new.path)?.listen(BACKLOG)?;
        std::fs::rename(&new.path, &socket_path.path)?;
        // Not that of the file, which the folder's owner can replace.
        let owner = rustix::process::geteuid().as_raw();
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

/// Creates a socket, accessible to its owner only. This process may be root in the folder of another user, who can put
/// a link in the socket's place, so nothing is done to that path that would follow one.
fn bind(path: &Path) -> Result<UnixSocket> {
    let (socket, private) = (UnixSocket::new_stream()?, Mode::RUSR | Mode::WUSR);
    // On Linux, the file gets the mode that the socket has before.
    #[cfg(target_os = "linux")]
    rustix::fs::fchmod(&socket, private)?;
    socket.bind(path)?;
    #[cfg(not(target_os = "linux"))]
    {
        use rustix::fs::{AtFlags, CWD, chmodat};
        chmodat(CWD, path, private, AtFlags::SYMLINK_NOFOLLOW)?;
    }
    Ok(socket)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn a_link_that_takes_the_place_of_the_new_socket_changes_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, victim) = (dir.path().join("data"), dir.path().join("precious"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&victim, "precious").unwrap();
        std::fs::set_permissions(&victim, Permissions::from_mode(0o644)).unwrap();
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (link, new) = (folder.join("link"), folder.join(format!("{NAME}-new")));
                while !is_done.load(Ordering::Relaxed) {
                    // The other thread removes and renames these at the same time.
                    let _ = symlink(&victim, &link);
                    let _ = std::fs::rename(&link, &new);
                }
            });
            for _ in 0..500 {
                // Fails if the link is there before the socket.
                let _ = Listener::open(&folder);
            }
            is_done.store(true, Ordering::Relaxed);
        });
        assert_eq!(victim.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    }

    #[tokio::test]
    async fn the_socket_is_accessible_to_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let _listener = Listener::open(dir.path()).unwrap();
        let socket = dir.path().join(NAME).symlink_metadata().unwrap();
        assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    }
}
