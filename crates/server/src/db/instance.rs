//! Which state of the database this is, and how a client proves that there was a later one.
//!
//! With its heads the server hands out a proof: the watermark, the run in which it was, and a MAC under
//! a key that lies in the database. A client shows it with its next question. Where it is genuine and
//! tells of a watermark that this database never had, or had only in a run that was undone, the
//! database was put back: that begins a new epoch.

use super::{Change, DbError, Tx, Witness, lock, postgres};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

parlour_sqlite::statements! {
    ORIGIN = "SELECT epoch, origin, wm, secret, clock FROM instance WHERE only_row = 1";
    /// $1 epoch, $2 origin, $3 secret.
    SET_ORIGIN = "UPDATE instance SET epoch = $1, origin = $2, secret = $3 WHERE only_row = 1";
    /// $1 origin.
    MOVE = "UPDATE instance SET origin = $1 WHERE only_row = 1";
    /// $1 epoch.
    SET_EPOCH = "UPDATE instance SET epoch = $1 WHERE only_row = 1";
    STANDS = "SELECT epoch, wm, run FROM instance WHERE only_row = 1";
    LAST_RUN = "SELECT number FROM runs WHERE number > 0 ORDER BY number DESC LIMIT 1";
    /// $1 number, $2 name.
    INSERT_RUN = "INSERT INTO runs (number, name, wm)
        SELECT $1, $2, wm FROM instance WHERE only_row = 1";
    /// $1 name.
    SET_RUN = "UPDATE instance SET run = $1 WHERE only_row = 1";
    /// $1 number.
    FORGET_RUNS = "DELETE FROM runs WHERE number <= $1";
    /// $1 name.
    RUN = "SELECT number FROM runs WHERE name = $1";
    /// $1 number.
    NEXT_RUN = "SELECT wm FROM runs WHERE number > $1 ORDER BY number LIMIT 1";
    /// $1 time in milliseconds.
    SET_CLOCK = "UPDATE instance SET clock = $1 WHERE only_row = 1 AND clock < $1";
    /// $1 time, $2 the time that was set before.
    STOP_CLOCK = "UPDATE instance SET clock = $1 WHERE only_row = 1 AND clock = $2";
    RESET_CLOCK = "UPDATE instance SET clock = 0 WHERE only_row = 1";
}

/// Runs that are remembered.
const RUNS: i64 = 1000;
/// Longest proof that is read.
const PROOF_BYTES: usize = 256;

/// Runs of which a server remembers how far it saw them, since it was connected.
const SEEN: usize = 64;

/// What a server knows of the database that it has open.
pub(crate) struct Instance {
    epoch: RwLock<Arc<str>>,
    secret: String,
    /// The highest watermark of each run that was read or committed since the connection was made. One for
    /// all would not do: what is read from a promoted standby, where others write already, is higher than
    /// what it lacks, and would hide that.
    seen: Mutex<BTreeMap<String, i64>>,
    /// No time was given out before that is later than this.
    pub clock: i64,
}

impl Instance {
    /// A database in this epoch, with this key.
    pub fn new(epoch: &str, secret: &str) -> Self {
        let (epoch, seen) = (RwLock::new(epoch.into()), Mutex::default());
        Self { epoch, secret: secret.into(), seen, clock: 0 }
    }

    /// The epoch.
    pub fn epoch(&self) -> Arc<str> {
        self.epoch.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another one is true from here on.
    pub fn set_epoch(&self, epoch: Arc<str>) {
        *self.epoch.write().unwrap_or_else(PoisonError::into_inner) = epoch;
    }

    /// Takes a watermark that was read or committed, and the run in which it is. Of too many runs the one with
    /// the lowest watermark is forgotten.
    pub fn note(&self, wm: i64, run: &str) {
        let mut seen = lock(&self.seen);
        if let Some(highest) = seen.get_mut(run) {
            *highest = wm.max(*highest);
            return;
        }
        seen.insert(run.into(), wm);
        if seen.len() > SEEN
            && let Some(lowest) = seen.iter().min_by_key(|(_, wm)| **wm).map(|(run, _)| run.clone())
        {
            seen.remove(&lowest);
        }
    }

    /// Counts from here on, whatever was seen before.
    fn restart(&self, wm: i64, run: &str) {
        *lock(&self.seen) = BTreeMap::from([(run.into(), wm)]);
    }

    /// What vouches for a watermark of a run in this epoch.
    fn mac(&self, wm: i64, run: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes())
            .expect("a key of any length will do");
        mac.update(format!("parlour heads\n{}\n{run}\n{wm}", self.epoch()).as_bytes());
        mac
    }
}

