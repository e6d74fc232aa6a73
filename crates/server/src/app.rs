//! The running server: what its routes share, and how it starts and stops.

use crate::auth::Passwords;
use crate::db::{Db, Ended};
use crate::error::ApiError;
use crate::hub::Hub;
use crate::routes;
use parlour_protocol::Millis;
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What a server needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder that holds everything it keeps.
    pub data: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How often it tells sockets that it is there.
    pub heartbeat: Duration,
    /// bcrypt's cost; 12 but for tests.
    pub bcrypt_cost: u32,
}

impl Config {
    /// A server on `data`, listening at `listen`, everything else as it should be.
    pub fn new(data: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self { data: data.into(), listen, heartbeat: Duration::from_secs(20), bcrypt_cost: 12 }
    }
}

/// What every route has at hand.
#[derive(Clone)]
pub struct App {
    pub(crate) db: Db,
    pub(crate) hub: Arc<Hub>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) seen: Arc<crate::auth::LastSeen>,
    pub(crate) heartbeat: Duration,
    _lock: Arc<File>,
}

impl App {
    /// Opens the data folder, made if it is missing, for this process alone.
    ///
    /// Once it is dropped, wait for [`Ended`] before the process ends: then the file is whole by
    /// itself.
    pub fn open(config: &Config) -> Result<(Self, Ended), StartError> {
        let lock = lock(&config.data)?;
        let hub = Arc::new(Hub::default());
        let announced = hub.clone();
        let (db, ended) = Db::open(
            &config.data.join("parlour.db"),
            Arc::new(move |changes| announced.publish(changes)),
        )?;
        let app = Self {
            db,
            hub,
            passwords: Arc::new(Passwords::new(config.bcrypt_cost)),
            seen: Arc::default(),
            heartbeat: config.heartbeat,
            _lock: Arc::new(lock),
        };
        Ok((app, ended))
    }

    /// The time, for everything that the server stores.
    pub(crate) fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Runs `body` in a transaction; see [`Db::write`].
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t crate::db::Tx) -> crate::db::BoxFuture<'t, Result<T, ApiError>>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        self.db.write(body).await
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
    /// Another process has it.
    #[error("the data folder {0} is in use by another parlour-server; stop that one first")]
    InUse(PathBuf),
    /// The database.
    #[error("opening the database")]
    Database(#[from] crate::db::DbError),
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

fn lock(data: &Path) -> Result<File, StartError> {
    let failed = |source| StartError::Data { path: data.to_owned(), source };
    std::fs::create_dir_all(data).map_err(failed)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// A server that runs until it is told to stop.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    done: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Says goodbye to every socket, finishes the requests under way, and ends.
    pub async fn stop(self) -> std::io::Result<()> {
        self.stop.send_replace(true);
        self.wait().await
    }

    /// Waits until it ends by itself, which is a failure.
    pub async fn wait(self) -> std::io::Result<()> {
        self.done.await.map_err(std::io::Error::other)?
    }
}

/// Starts a server.
pub async fn serve(config: &Config) -> Result<Running, StartError> {
    let (app, ended) = App::open(config)?;
    let listen = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (stop, stopping) = watch::channel(false);
    let hub = app.hub.clone();
    let router = routes::router(app);
    let done = tokio::spawn(async move {
        let mut stopping = stopping;
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                // An error means that `Running` is gone; the server then runs on.
                if stopping.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
                hub.close();
            })
            .await;
        ended.wait().await;
        served
    });
    Ok(Running { address, stop, done })
}

/// Gives a stopped server's database a new epoch, which is what a restored backup needs: every
/// client then begins anew, and offers again what it sent lately.
///
/// # Errors
/// See [`StartError`].
pub fn new_epoch(data: &Path) -> Result<(), StartError> {
    let _lock = lock(data)?;
    Ok(crate::db::new_epoch(&data.join("parlour.db"))?)
}
