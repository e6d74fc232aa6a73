//! The running server: what its routes share, and how it starts and stops.

use crate::audit::{self, Failures};
use crate::auth::{KnownSessions, LastSeen, Lifetime, Passwords};
use crate::bus::{self, BusAddress};
use crate::clock::{self, Clock};
use crate::connections::{self, ConnectionLimits, Ending};
use crate::db::{
    BoxFuture, Change, Copied, DatabaseAddress, Db, DbError, Ended, Place, Tx, instance,
};
use crate::error::ApiError;
use crate::hub::{self, Hub, SocketLimits};
use crate::limits::{self, Limits};
use crate::ops::Sending;
use crate::proxies::Proxies;
use crate::quota::Quota;
use crate::routes::Written;
use crate::sends::Sends;
use crate::under_way::UnderWay;
use crate::{answers, lookups, queries, routes};
use parlour_protocol::{Action, Millis, Op, OpDone, Registration, UserId};
use parlour_sqlite::private;
use serde::Serialize;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;

/// What a server needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it keeps everything.
    pub database: DatabaseAddress,
    /// What tells the servers on one PostgreSQL of each other's changes; PostgreSQL itself if nothing.
    pub bus: Option<BusAddress>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
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
    /// bcrypt's cost; 12 but for tests.
    pub bcrypt_cost: u32,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Config {
    /// A server on `database`, listening at `listen`, everything else as it should be.
    pub fn new(database: DatabaseAddress, listen: SocketAddr) -> Self {
        Self {
            database,
            bus: None,
            listen,
            registration: Registration::Invitation,
            lifetime: Lifetime { idle: 30 * DAY, longest: 180 * DAY },
            heartbeat: Duration::from_secs(20),
            requests_per_second: 100,
            bytes_per_day: 256 * 1024 * 1024,
            proxies: Proxies::NONE,
            sockets: SocketLimits::default(),
            connections: ConnectionLimits::default(),
            bcrypt_cost: 12,
        }
    }

    /// A server on a folder of its own, with SQLite.
    pub fn in_folder(data: &Path, listen: SocketAddr) -> Self {
        Self::new(DatabaseAddress::in_folder(data), listen)
    }
}

