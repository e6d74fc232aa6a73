//! The session bus: one connection for everything that the desktop is told, made when it is first needed.

use std::sync::Arc;
use tokio::sync::Mutex;
use zbus::Connection;
use zbus::connection::Builder;

/// A bus, and the connection to it while there is one.
pub struct Bus {
    /// Its address; `None` for the session's.
    address: Option<String>,
    connection: Mutex<Option<Connection>>,
}

impl Bus {
    /// Returns the bus of the session.
    pub fn session() -> Arc<Self> {
        Self::new(None)
    }

    /// Returns the bus with this address.
    pub fn at(address: &str) -> Arc<Self> {
        Self::new(Some(address.to_owned()))
    }

    fn new(address: Option<String>) -> Arc<Self> {
        Arc::new(Self { address, connection: Mutex::default() })
    }

    /// Returns the connection, which is made if there is none.
    pub(crate) async fn connection(&self) -> zbus::Result<Connection> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let made = match &self.address {
            Some(address) => Builder::address(&**address)?.build().await?,
            None => Connection::session().await?,
        };
        Ok(connection.insert(made).clone())
    }

    /// Forgets the connection if this failure means that it is broken, so that the next one is made anew.
    pub(crate) async fn note_failure(&self, error: &zbus::Error) {
        if matches!(error, zbus::Error::InputOutput(_)) {
            self.forget().await;
        }
    }

    /// Forgets the connection, because it ended.
    pub(crate) async fn forget(&self) {
        *self.connection.lock().await = None;
    }
}
