//! The state that the requests of a running server share.

use crate::audit::{Failures, Pending};
use crate::auth::{KnownAddresses, LastSeen, Passwords, SessionCache, SignIn};
use crate::backup::BackupHistory;
use crate::bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::connections::{ConnectionLimits, ShutdownSignals};
use crate::data_folder::lock;
use crate::db::{Change, DatabaseAddress, Db, Shutdown, Tx};
use crate::error::ApiError;
use crate::file_store::FileStore;
use crate::health::Health;
use crate::hub::Hub;
use crate::limits::{InFlight, Limits, Quota, RateLimits};
use crate::metrics::{Metrics, MetricsMode};
use crate::ops::OpQueue;
use crate::proxies::Proxies;
use crate::start_error::StartError;
use crate::tls::{Tls, TlsMode};
use crate::watermark::Watermark;
use futures_util::future::BoxFuture;
use parlour_protocol::Millis;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::unbounded_channel;

/// The state that every route has access to.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub(crate) db: Db,
    /// The queue through which ops are submitted.
    pub(crate) ops: OpQueue,
    /// Notifies the sockets of what was committed.
    pub(crate) hub: Arc<Hub>,
    /// The rate limits, the quotas and the requests in flight.
    pub(crate) limits: Arc<Limits>,
    /// The files that people upload.
    pub(crate) files: Arc<FileStore>,
    /// Passwords and sessions.
    pub(crate) sign_in: Arc<SignIn>,
    /// The clock, the heartbeat, the shutdown and other state of this run.
    pub(crate) runtime: Arc<Runtime>,
    /// The trusted proxies in front of the server.
    pub(crate) proxies: Proxies,
    /// Whether the server has a certificate that browsers accept.
    pub(crate) is_trusted_by_browsers: bool,
    /// The largest number of connections, and how long each part of a request may take.
    pub(crate) connections: ConnectionLimits,
    /// The outcome of the latest backups.
    pub(crate) backups: Arc<BackupHistory>,
    /// The lock of a SQLite database, held by this process.
    _lock: Option<Arc<File>>,
}

/// The state of one run of the server, from start to stop.
pub(crate) struct Runtime {
    /// The clock for every time that is stored or sent.
    pub clock: Clock,
    /// The newest watermark, which heartbeats contain.
    pub watermark: Watermark,
    /// The time between two heartbeats of a socket.
    pub heartbeat: Duration,
    /// Signals the shutdown to everything that runs.
    pub shutdown: ShutdownSignals,
    /// When the run began.
    pub started_at: Instant,
    /// Whether the server is able to work.
    pub health: Health,
    /// The metrics, and who may read them.
    pub metrics: Metrics,
    /// The address of the database.
    pub database: DatabaseAddress,
    /// The data folder, if there is one; see [`Config::folder`].
    pub folder: Option<PathBuf>,
    /// The setting for who may read the metrics.
    pub metrics_mode: MetricsMode,
    /// What the server reports about itself.
    pub about: Mutex<Description>,
    /// The events that are not written to the audit log yet.
    pub pending: Pending,
    /// Whether exports of the whole server contain private conversations.
    pub export_private: bool,
    /// Locked while the whole server is exported.
    pub exporting: tokio::sync::Mutex<()>,
    /// Locked while something is imported, or an import is undone.
    pub importing: tokio::sync::Mutex<()>,
}

/// The description of a server in its reports.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    /// The server's name.
    pub name: Option<String>,
    /// The address at which people reach it.
    pub public_url: Option<String>,
    /// Whether the operator's settings enable presence and statuses.
    pub presence: bool,
    /// The address on which it listens; `None` if it is not serving.
    pub address: Option<String>,
    /// Whether connections are encrypted, and with whose certificate.
    pub tls: TlsMode,
    /// The certificate in use; `None` if the server does not encrypt or is not serving.
    pub certificate: Option<Tls>,
}

impl Description {
    fn new(config: &Config) -> Self {
        let (name, public_url) = (config.name.clone(), config.public_url.clone());
        let (presence, tls) = (config.presence, config.tls.clone());
        Self { name, public_url, presence, address: None, tls, certificate: None }
    }
}

