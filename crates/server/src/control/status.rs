//! How a server is.

use super::certificate::CertificateStatus;
use crate::admin::server::{Chosen, Said};
use crate::app::App;
use crate::backup::{BackupHistory, BackupStatus};
use crate::config::Config;
use crate::error::ApiError;
use crate::lock::lock;
use crate::queries::{sessions, users};
use parlour_protocol::Registration;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long another server on the same database may take to make itself heard.
const PEER_TIMEOUT: Duration = Duration::from_secs(3);
/// Between two looks whether one was.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// How a server is; what is not known is nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether one serves: this one, or one that was heard on the same PostgreSQL.
    pub running: bool,
    /// The version of the program that answers.
    pub version: String,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address as people reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Its address where it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How long it has been running, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime_ms: Option<u64>,
    /// Who may register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// How many people there are, without those who were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<i64>,
    /// How many devices are signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<i64>,
    /// How many of them are connected to the server that answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<usize>,
    /// The certificate that it shows; nothing where it does not encrypt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateStatus>,
    /// Where everything is kept.
    pub database: DatabaseStatus,
    /// What became of its backups.
    pub backups: BackupStatus,
}

/// A database, from outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseStatus {
    /// `sqlite` or `postgres`.
    pub kind: String,
    /// How large it is.
    pub bytes: u64,
}

impl Status {
    /// Returns the status of a server on SQLite that does not run. Its file is only read.
    pub fn stopped(config: &Config, file: &Path) -> Self {
        let bytes = config.database.bytes().unwrap_or_default();
        let kind = "sqlite".to_owned();
        let chosen = Chosen::read_file(file);
        Self {
            registration: Some(chosen.registration.unwrap_or(config.registration)),
            name: chosen.about(Said { name: config.name.clone(), presence: config.presence }).name,
            public_url: config.public_url.clone(),
            ..Self::plain(false, DatabaseStatus { kind, bytes }, BackupHistory::of(config).status())
        }
    }

    fn plain(running: bool, database: DatabaseStatus, backups: BackupStatus) -> Self {
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
            database,
            backups,
        }
    }

    /// Of this server, or of the database that a command opened.
    ///
    /// # Errors
    /// The database's.
    pub async fn new(app: &App) -> Result<Self, ApiError> {
        let tx = app.db.read().await?;
        let (people, open) = (users::count(&tx).await?, sessions::count(&tx, app.now()).await?);
        let chosen = Chosen::read(&tx).await?;
        drop(tx);
        let (kind, bytes) = app.db.size().await?;
        let about = lock(&app.run.about).clone();
        let is_serving = about.address.is_some();
        let uptime = u64::try_from(app.run.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Self {
            registration: is_serving
                .then(|| chosen.registration.unwrap_or_else(|| app.sign_in.registration())),
            name: chosen.about(Said { name: about.name, presence: about.presence }).name,
            public_url: about.public_url,
            address: about.address,
            uptime_ms: is_serving.then_some(uptime),
            people: Some(people),
            sessions: Some(open),
            sockets: is_serving.then(|| app.hub.sockets()),
            certificate: about.shown.as_ref().map(CertificateStatus::new),
            ..Self::plain(
                is_serving || has_peer(app).await,
                DatabaseStatus { kind: kind.into(), bytes },
                app.backups.status(),
            )
        })
    }
}

/// Whether another server on the database makes itself heard.
async fn has_peer(app: &App) -> bool {
    let began = Instant::now();
    while !app.hub.has_heard_peers() && began.elapsed() < PEER_TIMEOUT {
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
    app.hub.has_heard_peers()
}
