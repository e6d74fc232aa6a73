//! Sends a request to a running server.

use super::endpoint::{self, Connection};
use super::error::ControlError;
use super::request::{Item, Reply, Request};
use super::wire::{Line, REQUEST_BYTES, RESPONSE_BYTES, read, write};
use crate::error::ApiError;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tokio::io::{BufReader, split};
use tokio::time::timeout;

/// The longest time without a message from a server that is performing a request.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);

/// Sends a request to the running server of a folder; returns `None` if none responds. `on_item` is called with each
/// item that is sent before the response.
///
/// # Errors
/// Fails if the request is refused, if the server belongs to another user, or if it stops meanwhile.
pub async fn send_request(
    folder: &Path,
    request: &Request,
    mut on_item: impl FnMut(Item),
) -> Result<Option<Reply>, ControlError> {
    if serde_json::to_vec(request).map_or(true, |line| line.len() as u64 >= REQUEST_BYTES) {
        let message = "The request is too large, or contains a path that is not UTF-8.";
        return Err(ControlError::Refused(ApiError::invalid(message).into()));
    }
    let Some(stream) = connect(folder).await? else { return Ok(None) };
    let (from, mut to) = split(stream);
    let mut from = BufReader::new(from);
    // If the server refuses to read the request, its response contains the reason.
    let sent = write(&mut to, request).await;
    loop {
        let line = match timeout(RESPONSE_TIMEOUT, read(&mut from, RESPONSE_BYTES)).await {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None)) => {
                sent.map_err(ControlError::Lost)?;
                return Err(ControlError::Lost(ErrorKind::UnexpectedEof.into()));
            }
            Ok(Err(error)) => return Err(ControlError::Lost(error)),
            Err(_) => return Err(ControlError::Lost(ErrorKind::TimedOut.into())),
        };
        match line {
            Line::Item(item) => on_item(item),
            Line::Reply(reply) => return Ok(Some(reply)),
            Line::Refused(reason) => return Err(ControlError::Refused(reason)),
        }
    }
}

/// Connects to the running server of a folder; returns `None` if none is running.
async fn connect(folder: &Path) -> Result<Option<Connection>, ControlError> {
    endpoint::connect(folder).await.map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => ControlError::NotYours(folder.to_owned()),
        _ => ControlError::Lost(error),
    })
}
