//! The key by which clients recognize a restored server.

use super::header::Header;
use crate::data_names::SERVER_KEY;
use crate::tls::{is_trusted, pin_of_file};
use serde::Serialize;
use std::path::Path;

/// Whether clients that recognize the server by its key will accept the restored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum OwnKey {
    /// They do not depend on its key: the certificate is from an authority, or a proxy encrypts.
    NotNeeded,
    /// They will: it has the same key.
    #[serde(rename = "there")]
    Same,
    /// They will not: there is no key, so the server creates a new one.
    Missing,
    /// They will not: there is another key.
    Another,
}

impl OwnKey {
    /// Compares the key in a folder with the header of the backup that was restored into it.
    pub fn of(header: &Header, folder: Option<&Path>) -> Self {
        let pem = folder.and_then(|folder| std::fs::read(folder.join(SERVER_KEY)).ok());
        let known = header.own_key_pin.as_ref().map(|pin| pin.parse().ok());
        match (known, pem) {
            (None, _) => Self::NotNeeded,
            (Some(Some(known)), Some(pem)) if is_trusted(&pem, known) => Self::Same,
            (Some(_), Some(_)) => Self::Another,
            (Some(_), None) => Self::Missing,
        }
    }
}

/// Returns whether an existing key in a folder is kept although the backup contains another one: it is the same key,
/// or a successor of it.
pub fn is_newer(existing: &[u8], backup: &[u8]) -> bool {
    existing == backup || pin_of_file(backup).is_some_and(|known| is_trusted(existing, known))
}