/// Where the database stands: its watermark, and the proof of it.
pub async fn stands(tx: &Tx) -> Result<(i64, String), DbError> {
    let row = tx.one(STANDS, &[]).await?;
    let (wm, run): (i64, String) = (row.get("wm")?, row.get("run")?);
    tx.instance.note(wm, &run);
    let mac = hex(&tx.instance.mac(wm, &run).finalize().into_bytes());
    Ok((wm, format!("{wm}.{run}.{mac}")))
}

/// Whether a proof is genuine and tells of a state that this database does not have. What is no proof
/// tells nothing.
pub async fn is_rolled_back(tx: &Tx, proof: &str) -> Result<bool, DbError> {
    let mut parts = proof.split('.');
    let (Some(wm), Some(name), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(false);
    };
    let (Ok(seen), Some(mac)) = (wm.parse::<i64>(), unhex(mac)) else { return Ok(false) };
    let is_whole = proof.len() <= PROOF_BYTES && parts.next().is_none();
    if !is_whole || tx.instance.mac(seen, name).verify_slice(&mac).is_err() {
        return Ok(false);
    }
    is_undone(tx, seen, name).await
}

/// Whether a watermark that was seen in a run is not the database's past, although it is one of another past.
async fn is_undone(tx: &Tx, seen: i64, name: &str) -> Result<bool, DbError> {
    let row = tx.one(STANDS, &[]).await?;
    let (wm, run): (i64, String) = (row.get("wm")?, row.get("run")?);
    if seen > wm || run == name {
        return Ok(seen > wm);
    }
    // One that is not known was undone, unless it is too long ago to tell.
    let run = tx.optional(RUN, &[name.into()]).await?;
    let number: i64 = run.map_or(Ok(0), |row| row.get("number"))?;
    let next = tx.optional(NEXT_RUN, &[number.into()]).await?;
    let end: Option<i64> = next.map(|row| row.get("wm")).transpose()?;
    Ok(end.is_some_and(|end| seen > end))
}

/// Begins a new epoch in an open database; everybody hears of it once it is committed.
pub async fn begin_epoch(tx: &Tx, epoch: String) -> Result<(), DbError> {
    tracing::warn!("this database was put back to an earlier state: every client begins anew");
    tx.execute(SET_EPOCH, &[epoch.as_str().into()]).await?;
    let was = tx.instance.epoch();
    tx.instance.set_epoch(epoch.into());
    tx.announce(Change::Epoch { was });
    Ok(())
}

/// Notes that a server begins to work on the database.
pub async fn begin_run(tx: &Tx, name: &str) -> Result<(), DbError> {
    let last = tx.optional(LAST_RUN, &[]).await?;
    let number = last.map_or(Ok(0), |row| row.get::<i64>("number"))? + 1;
    tx.execute(INSERT_RUN, &[number.into(), name.into()]).await?;
    tx.execute(FORGET_RUNS, &[(number - RUNS).into()]).await?;
    tx.execute(SET_RUN, &[name.into()]).await.map(drop)
}

/// Begins to work on a database whose tables are there, in a transaction: in a new epoch where it is a
/// copy or was put back, for then it may be older than what its clients have seen. Answers what it is,
/// and its watermark.
pub async fn open(
    tx: &Tx,
    origin: &str,
    witness: Option<&Witness>,
) -> Result<(Instance, i64), DbError> {
    let row = tx.one(ORIGIN, &[]).await?;
    let (known, was): (String, String) = (row.get("epoch")?, row.get("origin")?);
    let (wm, secret): (i64, String) = (row.get("wm")?, row.get("secret")?);
    let is_behind = witness.is_some_and(|witness| witness.has_seen_more_than(wm));
    let is_touched = witness.is_some_and(Witness::is_touched);
    // An earlier version told less of where a file lies.
    let is_first = was.is_empty() || was != origin && is_of(origin, &was);
    let is_restored = is_behind || !is_first && (was != origin || is_touched);
    let epoch = if is_restored { random_name() } else { known };
    if is_restored {
        tracing::warn!("this database is a restored copy: every client begins anew");
    }
    let secret = if secret.is_empty() { hex(&rand::random::<[u8; 32]>()) } else { secret };
    let params = [epoch.as_str().into(), origin.into(), secret.as_str().into()];
    tx.execute(SET_ORIGIN, &params).await?;
    let run = random_name();
    begin_run(tx, &run).await?;
    let instance = Instance { clock: row.get("clock")?, ..Instance::new(&epoch, &secret) };
    instance.restart(wm, &run);
    Ok((instance, wm))
}

/// Goes on after the connection was lost: the database may not have all that was read from it, or another
/// server may have begun a new epoch.
pub async fn resume(tx: &Tx) -> Result<(), DbError> {
    let seen = lock(&tx.instance.seen).clone();
    let mut is_behind = false;
    for (run, wm) in &seen {
        is_behind |= is_undone(tx, *wm, run).await?;
    }
    if is_behind {
        begin_epoch(tx, random_name()).await?;
    } else {
        adopt(tx, &epoch(tx).await?);
    }
    follow(tx).await?;
    begin_run(tx, &random_name()).await
}

