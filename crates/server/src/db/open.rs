//! How a database is opened: by a server, or while none has it open.

use super::address::DatabaseAddress;
use super::engine::Engine;
use super::error::DbError;
use super::instance::Instance;
use super::tx::Tx;
use super::witness::Witness;
use super::{clock, epochs, postgres, sqlite};
use std::sync::Arc;

/// What was opened: the connection to write with, what tells of a restore, and what tells this database
/// from others.
pub type Opened = (Tx, Option<Witness>, String);

/// Opens a database to write to, and begins to work on it.
pub async fn open_writer(address: &DatabaseAddress) -> Result<Opened, DbError> {
    let (engine, origin, mut witness) = match address {
        DatabaseAddress::Sqlite(path) => {
            // Before anything is written.
            let witness = Witness::of(path);
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
    let (instance, wm) = epochs::open(&tx, &origin, witness.as_ref()).await?;
    tx.engine.commit().await?;
    tx.instance = Arc::new(instance);
    if let Some(witness) = &mut witness {
        witness.begin(wm);
    }
    Ok((tx, witness, origin))
}

/// Gives a database that no server has open a new epoch.
///
/// # Errors
/// As [`super::Db::open`].
pub async fn begin_epoch(address: &DatabaseAddress) -> Result<(), DbError> {
    epochs::renew(&Tx::open(address).await?).await
}

/// Forgets which times a database's servers gave out; none may have it open.
///
/// # Errors
/// As [`super::Db::open`].
pub async fn reset_clock(address: &DatabaseAddress) -> Result<(), DbError> {
    clock::reset(&Tx::open(address).await?).await
}
