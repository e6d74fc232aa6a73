//! Epochs, each of which ends when the database is restored to an earlier state, and the server runs in
//! them (see [`super::proof`]).

use super::change::Change;
use super::error::DbError;
use super::instance::{Instance, random_name};
use super::postgres;
use super::proof::is_lost;
use super::tx::Tx;
use super::witness::Witness;
use data_encoding::HEXLOWER;

parlour_sqlite::statements! {
    ORIGIN = "SELECT epoch, origin, wm, secret, clock FROM instance WHERE only_row = 1";
    /// $1 epoch, $2 origin, $3 secret.
    SET_ORIGIN = "UPDATE instance SET epoch = $1, origin = $2, secret = $3 WHERE only_row = 1";
    /// $1 origin.
    SET_IDENTITY = "UPDATE instance SET origin = $1 WHERE only_row = 1";
    /// $1 epoch.
    SET_EPOCH = "UPDATE instance SET epoch = $1 WHERE only_row = 1";
    STATE = "SELECT epoch, wm, run FROM instance WHERE only_row = 1";
    LAST_RUN = "SELECT number FROM runs WHERE number > 0 ORDER BY number DESC LIMIT 1";
    /// $1 number, $2 name.
    INSERT_RUN = "INSERT INTO runs (number, name, wm)
        SELECT $1, $2, wm FROM instance WHERE only_row = 1";
    /// $1 name.
    SET_RUN = "UPDATE instance SET run = $1 WHERE only_row = 1";
    /// $1 number.
    FORGET_RUNS = "DELETE FROM runs WHERE number <= $1";
}

/// The number of server runs that are remembered.
const MAX_RUNS: i64 = 1000;

/// Begins a new epoch in an open database; it is announced once the transaction is committed.
pub async fn begin(tx: &Tx, epoch: String) -> Result<(), DbError> {
    tracing::warn!(
        "this database was restored to an earlier state: every client starts from the beginning"
    );
    tx.execute(SET_EPOCH, &[epoch.as_str().into()]).await?;
    let previous = tx.instance.epoch();
    tx.instance.set_epoch(epoch.into());
    tx.announce(Change::Epoch { previous });
    Ok(())
}

/// Records that a server starts to use the database: a new server run.
pub async fn begin_run(tx: &Tx, name: &str) -> Result<(), DbError> {
    let last = tx.optional(LAST_RUN, &[]).await?;
    let number = last.map_or(Ok(0), |row| row.get::<i64>("number"))? + 1;
    tx.execute(INSERT_RUN, &[number.into(), name.into()]).await?;
    tx.execute(FORGET_RUNS, &[(number - MAX_RUNS).into()]).await?;
    tx.execute(SET_RUN, &[name.into()]).await.map(drop)
}

/// Opens a database whose tables exist already, inside a transaction. Begins a new epoch if the database is a
/// copy or was restored, because it may then be older than what its clients have seen. Returns the instance
/// and its watermark.
pub async fn open(
    tx: &Tx,
    origin: &str,
    witness: Option<&Witness>,
) -> Result<(Instance, i64), DbError> {
    let row = tx.one(ORIGIN, &[]).await?;
    let (known, previous): (String, String) = (row.get("epoch")?, row.get("origin")?);
    let (watermark, secret): (i64, String) = (row.get("wm")?, row.get("secret")?);
    let is_behind = witness.is_some_and(|witness| witness.has_seen_more_than(watermark));
    let is_modified = witness.is_some_and(Witness::is_modified);
    // An earlier version stored only the first part of the origin.
    let is_first =
        previous.is_empty() || previous != origin && is_origin_without_time(origin, &previous);
    let is_restored = is_behind || !is_first && (previous != origin || is_modified);
    let epoch = if is_restored { random_name() } else { known };
    if is_restored {
        tracing::warn!("this database is a restored copy: every client starts from the beginning");
    }
    let secret = if secret.is_empty() { new_secret() } else { secret };
    let params = [epoch.as_str().into(), origin.into(), secret.as_str().into()];
    tx.execute(SET_ORIGIN, &params).await?;
    let run = random_name();
    begin_run(tx, &run).await?;
    let instance = Instance::new(&epoch, &secret).with_clock(row.get("clock")?);
    instance.reset_watermarks(watermark, &run);
    Ok((instance, watermark))
}

