//! Whether an epoch that a client names is still the server's, and how a new one begins.

use crate::db::{Tx, epochs, proof};
use crate::error::ApiError;
use parlour_protocol::ErrorCode;

/// Refuses what was meant for another epoch: a cursor from before a restore, or an op that must not
/// overtake what its device offers again after one.
///
/// # Errors
/// Another epoch.
pub fn check(tx: &Tx, epoch: &str) -> Result<(), ApiError> {
    if epoch == tx.epoch() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Epoch, "The server was restored; start again from its heads."))
}

/// Begins this epoch if a client's proof shows that the database was put back to an earlier state. It is
/// looked at again here, because another request may have been first.
///
/// # Errors
/// The database's.
pub async fn begin_if_restored(tx: &Tx, shown: &str, epoch: String) -> Result<(), ApiError> {
    if proof::is_rolled_back(tx, shown).await? {
        epochs::begin(tx, epoch).await?;
    }
    Ok(())
}
