//! Where there are no sockets in folders, a server is not told anything while it runs: commands find its folder
//! in use, and say so.

use super::error::ControlError;
use super::request::{Item, Reply, Request};
use crate::app::App;
use std::path::Path;

/// There is none.
pub enum Listener {}

/// Nobody asks.
pub fn open(_folder: Option<&Path>) -> Option<Listener> {
    None
}

/// Nobody is answered.
pub async fn serve(_listener: Option<Listener>, _app: App) {}

/// No server answers.
pub async fn send_request(
    _folder: &Path,
    _request: &Request,
    _on_item: impl FnMut(Item),
) -> Result<Option<Reply>, ControlError> {
    Ok(None)
}
