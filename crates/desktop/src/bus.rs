//! The D-Bus session bus: one shared connection, which is opened when it is first needed.

use std::sync::Arc;
use tokio::sync::Mutex;
use zbus::Connection;
use zbus::connection::Builder;

/// A bus and its shared connection.
pub struct Bus {
    /// Its address; `None` for the session bus.
    address: Option<String>,
    connection: Mutex<Option<Connection>>,
}

impl Bus {
    /// Returns the session bus.
    pub fn session() -> Arc<Self> {
        Self::new(None)
    }

    /// Returns the bus with this address.
    pub fn with_address(address: &str) -> Arc<Self> {
        Self::new(Some(address.to_owned()))
    }

    fn new(address: Option<String>) -> Arc<Self> {
        Arc::new(Self { address, connection: Mutex::default() })
    }

    /// Returns the connection; opens it if there is none.
    pub(crate) async fn connection(&self) -> zbus::Result<Connection> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let opened = match &self.address {
            Some(address) => Builder::address(&**address)?.build().await?,
            None => Connection::session().await?,
        };
        Ok(connection.insert(opened).clone())
    }

    /// Drops the connection if this error means that it is broken, so that the next caller opens a new one.
    pub(crate) async fn drop_if_broken(&self, error: &zbus::Error) {
        if matches!(error, zbus::Error::InputOutput(_)) {
            self.disconnect().await;
        }
    }

    /// Drops the connection.
    pub(crate) async fn disconnect(&self) {
        *self.connection.lock().await = None;
    }
}
