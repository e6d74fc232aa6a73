//! The server's core without sockets, threads, a clock or a disk: a call takes a request and returns the
//! response and the changes to announce. The simulation drives it; everything below it is the code that the
//! server runs.

use crate::db::{Change, Job, Tx, commit, epochs, in_memory, job};
use crate::error::ApiError;
use crate::hub::Hub;
use crate::ops::{self, QueuedMessage, Submission};
use crate::queries::members::{self, Member};
use crate::queries::users;
use crate::reads::{self, Cursor, HistoryRange, PageLimits};
use crate::{epoch, lookups};
use futures_util::FutureExt;
use parlour_protocol::{
    Action, Bootstrap, ConversationId, Digest, ErrorBody, Heads, History, MemberRow, MembershipRow,
    Millis, Op, OpDone, Page, Pull, Pulled, Seq, StreamId, UserId, UserRole,
};
use tokio::sync::oneshot;

/// A server's state, in memory.
pub struct Core {
    tx: Tx,
}

/// A response, or the error that the request was refused with.
pub type CoreResult<T> = Result<T, ErrorBody>;

impl Core {
    /// Creates an empty server with this epoch, or one with the content of `image` (see [`Self::image`]).
    ///
    /// # Panics
    /// Panics if there is not enough memory, or if `image` is not a database image.
    pub fn new(epoch: &str, image: Option<&[u8]>) -> Self {
        Self { tx: in_memory(epoch, image).expect("a database in memory") }
    }

    /// Returns an image of the whole database.
    ///
    /// # Panics
    /// Panics if there is not enough memory.
    pub fn image(&self) -> Vec<u8> {
        self.tx.image().expect("an image of memory")
    }

    /// Returns the current epoch.
    pub fn epoch(&self) -> String {
        self.tx.epoch()
    }

    /// Begins a run, as a server does when it starts. No two starts may use the same name for `run`.
    ///
    /// # Panics
    /// Panics if the database in memory fails.
    pub fn begin_run(&self, run: &str) {
        expect_ready(epochs::begin_run(&self.tx, run)).expect("a database in memory");
    }

    /// Begins `epoch` if the proof shows that the database was restored to an earlier state. Returns the
    /// changes to announce.
    pub fn begin_epoch_if(&mut self, proof: &str, epoch: &str) -> Vec<Change> {
        let (proof, epoch) = (proof.to_owned(), epoch.to_owned());
        let (result_sender, result) = oneshot::channel();
        let body = job(
            move |tx| Box::pin(async move { epoch::begin_if_restored(tx, &proof, epoch).await }),
            result_sender,
        );
        self.commit(vec![body], vec![result]).1
    }

    /// Adds a user with the role of a member, who has no usable password. Returns the changes to announce.
    pub fn add_user(&mut self, id: UserId, name: &str, now: Millis) -> Vec<Change> {
        let name = name.to_owned();
        let (result_sender, result) = oneshot::channel();
        let insert = job(
            move |tx| {
                Box::pin(async move {
                    Ok(users::insert(tx, id, &name, "*", UserRole::Member, now).await?)
                })
            },
            result_sender,
        );
        let (receivers, changes) = self.commit(vec![insert], vec![result]);
        assert!(receivers.iter().all(Result::is_ok), "{receivers:?}");
        changes
    }

