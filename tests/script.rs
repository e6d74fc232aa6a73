//! A session on real files against a server's core in the same process, for testing what a program
//! does whose writes fail, and how it continues. There is no socket and no timer: each step of the
//! sync is the real one, and its requests are answered at once.

use futures_util::FutureExt;
use parlour_client::step::{Answer, Request, Server, Syncer, Task};
use parlour_client::{Notices, Part, Position, Session, SystemClock};
use parlour_protocol::{
    Action, ConversationId, Digest, Frame, Heads, History, HistoryVisibility, MessageId, Millis,
    Op, OpDone, OpId, Page, Pull, PullStream, Pulled, Row, Seq, SessionId, StreamId, UserId,
};
use parlour_server::core::Core;
use parlour_server::{Cursor, HistoryRange, PageLimits};
use parlour_store::{Account, Key, Store, StreamCursor, Stretch};
use parlour_sync::{Fetch, FetchKind, Input};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

const WREN: UserId = UserId(Uuid::from_u128(1));
const OAK: UserId = UserId(Uuid::from_u128(2));
/// The conversation in which Oak wrote before Wren had a device.
const OLD: ConversationId = ConversationId(Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0003));
/// Rows in a page, messages in a bootstrap and in a page of history.
const PAGE: i64 = 20;
/// Number of rounds after which a device that is still busy counts as stuck.
const ROUNDS: i64 = 2000;

/// A sequence of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Write offline, send, change, and receive answers.
    Talk,
    /// Fetch older and newer messages.
    CatchUp,
    /// The server is restored from a backup.
    Restore,
    /// The mirror is damaged between two starts.
    Damage,
    /// The outbox, of which there is a copy, is damaged between two starts.
    Salvage,
}

impl Script {
    /// All scripts, with their names on the command line.
    pub const ALL: [(Self, &str); 5] = [
        (Self::Talk, "talk"),
        (Self::CatchUp, "catch-up"),
        (Self::Restore, "restore"),
        (Self::Damage, "damage"),
        (Self::Salvage, "salvage"),
    ];
}

/// The server: a core that is stored in a file, which never fails.
struct Local {
    core: Mutex<Core>,
    file: PathBuf,
}

impl Local {
    /// Opens the server in a file, or creates it there.
    fn open(file: &Path) -> Self {
        let file = file.to_owned();
        if let Ok(bytes) = std::fs::read(&file) {
            let epoch = if bytes[0] == 0 { "before" } else { "after" };
            return Self { core: Mutex::new(Core::new(epoch, Some(&bytes[1..]))), file };
        }
        let mut core = Core::new("before", None);
        core.add_user(WREN, "wren", Millis(1));
        core.add_user(OAK, "oak", Millis(2));
        let server = Self { core: Mutex::new(core), file };
        let history = Some(HistoryVisibility::Beginning);
        let kind = parlour_protocol::ConversationType::Group;
        let begin = Action::Create { kind, title: "old".into(), members: vec![WREN], history };
        server.act(OAK, OLD, begin);
        for n in 0..45 {
            server.act(OAK, OLD, Action::send(format!("old {n}")));
        }
        server.keep();
        server
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().expect("nobody fails while they have it")
    }

    /// Performs an action of a user. It must be stored (`keep`) before the device writes again.
    fn act(&self, user: UserId, conversation_id: ConversationId, action: Action) {
        let op = Op { id: OpId(Uuid::now_v7()), conversation_id, action };
        let (answers, _) = self.core().apply(&[(user, op, None)], Millis(3));
        assert!(answers[0].is_ok(), "{answers:?}");
    }

    fn keep(&self) {
        let mut bytes = vec![u8::from(self.core().epoch() == "after")];
        bytes.extend(self.core().image());
        std::fs::write(&self.file, bytes).expect("the server's file never fails");
    }

    fn restore(&self, image: &[u8]) {
        *self.core() = Core::new("after", Some(image));
        self.keep();
    }

    /// Returns the messages that Wren sees in a conversation, the oldest first.
    fn messages(&self, id: ConversationId) -> Vec<(MessageId, String, bool)> {
        let all = self.core().bootstrap(WREN, id, 1000).map(|all| all.rows).unwrap_or_default();
        let mut seen: Vec<_> = all
            .into_iter()
            .filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None })
            .map(|row| (row.seq, (row.id, row.body, row.deleted_at.is_some())))
            .collect();
        seen.sort_by_key(|(seq, _)| *seq);
        seen.into_iter().map(|(_, seen)| seen).collect()
    }
}

