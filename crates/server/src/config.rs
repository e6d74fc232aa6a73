//! What a server is told when it starts.

use crate::auth::{Lifetime, Policy};
use crate::backup::Plan;
use crate::bus::BusAddress;
use crate::connections::ConnectionLimits;
use crate::db::DatabaseAddress;
use crate::hub::SocketLimits;
use crate::metrics::MetricsMode;
use crate::proxies::Proxies;
use crate::tls::TlsMode;
use parlour_protocol::Registration;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a server needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it keeps everything.
    pub database: DatabaseAddress,
    /// Its data folder, if it has one although its database is elsewhere; see [`Config::folder`].
    pub folder: Option<PathBuf>,
    /// What it is called.
    pub name: Option<String>,
    /// Its address as people reach it, without a slash at the end.
    pub public_url: Option<String>,
    /// What tells the servers on one PostgreSQL of each other's changes; PostgreSQL itself if nothing.
    pub bus: Option<BusAddress>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether connections are encrypted, and whose certificate is shown.
    pub tls: TlsMode,
    /// Who may register.
    pub registration: Registration,
    /// How long sessions last.
    pub lifetime: Lifetime,
    /// How often it tells sockets that it is there.
    pub heartbeat: Duration,
    /// Requests a second of one account; 0 for no limit.
    pub requests_per_second: u32,
    /// Bytes that one account may write in a day; 0 for no bound.
    pub bytes_per_day: u64,
    /// The proxies in front that say where requests come from.
    pub proxies: Proxies,
    /// How many sockets there may be.
    pub sockets: SocketLimits,
    /// How many connections there may be, and how long each may take.
    pub connections: ConnectionLimits,
    /// Who may read the metrics.
    pub metrics: MetricsMode,
    /// The backups that it makes by itself, if it does.
    pub backups: Option<Plan>,
    /// bcrypt's cost; 12 but for tests.
    pub bcrypt_cost: u32,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Config {
    /// A server on `database`, listening at `listen`, everything else as it should be.
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
            lifetime: Lifetime { idle: 30 * DAY, longest: 180 * DAY },
            heartbeat: Duration::from_secs(20),
            requests_per_second: 100,
            bytes_per_day: 256 * 1024 * 1024,
            proxies: Proxies::NONE,
            sockets: SocketLimits::default(),
            connections: ConnectionLimits::default(),
            metrics: MetricsMode::Off,
            backups: None,
            bcrypt_cost: 12,
        }
    }

    /// A server on a folder of its own, with SQLite.
    pub fn in_folder(data: &Path, listen: SocketAddr) -> Self {
        Self::new(DatabaseAddress::in_folder(data), listen)
    }

    /// Who gets in, and for how long.
    pub(crate) fn policy(&self) -> Policy {
        Policy { lifetime: self.lifetime, registration: self.registration }
    }

    /// The folder that one process has at a time, in which a server is told what to do while it runs: that of a
    /// SQLite database, whatever else is said, and on PostgreSQL the data folder, if there is one.
    pub fn folder(&self) -> Option<&Path> {
        self.database.folder().or(self.folder.as_deref())
    }
}
