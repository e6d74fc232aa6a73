//! The servers: nodes with real hubs over one real core, as servers on one PostgreSQL are. Commits
//! are batched, slow, and lost with the node; what a node announces goes to its sockets, and as hints
//! to the other nodes.

use crate::bugs::Bug;
use crate::client::Compared;
use crate::people::made;
use parlour_client::verify::Part;
use parlour_protocol::{
    Action, ConversationId, ErrorBody, ErrorClass, ErrorCode, Frame, Heads, History, Millis, Op,
    OpDone, OpId, Page, Pull, PullStream, PulledStream, Row, Seq, SessionId, StreamId, UserId,
    limits, row_bytes,
};
use parlour_server::core::{Answer, Core};
use parlour_server::hub::{Hub, Next, Subscriber};
use parlour_server::{Change, Hint, HistoryRange, PageLimits};
use parlour_store::StreamCursor;
use parlour_sync::{Effect, Fetch, FetchKind, Input};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

/// Rows in a page of changes, messages in a bootstrap and in a page of history: so few that every
/// edge is met often.
const PAGE: i64 = 6;
const NEWEST: i64 = 4;
const HISTORY: i64 = 5;

/// The largest answer that a device reads: less than a page of the longest messages of a run.
const READ_BYTES: usize = 110_000;

/// An op on its way through a node: whose, and whom to answer.
pub struct Asked {
    /// Which device.
    pub client: usize,
    /// Which of its lives.
    pub life: u64,
    /// Whose.
    pub user: UserId,
    /// What.
    pub op: Op,
    /// In which epoch.
    pub epoch: String,
}

/// One server.
pub struct Node {
    hub: Arc<Hub>,
    hints: UnboundedReceiver<Hint>,
    /// The sockets, by device.
    subscribers: BTreeMap<usize, Subscriber>,
    /// What waits for the next commit.
    pub waiting: Vec<Asked>,
    /// Whether it runs.
    pub is_up: bool,
}

impl Node {
    fn new() -> Self {
        let (bus, hints) = unbounded_channel();
        let hub = Arc::new(Hub::with_bus(bus));
        Self { hub, hints, subscribers: BTreeMap::new(), waiting: Vec::new(), is_up: true }
    }
}

/// All of them.
pub struct Servers {
    /// The database, with what is done to it.
    pub core: Core,
    /// The servers.
    pub nodes: Vec<Node>,
    /// Everybody.
    pub users: Vec<UserId>,
    /// A backup: an image, and its watermark.
    pub backup: Option<(Vec<u8>, i64)>,
    /// Whether a backup was restored that nobody but the clients could notice.
    pub was_deceived: bool,
    /// Whether a message was lost: it has another place once it is offered again.
    pub has_lost: bool,
    epochs: u64,
    runs: u64,
    began: Instant,
    renamed: u64,
    /// Where a device's cursor is too old to go on from.
    pub too_old: BTreeSet<(usize, StreamId)>,
    /// Groups that let whoever is removed keep nothing, now or before a restore.
    pub purging: BTreeSet<ConversationId>,
    /// What was refused for good.
    pub refused: BTreeSet<OpId>,
    /// What was done, and by whom.
    pub done: Vec<(UserId, Op)>,
    /// What each was answered first, for a bug that says it again.
    first: BTreeMap<OpId, OpDone>,
    /// An answer from before, for bugs that read at two times.
    stale: BTreeMap<(usize, StreamId), Page>,
    bug: Option<Bug>,
}

