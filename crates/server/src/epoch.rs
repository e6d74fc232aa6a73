//! Checks whether an epoch that a client sends is still the server's, and begins new epochs.

use crate::db::{Tx, epochs, proof};
use crate::error::ApiError;
use parlour_protocol::ErrorCode;

/// Refuses a request meant for another epoch: a cursor from before a restore, or an op that must not be performed
/// before those that its device resends after one.
///
/// # Errors
/// Fails if `epoch` is not the current one.
pub fn check(tx: &Tx, epoch: &str) -> Result<(), ApiError> {
    if epoch == tx.epoch() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Epoch, "The server was restored; start again from its heads."))
}

/// Begins `epoch` if a client's proof shows that the database was restored to an earlier state. The proof is
/// checked again here, because another request may already have begun a new epoch.
///
/// # Errors
/// Fails if the database does.
pub async fn begin_if_restored(tx: &Tx, sent_proof: &str, epoch: String) -> Result<(), ApiError> {
    if proof::is_rolled_back(tx, sent_proof).await? {
        epochs::begin(tx, epoch).await?;
    }
    Ok(())
}
