//! Which streams moved.

use crate::db::{Tx, proof};
use crate::error::ApiError;
use crate::queries::streams;
use parlour_protocol::{Heads, UserId};

/// Returns the user's streams that moved since a watermark, or all of them if it is 0.
pub async fn heads(tx: &Tx, caller: UserId, since: i64) -> Result<Heads, ApiError> {
    let (watermark, proof) = proof::current(tx).await?;
    // The watermark is from a state that was rolled back: everything may have moved.
    let since = if since > watermark { 0 } else { since.max(0) };
    let (heads, newest) = streams::heads(tx, caller, since, watermark).await?;
    Ok(Heads { epoch: tx.epoch(), wm: watermark, heads, newest, proof, server: None })
}
