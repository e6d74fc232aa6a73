//! Proofs with which clients show that the database was once in a later state than now.
//!
//! Together with the heads the server returns a proof: the watermark, the server run in which it was
//! reached, and a MAC with a key that is stored in the database. A client sends the proof with its next
//! request. If the proof is genuine and contains a watermark that this database never had, or had only in a
//! run that is lost, then the database was restored to an earlier state, and a new epoch begins.
//!
//! A server run (table `runs`) lasts from when a server opens the database, or connects to it again, until
//! it loses or closes the connection. It has a random name, a number that grows, and the watermark at which
//! it began.

use super::error::DbError;
use super::tx::Tx;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::Mac;

parlour_sqlite::statements! {
    POSITION = "SELECT wm, run FROM instance WHERE only_row = 1";
    /// $1 name.
    RUN = "SELECT number FROM runs WHERE name = $1";
    /// $1 number.
    NEXT_RUN = "SELECT wm FROM runs WHERE number > $1 ORDER BY number LIMIT 1";
}

/// The longest proof that is read, in bytes.
const PROOF_BYTES: usize = 256;

/// Returns the watermark, and the proof of it for clients.
pub async fn current(tx: &Tx) -> Result<(i64, String), DbError> {
    let row = tx.one(POSITION, &[]).await?;
    let (watermark, run): (i64, String) = (row.get("wm")?, row.get("run")?);
    tx.instance.record_watermark(watermark, &run);
    let mac = HEXLOWER.encode(&tx.instance.mac(watermark, &run).finalize().into_bytes());
    Ok((watermark, format!("{watermark}.{run}.{mac}")))
}

/// Returns whether `proof` is genuine and proves a state that this database does not have. Returns false for
/// anything that is not a valid proof.
pub async fn is_rolled_back(tx: &Tx, proof: &str) -> Result<bool, DbError> {
    let mut parts = proof.split('.');
    let (Some(watermark), Some(run), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(false);
    };
    let (Ok(seen_watermark), Ok(mac)) =
        (watermark.parse::<i64>(), HEXLOWER_PERMISSIVE.decode(mac.as_bytes()))
    else {
        return Ok(false);
    };
    let is_valid = proof.len() <= PROOF_BYTES && parts.next().is_none();
    if !is_valid || tx.instance.mac(seen_watermark, run).verify_slice(&mac).is_err() {
        return Ok(false);
    }
    is_lost(tx, seen_watermark, run).await
}

/// Returns whether a watermark that was seen in a server run is not part of this database's past, because
/// the database was restored to a state before it.
pub(super) async fn is_lost(tx: &Tx, seen_watermark: i64, seen_run: &str) -> Result<bool, DbError> {
    let row = tx.one(POSITION, &[]).await?;
    let (watermark, run): (i64, String) = (row.get("wm")?, row.get("run")?);
    if seen_watermark > watermark || run == seen_run {
        return Ok(seen_watermark > watermark);
    }
    // A run ends at the watermark at which the next one begins. An unknown run is older than all recorded
    // ones, or was lost: it counts as number 0, so that it must have ended before the first recorded run
    // began.
    let recorded = tx.optional(RUN, &[seen_run.into()]).await?;
    let number: i64 = recorded.map_or(Ok(0), |row| row.get("number"))?;
    let next = tx.optional(NEXT_RUN, &[number.into()]).await?;
    let end: Option<i64> = next.map(|row| row.get("wm")).transpose()?;
    Ok(end.is_some_and(|end| seen_watermark > end))
}