impl Server for Local {
    async fn send(&self, op: &Op, epoch: &str) -> Answer<OpDone> {
        let sent = [(WREN, op.clone(), Some(epoch.to_owned()))];
        let (mut answers, _) = self.core().apply(&sent, Millis(4));
        self.keep();
        answers.remove(0)
    }

    async fn heads(&self, wm: i64, _: &str) -> Answer<Heads> {
        self.core().heads(WREN, wm)
    }

    async fn pull(&self, fetches: &[Fetch], epoch: &str, _: usize) -> Answer<Pulled> {
        let stream = |fetch: &Fetch| PullStream {
            stream: fetch.stream,
            term: fetch.term,
            since: if let FetchKind::Changes { since } = fetch.kind { Some(since) } else { None },
        };
        let streams = fetches.iter().map(stream).collect();
        let pull = Pull { epoch: epoch.into(), streams, bytes: None };
        self.core().pull(WREN, &pull, PAGE, PAGE)
    }

    async fn history(&self, fetch: &Fetch, epoch: &str, _: usize) -> Answer<History> {
        let (StreamId::Conversation(conversation), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            unreachable!("only conversations have a history")
        };
        let (epoch, term, most) = (epoch.into(), fetch.term, PageLimits::requested(PAGE, None));
        let stretch = HistoryRange { conversation, epoch, term, before, limits: most };
        self.core().history(WREN, &stretch)
    }

    async fn state(&self, stream: &StreamCursor, epoch: &str, since: i64) -> Answer<Page> {
        let StreamCursor { stream, term, .. } = *stream;
        let cursor = Cursor { stream, epoch: epoch.into(), term, since };
        self.core().state_after(WREN, &cursor, PageLimits::requested(PAGE, None))
    }

    async fn digest(&self, part: &Part, epoch: &str) -> Answer<Digest> {
        match *part {
            Part::State(StreamCursor { stream, term, .. }) => {
                self.core().state_digest(WREN, stream, (epoch, term))
            }
            Part::Messages(Stretch { conversation, term, low, high, .. }) => {
                let (before, most) = (high + 1, PageLimits::requested(high - low + 1, None));
                let epoch = epoch.into();
                let stretch = HistoryRange { conversation, epoch, term, before, limits: most };
                self.core().digest(WREN, &stretch, low)
            }
        }
    }
}

/// Returns the key of the device's files.
fn key() -> Key {
    Key::fill(|key| key.fill(7))
}

/// Creates a server in a file.
pub fn begin(file: &Path) {
    drop(Local::open(file));
}

/// Wren's device.
pub struct Device {
    store: Arc<Store>,
    session: Session,
    said: UnboundedReceiver<Input>,
    server: Arc<Local>,
    syncer: Syncer,
    inputs: VecDeque<Input>,
    now: i64,
    wake_at: i64,
}

impl Device {
    /// Opens the device on a folder, with the server in this file.
    ///
    /// # Errors
    /// Fails if the files fail.
    pub fn open(folder: &Path, server: &Path) -> parlour_client::Result<Self> {
        let server = Arc::new(Local::open(server));
        let account = Account {
            server: "http://script".into(),
            user_id: WREN,
            username: "wren".into(),
            session_id: SessionId(Uuid::from_u128(9)),
        };
        let store = Arc::new(Store::open(folder, &key(), Some(&account))?.expect("an account"));
        let clock = Arc::new(SystemClock);
        let (session, said) = Session::offline(store.clone(), Notices::default(), clock)?;
        let syncer = session.syncer(7)?;
        let inputs = VecDeque::from([Input::Started]);
        Ok(Self { store, session, said, server, syncer, inputs, now: 0, wake_at: 0 })
    }

