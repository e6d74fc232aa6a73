//! What is done to the database of a stopped server.

use crate::audit::{self, Action, Event};
use crate::caller::By;
use crate::data_folder::lock;
use crate::db::{self, Copied, DatabaseAddress, Tx};
use crate::start_error::StartError;
use parlour_protocol::Millis;

/// Gives a stopped server's database a new epoch, which is what a restored backup needs that was not
/// noticed by itself: every client then begins anew, and offers again what it sent lately.
///
/// # Errors
/// See [`StartError`].
pub async fn new_epoch(database: &DatabaseAddress) -> Result<(), StartError> {
    let _lock = lock(database).await?;
    Ok(db::begin_epoch(database).await?)
}

/// Lets a stopped server's time be the system's again, after the system's clock was far ahead by mistake:
/// what was dated then stays dated so.
///
/// # Errors
/// See [`StartError`].
pub async fn reset_clock(database: &DatabaseAddress) -> Result<(), StartError> {
    let _lock = lock(database).await?;
    Ok(db::reset_clock(database).await?)
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
    let note = async |tx: &Tx| {
        let now = Millis(jiff::Timestamp::now().as_millisecond());
        audit::note(tx, Event::by(&By::Command, Action::DatabaseCopied), now).await
    };
    Ok(db::copy(from, to, progress, note).await?)
}
