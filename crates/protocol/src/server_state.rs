//! The state of a server, as its administrators see it.

use crate::{Count, Millis, Registration};
use serde::{Deserialize, Serialize};

/// The response to `GET /v1/administration/server`: the state of the server that responds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerState {
    /// The server's name.
    pub name: Option<String>,
    /// Its public address; `None` if it is not configured.
    pub public_url: Option<String>,
    /// The people who may register.
    pub registration: Registration,
    /// Its version.
    pub version: String,
    /// The time at which it started.
    pub since: Millis,
    /// Number of people, without those whose accounts were erased.
    pub people: Count,
    /// Number of signed-in devices.
    pub sessions: Count,
    /// Number of those devices that are connected to this server.
    pub sockets: Count,
    /// The kind of its database: `sqlite` or `postgres`.
    pub database: String,
    /// Size of the database, in bytes.
    pub database_bytes: Count,
    /// The certificate that it presents; `None` if it does not encrypt connections.
    pub certificate: Option<ServerCertificate>,
    /// The scheduled backups.
    pub backups: ServerBackups,
}

/// The certificate that a server presents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerCertificate {
    /// Its origin, as in the setting `tls`: `own`, `files` or `acme`.
    pub kind: String,
    /// The time at which it expires; `None` if it does not.
    pub expires_at: Option<Millis>,
    /// The time of the next attempt to renew it by ACME; `None` unless the renewal is overdue.
    pub retry_at: Option<Millis>,
}

/// The scheduled backups of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerBackups {
    /// Whether backups are scheduled.
    pub planned: bool,
    /// The time of the last backup.
    pub last_at: Option<Millis>,
    /// Size of the last backup, in bytes.
    pub last_bytes: Option<Count>,
    /// The time of the last failure, if no backup was made since.
    pub failed_at: Option<Millis>,
}