    /// Performs a script. Calls `told` with a line about each thing that was accepted.
    pub fn play(
        mut self,
        script: Script,
        told: &mut dyn FnMut(&str),
    ) -> parlour_client::Result<()> {
        match script {
            Script::Talk => {
                let room = self.talk(told);
                self.settle();
                for n in 0..3 {
                    self.server.act(OAK, OLD, Action::send(format!("answer {n}")));
                }
                self.server.keep();
                self.settle();
                self.change(room, told);
                let _ = self.session.mark_read(OLD, Seq(48));
                self.settle();
                if self.session.set_draft(room, &"half a thought".into()).is_ok() {
                    told("draft");
                }
            }
            Script::CatchUp => {
                self.settle();
                let first = self.server.messages(OLD)[0].0;
                let edit =
                    Action::Edit { message_id: first, body: "mended".into(), mentions: vec![] };
                self.server.act(OAK, OLD, edit);
                let message_id = self.server.messages(OLD)[20].0;
                self.server.act(OAK, OLD, Action::Delete { message_id });
                for n in 0..30 {
                    self.server.act(OAK, OLD, Action::send(format!("since {n}")));
                }
                self.server.keep();
                self.settle();
            }
            Script::Restore => {
                let backup = self.server.core().image();
                let room = self.talk(told);
                self.settle();
                self.server.restore(&backup);
                let hello = Frame::Hello { epoch: "after".into(), heartbeat_ms: 1000 };
                self.inputs.push_back(Input::Frame(hello));
                self.settle();
                self.change(room, told);
                self.settle();
            }
            Script::Damage => {
                let room = self.talk(told);
                self.settle();
                self.keep(room, 9, told);
                let (path, server) = (self.store.mirror_path(), self.server.file.clone());
                drop(self);
                let _ = std::fs::write(&path, vec![0x5a; 20_000]);
                let folder = path.parent().expect("a folder").to_owned();
                let mut device = Self::open(&folder, &server)?;
                device.settle();
            }
            Script::Salvage => {
                self.talk(told);
                let is_copied = self.store.tidy(Millis(1)).is_ok();
                let (path, server) = (self.store.mirror_path(), self.server.file.clone());
                let folder = path.parent().expect("a folder").to_owned();
                drop(self);
                if is_copied {
                    let outbox = folder.join("outbox.db");
                    let mut bytes = std::fs::read(&outbox).expect("an outbox");
                    bytes[..200].fill(0x5a);
                    let _ = std::fs::write(&outbox, bytes);
                }
                let mut device = Self::open(&folder, &server)?;
                device.settle();
            }
        }
        Ok(())
    }

    /// Sends messages to a new conversation, created offline, and to the existing one. Returns the
    /// new one.
    fn talk(&mut self, told: &mut dyn FnMut(&str)) -> ConversationId {
        let room = self.session.create_group("new", vec![OAK]).unwrap_or(OLD);
        for n in 0..4 {
            self.keep(room, n, told);
        }
        self.keep(OLD, 5, told);
        room
    }

    fn keep(&mut self, place: ConversationId, n: u32, told: &mut dyn FnMut(&str)) {
        let id = MessageId(Uuid::now_v7());
        if self.session.send_message(place, id, format!("said {n}")).is_ok() {
            told(&format!("said {id} {n}"));
        }
    }

    fn change(&mut self, room: ConversationId, told: &mut dyn FnMut(&str)) {
        let page = self.session.timeline(room, Position::Newest, 50);
        let items = page.map(|page| page.items).unwrap_or_default();
        let ids: Vec<MessageId> =
            items.iter().filter(|item| item.own).map(|item| item.id).collect();
        let [first, second, ..] = ids[..] else { return };
        for n in 100..103 {
            if self.session.edit_message(room, first, &format!("said {n}")).is_ok() {
                told(&format!("said {first} {n}"));
            }
        }
        if self.session.delete_message(room, second).is_ok() {
            told(&format!("deleted {second}"));
        }
    }

    /// Continues until nothing is left to do, or for at most `ROUNDS` rounds. Returns whether
    /// nothing is left.
    pub fn settle(&mut self) -> bool {
        for _ in 0..ROUNDS {
            while let Ok(input) = self.said.try_recv() {
                self.inputs.push_back(input);
            }
            let input = match self.inputs.pop_front() {
                Some(input) => input,
                None if self.is_settled() => return true,
                None => {
                    self.now = self.now.max(self.wake_at);
                    Input::Woke
                }
            };
            self.now += 1;
            let begun = self.syncer.hear(input, self.now);
            if begun.and_then(|()| self.finish()).is_err() {
                self.begin_again();
            }
        }
        false
    }

    /// Starts again as the driver does after a failure: from what is stored, as soon as it can be
    /// read.
    fn begin_again(&mut self) {
        self.inputs.clear();
        // The tasks of this start are performed with the next step.
        let is_begun = (0..100).any(|_| self.syncer.restart(self.now).is_ok());
        assert!(is_begun, "a disk that fails for a while");
    }

    fn is_settled(&self) -> bool {
        let Ok(state) = self.store.sync_state() else { return false };
        let is_whole = |stream: &parlour_store::StreamState| {
            stream.cursor.is_some_and(|at| at >= stream.head) && stream.floor <= 1
        };
        let is_known = state.streams.len() >= 3;
        is_known && state.ops.is_empty() && state.streams.iter().all(is_whole)
    }

