//! The server of a script: its core, stored in a file.

use super::{OAK, OLD, WREN};
use parlour_client::StoredSection;
use parlour_client::step::{PartResult, Server, ServerResult};
use parlour_protocol::{
    Action, ConversationId, Digest, FileHash, Heads, History, HistoryVisibility, MessageId, Millis,
    NewUpload, Op, OpDone, OpId, Page, Pull, PullStream, Pulled, Refusal, Row, StreamId, Upload,
    UserId,
};
use parlour_server::core::Core;
use parlour_server::{Cursor, HistoryRange, PageLimits};
use parlour_store::{MessageRange, StreamCursor};
use parlour_sync::{Fetch, FetchKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Rows in a page, messages in a bootstrap and in a page of history.
const PAGE: i64 = 20;

/// The server: a core that is stored in a file, which never fails.
pub(super) struct LocalServer {
    core: Mutex<Core>,
    pub file: PathBuf,
}

impl LocalServer {
    /// Opens the server in a file, or creates it there.
    pub fn open(file: &Path) -> Self {
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
        server.save();
        server
    }

    pub fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().expect("nobody panicked")
    }

    /// Performs an action of a user. It must be stored (`save`) before the device writes again.
    pub fn act(&self, user: UserId, conversation_id: ConversationId, action: Action) {
        let op = Op { id: OpId(Uuid::now_v7()), conversation_id, action };
        let (answers, _) = self.core().apply(&[(user, op, None)], Millis(3));
        assert!(answers[0].is_ok(), "{answers:?}");
    }

    pub fn save(&self) {
        let mut bytes = vec![u8::from(self.core().epoch() == "after")];
        bytes.extend(self.core().image());
        std::fs::write(&self.file, bytes).expect("the server's file never fails");
    }

    pub fn restore(&self, image: &[u8]) {
        *self.core() = Core::new("after", Some(image));
        self.save();
    }

    /// Returns the messages that Wren sees in a conversation, the oldest first.
    pub fn messages(&self, id: ConversationId) -> Vec<(MessageId, String, bool)> {
        let all = self.core().bootstrap(WREN, id, 1000).map(|all| all.rows).unwrap_or_default();
        let mut shown: Vec<_> = all
            .into_iter()
            .filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None })
            .map(|row| (row.seq, (row.id, row.body, row.deleted_at.is_some())))
            .collect();
        shown.sort_by_key(|(seq, _)| *seq);
        shown.into_iter().map(|(_, shown)| shown).collect()
    }
}

impl Server for LocalServer {
    async fn send(&self, op: &Op, epoch: &str) -> ServerResult<OpDone> {
        let sent = [(WREN, op.clone(), Some(epoch.to_owned()))];
        let (mut answers, _) = self.core().apply(&sent, Millis(4));
        self.save();
        answers.remove(0)
    }

    async fn heads(&self, watermark: i64, _: &str) -> ServerResult<Heads> {
        self.core().heads(WREN, watermark)
    }

    async fn pull(&self, fetches: &[Fetch], epoch: &str, _: usize) -> ServerResult<Pulled> {
        let stream = |fetch: &Fetch| PullStream {
            stream: fetch.stream,
            term: fetch.term,
            since: if let FetchKind::Changes { since } = fetch.kind { Some(since) } else { None },
        };
        let streams = fetches.iter().map(stream).collect();
        let pull = Pull { epoch: epoch.into(), streams, bytes: None };
        self.core().pull(WREN, &pull, PAGE, PAGE)
    }

    async fn history(&self, fetch: &Fetch, epoch: &str, _: usize) -> ServerResult<History> {
        let (StreamId::Conversation(conversation), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            unreachable!("only conversations have a history")
        };
        let (epoch, term, page_limits) =
            (epoch.into(), fetch.term, PageLimits::requested(PAGE, None));
        let range = HistoryRange { conversation, epoch, term, before, limits: page_limits };
        self.core().history(WREN, &range)
    }

    async fn state(&self, stream: &StreamCursor, epoch: &str, since: i64) -> ServerResult<Page> {
        let StreamCursor { stream, term, .. } = *stream;
        let cursor = Cursor { stream, epoch: epoch.into(), term, since };
        self.core().state_after(WREN, &cursor, PageLimits::requested(PAGE, None))
    }

    async fn digest(&self, stored: &StoredSection, epoch: &str) -> ServerResult<Digest> {
        match *stored {
            StoredSection::State(StreamCursor { stream, term, .. }) => {
                self.core().state_digest(WREN, stream, (epoch, term))
            }
            StoredSection::Messages(MessageRange { conversation, term, low, high, .. }) => {
                let (before, page_limits) = (high + 1, PageLimits::requested(high - low + 1, None));
                let epoch = epoch.into();
                let range = HistoryRange { conversation, epoch, term, before, limits: page_limits };
                self.core().digest(WREN, &range, low)
            }
        }
    }

    async fn begin_upload(&self, _: FileHash, _: &NewUpload) -> ServerResult<Upload> {
        Err(Refusal::FilesOff.into())
    }

    async fn add_part(&self, _: FileHash, _: i64, _: Vec<u8>) -> ServerResult<PartResult> {
        Err(Refusal::FilesOff.into())
    }
}

/// Creates a server in a file.
pub fn create_server(file: &Path) {
    drop(LocalServer::open(file));
}
