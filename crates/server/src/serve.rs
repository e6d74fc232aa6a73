//! Starts and stops a server.

use crate::admin::{invitations, names, reserved, server, sigma};
use crate::app::App;
use crate::config::Config;
use crate::connections::{self, ShutdownSignals};
use crate::control;
use crate::data_folder;
use crate::data_names::DATABASE;
use crate::db::{DatabaseAddress, Shutdown};
use crate::lock::lock;
use crate::metrics::Access;
use crate::reload::Reloader;
use crate::settings::Reload;
use crate::start_error::StartError;
use crate::tls::{self, Tls};
use crate::{failover, files, health, lookups, maintenance, routes, schedule};
use std::fs::File;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

const REPLACED: &str = "the database was replaced by another one while the server was running; restart the server, \
                        and every client starts from the beginning and resends what it sent recently";

/// A running server.
pub struct RunningServer {
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The secret of the link for the first administrator, while there is no administrator.
    pub first_invitation: Option<String>,
    /// The encryption of connections; `None` if they are not encrypted.
    pub tls: Option<Tls>,
    reloader: Reloader,
    writer: watch::Receiver<Instant>,
    shutdown: ShutdownSignals,
    task: JoinHandle<std::io::Result<()>>,
}

impl RunningServer {
    /// Stops the server: closes all sockets, and finishes the requests in flight. Those that are not
    /// finished within [`ConnectionLimits::shutdown_grace`] are cut.
    ///
    /// # Errors
    /// Fails for the reasons of [`RunningServer::wait`].
    ///
    /// [`ConnectionLimits::shutdown_grace`]: crate::ConnectionLimits::shutdown_grace
    pub async fn stop(mut self) -> std::io::Result<()> {
        self.shutdown.stopping.cancel();
        self.wait().await
    }

    /// Applies the changed settings that need no restart; `config` is the configuration with them. The caller sets the
    /// level of the log.
    pub fn reload(&self, config: &Config, reload: &Reload) {
        self.reloader.apply(config, reload);
    }

    /// Returns when the database's writer last responded. The value is updated every few seconds, unless
    /// the writer is stuck.
    pub fn writer_responsive_at(&self) -> watch::Receiver<Instant> {
        self.writer.clone()
    }

    /// Waits until the server stops by itself. That is always a failure: its database was replaced by
    /// another one, or restored to an earlier state.
    ///
    /// # Errors
    /// Fails if the database was replaced, or if the server panicked.
    pub async fn wait(&mut self) -> std::io::Result<()> {
        (&mut self.task).await.map_err(std::io::Error::other)?
    }
}

/// Starts a server.
///
/// # Errors
/// Fails for the reasons that [`StartError`] lists.
pub async fn serve(config: &Config) -> Result<RunningServer, StartError> {
    let lock_file = lock_data_folder(config).await?;
    let (app, ended) = App::open(config).await?;
    let tls = Tls::open(&config.tls)?;
    app.runtime.metrics.set_access(Access::open(&config.metrics)?);
    let listen = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let renamed = sigma::compute_keys(&app).await;
    renamed.map_err(|error| StartError::Sigma(error.message))?;
    let renamed = reserved::rename_all(&app).await;
    renamed.map_err(|error| StartError::Reserved(error.message))?;
    let stored = names::store(&app).await;
    stored.map_err(|error| StartError::Names(error.message))?;
    app.sign_in.known_addresses.load(&app.db.read().await?, app.now()).await?;
    server::apply_stored(&app).await;
    let first_invitation = invitations::create_setup_link(&app).await;
    let first_invitation =
        first_invitation.map_err(|error| StartError::SetupLink(error.message))?;
    let mut about = lock(&app.runtime.about);
    about.address = Some(format!("{}://{address}", config.tls.scheme()));
    about.certificate.clone_from(&tls);
    drop(about);
    let (shutdown, reloader) = (app.runtime.shutdown.clone(), Reloader::new(&app));
    let control = control::open(config.folder());
    let serving = connections::serve(
        listener,
        routes::router(app.clone()),
        config.connections,
        config.proxies.any(),
        tls.as_ref().map(|tls| tls.acceptor.clone()),
        shutdown.clone(),
    );
    let control_requests = control::serve(control, app.clone());
    let serving = async move { tokio::join!(serving, control_requests) };
    let certificate = tls.clone();
    let (responsive_at, writer) = watch::channel(app.runtime.started_at);
    let task = tokio::spawn(async move {
        let task = run(app, ended, serving, (certificate, responsive_at)).await;
        drop(lock_file);
        task
    });
    Ok(RunningServer { address, first_invitation, tls, reloader, writer, shutdown, task })
}

/// Locks the data folder of a server on PostgreSQL. That of a SQLite database is locked when the database is opened.
async fn lock_data_folder(config: &Config) -> Result<Option<File>, StartError> {
    match (&config.database, config.folder()) {
        (DatabaseAddress::Postgres(_), Some(folder)) => {
            let file = folder.join(DATABASE);
            data_folder::lock_folder(folder, &file).await.map(Some)
        }
        (DatabaseAddress::Sqlite(_), _) | (DatabaseAddress::Postgres(_), None) => Ok(None),
    }
}

/// Serves until the server is stopped or its database is replaced, then closes everything.
async fn run<T>(
    app: App,
    ended: Shutdown,
    serving: impl Future<Output = T>,
    (tls, responsive_at): (Option<Tls>, watch::Sender<Instant>),
) -> std::io::Result<()> {
    let (running, background_ended) = oneshot::channel::<()>();
    let background = tokio::spawn(work(app.clone(), tls, responsive_at, running));
    let shutdown = app.runtime.shutdown.clone();
    let stopped = async {
        tokio::select! {
            () = shutdown.stopping.cancelled() => {}
            _ = background_ended => shutdown.stopping.cancel(),
        }
        app.hub.close();
    };
    tokio::join!(serving, stopped);
    background.abort();
    // The background work uses the database until it has ended, by itself or because it was aborted.
    let was_replaced = background.await.is_ok();
    if !was_replaced {
        maintenance::end(&app).await;
    }
    drop(app);
    ended.wait().await;
    if was_replaced { Err(std::io::Error::other(REPLACED)) } else { Ok(()) }
}

/// Runs the background work. It ends, and drops `_running`, when the database was replaced.
async fn work(
    app: App,
    tls: Option<Tls>,
    responsive_at: watch::Sender<Instant>,
    _working: oneshot::Sender<()>,
) {
    let renewal = async {
        match tls {
            Some(tls) => tls::run(tls).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = renewal => {}
        () = health::watch_writer(&app.db, &responsive_at) => {}
        () = maintenance::run(&app) => {}
        () = schedule::run(&app) => {}
        () = files::run_cleanup(&app) => {}
        () = lookups::run(&app.db, &app.hub) => {}
        () = failover::wait_until_replaced(&app) => {}
    }
}