/// Counts from where the database is, once it was resumed.
pub async fn restart(tx: &Tx) -> Result<(), DbError> {
    let row = tx.one(STANDS, &[]).await?;
    tx.instance.restart(row.get("wm")?, &row.get::<String>("run")?);
    Ok(())
}

/// Goes on with a standby of the database that was promoted; answers where the database is now, on
/// PostgreSQL. What was lost thereby [`resume`] has found, on a connection to the promoted one.
pub async fn follow(tx: &Tx) -> Result<Option<String>, DbError> {
    let Some(origin) = tx.origin().await? else { return Ok(None) };
    let was: String = tx.one(ORIGIN, &[]).await?.get("origin")?;
    if postgres::is_promoted(&was, &origin) {
        tracing::warn!("a standby of the database was promoted: going on with it");
        tx.execute(MOVE, &[origin.as_str().into()]).await?;
    }
    Ok(Some(origin))
}

/// Takes the epoch that the database is in.
pub fn adopt(tx: &Tx, epoch: &str) {
    let was = tx.instance.epoch();
    if *was != *epoch {
        tx.instance.set_epoch(epoch.into());
        tx.announce(Change::Epoch { was });
    }
}

/// The epoch that the database is in, whichever this server takes for it.
pub async fn epoch(tx: &Tx) -> Result<String, DbError> {
    tx.one(STANDS, &[]).await?.get("epoch")
}

/// Notes that times up to this one, in milliseconds, may have been given out.
pub async fn set_clock(tx: &Tx, until: i64) -> Result<(), DbError> {
    tx.execute(SET_CLOCK, &[until.into()]).await.map(drop)
}

/// Notes the newest time that was given out, unless another server has set a later one than this one did.
pub async fn stop_clock(tx: &Tx, newest: i64, stored: i64) -> Result<(), DbError> {
    tx.execute(STOP_CLOCK, &[newest.into(), stored.into()]).await.map(drop)
}

/// Forgets which times were given out.
pub async fn reset_clock(tx: &Tx) -> Result<(), DbError> {
    tx.execute(RESET_CLOCK, &[]).await.map(drop)
}

/// Gives a database that nobody has open a new epoch.
pub async fn renew(tx: &Tx) -> Result<(), DbError> {
    tx.execute(SET_EPOCH, &[random_name().into()]).await.map(drop)
}

/// A name that nothing else has.
pub fn random_name() -> String {
    hex(&rand::random::<u64>().to_be_bytes())
}

fn is_of(origin: &str, was: &str) -> bool {
    origin.strip_prefix(was).is_some_and(|rest| rest.starts_with(':'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).ok();
    digits.filter(|digits| digits.len() % 2 == 0)?.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::super::in_memory;
    use super::*;
    use crate::core::at_once;

    /// Commits so often, in the run that the database is in.
    fn commit(tx: &Tx, many: usize) {
        for _ in 0..many {
            at_once(tx.execute("UPDATE instance SET wm = wm + 1", &[])).unwrap();
        }
        at_once(tx.wm()).unwrap();
    }

    /// What a server that saw `lost` more commits, which a promoted standby lacks, does after another server
    /// wrote `others` there, which it reads before it resumes.
    fn is_noticed(lost: usize, others: usize) -> bool {
        let tx = in_memory("epoch", None).unwrap();
        let was = at_once(epoch(&tx)).unwrap();
        at_once(begin_run(&tx, "one")).unwrap();
        commit(&tx, 8);
        let standby = tx.image().unwrap();
        commit(&tx, lost);
        let mut promoted = in_memory("epoch", Some(&standby)).unwrap();
        at_once(begin_run(&promoted, "two")).unwrap();
        commit(&promoted, others);
        promoted.instance = tx.instance.clone();
        at_once(promoted.wm()).unwrap();
        at_once(resume(&promoted)).unwrap();
        at_once(epoch(&promoted)).unwrap() != was
    }

    #[test]
    fn what_a_promotion_lost_is_noticed_however_far_others_have_written_since() {
        for lost in 1..4 {
            for others in 0..8 {
                assert!(is_noticed(lost, others), "{lost} lost, {others} written since");
            }
        }
        for others in 0..8 {
            assert!(!is_noticed(0, others), "nothing lost, {others} written since");
        }
    }

    #[test]
    fn only_so_many_runs_are_remembered_and_the_furthest_of_them() {
        let instance = Instance::new("epoch", "secret");
        for wm in 0..1000 {
            instance.note(wm, &format!("{wm}"));
        }
        instance.note(3, "999");
        let seen = lock(&instance.seen);
        assert_eq!((seen.len(), seen.values().min(), seen["999"]), (SEEN, Some(&936), 999));
    }
}
