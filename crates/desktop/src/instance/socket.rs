//! The socket between the first program on a folder and later ones: one line of JSON, and one line of answer.

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
/// How long the other end may take.
const ANSWER: Duration = Duration::from_secs(3);
/// Between two tries to accept, where the system has nothing to accept with.
const PAUSE: Duration = Duration::from_millis(100);
const DONE: &str = "done\n";

/// The socket of the first program.
#[derive(Debug)]
pub struct Listener {
    listener: StdListener,
    /// The user of this program.
    owner: u32,
}

impl Listener {
    /// Creates the socket in the place of one that a killed program left. The caller holds the folder's lock.
    pub fn open(folder: &Path) -> Result<Self> {
        let (path, new) =
            (SocketPath::new(folder, NAME)?, SocketPath::new(folder, "window.sock-new")?);
        match std::fs::remove_file(&new.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
        let listener = StdListener::bind(&new.path)?;
        // Nobody finds it by its name before it is as narrow as it is to be.
        std::fs::set_permissions(&new.path, Permissions::from_mode(0o600))?;
        let owner = std::fs::metadata(&new.path)?.uid();
        std::fs::rename(&new.path, &path.path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, owner })
    }

    /// Calls `open` with what is handed over.
    pub async fn serve(&self, open: impl Fn(Launch)) {
        let listener = self.listener.try_clone().and_then(UnixListener::from_std);
        let listener = match listener {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, "a second start will not find this window");
                return std::future::pending().await;
            }
        };
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            // One after the other: only this user comes here, and nobody takes long.
            match timeout(ANSWER, take(stream, self.owner)).await {
                Ok(Ok(launch)) => open(launch),
                Ok(Err(error)) => tracing::info!(%error, "a second start is not understood"),
                Err(_) => tracing::info!("a second start says nothing"),
            }
        }
    }
}

/// Takes what is handed over, and confirms it.
async fn take(stream: UnixStream, owner: u32) -> Result<Launch> {
    check_peer(&stream, owner)?;
    let (from, mut to) = stream.into_split();
    let mut line = Vec::new();
    BufReader::new(from.take(LINE_BYTES)).read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(Error::from(ErrorKind::InvalidData));
    }
    let launch = serde_json::from_slice(&line)?;
    to.write_all(DONE.as_bytes()).await?;
    Ok(launch)
}

/// Hands over what this program was started with, to the one that was first.
///
/// # Errors
/// Fails if there is none, if it is another user's, or if it does not confirm.
pub async fn hand_over(folder: &Path, launch: &Launch) -> Result<()> {
    let path = SocketPath::new(folder, NAME)?;
    let owner = std::fs::metadata(folder)?.uid();
    let mut line = serde_json::to_vec(launch)?;
    line.push(b'\n');
    // What is too long to be handed over is damaged, which the first one says.
    if line.len() as u64 > LINE_BYTES {
        let activation = launch.activation.clone().filter(|token| token.len() < 1024);
        line = serde_json::to_vec(&Launch { link: Some(String::new()), activation })?;
        line.push(b'\n');
    }
    let handing = async {
        let stream = UnixStream::connect(&path.path).await?;
        check_peer(&stream, owner)?;
        let (from, mut to) = stream.into_split();
        to.write_all(&line).await?;
        let mut answer = String::new();
        from.take(DONE.len() as u64).read_to_string(&mut answer).await?;
        if answer == DONE { Ok(()) } else { Err(Error::from(ErrorKind::InvalidData)) }
    };
    timeout(ANSWER, handing).await?
}

/// Checks that the other end is the same user, or root.
fn check_peer(stream: &UnixStream, owner: u32) -> Result<()> {
    let peer = stream.peer_cred()?.uid();
    if peer == owner || peer == 0 { Ok(()) } else { Err(Error::from(ErrorKind::PermissionDenied)) }
}
