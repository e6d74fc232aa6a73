//! Opening a database: by a server, or while no server has it open.

use super::address::DatabaseAddress;
use super::engine::Engine;
use super::error::DbError;
use super::instance::Instance;
use super::tx::Tx;
use super::witness::Witness;
use super::{epochs, postgres, sqlite};
use std::sync::Arc;

/// An opened database: the connection to write with, the witness that detects a restore, and the origin that
/// distinguishes this database from others.
pub type OpenedWriter = (Tx, Option<Witness>, String);

/// Opens a database for writing, and records that a server starts to use it.
pub async fn open_writer(address: &DatabaseAddress) -> Result<OpenedWriter, DbError> {
    let (engine, origin, mut witness) = match address {
        DatabaseAddress::Sqlite(path) => {
            // This must happen before anything is written.
            let witness = Witness::open(path);
            let writer = sqlite::Handle::writer(path)?;
            (Engine::Sqlite(writer), sqlite::origin(path), Some(witness))
        }
        DatabaseAddress::Postgres(url) => {
            let writer = postgres::Handle::writer(url).await?;
            let origin = writer.origin().await?;
            (Engine::Postgres(writer), origin, None)
        }
    };
    let mut tx = Tx::new(engine, Arc::new(Instance::new("", "")));
    tx.engine.begin().await?;
    let (instance, watermark) = epochs::open(&tx, &origin, witness.as_ref()).await?;
    tx.engine.commit().await?;
    tx.instance = Arc::new(instance);
    if let Some(witness) = &mut witness {
        witness.begin(watermark);
    }
    Ok((tx, witness, origin))
}

/// Runs `body` in a transaction of a database that no server has open. Updates the tables first.
///
/// # Errors
/// Fails for the reasons of [`super::Db::open`], or if `body` does; its changes are then rolled back.
pub async fn offline(
    address: &DatabaseAddress,
    body: impl AsyncFnOnce(&Tx) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let tx = Tx::open(address).await?;
    tx.engine.batch("BEGIN").await?;
    body(&tx).await?;
    tx.engine.batch("COMMIT").await
}
