//! The key by which clients know a server that is restored.

use super::header::{Header, OWN_KEY};
use crate::tls::{is_trusted, pin_in};
use serde::Serialize;
use std::path::Path;

/// Whether clients that know a server by its key find it again where it was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum OwnKey {
    /// They know it otherwise: an authority or a proxy vouches for it.
    NotNeeded,
    /// They do.
    There,
    /// There is no key: the server makes a new one, which they refuse.
    Missing,
    /// There is another key, which they refuse.
    Another,
}

impl OwnKey {
    /// Returns that of a folder into which a backup was restored that says this of itself.
    pub fn of(header: &Header, folder: Option<&Path>) -> Self {
        let pem = folder.and_then(|folder| std::fs::read(folder.join(OWN_KEY)).ok());
        let known = header.own_key.as_ref().map(|pin| pin.parse().ok());
        match (known, pem) {
            (None, _) => Self::NotNeeded,
            (Some(Some(known)), Some(pem)) if is_trusted(&pem, known) => Self::There,
            (Some(_), Some(_)) => Self::Another,
            (Some(_), None) => Self::Missing,
        }
    }
}

/// Returns whether the key in a folder is to stay where a backup has another one: it is the same, or follows that.
pub fn is_newer(there: &[u8], backup: &[u8]) -> bool {
    there == backup || pin_in(backup).is_some_and(|known| is_trusted(there, known))
}
