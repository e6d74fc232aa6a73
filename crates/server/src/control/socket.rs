//! The server's end: takes requests through the socket, from its own user and from root.

use super::perform::perform;
use super::request::Request;
use super::socket_path::{SOCKET_NAME, SocketPath};
use super::wire::{Line, REQUEST_BYTES, read, write};
use crate::app::App;
use crate::error::ApiError;
use serde::Serialize;
use std::fs::Permissions;
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWrite, BufReader};
use tokio::net::unix::uid_t;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::channel;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

/// Requests at the same time; further ones wait.
const AT_ONCE: usize = 16;
/// How long a request may take to come, and its peer to take a line of the answer.
const LINE_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two tries to accept, where the system has nothing to accept with.
const PAUSE: Duration = Duration::from_millis(100);
/// Items that wait to be written.
const ITEMS: usize = 64;

/// The socket of a server that runs.
pub struct Listener {
    listener: UnixListener,
    socket_path: SocketPath,
    /// The server's own user.
    owner: uid_t,
}

/// Makes the socket in a server's folder, in the place of what a killed server left there. A server that cannot
/// have one serves all the same.
pub fn open(folder: Option<&Path>) -> Option<Listener> {
    let folder = folder?;
    let opened = Listener::open(folder);
    opened
        .inspect_err(|error| {
            tracing::warn!(?folder, %error, "commands cannot reach this server while it runs");
        })
        .ok()
}

impl Listener {
    fn open(folder: &Path) -> Result<Self> {
        let (socket_path, new) =
            (SocketPath::new(folder, SOCKET_NAME)?, SocketPath::new(folder, "control.sock-new")?);
        match std::fs::remove_file(&new.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
        let listener = UnixListener::bind(&new.path)?;
        // Nobody finds it by its name before it is as narrow as it is to be.
        std::fs::set_permissions(&new.path, Permissions::from_mode(0o600))?;
        let owner = std::fs::metadata(&new.path)?.uid();
        std::fs::rename(&new.path, &socket_path.path)?;
        Ok(Self { listener, socket_path, owner })
    }

    /// The next connection. Where the system is short of something it is given time to get it back.
    async fn accept(&self) -> UnixStream {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => return stream,
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The lock of the folder is still held: it is no other server's.
        let _ = std::fs::remove_file(&self.socket_path.path);
    }
}

/// Takes requests until the server ends; what is being done then may take as long as other requests.
pub async fn serve(listener: Option<Listener>, app: App) {
    let Some(listener) = listener else { return };
    let (tracker, turns) = (TaskTracker::new(), Arc::new(Semaphore::new(AT_ONCE)));
    loop {
        let next = async {
            let turn = turns.clone().acquire_owned().await;
            (turn.expect("the semaphore is never closed"), listener.accept().await)
        };
        let (turn, stream) = tokio::select! {
            () = app.run.ending.begins.cancelled() => break,
            next = next => next,
        };
        let (app, owner) = (app.clone(), listener.owner);
        tracker.spawn(async move {
            serve_client(stream, app, owner).await;
            drop(turn);
        });
    }
    drop((listener, app));
    tracker.close();
    tracker.wait().await;
}

async fn serve_client(stream: UnixStream, app: App, owner: uid_t) {
    let (begins, grace) = (app.run.ending.begins.clone(), app.connections.ending);
    let over = async {
        begins.cancelled().await;
        sleep(grace).await;
    };
    tokio::select! {
        reply = answer(stream, &app, owner) => {
            if let Err(error) = reply {
                tracing::debug!(%error, "a command went away");
            }
        }
        () = over => {}
    }
}

async fn answer(stream: UnixStream, app: &App, owner: uid_t) -> Result<()> {
    let peer = stream.peer_cred()?.uid();
    let (from, mut to) = stream.into_split();
    if peer != owner && peer != 0 {
        tracing::warn!(peer, "another user's command was refused");
        let why =
            ApiError::forbidden("This server takes commands from its own user and from root.");
        return send_line(&mut to, &Line::Refused(why.into())).await;
    }
    let request = timeout(LINE_TIMEOUT, read(&mut BufReader::new(from), REQUEST_BYTES)).await?;
    let request: Request = match request {
        Ok(Some(request)) => request,
        Ok(None) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            let why = ApiError::invalid(
                "The server that runs does not know this request: it is of another version. Start it again.",
            );
            return send_line(&mut to, &Line::Refused(why.into())).await;
        }
        Err(error) => return Err(error),
    };
    let (items, mut received) = channel(ITEMS);
    let mut work = pin!(perform(app, request, &items));
    let reply = loop {
        tokio::select! {
            biased;
            Some(item) = received.recv() => send_line(&mut to, &Line::Item(item)).await?,
            reply = &mut work => break reply,
        }
    };
    while let Ok(item) = received.try_recv() {
        send_line(&mut to, &Line::Item(item)).await?;
    }
    send_line(&mut to, &reply.map_or_else(|why| Line::Refused(why.into()), Line::Reply)).await
}

async fn send_line<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), line: &T) -> Result<()> {
    timeout(LINE_TIMEOUT, write(to, line)).await?
}