/// What every route has at hand.
#[derive(Clone)]
pub struct App {
    pub(crate) db: Db,
    sends: Sends,
    pub(crate) hub: Arc<Hub>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) seen: Arc<LastSeen>,
    pub(crate) sessions: Arc<KnownSessions>,
    /// Sign-ins that failed.
    pub(crate) failures: Arc<Failures>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) under_way: Arc<UnderWay>,
    quota: Arc<Quota>,
    pub(crate) registration: Registration,
    pub(crate) lifetime: Lifetime,
    pub(crate) heartbeat: Duration,
    pub(crate) watermark: Arc<Watermark>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) proxies: Proxies,
    pub(crate) connections: ConnectionLimits,
    pub(crate) ending: Ending,
    _lock: Option<Arc<File>>,
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
        let (hub, hints) = match &config.database {
            DatabaseAddress::Sqlite(_) if config.bus.is_some() => return Err(StartError::Alone),
            DatabaseAddress::Sqlite(_) => (Hub::default(), None),
            DatabaseAddress::Postgres(url) => {
                let (bus, hints) = unbounded_channel();
                (Hub::with_bus(bus), Some((url, hints)))
            }
        };
        let hub = Arc::new(hub.limited(config.sockets));
        let sessions = Arc::new(KnownSessions::default());
        let (announced, known) = (hub.clone(), sessions.clone());
        let announce = Arc::new(move |changes: Vec<Change>| {
            // The directory tells of roles.
            if changes.iter().any(Change::is_about_access) {
                known.forget();
            }
            announced.publish(changes);
        });
        let (db, mut ended) = Db::open(&config.database, announce).await?;
        if let Some((url, hints)) = hints {
            let (bus, epoch) = (config.bus.as_ref(), db.epoch());
            ended = ended.and(bus::start(url, bus, &epoch, Arc::downgrade(&hub), hints));
        }
        let clock = Arc::new(Clock::after(db.clock()));
        let app = Self {
            db,
            clock,
            sends: Sends::default(),
            hub,
            passwords: Arc::new(Passwords::new(config.bcrypt_cost)),
            seen: Arc::default(),
            sessions,
            failures: Arc::default(),
            limits: Arc::new(Limits::new(config.requests_per_second)),
            under_way: Arc::new(UnderWay::new(config.connections.turn)),
            quota: Arc::new(Quota::new(config.bytes_per_day)),
            registration: config.registration,
            lifetime: config.lifetime,
            heartbeat: config.heartbeat,
            watermark: Arc::new(Watermark::new(config.heartbeat / 10)),
            proxies: config.proxies,
            connections: config.connections,
            ending: Ending::default(),
            _lock: lock.map(Arc::new),
        };
        Ok((app, ended))
    }

    /// The time, for everything that the server stores.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Runs `body` in a transaction; see [`Db::write`].
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.db.write(body).await
    }

    /// Answers from one snapshot what may be large; see [`Db::work`].
    pub(crate) async fn answer<T: Serialize + Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    ) -> Result<Written, ApiError> {
        let worked = self.db.work(move |tx| {
            let answering = body(tx);
            Box::pin(async move { answering.await.and_then(|answer| Written::new(&answer)) })
        });
        let written = worked.await??;
        let weight = self.under_way.weigh(written.bytes())?;
        Ok(written.held(weight))
    }

    /// Begins a new epoch if this proof shows that the database was put back.
    pub(crate) async fn begin_epoch_if(&self, proof: String) -> Result<(), ApiError> {
        let epoch = instance::random_name();
        self.write(move |tx| {
            Box::pin(async move { answers::begin_epoch_if(tx, &proof, epoch).await })
        })
        .await
    }

    /// Does an op; see [`answers::op`].
    pub(crate) async fn op(
        &self,
        caller: UserId,
        op: Op,
        epoch: Option<String>,
    ) -> Result<OpDone, ApiError> {
        self.quota.take(caller, &op)?;
        let now = self.now();
        if let Action::Send { .. } = op.action {
            return self.sends.send(&self.db, Sending { caller, op, now }, epoch).await;
        }
        self.write(move |tx| {
            Box::pin(async move { answers::op(tx, caller, &op, epoch.as_deref(), now).await })
        })
        .await
    }
}

/// The newest watermark, for heartbeats: read once for all sockets.
pub(crate) struct Watermark {
    good_for: Duration,
    read: tokio::sync::Mutex<Option<(Instant, i64)>>,
}

impl Watermark {
    fn new(good_for: Duration) -> Self {
        Self { good_for, read: tokio::sync::Mutex::default() }
    }