    /// Performs the tasks of a step, as the driver does; requests are answered at once.
    fn finish(&mut self) -> parlour_client::Result<()> {
        while let Some(task) = self.syncer.next_task()? {
            match task {
                Task::Write(write) => self.syncer.write(&write, self.now)?,
                Task::Request(Request::Connect | Request::ConnectAnew) => {
                    let epoch = self.server.core().epoch();
                    let hello = Frame::Hello { epoch, heartbeat_ms: 1000 };
                    self.inputs.push_back(Input::Frame(hello));
                }
                Task::Request(Request::Ask(ask)) => {
                    let answer = ask.answer(&*self.server).now_or_never();
                    self.inputs.push_back(answer.expect("this server answers at once"));
                }
                Task::Request(Request::WakeAt(at)) => self.wake_at = at,
                Task::Request(Request::Ping(number)) => self.inputs.push_back(Input::Pong(number)),
                Task::Request(Request::Connection(_) | Request::Abandon) => {}
            }
        }
        Ok(())
    }

    /// Checks everything after the sync has settled. `told` has the lines about what was accepted.
    ///
    /// # Errors
    /// Describes what is wrong.
    pub fn check(&mut self, told: &[String]) -> Result<(), String> {
        if !self.settle() {
            let state = self.store.sync_state().map_err(|error| error.to_string())?;
            let is_behind = |stream: &&parlour_store::StreamState| {
                stream.cursor.is_none_or(|at| at < stream.head) || stream.floor > 1
            };
            let behind: Vec<_> = state.streams.iter().filter(is_behind).collect();
            return Err(format!("it never settles: {:?} {behind:?}", state.ops));
        }
        let rooms = self.server.core().conversations_of(WREN).into_iter();
        let there: Vec<_> = rooms.map(|(id, _)| (id, self.server.messages(id))).collect();
        let all: Vec<&(MessageId, String, bool)> =
            there.iter().flat_map(|(_, messages)| messages).collect();
        let mut bodies: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, body, _) in all.iter().filter(|(_, _, is_deleted)| !is_deleted) {
            *bodies.entry(body).or_default() += 1;
        }
        if let Some((body, _)) = bodies.iter().find(|(_, count)| **count > 1) {
            return Err(format!("{body:?} is there twice"));
        }
        let number = |body: &str| body.rsplit(' ').next().and_then(|n| n.parse::<u32>().ok());
        for line in told {
            let words: Vec<&str> = line.split(' ').collect();
            let of = |id: &str| all.iter().find(|(known, ..)| known.to_string() == id);
            let is_right = match words[..] {
                ["said", id, n] => of(id).is_some_and(|(_, body, is_deleted)| {
                    *is_deleted || number(body) >= n.parse::<u32>().ok()
                }),
                ["deleted", id] => of(id).is_some_and(|(_, _, is_deleted)| *is_deleted),
                _ => {
                    let list = self.session.conversations(10).map_err(|error| error.to_string())?;
                    list.iter().any(|summary| {
                        summary.draft.as_ref().is_some_and(|draft| draft.body == "half a thought")
                    })
                }
            };
            if !is_right {
                return Err(format!("{line:?} was accepted, and the server has {all:?}"));
            }
        }
        for (id, messages) in there {
            let page = self.session.timeline(id, Position::Newest, 500);
            let seen: Vec<_> = page
                .map_err(|error| error.to_string())?
                .items
                .into_iter()
                .map(|item| (item.id, item.body, item.deleted))
                .collect();
            if seen != messages {
                return Err(format!("{id} shows {seen:?}, and the server has {messages:?}"));
            }
        }
        self.files()
    }

    /// Checks with SQLite that both files are intact, and so is the full-text index.
    fn files(&self) -> Result<(), String> {
        let mirror = self.store.mirror_path();
        for path in [mirror.clone(), mirror.with_file_name("outbox.db")] {
            let conn = parlour_store::open_unchecked(&path, Some(&key()))
                .map_err(|error| error.to_string())?;
            let sql = "PRAGMA integrity_check";
            let found: String =
                conn.query_row(sql, [], |row| row.get(0)).map_err(|error| error.to_string())?;
            if found != "ok" {
                return Err(format!("{}: {found}", path.display()));
            }
        }
        let conn = parlour_store::open_unchecked(&mirror, Some(&key()))
            .map_err(|error| error.to_string())?;
        let sql = "INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)";
        conn.execute(sql, []).map(drop).map_err(|error| format!("the index of words: {error}"))
    }
}
