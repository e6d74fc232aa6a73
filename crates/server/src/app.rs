//! What a running server shares between its requests.

use crate::audit::Failures;
use crate::auth::{LastSeen, Passwords, SessionCache, SignIn};
use crate::backup::Record;
use crate::bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::connections::{ConnectionLimits, Ending};
use crate::data_folder::lock;
use crate::db::{Change, DatabaseAddress, Db, Ended, Tx};
use crate::error::ApiError;
use crate::health::Health;
use crate::hub::Hub;
use crate::limits::{InFlight, Limits, Quota, RateLimits};
use crate::metrics::Metrics;
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

/// What every route has at hand.
#[derive(Clone)]
pub struct App {
    /// Where everything is kept.
    pub(crate) db: Db,
    /// The way in for ops.
    pub(crate) ops: OpQueue,
    /// Who hears of what is committed.
    pub(crate) hub: Arc<Hub>,
    /// What requests are counted against.
    pub(crate) limits: Arc<Limits>,
    /// Passwords and sessions.
    pub(crate) sign_in: Arc<SignIn>,
    /// The clock, the heartbeat and the end.
    pub(crate) run: Arc<Run>,
    /// The proxies in front that are believed.
    pub(crate) proxies: Proxies,
    /// Whether the server itself encrypts, with a certificate that browsers accept.
    pub(crate) is_trusted_by_browsers: bool,
    /// How long each part of a request may take.
    pub(crate) connections: ConnectionLimits,
    /// What became of backups.
    pub(crate) backups: Arc<Record>,
    /// Keeps other processes from a SQLite database.
    _lock: Option<Arc<File>>,
}

/// This run of the server, from its start to its end.
pub(crate) struct Run {
    /// The time that is stored and sent.
    pub clock: Clock,
    /// The newest watermark, for heartbeats.
    pub watermark: Watermark,
    /// Time between two heartbeats of a socket.
    pub heartbeat: Duration,
    /// Tells everything that runs when the server stops.
    pub ending: Ending,
    /// When it began.
    pub began: Instant,
    /// Whether it can do its work.
    pub health: Health,
    /// What is counted, and who may read it.
    pub metrics: Metrics,
    /// Where it keeps everything.
    pub database: DatabaseAddress,
    /// Its data folder, if it has one; see [`Config::folder`].
    pub folder: Option<PathBuf>,
    /// What it tells of itself.
    pub about: Mutex<About>,
}

/// What a server tells of itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// What it is called.
    pub name: Option<String>,
    /// Its address as people reach it.
    pub public_url: Option<String>,
    /// Its address where it listens; nothing while nobody is served.
    pub address: Option<String>,
    /// Whose certificate it shows.
    pub tls: TlsMode,
    /// What it shows; nothing where it does not encrypt, or nobody is served.
    pub shown: Option<Tls>,
}

impl About {
    fn of(config: &Config) -> Self {
        let (name, public_url) = (config.name.clone(), config.public_url.clone());
        Self { name, public_url, address: None, tls: config.tls.clone(), shown: None }
    }
}

impl App {
    /// Opens the database; a SQLite one for this process alone, in a folder that is made if it is
    /// missing.
    ///
    /// Once it is dropped, wait for [`Ended`] before the process ends: then a file is whole by
    /// itself.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(config: &Config) -> Result<(Self, Ended), StartError> {
        let lock = lock(&config.database).await?;
        let sign_in = Arc::new(sign_in(config));
        let (db, hub, ended) = open_database(config, sign_in.clone()).await?;
        let limits = Limits {
            rates: RateLimits::new(config.requests_per_second),
            quota: Quota::new(config.bytes_per_day),
            in_flight: Arc::new(InFlight::new(config.connections.turn)),
        };
        let run = Run {
            clock: Clock::after(db.clock()),
            watermark: Watermark::new(config.heartbeat / 10),
            heartbeat: config.heartbeat,
            ending: Ending::default(),
            began: Instant::now(),
            health: Health::default(),
            metrics: Metrics::default(),
            database: config.database.clone(),
            folder: config.folder().map(Path::to_owned),
            about: About::of(config).into(),
        };
        let app = Self {
            db,
            ops: OpQueue::default(),
            hub,
            limits: Arc::new(limits),
            sign_in,
            run: Arc::new(run),
            proxies: config.proxies,
            is_trusted_by_browsers: config.tls.is_trusted_by_browsers(),
            connections: config.connections,
            backups: Arc::new(Record::new(config.backups.clone(), config.folder())),
            _lock: lock.map(Arc::new),
        };
        Ok((app, ended))
    }

    /// The time, for everything that the server stores.
    pub(crate) fn now(&self) -> Millis {
        self.run.clock.now()
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
        failures: Failures::default(),
        policy: config.policy().into(),
    }
}

/// Opens the database with the hub that hears of its commits, and joins the bus where there can be other
/// servers.
async fn open_database(
    config: &Config,
    sign_in: Arc<SignIn>,
) -> Result<(Db, Arc<Hub>, Ended), StartError> {
    let (hub, hints) = match &config.database {
        DatabaseAddress::Sqlite(_) if config.bus.is_some() => return Err(StartError::Alone),
        DatabaseAddress::Sqlite(_) => (Hub::default(), None),
        DatabaseAddress::Postgres(url) => {
            let (bus, hints) = unbounded_channel();
            (Hub::with_bus(bus), Some((url, hints)))
        }
    };
    let hub = Arc::new(hub.with_limits(config.sockets));
    let announced = hub.clone();
    let announce = Arc::new(move |changes: Vec<Change>| {
        // The directory tells of roles.
        if changes.iter().any(Change::is_about_access) {
            sign_in.sessions.invalidate();
        }
        announced.publish(changes);
    });
    let (db, mut ended) = Db::open(&config.database, announce).await?;
    if let Some((url, hints)) = hints {
        let (bus, epoch) = (config.bus.as_ref(), db.epoch());
        ended = ended.and(bus::start(url, bus, &epoch, Arc::downgrade(&hub), hints));
    }
    Ok((db, hub, ended))
}