/// Continues after the connection was lost. The database may now lack some of what was read from it before, and
/// another server may have begun a new epoch.
pub async fn resume(tx: &Tx) -> Result<(), DbError> {
    let newest_by_run = tx.instance.newest_by_run();
    let mut is_behind = false;
    for (run, watermark) in &newest_by_run {
        is_behind |= is_lost(tx, *watermark, run).await?;
    }
    if is_behind {
        begin(tx, random_name()).await?;
    } else {
        switch_to(tx, &epoch(tx).await?);
    }
    record_promotion(tx).await?;
    begin_run(tx, &random_name()).await
}

/// Forgets all watermarks seen before and continues from the database's current one, after [`resume`].
pub async fn reset_watermarks(tx: &Tx) -> Result<(), DbError> {
    let row = tx.one(STATE, &[]).await?;
    tx.instance.reset_watermarks(row.get("wm")?, &row.get::<String>("run")?);
    Ok(())
}

/// Records that a standby of the database was promoted, if it was. Returns the identity (`origin`) of the
/// database to which the writer is connected; `None` on SQLite. [`resume`], on a connection to the standby,
/// has checked whether anything was lost by the promotion.
pub async fn record_promotion(tx: &Tx) -> Result<Option<String>, DbError> {
    let Some(origin) = tx.origin().await? else { return Ok(None) };
    let previous: String = tx.one(ORIGIN, &[]).await?.get("origin")?;
    if postgres::is_promoted(&previous, &origin) {
        tracing::warn!("a standby of the database was promoted: continuing on it");
        tx.execute(SET_IDENTITY, &[origin.as_str().into()]).await?;
    }
    Ok(Some(origin))
}

/// Switches to `epoch`, which the database is in.
pub fn switch_to(tx: &Tx, epoch: &str) {
    let previous = tx.instance.epoch();
    if *previous != *epoch {
        tx.instance.set_epoch(epoch.into());
        tx.announce(Change::Epoch { previous });
    }
}

/// Returns the epoch that the database is in, which may differ from the one that this server knows.
pub async fn epoch(tx: &Tx) -> Result<String, DbError> {
    tx.one(STATE, &[]).await?.get("epoch")
}

/// Begins a new epoch in a database that no server has open.
pub async fn replace_epoch(tx: &Tx) -> Result<(), DbError> {
    tx.execute(SET_EPOCH, &[random_name().into()]).await.map(drop)
}

/// Returns a new key for proofs: 256 random bits, in hex.
fn new_secret() -> String {
    HEXLOWER.encode(&rand::random::<[u8; 32]>())
}

fn is_origin_without_time(origin: &str, previous: &str) -> bool {
    origin.strip_prefix(previous).is_some_and(|rest| rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::super::tx::in_memory;
    use super::*;
    use crate::core::expect_ready;

    /// Makes `count` commits in the database's current run.
    fn commit(tx: &Tx, count: usize) {
        for _ in 0..count {
            expect_ready(tx.execute("UPDATE instance SET wm = wm + 1", &[])).unwrap();
        }
        expect_ready(tx.watermark()).unwrap();
    }

    /// Returns whether a server that saw `lost` more commits than a promoted standby has begins a new epoch
    /// when it resumes there. Before that, another server writes `others` commits to the standby, and this
    /// one reads them.
    fn detects_loss(lost: usize, others: usize) -> bool {
        let tx = in_memory("epoch", None).unwrap();
        let previous = expect_ready(epoch(&tx)).unwrap();
        expect_ready(begin_run(&tx, "one")).unwrap();
        commit(&tx, 8);
        let standby = tx.image().unwrap();
        commit(&tx, lost);
        let mut promoted = in_memory("epoch", Some(&standby)).unwrap();
        expect_ready(begin_run(&promoted, "two")).unwrap();
        commit(&promoted, others);
        promoted.instance = tx.instance.clone();
        expect_ready(promoted.watermark()).unwrap();
        expect_ready(resume(&promoted)).unwrap();
        expect_ready(epoch(&promoted)).unwrap() != previous
    }

    #[test]
    fn lost_commits_are_noticed_after_a_promotion_whatever_others_have_written_since() {
        for lost in 1..4 {
            for others in 0..8 {
                assert!(detects_loss(lost, others), "{lost} lost, {others} written since");
            }
        }
        for others in 0..8 {
            assert!(!detects_loss(0, others), "nothing lost, {others} written since");
        }
    }
}
