//! The configuration that a server starts with.

use crate::auth::{Lifetime, Policy};
use crate::backup::{BackupEncryption, Schedule};
use crate::bus::BusAddress;
use crate::connections::ConnectionLimits;
use crate::data_names::FILES;
use crate::db::DatabaseAddress;
use crate::file_store::FileSettings;
use crate::hub::SocketLimits;
use crate::metrics::MetricsMode;
use crate::proxies::Proxies;
use crate::tls::TlsMode;
use parlour_protocol::Registration;
use parlour_protocol::periods::HEARTBEAT_MS;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The configuration of a server.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the database.
    pub database: DatabaseAddress,
    /// The data folder, if there is one although the database is elsewhere; see [`Config::folder`].
    pub folder: Option<PathBuf>,
    /// The server's name.
    pub name: Option<String>,
    /// The address at which people reach the server, without a trailing slash.
    pub public_url: Option<String>,
    /// The bus that carries changes between the servers on one PostgreSQL; `None` uses PostgreSQL itself.
    pub bus: Option<BusAddress>,
    /// The address to listen on; port 0 chooses a free port.
    pub listen: SocketAddr,
    /// Whether connections are encrypted, and with whose certificate.
    pub tls: TlsMode,
    /// Who may register.
    pub registration: Registration,
    /// Whether people see who is online, and each other's statuses.
    pub presence: bool,
    /// The lifetime of sessions.
    pub lifetime: Lifetime,
    /// The time between two heartbeats of a socket.
    pub heartbeat: Duration,
    /// The number of requests per second that one account may send; 0 for no limits at all on the rate of
    /// requests, also on guessing passwords.
    pub requests_per_second: u32,
    /// The number of bytes that one account may write in a day; 0 for no limit.
    pub bytes_per_day: u64,
    /// The settings for files. The default folder is `files` in the data folder.
    pub files: FileSettings,
    /// The trusted proxies, which report where requests come from.
    pub proxies: Proxies,
    /// The largest number of sockets.
    pub sockets: SocketLimits,
    /// The largest number of connections, and how long each part of a request may take.
    pub connections: ConnectionLimits,
    /// Who may read the metrics.
    pub metrics: MetricsMode,
    /// When backups are made automatically; `None` for never.
    pub backups: Option<Schedule>,
    /// How backups are encrypted unless a command specifies it.
    pub backup_encryption: BackupEncryption,
    /// Whether exports of the whole server contain private conversations.
    pub export_private: bool,
    /// The cost of bcrypt: 12, except in tests.
    pub bcrypt_cost: u32,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Config {
    /// Creates the configuration for a server on `database` that listens at `listen`, with default values
    /// for everything else.
    pub fn new(database: DatabaseAddress, listen: SocketAddr) -> Self {
        Self {
            database,
            folder: None,
            name: None,
            public_url: None,
            bus: None,
            listen,
            tls: TlsMode::Off,
            registration: Registration::Invitation,
            presence: true,
            lifetime: Lifetime { idle: 30 * DAY, absolute: 180 * DAY },
            heartbeat: Duration::from_millis(HEARTBEAT_MS.unsigned_abs()),
            requests_per_second: 100,
            bytes_per_day: 256 * 1024 * 1024,
            files: FileSettings::default(),
            proxies: Proxies::NONE,
            sockets: SocketLimits::default(),
            connections: ConnectionLimits::default(),
            metrics: MetricsMode::Off,
            backups: None,
            backup_encryption: BackupEncryption::None,
            export_private: false,
            bcrypt_cost: 12,
        }
    }

    /// Creates the configuration for a server with SQLite in a data folder.
    pub fn in_folder(data: &Path, listen: SocketAddr) -> Self {
        Self::new(DatabaseAddress::in_folder(data), listen)
    }

    /// Returns the settings for files, with the default folder if none is set.
    pub(crate) fn file_settings(&self) -> FileSettings {
        let default = || Some(self.folder().filter(|_| self.files.bucket.is_none())?.join(FILES));
        let folder = self.files.folder.clone().or_else(default);
        FileSettings { folder, ..self.files.clone() }
    }

    /// Returns the settings for sessions and registration.
    pub(crate) fn policy(&self) -> Policy {
        Policy { lifetime: self.lifetime, registration: self.registration }
    }

    /// Returns whether there is a bus, which connects several servers, although only one can use the database.
    pub(crate) fn lacks_postgres_for_bus(&self) -> bool {
        self.bus.is_some() && matches!(self.database, DatabaseAddress::Sqlite(_))
    }

    /// Returns the folder that one process locks at a time, and in which a running server has its control socket.
    /// With SQLite this is always the folder of the database; with PostgreSQL it is the data folder, if there is one.
    pub fn folder(&self) -> Option<&Path> {
        self.database.folder().or(self.folder.as_deref())
    }
}
