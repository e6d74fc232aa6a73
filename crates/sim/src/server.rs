//! The servers: nodes with real hubs over one real core, as servers on one PostgreSQL are. Commits
//! are batched, slow, and lost with the node. A node announces its commits to its sockets, and as
//! hints to the other nodes.

mod reads;
mod sockets;

use crate::bugs::Bug;
use crate::ids::make_id;
use parlour_protocol::{
    Action, ConversationId, Digest, ErrorClass, Millis, Op, OpDone, OpId, Page, Row, StreamId,
    UserId,
};
use parlour_server::core::{Core, CoreResult};
use parlour_server::hub::{Hub, Subscriber};
use parlour_server::{Change, Hint};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

/// Rows in a page of changes, messages in a bootstrap and in a page of history: small, so that every limit
/// is reached often.
const PAGE: i64 = 6;
const NEWEST: i64 = 4;
const HISTORY: i64 = 5;

/// The largest response that a device reads, in bytes: less than a page of the longest messages of a
/// run.
const READ_BYTES: usize = 110_000;

/// The server's version of a part of a mirror: its digest, and its rows.
pub type Compared = (Digest, Vec<Row>);

/// An op that waits for a node's commit.
pub struct SubmittedOp {
    /// The device that sent it.
    pub client: usize,
    /// The number of the device's request.
    pub number: u64,
    /// The user.
    pub user: UserId,
    /// The op.
    pub op: Op,
    /// The epoch in which it was sent.
    pub epoch: String,
}

/// One server.
pub struct Node {
    hub: Arc<Hub>,
    hints: UnboundedReceiver<Hint>,
    /// The sockets, by device.
    subscribers: BTreeMap<usize, Subscriber>,
    /// The ops that wait for the next commit.
    pub waiting: Vec<SubmittedOp>,
    /// Whether it is running.
    pub is_up: bool,
}

impl Node {
    fn new() -> Self {
        let (bus, hints) = unbounded_channel();
        let hub = Arc::new(Hub::with_bus(bus));
        Self { hub, hints, subscribers: BTreeMap::new(), waiting: Vec::new(), is_up: true }
    }
}

/// All servers.
pub struct Servers {
    /// The database, with the server's core.
    pub core: Core,
    /// The servers.
    pub nodes: Vec<Node>,
    /// The simulated users.
    pub users: Vec<UserId>,
    /// A backup: an image, and its watermark.
    pub backup: Option<(Vec<u8>, i64)>,
    /// Whether a backup was restored so that only clients can detect it.
    pub was_restored_undetected: bool,
    /// Whether a backup was restored.
    pub was_restored: bool,
    /// Whether a message was lost: it gets another position when it is sent again.
    pub has_lost: bool,
    epochs: u64,
    runs: u64,
    started_at: Instant,
    renamed: u64,
    /// Streams of devices whose cursor is too old to continue from.
    pub too_old: BTreeSet<(usize, StreamId)>,
    /// Groups that were deleted from the devices of removed members, now or before a restore.
    pub purging: BTreeSet<ConversationId>,
    /// The ops that were refused.
    pub refused: BTreeSet<OpId>,
    /// The ops that were done, with the user who sent each.
    pub done: Vec<(UserId, Op)>,
    /// The first response to each op, for a bug that repeats it.
    first: BTreeMap<OpId, OpDone>,
    /// The previous response for each device and stream, for bugs that mix two points in time.
    stale: BTreeMap<(usize, StreamId), Page>,
    bug: Option<Bug>,
}