    /// Applies ops in one commit, each with the epoch that the client sent along, if any. Returns the
    /// result of each op, and the changes to announce.
    pub fn apply(
        &mut self,
        ops: &[(UserId, Op, Option<String>)],
        now: Millis,
    ) -> (Vec<CoreResult<OpDone>>, Vec<Change>) {
        let (mut jobs, mut receivers, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for (caller, op, epoch) in ops.iter().cloned() {
            let (result_sender, result) = oneshot::channel();
            receivers.push(result);
            let is_message = matches!(op.action, Action::Send { .. });
            let submission = Submission { caller, op, epoch, now };
            if is_message {
                messages.push(QueuedMessage { submission, result_sender });
                continue;
            }
            jobs.push(job(
                move |tx| Box::pin(async move { ops::apply(tx, &submission).await }),
                result_sender,
            ));
        }
        if !messages.is_empty() {
            jobs.push(ops::batch(move || messages));
        }
        self.commit(jobs, receivers)
    }

    fn commit<T>(
        &mut self,
        jobs: Vec<Job>,
        receivers: Vec<Receiver<T>>,
    ) -> (Vec<CoreResult<T>>, Vec<Change>) {
        let mut committed = expect_ready(commit(&mut self.tx, jobs.into_iter()));
        let changes = std::mem::take(&mut committed.changes);
        committed.finish();
        let receive = |mut receiver: Receiver<T>| {
            receiver.try_recv().unwrap_or_else(|_| Err(ApiError::retry())).map_err(Into::into)
        };
        (receivers.into_iter().map(receive).collect(), changes)
    }

    /// See [`reads::heads`].
    pub fn heads(&self, caller: UserId, since: i64) -> CoreResult<Heads> {
        Ok(expect_ready(reads::heads(&self.tx, caller, since))?)
    }

    /// See [`reads::changes`].
    pub fn changes(&self, caller: UserId, cursor: &Cursor, limit: i64) -> CoreResult<Page> {
        Ok(expect_ready(reads::changes(
            &self.tx,
            caller,
            cursor,
            PageLimits::requested(limit, None),
        ))?)
    }

    /// See [`reads::pull`].
    pub fn pull(
        &self,
        caller: UserId,
        request: &Pull,
        limit: i64,
        newest: i64,
    ) -> CoreResult<Pulled> {
        Ok(expect_ready(reads::pull(&self.tx, caller, request, limit, newest))?)
    }

    /// See [`reads::bootstrap`].
    pub fn bootstrap(
        &self,
        caller: UserId,
        id: ConversationId,
        newest: i64,
    ) -> CoreResult<Bootstrap> {
        Ok(expect_ready(reads::bootstrap(
            &self.tx,
            caller,
            id,
            PageLimits::requested(newest, None),
        ))?)
    }

    /// See [`reads::history`].
    pub fn history(&self, caller: UserId, request: &HistoryRange) -> CoreResult<History> {
        Ok(expect_ready(reads::history(&self.tx, caller, request))?)
    }

    /// See [`reads::digest`].
    pub fn digest(&self, caller: UserId, request: &HistoryRange, low: i64) -> CoreResult<Digest> {
        Ok(expect_ready(reads::digest(&self.tx, caller, request, low))?)
    }

    /// See [`reads::state_digest`].
    pub fn state_digest(
        &self,
        caller: UserId,
        stream: StreamId,
        at: (&str, i64),
    ) -> CoreResult<Digest> {
        Ok(expect_ready(reads::state_digest(&self.tx, caller, stream, at))?)
    }

    /// See [`reads::state`].
    pub fn state(&self, caller: UserId, stream: StreamId, at: (&str, i64)) -> CoreResult<Page> {
        Ok(expect_ready(reads::state(&self.tx, caller, stream, at))?)
    }

    /// See [`reads::state_after`].
    pub fn state_after(
        &self,
        caller: UserId,
        at: &Cursor,
        page_limits: PageLimits,
    ) -> CoreResult<Page> {
        Ok(expect_ready(reads::state_after(&self.tx, caller, at, page_limits))?)
    }

    /// Returns a member of a conversation, including one who has left.
    ///
    /// # Panics
    /// Panics if the database in memory fails.
    pub fn member(&self, user: UserId, id: ConversationId) -> Option<(MemberRow, MembershipRow)> {
        let member = expect_ready(members::find(&self.tx, id, user)).expect("a member or none");
        member.map(|Member { row, membership, .. }| (row, membership))
    }

    /// Executes a statement that bypasses the server's own code, to damage the data.
    ///
    /// # Panics
    /// Panics if the statement fails.
    pub fn damage(&self, sql: &str) {
        expect_ready(self.tx.execute(sql, &[])).expect("a statement");
    }

    /// Returns the column `number` of the first row that a query returns.
    ///
    /// # Panics
    /// Panics if the query fails or returns no such number.
    pub fn number(&self, sql: &str) -> i64 {
        expect_ready(self.tx.one(sql, &[])).and_then(|row| row.get("number")).expect("a number")
    }

    /// See [`lookups::lost_access`]. Returns an empty list if the database fails.
    pub fn lost_access(&self, now: Millis) -> Vec<UserId> {
        expect_ready(lookups::lost_access(&self.tx, now)).unwrap_or_default()
    }

    /// Looks up in the database what other servers' hints require, and applies the results to the hub.
    ///
    /// # Panics
    /// Panics if the database in memory fails.
    pub fn apply_lookups(&self, hub: &Hub) {
        let future = lookups::apply_lookups(&self.tx, hub, hub.take_lookups());
        expect_ready(future).expect("a database in memory");
    }

    /// Returns the newest watermark, which heartbeats contain.
    ///
    /// # Panics
    /// Panics if the database in memory fails.
    pub fn watermark(&self) -> i64 {
        expect_ready(self.tx.watermark()).expect("a watermark")
    }

    /// Returns the conversations that a user is a member of, with the first message that the user may see
    /// in each. The user's sockets follow these.
    ///
    /// # Panics
    /// Panics if the database in memory fails.
    pub fn conversations_of(&self, user: UserId) -> Vec<(ConversationId, Seq)> {
        expect_ready(members::conversations_of(&self.tx, user)).expect("memberships")
    }
}

type Receiver<T> = oneshot::Receiver<Result<T, ApiError>>;

/// Returns the result of a future that never has to wait, which is true of everything on SQLite.
pub(crate) fn expect_ready<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("SQLite never has to wait")
}
