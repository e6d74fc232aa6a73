//! Tests of a store, with real files.

mod attached;
mod columns;
mod damage;
mod direct;
mod drafts;
mod echo;
mod epochs;
mod files;
mod list;
mod lost_messages;
mod mentions;
mod messages;
mod migrations;
mod outbox;
mod people;
mod pictures;
#[cfg(unix)]
mod private;
mod purged;
mod search;
mod search_index;
mod statements;
mod stored_history;
mod updates;
mod wipe;

use crate::{Account, Position, ServerUpdate, Store, TimelineItem};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, MemberRole, MemberRow,
    MembershipRow, MessageId, MessageRow, Millis, Op, OpDone, OpId, Page, Row, Seq, SessionId,
    StreamId, UserId, UserRole, UserRow,
};
use parlour_sqlite::Key;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const ME: UserId = UserId(Uuid::from_u128(1));
pub(crate) const WREN: UserId = UserId(Uuid::from_u128(2));
pub(crate) const GROUP: ConversationId = ConversationId(Uuid::from_u128(3));
pub(crate) const STREAM: StreamId = StreamId::Conversation(GROUP);

pub(crate) fn account() -> Account {
    let session_id = SessionId(Uuid::from_u128(9));
    Account { server: "http://x".into(), user_id: ME, username: "me".into(), session_id }
}

pub(crate) fn key() -> Key {
    Key::fill(|key| key.fill(7))
}

pub(crate) fn open(folder: &TempDir) -> Store {
    Store::open(folder.path(), &key(), Some(&account())).unwrap().unwrap()
}

pub(crate) fn message(seq: i64, body: &str) -> MessageRow {
    let id = MessageId(Uuid::from_u128(1000 + seq as u128));
    let row = MessageRow::new(id, WREN, body, Millis(seq * 1000));
    MessageRow { seq: Seq(seq), changed_seq: seq, ..row }
}

pub(crate) fn page(from: i64, to: i64, rows: Vec<Row>) -> Page {
    Page { epoch: "e".into(), stream: STREAM, term: 1, from, to, head: to, rows }
}

/// Returns the group with messages `low..=high` of a history of `high`.
pub(crate) fn bootstrap(low: i64, high: i64) -> Bootstrap {
    let kind = ConversationType::Group;
    let conversation = ConversationRow::new(GROUP, kind, "workshop", WREN, Millis(0));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..conversation })];
    rows.extend((low..=high).map(|seq| Row::Message(message(seq, &format!("word{seq} common")))));
    let epoch = "e".into();
    Bootstrap {
        epoch,
        stream: STREAM,
        term: 1,
        head: high,
        last_seq: high,
        rows,
        members_cursor: None,
    }
}

pub(crate) fn send(number: u128, body: &str) -> Op {
    op(number, Action::send(body))
}

pub(crate) fn bodies(store: &Store) -> Vec<String> {
    let page = store.timeline(GROUP, Position::Newest, 100).unwrap();
    page.items.into_iter().map(|item| item.body).collect()
}

/// Returns the response to an op of this user, in the epoch "e".
pub(crate) fn done(row: MessageRow) -> OpDone {
    OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(row)]) }
}

pub(crate) fn membership(changed_seq: i64) -> MembershipRow {
    MembershipRow { changed_seq, ..MembershipRow::new(GROUP, Millis(0)) }
}

pub(crate) fn account_page(from: i64, to: i64, rows: Vec<Row>) -> Page {
    Page { epoch: "e".into(), stream: StreamId::Account(ME), term: 0, from, to, head: to, rows }
}

/// Returns the people of the group as the directory sends them.
pub(crate) fn directory() -> Page {
    let user = |id, name: &str, at| Row::User(UserRow::new(id, name, UserRole::Member, at));
    let rows = vec![user(ME, "me", 1), user(WREN, "Jenny Wren", 2)];
    Page { epoch: "e".into(), stream: StreamId::Directory, term: 0, from: 0, to: 2, head: 2, rows }
}

fn member(user_id: UserId, role: MemberRole) -> Row {
    let (joined_at, last_read_seq, left_at) = (Millis(0), None, None);
    Row::Member(MemberRow { user_id, role, joined_at, last_read_seq, left_at, changed_seq: 1 })
}

/// Creates a group of two people with three messages and a known directory.
pub(crate) fn group_store(folder: &TempDir) -> Store {
    let store = open(folder);
    store.begin_epoch("e").unwrap();
    let mut beginning = bootstrap(1, 3);
    beginning.rows.extend([member(ME, MemberRole::Owner), member(WREN, MemberRole::Member)]);
    let updates = [ServerUpdate::Page(&directory()), ServerUpdate::Bootstrap(&beginning)];
    let place = account_page(0, 1, vec![Row::Membership(membership(1))]);
    store.mirror.apply(&updates).unwrap();
    store.mirror.apply(&[ServerUpdate::Page(&place)]).unwrap();
    store
}

/// Returns an op in the group.
pub(crate) fn op(number: u128, action: Action) -> Op {
    Op { id: OpId(Uuid::from_u128(number)), conversation_id: GROUP, action }
}

/// Returns the newest message as it is displayed.
pub(crate) fn newest(store: &Store) -> TimelineItem {
    store.timeline(GROUP, Position::Newest, 10).unwrap().items.pop().unwrap()
}