impl Servers {
    /// So many, on an empty database.
    pub fn new(nodes: usize, bug: Option<Bug>) -> Self {
        Self {
            core: Core::new("1", None),
            nodes: (0..nodes).map(|_| Node::new()).collect(),
            users: Vec::new(),
            backup: None,
            was_deceived: false,
            has_lost: false,
            epochs: 1,
            runs: 0,
            began: Instant::now(),
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

    fn at(&self, now: i64) -> Instant {
        self.began + Duration::from_millis(u64::try_from(now).unwrap_or(0))
    }

    /// Ends a node as a crash does. Its sockets are gone, and what waited for a commit.
    pub fn crash(&mut self, node: usize) -> (Vec<usize>, Vec<Asked>) {
        let had = std::mem::replace(&mut self.nodes[node], Node::new());
        self.nodes[node].is_up = false;
        (had.subscribers.into_keys().collect(), had.waiting)
    }

    /// Keeps what is there now, to be restored later.
    pub fn back_up(&mut self) {
        self.backup = Some((self.core.image(), self.core.wm()));
    }

    /// Puts the backup in place. Every node must be down.
    /// Where the server cannot tell that from a mere start, clients have to prove it.
    pub fn restore(&mut self, is_noticed: bool) -> bool {
        let Some((image, _)) = self.backup.take() else { return false };
        self.was_deceived |= !is_noticed;
        if is_noticed && !self.has(Bug::EpochKept) {
            self.epochs += 1;
        }
        self.core = Core::new(&self.epochs.to_string(), Some(&image));
        self.done.clear();
        self.first.clear();
        self.runs += 1;
        self.core.begin_run(&self.runs.to_string());
        true
    }

    /// Goes on with what there is, in a new epoch: what the devices were told before does not count.
    pub fn begin_anew(&mut self) {
        self.epochs += 1;
        let image = self.core.image();
        self.core = Core::new(&self.epochs.to_string(), Some(&image));
    }

    /// Lets a device's socket in.
    pub fn enter(&mut self, node: usize, client: usize, user: UserId) -> Frame {
        let session = SessionId(Uuid::from_u128(client as u128 + 1));
        let subscriber = self.nodes[node].hub.enter(user, session);
        let own = self.core.conversations_of(user).into_iter();
        let streams: Vec<(StreamId, Seq)> =
            own.map(|(id, first)| (StreamId::Conversation(id), first)).collect();
        let version = self.nodes[node].hub.membership_version(user);
        self.nodes[node].hub.follow(&subscriber, &streams, version);
        self.nodes[node].subscribers.insert(client, subscriber);
        Frame::Hello { epoch: self.core.epoch(), heartbeat_ms: 20_000 }
    }

    /// Forgets a device's socket.
    pub fn leave(&mut self, client: usize) {
        for node in &mut self.nodes {
            node.subscribers.remove(&client);
        }
    }

    /// What waits on the sockets: for which device, and the frame, or the end of the socket.
    pub fn frames(&mut self) -> Vec<(usize, Option<Frame>)> {
        let mut frames = Vec::new();
        for node in self.nodes.iter_mut().filter(|node| node.is_up) {
            let mut ended = Vec::new();
            for (client, subscriber) in &node.subscribers {
                while let Some(next) = subscriber.outbound.take() {
                    let (Next::Send(json) | Next::Close(json)) = &next;
                    let frame = serde_json::from_str(json).expect("our own frame");
                    if let Next::Close(_) = next {
                        frames.push((*client, None));
                        ended.push(*client);
                        break;
                    }
                    frames.push((*client, Some(frame)));
                }
            }
            node.subscribers.retain(|client, _| !ended.contains(client));
        }
        frames
    }

    /// What the nodes want to tell each other.
    pub fn hints(&mut self) -> Vec<(usize, Vec<Hint>)> {
        let mut told = Vec::new();
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let mut hints = Vec::new();
            while let Ok(hint) = node.hints.try_recv() {
                hints.push(hint);
            }
            if !hints.is_empty() && node.is_up {
                told.push((number, hints));
            }
        }
        told
    }

    /// Lets a node hear another one.
    pub fn hear(&mut self, node: usize, from: usize, mut hints: Vec<Hint>, now: i64) {
        if self.has(Bug::PushedToTheRemoved) {
            hints.retain(|hint| !matches!(hint, Hint::Access(_)));
        }
        if self.nodes[node].is_up {
            self.nodes[node].hub.hear(from as u64, hints, self.at(now));
            self.core.settle(&self.nodes[node].hub);
        }
    }

    /// Lets a node hear hints of somebody who is no server: that people joined a conversation, that it
    /// moved, that they write there.
    pub fn forge(&mut self, node: usize, (user, id): (UserId, ConversationId), now: i64) {
        let stream = StreamId::Conversation(id);
        let forged = [Hint::Access(user), Hint::Moved(stream), Hint::Typing(id, user)];
        let people = [Hint::Came(user), Hint::Went(user), Hint::Hello];
        self.hear(node, 99, forged.into_iter().chain(people).collect(), now);
        if self.has(Bug::HintBelieved) {
            let node = &self.nodes[node];
            let version = node.hub.membership_version(user);
            for subscriber in node.subscribers.values() {
                node.hub.follow(subscriber, &[(stream, Seq(1))], version);
            }
        }
    }

    /// Lets the nodes look for what they were not told.
    pub fn look_again(&mut self, now: i64) {
        if self.has(Bug::PushedToTheRemoved) {
            return;
        }
        let lost = self.core.lost_access(Millis(now));
        for node in self.nodes.iter().filter(|node| node.is_up) {
            node.hub.recheck(lost.clone());
            self.core.settle(&node.hub);
        }
    }

    /// What a node does from time to time.
    pub fn tick(&mut self, now: i64) {
        let at = self.at(now);
        self.nodes.iter().filter(|node| node.is_up).for_each(|node| node.hub.tick(at));
    }

    /// The devices whose sockets get a heartbeat, and the heartbeat.
    pub fn heartbeat(&self) -> (Vec<usize>, Frame) {
        let up = self.nodes.iter().filter(|node| node.is_up);
        (
            up.flat_map(|node| node.subscribers.keys().copied()).collect(),
            Frame::Heartbeat { wm: self.core.wm() },
        )
    }

    /// Commits what waits at a node; the answers, and what is to be announced.
    pub fn commit(&mut self, node: usize, now: i64) -> (Vec<(Asked, Answer<OpDone>)>, Vec<Change>) {
        let asked = std::mem::take(&mut self.nodes[node].waiting);
        let has_bug = |bug| self.bug == Some(bug);
        let ops: Vec<(UserId, Op, Option<String>)> = asked
            .iter()
            .map(|asked| {
                let mut op = asked.op.clone();
                if has_bug(Bug::RetryIsNew) {
                    self.renamed += 1;
                    op.id.0 = made(7, self.renamed);
                }
                (asked.user, op, Some(asked.epoch.clone()))
            })
            .collect();
        let (mut answers, changes) = self.core.apply(&ops, Millis(now));
        for ((user, op, _), answer) in ops.iter().zip(&mut answers) {
            self.remember(*user, op, answer);
        }
        for (asked, answer) in asked.iter().zip(&answers) {
            if answer.as_ref().is_err_and(|error| error.code.class() == ErrorClass::Refused) {
                self.refused.insert(asked.op.id);
            }
        }
        if self.has(Bug::HardDelete) {
            for (_, op, _) in &ops {
                if let Action::Delete { message_id } = op.action {
                    self.core.damage(&format!("DELETE FROM messages WHERE id = '{message_id}'"));
                }
            }
            return (asked.into_iter().zip(answers).collect(), Vec::new());
        }
        (asked.into_iter().zip(answers).collect(), changes)
    }

    /// Announces at a node what it committed.
    pub fn publish(&mut self, node: usize, mut changes: Vec<Change>) {
        if self.has(Bug::PushedToTheRemoved) {
            changes.retain(|change| !matches!(change, Change::Left(..)));
        }
        if self.nodes[node].is_up {
            self.nodes[node].hub.publish(changes);
        }
    }

    /// Does an op as somebody who is not simulated would: at once, at a node that is up.
    pub fn act(&mut self, user: UserId, op: Op, now: i64) -> Answer<OpDone> {
        let (mut answers, changes) = self.core.apply(&[(user, op.clone(), None)], Millis(now));
        if let Some(node) = self.nodes.iter().position(|node| node.is_up) {
            self.publish(node, changes);
        }
        let mut answer = answers.remove(0);
        self.remember(user, &op, &mut answer);
        answer
    }

    fn remember(&mut self, user: UserId, op: &Op, answer: &mut Answer<OpDone>) {
        let Ok(done) = answer else { return };
        // A draft may be said as often as one likes, and would then come after what was written since.
        let is_draft = matches!(op.action, Action::Draft { .. });
        if !is_draft && !self.done.iter().any(|(_, known)| known.id == op.id) {
            self.done.push((user, op.clone()));
        }
        if self.has(Bug::AnswersAsBefore) {
            *done = self.first.entry(op.id).or_insert_with(|| done.clone()).clone();
        }
    }

    /// Lets somebody try to make a group in the place of two people's conversation.
    pub fn squat(&mut self, thief: UserId, pair: ConversationId, n: u64, now: i64) {
        let op = |id, conversation_id| Op {
            id: OpId(made(id, n)),
            conversation_id,
            action: Action::create_group("somebody", Vec::new()),
        };
        let _ = self.act(thief, op(12, pair), now);
        let there = format!("SELECT count(*) AS number FROM conversations WHERE id = '{pair}'");
        if !self.has(Bug::GroupTakesPairsId) || self.core.number(&there) > 0 {
            return;
        }
        let group = ConversationId(made(14, n));
        let _ = self.core.apply(&[(thief, op(13, group), None)], Millis(now));
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

    /// Whoever sees most of a conversation.
    fn oldest_member(&self, user: UserId, stream: StreamId) -> UserId {
        let StreamId::Conversation(id) = stream else { return user };
        let sees = |other: &UserId| match self.core.member(*other, id) {
            Some((member, place)) if member.left_at.is_none() => place.visible_from,
            _ => i64::MAX,
        };
        self.users.iter().copied().min_by_key(sees).unwrap_or(user)
    }

    /// Answers what a device asks.
    pub fn answer(
        &mut self,
        (client, user): (usize, UserId),
        asked: &Effect,
        (epoch, proof): (&str, &str),
    ) -> Input {
        match asked {
            Effect::FetchHeads { wm } => {
                self.hear_proof(proof);
                Input::Heads(*wm, self.heads(user, *wm))
            }
            Effect::Pull(fetches) => {
                // An answer may be full before the end.
                let most = 1 + usize::try_from(self.core.wm()).unwrap_or(0) % 5;
                let answers = fetches
                    .iter()
                    .take(most)
                    .map(|fetch| self.pull_one(client, user, *fetch, epoch))
                    .collect::<Vec<_>>();
                Input::Pulled(fetches.clone(), readable(answers))
            }
            Effect::FetchHistory(fetch) => {
                let (user, fetch) = self.as_asked(user, *fetch);
                let history = self.history(user, &fetch, epoch);
                let rows = history.as_ref().map_or(&[][..], |history| &history.rows);
                if rows.iter().map(row_bytes).sum::<usize>() > READ_BYTES {
                    return Input::History(fetch, Err(no_answer(ErrorCode::AnswerTooLarge)));
                }
                Input::History(fetch, history)
            }
            _ => Input::Woke,
        }
    }

    /// Begins a new epoch if a device proves that the server was put back.
    fn hear_proof(&mut self, proof: &str) {
        if self.has(Bug::EpochKept) || self.has(Bug::RestoreUnnoticed) {
            return;
        }
        let changes = self.core.begin_epoch_if(proof, &(self.epochs + 1).to_string());
        if !changes.is_empty() {
            self.epochs += 1;
            for node in self.nodes.iter().filter(|node| node.is_up) {
                node.hub.publish(changes.clone());
            }
        }
    }

    /// Who asks what, as a server with a bug takes it.
    fn as_asked(&self, mut user: UserId, mut fetch: Fetch) -> (UserId, Fetch) {
        if self.has(Bug::SeesBeforeJoining) && fetch.kind != FetchKind::Bootstrap {
            user = self.oldest_member(user, fetch.stream);
        }
        if let (Bug::TermKept | Bug::SeesBeforeJoining, StreamId::Conversation(id)) =
            (self.bug.unwrap_or(Bug::HardDelete), fetch.stream)
            && let Some((_, place)) = self.core.member(user, id)
        {
            fetch.term = place.term;
        }
        (user, fetch)
    }

    /// Most bytes of an answer.
    fn bytes(&self) -> Option<usize> {
        (!self.has(Bug::BoundedInRows)).then_some(limits::PAGE_BYTES_LEAST)
    }

    /// Ends all of a person's sessions but those of their devices, as an earlier server did: many rows under
    /// one change.
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

    fn heads(&self, user: UserId, wm: i64) -> Answer<Heads> {
        let mut heads = self.core.heads(user, wm)?;
        if self.has(Bug::WatermarkTooNew) {
            // The heads were read before the last two commits, the watermark after them.
            let late = self.core.heads(user, heads.wm - 2)?;
            heads.heads.retain(|head| !late.heads.iter().any(|late| late.stream == head.stream));
        }
        if self.has(Bug::TermKept) {
            heads.heads.iter_mut().for_each(|head| head.term = head.term.min(1));
        }
        Ok(heads)
    }

    fn history(&self, user: UserId, fetch: &Fetch, epoch: &str) -> Answer<History> {
        let (StreamId::Conversation(conversation), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            return Err(no_answer(ErrorCode::Internal));
        };
        let (epoch, term, most) =
            (epoch.into(), fetch.term, PageLimits::requested(HISTORY, self.bytes()));
        self.core.history(user, &HistoryRange { conversation, epoch, term, before, limits: most })
    }

    /// What a part of a person's mirror must be.
    pub fn compare(&self, user: UserId, part: &Part, epoch: &str) -> Answer<Compared> {
        match part {
            Part::State(StreamCursor { stream, term, .. }) => {
                let place = (epoch, *term);
                let digest = self.core.state_digest(user, *stream, place)?;
                Ok((digest, self.core.state(user, *stream, place)?.rows))
            }
            Part::Messages(asked) => {
                let stretch = HistoryRange {
                    conversation: asked.conversation,
                    epoch: epoch.into(),
                    term: asked.term,
                    before: asked.high + 1,
                    limits: PageLimits::requested(asked.high - asked.low + 1, None),
                };
                let digest = self.core.digest(user, &stretch, asked.low)?;
                Ok((digest, self.core.history(user, &stretch)?.rows))
            }
        }
    }

    fn pull_one(&mut self, client: usize, user: UserId, fetch: Fetch, epoch: &str) -> PulledStream {
        let (user, fetch) = self.as_asked(user, fetch);
        let stream = fetch.stream;
        let since = match fetch.kind {
            FetchKind::Changes { since } => Some(since),
            _ => None,
        };
        if since.is_none() {
            self.too_old.remove(&(client, stream));
        } else if self.too_old.contains(&(client, stream)) {
            return PulledStream::Error(no_answer(ErrorCode::CursorOld));
        }
        let streams = vec![PullStream { stream, term: fetch.term, since }];
        let asked = Pull { epoch: epoch.into(), streams, bytes: self.bytes() };
        let answer = self.core.pull(user, &asked, PAGE, NEWEST);
        match answer.map(|mut pulled| pulled.answers.remove(0)) {
            Ok(PulledStream::Page(page)) => PulledStream::Page(self.with_bugs(client, page)),
            Ok(answer) => answer,
            Err(error) => PulledStream::Error(error),
        }
    }

    fn with_bugs(&mut self, client: usize, mut page: Page) -> Page {
        let stream = page.stream;
        let is_large = i64::try_from(page.rows.len()).is_ok_and(|rows| rows > PAGE);
        if self.has(Bug::LargeChangeLeftOut) && is_large {
            page.rows.clear();
            page.to = page.from;
        }
        if self.has(Bug::LeavingMissed) {
            page.rows.retain(|row| !matches!(row, Row::Membership(row) if row.left_at.is_some()));
        }
        if self.has(Bug::TermKept) {
            for row in &mut page.rows {
                if let Row::Membership(row) = row {
                    row.term = 1;
                }
            }
        }
        if self.has(Bug::PageClaimsTooMuch) {
            page.to = page.head;
        }
        if self.has(Bug::EmptyPageLeftOut) && page.rows.is_empty() {
            page.to = page.from;
        }
        if self.has(Bug::RowsBeforeHead) {
            // The rows as they were when this device asked before, under today's head.
            let before = self.stale.insert((client, stream), page.clone());
            if let Some(before) = before.filter(|before| before.from == page.from) {
                page.rows = before.rows;
            }
        }
        page
    }
}

/// The answers as far as a device reads them: each by itself, since a server answers no more than fit.
fn readable(answers: Vec<PulledStream>) -> Answer<Vec<PulledStream>> {
    let bytes = |answer: &PulledStream| match answer {
        PulledStream::Page(page) => page.rows.iter().map(row_bytes).sum(),
        PulledStream::Bootstrap(bootstrap) => bootstrap.rows.iter().map(row_bytes).sum(),
        PulledStream::Error(_) => 0,
    };
    if answers.iter().map(bytes).any(|bytes: usize| bytes > READ_BYTES) {
        return Err(no_answer(ErrorCode::AnswerTooLarge));
    }
    Ok(answers)
}

/// What a device takes for no answer.
pub fn no_answer(code: ErrorCode) -> ErrorBody {
    ErrorBody { code, message: "The server did not answer.".into(), retry_after_ms: None }
}
