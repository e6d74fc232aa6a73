//! The status of a server.

use super::certificate::CertificateStatus;
use crate::admin::server::{ConfiguredSettings, StoredSettings};
use crate::app::App;
use crate::backup::{BackupHistory, BackupStatus};
use crate::config::Config;
use crate::error::ApiError;
use crate::lock::lock;
use crate::queries::{files, sessions, users};
use parlour_protocol::Registration;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest time to wait for a hint from another server on the same database.
const PEER_TIMEOUT: Duration = Duration::from_secs(3);
/// The time between two checks for one.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// The status of a server. Unknown values are `None`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether a server is running: this one, or another one on the same PostgreSQL.
    pub running: bool,
    /// The version of the program that responds.
    pub version: String,
    /// The server's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its public address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The address on which it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The time for which it has been running, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime_ms: Option<u64>,
    /// Who may register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// The number of users, without erased ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<i64>,
    /// The number of signed-in devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<i64>,
    /// The number of devices that are connected to the server that responds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<usize>,
    /// The certificate that it presents; `None` if it does not encrypt connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateStatus>,
    /// The database.
    pub database: DatabaseStatus,
    /// The received bytes of all files, of which each counts for at least 4 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<u64>,
    /// The state of its backups.
    pub backups: BackupStatus,
}

/// The kind and size of a database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseStatus {
    /// `sqlite` or `postgres`.
    pub kind: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Status {
    /// Returns the status of a server on SQLite that is not running. Its database is only read.
    pub fn stopped(config: &Config, file: &Path) -> Self {
        let bytes = config.database.bytes().unwrap_or_default();
        let kind = "sqlite".to_owned();
        let stored = StoredSettings::read_file(file);
        Self {
            registration: Some(stored.registration.unwrap_or(config.registration)),
            name: stored
                .about(ConfiguredSettings { name: config.name.clone(), presence: config.presence })
                .name,
            public_url: config.public_url.clone(),
            ..Self::without_details(
                false,
                DatabaseStatus { kind, bytes },
                BackupHistory::from_config(config).status(),
            )
        }
    }

    fn without_details(running: bool, database: DatabaseStatus, backups: BackupStatus) -> Self {
        Self {
            running,
            version: env!("CARGO_PKG_VERSION").into(),
            name: None,
            public_url: None,
            address: None,
            uptime_ms: None,
            registration: None,
            people: None,
            sessions: None,
            sockets: None,
            certificate: None,
            file_bytes: None,
            database,
            backups,
        }
    }

    /// Returns the status of this server, or of the database that a command opened.
    ///
    /// # Errors
    /// Fails if the database does.
    pub async fn new(app: &App) -> Result<Self, ApiError> {
        let tx = app.db.read().await?;
        let (people, session_count) =
            (users::count(&tx).await?, sessions::count(&tx, app.now()).await?);
        let stored = StoredSettings::read(&tx).await?;
        let file_bytes = files::total_usage(&tx).await?;
        drop(tx);
        let (kind, bytes) = app.db.size().await?;
        let about = lock(&app.runtime.about).clone();
        let is_serving = about.address.is_some();
        let uptime =
            u64::try_from(app.runtime.started_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Self {
            registration: is_serving
                .then(|| stored.registration.unwrap_or_else(|| app.sign_in.registration())),
            name: stored
                .about(ConfiguredSettings { name: about.name, presence: about.presence })
                .name,
            public_url: about.public_url,
            address: about.address,
            uptime_ms: is_serving.then_some(uptime),
            people: Some(people),
            sessions: Some(session_count),
            sockets: is_serving.then(|| app.hub.sockets()),
            certificate: about.certificate.as_ref().map(CertificateStatus::new),
            file_bytes: Some(file_bytes.unsigned_abs()),
            ..Self::without_details(
                is_serving || has_peer(app).await,
                DatabaseStatus { kind: kind.into(), bytes },
                app.backups.status(),
            )
        })
    }
}

/// Returns whether another server on the database is running.
async fn has_peer(app: &App) -> bool {
    let began = Instant::now();
    while !app.hub.has_running_peers() && began.elapsed() < PEER_TIMEOUT {
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
    app.hub.has_running_peers()
}
