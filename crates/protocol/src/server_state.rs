//! How a server is, as its administrators are told.

use crate::{Count, Millis, Registration};
use serde::{Deserialize, Serialize};

/// The answer to `GET /v1/administration/server`: how the server that answers is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerState {
    /// What it is called.
    pub name: Option<String>,
    /// Its address as people reach it, if it was told.
    pub public_url: Option<String>,
    /// Who may register.
    pub registration: Registration,
    /// Its version.
    pub version: String,
    /// Since when it runs.
    pub since: Millis,
    /// How many people there are, without those who were erased.
    pub people: Count,
    /// How many devices are signed in.
    pub sessions: Count,
    /// How many of them are connected to the server that answers.
    pub sockets: Count,
    /// Where everything is kept: `sqlite` or `postgres`.
    pub database: String,
    /// How large that is, in bytes.
    pub database_bytes: Count,
    /// The certificate that it shows; nothing where it does not encrypt.
    pub certificate: Option<ServerCertificate>,
    /// The backups that it makes by itself.
    pub backups: ServerBackups,
}

/// The certificate that a server shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerCertificate {
    /// Where it comes from, as the setting `tls` has it: `own`, `files` or `acme`.
    pub kind: String,
    /// When it ends; nothing if it does not.
    pub expires_at: Option<Millis>,
    /// Where there is no new one by ACME although it is time for one: when the authority is asked again.
    pub retry_at: Option<Millis>,
}

/// The backups that a server makes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerBackups {
    /// Whether it does.
    pub planned: bool,
    /// When the last one was made.
    pub last_at: Option<Millis>,
    /// How large that is, in bytes.
    pub last_bytes: Option<Count>,
    /// When one failed, if none was made since.
    pub failed_at: Option<Millis>,
}
