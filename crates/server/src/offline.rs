//! Operations on the database of a stopped server.

use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::data_folder::{lock, require_database};
use crate::db::{self, Copied, DatabaseAddress, DbError, Tx, clock, epochs};
use crate::start_error::StartError;
use parlour_protocol::Millis;

/// Begins a new epoch in a stopped server's database. This is needed after a restore that the server does not detect
/// by itself. Every client then starts from the beginning and resends what it sent recently.
///
/// # Errors
/// Fails for the reasons that [`StartError`] lists.
pub async fn new_epoch(database: &DatabaseAddress) -> Result<(), StartError> {
    require_database(database)?;
    let _lock = lock(database).await?;
    let body = async |tx: &Tx| {
        epochs::replace_epoch(tx).await?;
        record(tx, Action::EpochBegun).await
    };
    Ok(db::offline(database, body).await?)
}

/// Resets a stopped server's time to the system's clock, after that was far ahead by mistake. Dates that
/// were stored meanwhile stay as they are.
///
/// # Errors
/// Fails for the reasons that [`StartError`] lists.
pub async fn reset_clock(database: &DatabaseAddress) -> Result<(), StartError> {
    require_database(database)?;
    let _lock = lock(database).await?;
    let body = async |tx: &Tx| {
        clock::reset(tx).await?;
        record(tx, Action::ClockReset).await
    };
    Ok(db::offline(database, body).await?)
}

/// Copies a stopped server's data to another database; see [`crate::db::copy`].
///
/// # Errors
/// Fails for the reasons that [`StartError`] lists.
pub async fn copy_database(
    from: &DatabaseAddress,
    to: &DatabaseAddress,
    progress: impl FnMut(&Copied),
) -> Result<(), StartError> {
    require_database(from)?;
    let (_from, _to) = (lock(from).await?, lock(to).await?);
    let record = async |tx: &Tx| record(tx, Action::DatabaseCopied).await;
    Ok(db::copy(from, to, progress, record).await?)
}

/// Records an action of the command line on a stopped server's database.
async fn record(tx: &Tx, action: Action) -> Result<(), DbError> {
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    audit::record(tx, Event::by_actor(&Actor::CommandLine, action), now).await
}