    pub(crate) async fn newest(&self, db: &Db) -> Result<i64, DbError> {
        let mut read = self.read.lock().await;
        if let Some((at, wm)) = *read
            && at.elapsed() < self.good_for
        {
            return Ok(wm);
        }
        let wm = db.read().await?.wm().await?;
        *read = Some((Instant::now(), wm));
        Ok(wm)
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder is not to be had.
    #[error("the data folder {path}")]
    Data {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It cannot have company.
    #[error("a server on SQLite is alone: only servers on PostgreSQL have a bus")]
    Alone,
    /// Another process has it.
    #[error("the data folder {0} is in use by another parlour-server; stop that one first")]
    InUse(PathBuf),
    /// The database.
    #[error("opening the database")]
    Database(#[from] DbError),
    /// The first administrator's invitation could not be kept.
    #[error("inviting the first administrator: {0}")]
    First(String),
    /// Somebody has a name that nobody may have any more.
    #[error("changing names that call everybody: {0}")]
    Reserved(String),
    /// The address.
    #[error("listening at {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// How long a process that is just ending may still have the folder.
const HANDED_OVER: Duration = Duration::from_secs(1);

/// Keeps a second process from a SQLite database. PostgreSQL takes as many as come.
async fn lock(database: &DatabaseAddress) -> Result<Option<File>, StartError> {
    let DatabaseAddress::Sqlite(path) = database else { return Ok(None) };
    let data = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |source| StartError::Data { path: data.to_owned(), source };
    keep_private(data, path).map_err(failed)?;
    let file =
        private::options().create(true).truncate(false).open(data.join("lock")).map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if began.elapsed() < HANDED_OVER => {
                tokio::time::sleep(HANDED_OVER / 50).await;
            }
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse(data.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

/// Makes the data folder for the server alone, or makes it that with what is in it. One that holds other
/// things too is others' matter; what of it is the database's is narrowed all the same.
fn keep_private(data: &Path, database: &Path) -> std::io::Result<()> {
    if !data.is_dir() {
        return private::make_folder(data);
    }
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut is_ours_alone = true;
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name == "lock" || name.starts_with(&format!("{stem}."));
        is_ours_alone &= is_ours;
        if is_ours && entry.file_type()?.is_file() {
            private::narrow(&entry.path())?;
        }
    }
    if is_ours_alone { private::narrow(data) } else { Ok(()) }
}

/// A server that runs until it is told to stop.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// While there is no administrator: the secret of the link that makes the first administrator.
    pub first_invitation: Option<String>,
    ending: Ending,
    done: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Says goodbye to every socket, finishes the requests under way, and ends. What is not finished
    /// in the time that [`ConnectionLimits::ending`] gives is cut.
    pub async fn stop(mut self) -> std::io::Result<()> {
        self.ending.begins.cancel();
        self.wait().await
    }

    /// Waits until it ends by itself, which is a failure: its database was put back to an earlier
    /// state beneath it.
    pub async fn wait(&mut self) -> std::io::Result<()> {
        (&mut self.done).await.map_err(std::io::Error::other)?
    }
}

/// Starts a server.
pub async fn serve(config: &Config) -> Result<Running, StartError> {
    let (app, ended) = App::open(config).await?;
    let listen = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let renamed = crate::reserved::rename(&app).await;
    renamed.map_err(|error| StartError::Reserved(error.message))?;
    let first_invitation = crate::accounts::first_invitation(&app).await;
    let first_invitation = first_invitation.map_err(|error| StartError::First(error.message))?;
    let (hub, ending) = (app.hub.clone(), app.ending.clone());
    let (keeps, kept) = oneshot::channel::<()>();
    let (kept_app, last_app) = (app.clone(), app.clone());
    let keeping = tokio::spawn(async move {
        // Its end tells that the database is not there any more.
        let _keeps = keeps;
        tokio::select! {
            () = keep_house(&kept_app) => {}
            () = lookups::run(&kept_app) => {}
            () = until_replaced(&kept_app) => {}
        }
    });
    let router = routes::router(app);
    let serving = connections::serve(
        listener,
        router,
        config.connections,
        config.proxies.are_there(),
        ending.clone(),
    );
    let closing = ending.clone();
    let done = tokio::spawn(async move {
        let stopped = async move {
            tokio::select! {
                () = closing.begins.cancelled() => {}
                _ = kept => closing.begins.cancel(),
            }
            hub.close();
        };
        tokio::join!(serving, stopped);
        keeping.abort();
        // It holds the database until it has ended, by itself or because it was told to.
        let was_replaced = keeping.await.is_ok();
        if !was_replaced {
            note_failures(&last_app).await;
            last_app.stop_time().await;
        }
        drop(last_app);
        ended.wait().await;
        if was_replaced { Err(std::io::Error::other(REPLACED)) } else { Ok(()) }
    });
    Ok(Running { address, first_invitation, ending, done })
}

/// Time between two looks for who lost access at another server, where there may be one.
const LOOKING: Duration = Duration::from_secs(20);
/// Time between two times that failed sign-ins are written.
const NOTING: Duration = Duration::from_secs(600);
/// Time between two looks for what can be forgotten.
const CLEANING: Duration = Duration::from_secs(3600);

const REPLACED: &str = "another database was put in the place of this one while the server ran; \
    start it again, and every client fetches anew and offers again what it had sent";

/// Waits until another database is in the place of the one that was opened. One that does not answer is not
/// another one, nor is a standby of it that was promoted.
async fn until_replaced(app: &App) {
    let mut comparing = tokio::time::interval(app.heartbeat);
    loop {
        match app.db.place().await {
            Ok(Place::Replaced) => return,
            Ok(Place::Promoted) => match app.db.follow().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(error = error.message, "the promoted standby takes nothing yet");
                }
            },
            Ok(Place::Same) | Err(_) => {}
        }
        if let Err(error) = adopt_epoch(app).await {
            tracing::warn!(error = error.message, "the epoch is not known; again soon");
        }
        tokio::select! {
            _ = comparing.tick() => {}
            () = app.hub.epoch_began() => {}
        }
    }
}

/// Another server on the database may have begun a new epoch.
async fn adopt_epoch(app: &App) -> Result<(), ApiError> {
    if instance::epoch(&app.db.read().await?).await? == *app.db.epoch() {
        return Ok(());
    }
    app.write(|tx| {
        Box::pin(async move {
            let epoch = instance::epoch(tx).await?;
            instance::adopt(tx, &epoch);
            Ok(())
        })
    })
    .await
}

/// Does what has to be done from time to time, as long as the server runs.
async fn keep_house(app: &App) {
    let mut tick = tokio::time::interval(hub::TICK);
    let mut looking = tokio::time::interval(LOOKING);
    let mut cleaning = tokio::time::interval(CLEANING);
    let mut sweeping = tokio::time::interval(limits::SWEEP);
    let mut noting = tokio::time::interval(NOTING);
    let mut timing = tokio::time::interval(clock::EVERY);
    loop {
        tokio::select! {
            _ = sweeping.tick() => {
                app.limits.sweep();
                app.sessions.sweep();
                app.seen.sweep(app.now());
            }
            _ = tick.tick() => app.hub.tick(Instant::now()),
            _ = looking.tick() => {
                if app.hub.has_peers(Instant::now())
                    && let Err(error) = look_again(app).await
                {
                    tracing::warn!(error = error.message, "who lost access is not known; again soon");
                }
            }
            _ = noting.tick() => note_failures(app).await,
            _ = timing.tick() => {
                if let Err(error) = app.keep_time().await {
                    tracing::warn!(error = error.message, "the time could not be noted; again soon");
                }
            }
            _ = cleaning.tick() => {
                if let Err(error) = forget_old(app).await {
                    tracing::warn!(error = error.message, "what is old could not be forgotten; again later");
                }
            }
        }
    }
}

/// Another server may have died between a commit and telling of it.
async fn look_again(app: &App) -> Result<(), ApiError> {
    let lost = answers::lost_access(&app.db.read().await?, app.now()).await?;
    app.hub.doubt(lost);
    Ok(())
}

async fn note_failures(app: &App) {
    if let Err(error) = app.failures.write(app).await {
        tracing::warn!(error = error.message, "failed sign-ins are not in the audit");
    }
}

async fn forget_old(app: &App) -> Result<(), ApiError> {
    app.quota.tidy();
    let now = app.now();
    let before = queries::ops::forgettable(&app.db.read().await?, now).await?;
    while app
        .write(move |tx| Box::pin(async move { Ok(queries::ops::forget(tx, before).await?) }))
        .await?
    {}
    while app
        .write(move |tx| Box::pin(async move { Ok(queries::sessions::lapse(tx, now).await?) }))
        .await?
    {}
    while app
        .write(move |tx| Box::pin(async move { Ok(queries::sessions::forget_old(tx, now).await?) }))
        .await?
    {}
    while app
        .write(move |tx| Box::pin(async move { Ok(audit::forget_old(tx, now).await?) }))
        .await?
    {}
    Ok(())
}

/// Gives a stopped server's database a new epoch, which is what a restored backup needs that was not
/// noticed by itself: every client then begins anew, and offers again what it sent lately.
///
/// # Errors
/// See [`StartError`].
pub async fn new_epoch(database: &DatabaseAddress) -> Result<(), StartError> {
    let _lock = lock(database).await?;
    Ok(crate::db::begin_epoch(database).await?)
}

/// Lets a stopped server's time be the system's again, after the system's clock was far ahead by mistake:
/// what was dated then stays dated so.
///
/// # Errors
/// See [`StartError`].
pub async fn reset_clock(database: &DatabaseAddress) -> Result<(), StartError> {
    let _lock = lock(database).await?;
    Ok(crate::db::reset_clock(database).await?)
}

/// Moves a stopped server to another database; see [`crate::db::copy`].
///
/// # Errors
/// See [`StartError`].
pub async fn copy_database(
    from: &DatabaseAddress,
    to: &DatabaseAddress,
    progress: impl FnMut(&Copied),
) -> Result<(), StartError> {
    let (_from, _to) = (lock(from).await?, lock(to).await?);
    Ok(crate::db::copy(from, to, progress).await?)
}
