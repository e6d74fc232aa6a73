//! Tests of steps, with files in memory and a server with scripted responses.

mod about;
mod audience;
mod compare;
mod history;
mod syncer;
mod upload;

use super::server::{PartResult, Server, ServerResult};
use crate::stored_section::StoredSection;
use crate::{Notices, Session, SystemClock};
use parlour_protocol::{
    Bootstrap, ConversationId, ConversationRow, ConversationType, Digest, ErrorBody, ErrorCode,
    FileHash, Heads, History, MemberRole, MemberRow, Millis, NewUpload, Op, OpDone, Page, Pulled,
    PulledStream, Row, SessionId, StreamId, Upload, UserId,
};
use parlour_store::{Account, ServerUpdate, Store, StreamCursor};
use parlour_sync::Fetch;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const OAK: UserId = UserId(Uuid::from_u128(2));
const ROBIN: UserId = UserId(Uuid::from_u128(3));
const GROUP: ConversationId = ConversationId(Uuid::from_u128(7));
const STREAM: StreamId = StreamId::Conversation(GROUP);

/// The answers of a server, in this order, and the ops that it received.
#[derive(Default)]
struct Script {
    pulls: Mutex<VecDeque<ServerResult<PulledStream>>>,
    pages: Mutex<VecDeque<History>>,
    sent: Mutex<Vec<Op>>,
}

fn no_response() -> ErrorBody {
    ErrorBody::new(ErrorCode::Offline, "")
}

impl Server for Script {
    async fn send(&self, op: &Op, epoch: &str) -> ServerResult<OpDone> {
        self.sent.lock().unwrap().push(op.clone());
        let stream = StreamId::Conversation(op.conversation_id);
        Ok(OpDone { epoch: epoch.into(), ..OpDone::new(stream, vec![]) })
    }

    async fn heads(&self, _: i64, _: &str) -> ServerResult<Heads> {
        Err(no_response())
    }

    async fn pull(&self, fetches: &[Fetch], _: &str, _: usize) -> ServerResult<Pulled> {
        assert_eq!(fetches.len(), 1);
        let response =
            self.pulls.lock().unwrap().pop_front().unwrap_or_else(|| Err(no_response()))?;
        Ok(Pulled { answers: vec![response] })
    }

    async fn history(&self, _: &Fetch, _: &str, _: usize) -> ServerResult<History> {
        self.pages.lock().unwrap().pop_front().ok_or_else(no_response)
    }

    async fn state(&self, _: &StreamCursor, _: &str, _: i64) -> ServerResult<Page> {
        Err(no_response())
    }

    async fn digest(&self, _: &StoredSection, _: &str) -> ServerResult<Digest> {
        Err(no_response())
    }

    async fn begin_upload(&self, _: FileHash, _: &NewUpload) -> ServerResult<Upload> {
        Err(no_response())
    }

    async fn add_part(&self, _: FileHash, _: i64, _: Vec<u8>) -> ServerResult<PartResult> {
        Err(no_response())
    }
}

/// Returns a session that is not online, in a group with Oak.
fn session() -> (Session, Arc<Store>) {
    let account = Account {
        server: "http://x".into(),
        user_id: ME,
        username: "wren".into(),
        session_id: SessionId(Uuid::from_u128(9)),
    };
    let store = Arc::new(Store::in_memory(&account, None).unwrap());
    store.mirror.apply(&[ServerUpdate::Bootstrap(&group())]).unwrap();
    let offline = Session::offline(store.clone(), Notices::default(), Arc::new(SystemClock));
    (offline.unwrap().0, store)
}

fn group() -> Bootstrap {
    let row = ConversationRow::new(GROUP, ConversationType::Group, "workshop", OAK, Millis(1));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..row })];
    rows.extend([member(ME, 1, 1), member(OAK, 2, 1)]);
    let epoch = String::new();
    Bootstrap { epoch, stream: STREAM, term: 1, head: 1, last_seq: 0, rows, members_cursor: None }
}

fn member(user_id: UserId, joined_at: i64, changed_seq: i64) -> Row {
    let (role, last_read_seq, left_at) = (MemberRole::Member, None, None);
    let joined_at = Millis(joined_at);
    Row::Member(MemberRow { user_id, role, joined_at, last_read_seq, left_at, changed_seq })
}