impl App {
    /// Opens the database. A SQLite database is locked for this process, and its folder is created if it is
    /// missing.
    ///
    /// After dropping the app, wait for [`Shutdown`] before the process ends: only then is the SQLite file
    /// complete without its write-ahead log.
    ///
    /// # Errors
    /// Fails for the reasons that [`StartError`] lists.
    pub async fn open(config: &Config) -> Result<(Self, Shutdown), StartError> {
        let lock = lock(&config.database).await?;
        let sign_in = Arc::new(sign_in(config));
        let (db, hub, ended) = open_database(config, sign_in.clone()).await?;
        let limits = Limits {
            rates: RateLimits::new(config.requests_per_second),
            quota: Quota::new(config.bytes_per_day),
            uploads: Quota::new(config.files.account_bytes),
            in_flight: Arc::new(InFlight::new(
                config.connections.permit_wait,
                config.connections.response_memory,
            )),
        };
        let runtime = Runtime {
            clock: Clock::continuing_from(db.clock()),
            watermark: Watermark::new(config.heartbeat / 10),
            heartbeat: config.heartbeat,
            shutdown: ShutdownSignals::default(),
            started_at: Instant::now(),
            health: Health::default(),
            metrics: Metrics::default(),
            database: config.database.clone(),
            folder: config.folder().map(Path::to_owned),
            metrics_mode: config.metrics.clone(),
            about: Description::new(config).into(),
            pending: Pending::default(),
            export_private: config.export_private,
            exporting: tokio::sync::Mutex::default(),
            importing: tokio::sync::Mutex::default(),
        };
        let app = Self {
            db,
            ops: OpQueue::default(),
            hub,
            limits: Arc::new(limits),
            files: Arc::new(FileStore::new(config.file_settings()).map_err(StartError::Files)?),
            sign_in,
            runtime: Arc::new(runtime),
            proxies: config.proxies,
            is_trusted_by_browsers: config.tls.is_trusted_by_browsers(),
            connections: config.connections,
            backups: Arc::new(BackupHistory::from_config(config)),
            _lock: lock.map(Arc::new),
        };
        Ok((app, ended))
    }

    /// Returns the current time, for everything that the server stores.
    pub(crate) fn now(&self) -> Millis {
        self.runtime.clock.now()
    }

    /// Runs `body` in a transaction; see [`Db::write`].
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.db.write(body).await
    }
}

fn sign_in(config: &Config) -> SignIn {
    SignIn {
        passwords: Passwords::new(config.bcrypt_cost),
        sessions: SessionCache::default(),
        last_seen: LastSeen::default(),
        known_addresses: KnownAddresses::default(),
        failures: Failures::default(),
        policy: config.policy().into(),
    }
}

/// Opens the database, connects the hub to its commits, and starts the bus if there can be other servers.
async fn open_database(
    config: &Config,
    sign_in: Arc<SignIn>,
) -> Result<(Db, Arc<Hub>, Shutdown), StartError> {
    if config.lacks_postgres_for_bus() {
        return Err(StartError::BusNeedsPostgres);
    }
    let (hub, hints) = match &config.database {
        DatabaseAddress::Sqlite(_) => (Hub::default(), None),
        DatabaseAddress::Postgres(url) => {
            let (bus, hints) = unbounded_channel();
            (Hub::with_bus(bus), Some((url, hints)))
        }
    };
    let hub = Arc::new(hub.with_limits(config.sockets));
    hub.set_presence(config.presence);
    let announced = hub.clone();
    let announce = Arc::new(move |changes: Vec<Change>| {
        // Such a change may concern the role of a user, and the cached sessions contain roles.
        if changes.iter().any(Change::affects_access) {
            sign_in.sessions.invalidate();
        }
        announced.publish(changes);
    });
    let (db, mut ended) = Db::open(&config.database, announce).await?;
    if let Some((url, hints)) = hints {
        let (bus, epoch) = (config.bus.as_ref(), db.epoch());
        ended = ended.also(bus::start(url, bus, &epoch, Arc::downgrade(&hub), hints));
    }
    Ok((db, hub, ended))
}
