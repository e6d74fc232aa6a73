//! The socket between the first process on a folder and later ones: one line of JSON, and one line in response.

use super::launch::Launch;
use parlour_sqlite::SocketPath;
use std::fs::Permissions;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

const NAME: &str = "window.sock";
/// Maximum length of a line, in bytes.
const LINE_BYTES: u64 = 16 * 1024;
/// How long the peer may take.
const PEER_TIMEOUT: Duration = Duration::from_secs(3);
/// The delay after a failed `accept`, for instance without free file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
const CONFIRMATION: &str = "done\n";

/// The socket of the first process.
#[derive(Debug)]
pub struct Listener {
    listener: StdListener,
    /// The user id of this process.
    owner: u32,
}

impl Listener {
    /// Creates the socket; replaces one that a killed process left behind. The caller holds the folder's lock.
    pub fn open(folder: &Path) -> Result<Self> {
        let (path, new) =
            (SocketPath::new(folder, NAME)?, SocketPath::new(folder, "window.sock-new")?);
        match std::fs::remove_file(&new.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
        let listener = StdListener::bind(&new.path)?;
        // It gets its final name only after its permissions are set.
        std::fs::set_permissions(&new.path, Permissions::from_mode(0o600))?;
        let owner = std::fs::metadata(&new.path)?.uid();
        std::fs::rename(&new.path, &path.path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, owner })
    }

    /// Calls `open` with the launch parameters that are handed over.
    pub async fn serve(&self, open: impl Fn(Launch)) {
        let listener = self.listener.try_clone().and_then(UnixListener::from_std);
        let listener = match listener {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, "a second process will not find this window");
                return std::future::pending().await;
            }
        };
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            };
            // Sequentially: only this user can connect, and each connection has a timeout.
            match timeout(PEER_TIMEOUT, receive(stream, self.owner)).await {
                Ok(Ok(launch)) => open(launch),
                Ok(Err(error)) => {
                    tracing::info!(%error, "the message of a second process is not valid")
                }
                Err(_) => tracing::info!("a second process sent nothing"),
            }
        }
    }
}

/// Receives launch parameters, and confirms them.
async fn receive(stream: UnixStream, owner: u32) -> Result<Launch> {
    check_peer(&stream, owner)?;
    let (from, mut to) = stream.into_split();
    let mut line = Vec::new();
    BufReader::new(from.take(LINE_BYTES)).read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(Error::from(ErrorKind::InvalidData));
    }
    let launch = serde_json::from_slice(&line)?;
    to.write_all(CONFIRMATION.as_bytes()).await?;
    Ok(launch)
}

/// Hands this process's launch parameters over to the first process.
///
/// # Errors
/// Fails if there is none, if it belongs to another user, or if it does not confirm.
pub async fn hand_over(folder: &Path, launch: &Launch) -> Result<()> {
    let path = SocketPath::new(folder, NAME)?;
    let owner = std::fs::metadata(folder)?.uid();
    let mut line = serde_json::to_vec(launch)?;
    line.push(b'\n');
    // A link that is too long is replaced by an empty one, which the first process reports as invalid.
    if line.len() as u64 > LINE_BYTES {
        let activation = launch.activation.clone().filter(|token| token.len() < 1024);
        line = serde_json::to_vec(&Launch { link: Some(String::new()), activation })?;
        line.push(b'\n');
    }
    let exchange = async {
        let stream = UnixStream::connect(&path.path).await?;
        check_peer(&stream, owner)?;
        let (from, mut to) = stream.into_split();
        to.write_all(&line).await?;
        let mut response = String::new();
        from.take(CONFIRMATION.len() as u64).read_to_string(&mut response).await?;
        if response == CONFIRMATION { Ok(()) } else { Err(Error::from(ErrorKind::InvalidData)) }
    };
    timeout(PEER_TIMEOUT, exchange).await?
}

/// Checks that the peer runs as the same user or as root.
fn check_peer(stream: &UnixStream, owner: u32) -> Result<()> {
    let peer = stream.peer_cred()?.uid();
    if peer == owner || peer == 0 { Ok(()) } else { Err(Error::from(ErrorKind::PermissionDenied)) }
}