impl Servers {
    /// Creates `nodes` servers on an empty database.
    pub fn new(nodes: usize, bug: Option<Bug>) -> Self {
        Self {
            core: Core::new("1", None),
            nodes: (0..nodes).map(|_| Node::new()).collect(),
            users: Vec::new(),
            backup: None,
            was_restored_undetected: false,
            was_restored: false,
            has_lost: false,
            epochs: 1,
            runs: 0,
            started_at: Instant::now(),
            renamed: 0,
            too_old: BTreeSet::new(),
            purging: BTreeSet::new(),
            refused: BTreeSet::new(),
            done: Vec::new(),
            first: BTreeMap::new(),
            stale: BTreeMap::new(),
            bug,
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn instant(&self, now: i64) -> Instant {
        self.started_at + Duration::from_millis(u64::try_from(now).unwrap_or(0))
    }

    /// Crashes a node, which loses its sockets and the ops that wait for a commit. Returns both.
    pub fn crash(&mut self, node: usize) -> (Vec<usize>, Vec<SubmittedOp>) {
        let crashed = std::mem::replace(&mut self.nodes[node], Node::new());
        self.nodes[node].is_up = false;
        (crashed.subscribers.into_keys().collect(), crashed.waiting)
    }

    /// Takes a backup, to be restored later.
    pub fn back_up(&mut self) {
        self.backup = Some((self.core.image(), self.core.watermark()));
    }

    /// Restores the backup, if there is one; returns whether there was. Every node must be down. If
    /// `is_detected` is false, the server cannot distinguish this from an ordinary start, and clients have
    /// to prove it.
    pub fn restore(&mut self, is_detected: bool) -> bool {
        let Some((image, _)) = self.backup.take() else { return false };
        self.was_restored_undetected |= !is_detected;
        self.was_restored = true;
        if is_detected && !self.has(Bug::EpochNotChanged) {
            self.epochs += 1;
        }
        self.core = Core::new(&self.epochs.to_string(), Some(&image));
        self.done.clear();
        self.first.clear();
        self.runs += 1;
        self.core.begin_run(&self.runs.to_string());
        true
    }

    /// Continues with the current data in a new epoch, so that earlier cursors of devices are invalid.
    pub fn start_new_epoch(&mut self) {
        self.epochs += 1;
        let image = self.core.image();
        self.core = Core::new(&self.epochs.to_string(), Some(&image));
    }

    /// Commits the ops that wait at a node. Returns the responses, and the changes to announce.
    pub fn commit(
        &mut self,
        node: usize,
        now: i64,
    ) -> (Vec<(SubmittedOp, CoreResult<OpDone>)>, Vec<Change>) {
        let pending = std::mem::take(&mut self.nodes[node].waiting);
        let has_bug = |bug| self.bug == Some(bug);
        let ops: Vec<(UserId, Op, Option<String>)> = pending
            .iter()
            .map(|pending| {
                let mut op = pending.op.clone();
                if has_bug(Bug::RetryIsNew) {
                    self.renamed += 1;
                    op.id.0 = make_id(7, self.renamed);
                }
                (pending.user, op, Some(pending.epoch.clone()))
            })
            .collect();
        let (mut answers, changes) = self.core.apply(&ops, Millis(now));
        for ((user, op, _), response) in ops.iter().zip(&mut answers) {
            self.record_done(*user, op, response);
        }
        for (pending, response) in pending.iter().zip(&answers) {
            if response.as_ref().is_err_and(|error| error.code.class() == ErrorClass::Refused) {
                self.refused.insert(pending.op.id);
            }
        }
        if self.has(Bug::HardDelete) {
            for (_, op, _) in &ops {
                if let Action::Delete { message_id } = op.action {
                    self.core.damage(&format!("DELETE FROM messages WHERE id = '{message_id}'"));
                }
            }
            return (pending.into_iter().zip(answers).collect(), Vec::new());
        }
        (pending.into_iter().zip(answers).collect(), changes)
    }

    /// Performs an op of a user who is not simulated: at once, at a node that is up.
    pub fn act(&mut self, user: UserId, op: Op, now: i64) -> CoreResult<OpDone> {
        let (mut answers, changes) = self.core.apply(&[(user, op.clone(), None)], Millis(now));
        if let Some(node) = self.nodes.iter().position(|node| node.is_up) {
            self.publish(node, changes);
        }
        let mut response = answers.remove(0);
        self.record_done(user, &op, &mut response);
        response
    }

    fn record_done(&mut self, user: UserId, op: &Op, response: &mut CoreResult<OpDone>) {
        let Ok(done) = response else { return };
        // A draft may be replayed as often as the attacker likes, and would then replace newer text.
        let is_draft = matches!(op.action, Action::Draft { .. });
        if !is_draft && !self.done.iter().any(|(_, known)| known.id == op.id) {
            self.done.push((user, op.clone()));
        }
        if self.has(Bug::RetryGetsFirstResponse) {
            *done = self.first.entry(op.id).or_insert_with(|| done.clone()).clone();
        }
    }

    /// Tries to create a group with the id of two users' conversation.
    pub fn claim_pair_id(&mut self, attacker: UserId, pair: ConversationId, n: u64, now: i64) {
        let op = |id, conversation_id| Op {
            id: OpId(make_id(id, n)),
            conversation_id,
            action: Action::create_group("somebody", Vec::new()),
        };
        let _ = self.act(attacker, op(12, pair), now);
        let there = format!("SELECT count(*) AS number FROM conversations WHERE id = '{pair}'");
        if !self.has(Bug::GroupWithPairId) || self.core.number(&there) > 0 {
            return;
        }
        let group = ConversationId(make_id(14, n));
        let _ = self.core.apply(&[(attacker, op(13, group), None)], Millis(now));
        for sql in [
            format!(
                "INSERT INTO conversations (id, type, created_by, created_at, title, member_count)
                 SELECT '{pair}', type, created_by, created_at, title, member_count
                 FROM conversations WHERE id = '{group}'"
            ),
            format!(
                "UPDATE conversation_members SET conversation_id = '{pair}'
                 WHERE conversation_id = '{group}'"
            ),
            format!("UPDATE streams SET id = '{pair}' WHERE id = '{group}'"),
            format!("DELETE FROM conversations WHERE id = '{group}'"),
        ] {
            self.core.damage(&sql);
        }
    }

    /// Revokes all sessions of a user except those of their devices, as an earlier version of the
    /// server did: many rows in one change.
    pub fn end_sessions(&mut self, user: UserId, n: u64) {
        let account = format!("kind = 'account' AND id = '{user}'");
        self.core.damage("UPDATE instance SET wm = wm + 1");
        self.core.damage(&format!(
            "INSERT INTO streams (kind, id, head, wm) SELECT 'account', '{user}', 1, wm FROM instance
             WHERE true ON CONFLICT (kind, id) DO UPDATE SET head = head + 1, wm = excluded.wm"
        ));
        for session in 0..PAGE + 3 {
            self.core.damage(&format!(
                "INSERT INTO sessions (id, user_id, token, expires_at, revoked_at, changed_seq)
                 SELECT '{}', '{user}', 'token {n} {session}', '2030-01-01T00:00:00.000Z',
                    '2020-01-01T00:00:00.000Z', head FROM streams WHERE {account}",
                Uuid::from_u64_pair(0x0199_eeee_0000_7000 + n, session.unsigned_abs())
            ));
        }
    }
}
