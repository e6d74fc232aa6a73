//! The server's side: accepts requests from its own user and from root.

use super::endpoint::{Listener, Peer};
use super::perform::perform;
use super::request::Request;
use super::wire::{Line, REQUEST_BYTES, read, write};
use crate::app::App;
use crate::error::ApiError;
use serde::Serialize;
use std::io::{ErrorKind, Result};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWrite, BufReader, split};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::channel;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

/// The largest number of concurrent requests; further ones wait.
const MAX_REQUESTS: usize = 16;
/// The longest time for a request to arrive, and for the peer to read a line of the response.
const LINE_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause between two attempts to accept a connection when the system has no resources for one.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The capacity of the channel of items.
const CHANNEL_CAPACITY: usize = 64;

/// Creates the endpoint for commands in a server's folder, replacing one that a killed server left. A server that
/// cannot create it runs without it.
pub fn open(folder: Option<&Path>) -> Option<Listener> {
    let folder = folder?;
    let opened = Listener::open(folder);
    opened
        .inspect_err(|error| {
            tracing::warn!(?folder, %error, "commands cannot connect to this server while it runs");
        })
        .ok()
}

/// Returns the next peer. Pauses if the system has no resources for one.
async fn accept(listener: &Listener) -> Peer {
    loop {
        match listener.accept().await {
            Ok(peer) => return peer,
            Err(_) => sleep(RETRY_DELAY).await,
        }
    }
}

/// Accepts requests until the server stops; requests in progress get the same grace period as those of clients.
pub async fn serve(listener: Option<Listener>, app: App) {
    let Some(listener) = listener else { return };
    let (tracker, permits) = (TaskTracker::new(), Arc::new(Semaphore::new(MAX_REQUESTS)));
    loop {
        let next = async {
            let permit = permits.clone().acquire_owned().await;
            (permit.expect("the semaphore is never closed"), accept(&listener).await)
        };
        let (permit, peer) = tokio::select! {
            () = app.runtime.shutdown.stopping.cancelled() => break,
            next = next => next,
        };
        let app = app.clone();
        tracker.spawn(async move {
            serve_client(peer, app).await;
            drop(permit);
        });
    }
    drop((listener, app));
    tracker.close();
    tracker.wait().await;
}

async fn serve_client(peer: Peer, app: App) {
    let (stopping, grace) = (app.runtime.shutdown.stopping.clone(), app.connections.shutdown_grace);
    let deadline = async {
        stopping.cancelled().await;
        sleep(grace).await;
    };
    tokio::select! {
        reply = handle_request(peer, &app) => {
            if let Err(error) = reply {
                tracing::debug!(%error, "the connection of a command failed");
            }
        }
        () = deadline => {}
    }
}

async fn handle_request(Peer { stream, is_allowed }: Peer, app: &App) -> Result<()> {
    let (reader, mut writer) = split(stream);
    if !is_allowed {
        tracing::warn!("another user's command was refused");
        let error = ApiError::forbidden(
            "This server accepts commands only from its own user and from root.",
        );
        return send_line(&mut writer, &Line::Refused(error.into())).await;
    }
    let request = timeout(LINE_TIMEOUT, read(&mut BufReader::new(reader), REQUEST_BYTES)).await?;
    let request: Request = match request {
        Ok(Some(request)) => request,
        Ok(None) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            let error = ApiError::invalid(
                "The running server does not know this request, because it has another version. Restart it.",
            );
            return send_line(&mut writer, &Line::Refused(error.into())).await;
        }
        Err(error) => return Err(error),
    };
    let (items, mut received) = channel(CHANNEL_CAPACITY);
    let mut work = pin!(perform(app, request, &items));
    let reply = loop {
        tokio::select! {
            biased;
            Some(item) = received.recv() => send_line(&mut writer, &Line::Item(item)).await?,
            reply = &mut work => break reply,
        }
    };
    while let Ok(item) = received.try_recv() {
        send_line(&mut writer, &Line::Item(item)).await?;
    }
    send_line(&mut writer, &reply.map_or_else(|error| Line::Refused(error.into()), Line::Reply))
        .await
}

async fn send_line<T: Serialize>(writer: &mut (impl AsyncWrite + Unpin), line: &T) -> Result<()> {
    timeout(LINE_TIMEOUT, write(writer, line)).await?
}
