//! Tests of notifications, with files in memory and a simulated clock.

mod activity;
mod catch_up;
mod changes;
mod table;

use super::desktop_notifications::Notification;
use super::notifier::{DeviceState, Notifier};
use super::received::{ReceivedItem, ReceivedQueue};
use jiff::tz::TimeZone;
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, MemberRole, MemberRow,
    MembershipRow, MessageId, MessageRow, Millis, Op, OpId, Page, Row, Seq, SessionId, SettingRow,
    StreamId, UserId, UserRole, UserRow,
};
use parlour_store::{Account, ServerUpdate, Store};
use parlour_sync::Now;
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const OAK: UserId = UserId(Uuid::from_u128(2));
const ROBIN: UserId = UserId(Uuid::from_u128(3));
const GROUP: ConversationId = ConversationId(Uuid::from_u128(7));

/// A Monday at noon.
const NOON: i64 = 1_795_435_200_000;

/// An account in a group with Oak and Robin, and in a direct conversation with Oak.
struct Device {
    store: Store,
    notifier: Notifier,
    received: ReceivedQueue,
    now: Now,
    wall: Millis,
    visible: Option<ConversationId>,
    account_head: i64,
    last_seq: i64,
}

fn direct() -> ConversationId {
    ConversationId::p2p(ME, OAK)
}

impl Device {
    fn new() -> Self {
        let (server, username) = ("http://x".into(), "me".into());
        let session_id = SessionId(Uuid::from_u128(9));
        let account = Account { server, user_id: ME, username, session_id };
        let store = Store::in_memory(&account, None).unwrap();
        store.begin_epoch("e").unwrap();
        let people = [(ME, "me"), (OAK, "oak"), (ROBIN, "robin")];
        let rows = people.map(|(id, name)| Row::User(UserRow::new(id, name, UserRole::Member, 1)));
        let stream = StreamId::Directory;
        let directory =
            Page { epoch: "e".into(), stream, term: 0, from: 0, to: 1, head: 1, rows: rows.into() };
        store.apply(&[ServerUpdate::Page(&directory)], Millis(0)).unwrap();
        let mut device = Self {
            store,
            notifier: Notifier::default(),
            received: ReceivedQueue::default(),
            now: 0,
            wall: Millis(NOON),
            visible: None,
            account_head: 0,
            last_seq: 0,
        };
        device.join(GROUP, ConversationType::Group, &[ME, OAK, ROBIN]);
        device.join(direct(), ConversationType::P2p, &[ME, OAK]);
        device
    }

    fn join(&mut self, id: ConversationId, kind: ConversationType, members: &[UserId]) {
        self.apply_account_row(Row::Membership(MembershipRow {
            changed_seq: self.account_head + 1,
            ..MembershipRow::new(id, Millis(0))
        }));
        let row = ConversationRow::new(id, kind, "workshop", OAK, Millis(1));
        let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..row })];
        rows.extend(members.iter().map(|user_id| {
            let (role, joined_at) = (MemberRole::Member, Millis(0));
            let (last_read_seq, left_at, changed_seq) = (None, None, 1);
            Row::Member(MemberRow {
                user_id: *user_id,
                role,
                joined_at,
                last_read_seq,
                left_at,
                changed_seq,
            })
        }));
        let (epoch, stream) = ("e".into(), StreamId::Conversation(id));
        let bootstrap =
            Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 0, rows, members_cursor: None };
        self.store.apply(&[ServerUpdate::Bootstrap(&bootstrap)], self.wall).unwrap();
    }

    /// Applies a row of the account's stream.
    fn apply_account_row(&mut self, row: Row) {
        let (from, to) = (self.account_head, self.account_head + 1);
        let stream = StreamId::Account(ME);
        let (epoch, rows) = ("e".into(), vec![row]);
        let page = Page { epoch, stream, term: 0, from, to, head: to, rows };
        self.account_head = to;
        self.write(&page, false);
    }

    /// Changes a setting on another device.
    fn set(&mut self, name: &str, value: &str) {
        let changed_seq = self.account_head + 1;
        self.apply_account_row(Row::Setting(SettingRow {
            name: name.into(),
            value: value.into(),
            changed_seq,
        }));
    }

    fn write(&mut self, page: &Page, is_backlog: bool) {
        let mut changes = self.store.apply(&[ServerUpdate::Page(page)], self.wall).unwrap();
        self.received.take_from(&mut changes, |_| is_backlog);
        self.notifier.changed(changes.conversations, self.now);
        let (received, other_session_active, _): (Vec<ReceivedItem>, _, _) = self.received.take();
        if other_session_active {
            self.notifier.other_session_active(self.now);
        }
        self.notifier.handle(received, self.now);
    }

    /// Returns a new message.
    fn message(&mut self, by: UserId, body: &str) -> MessageRow {
        self.last_seq += 1;
        let id = MessageId(Uuid::from_u128(1000 + self.last_seq.unsigned_abs() as u128));
        MessageRow { seq: Seq(self.last_seq), ..MessageRow::new(id, by, body, self.wall) }
    }

    /// Receives a message, or a change of it, in a conversation; returns the received row.
    fn receive(&mut self, id: ConversationId, row: MessageRow) -> MessageRow {
        self.receive_as(id, row, false)
    }

    fn receive_as(&mut self, id: ConversationId, row: MessageRow, is_backlog: bool) -> MessageRow {
        let stream = StreamId::Conversation(id);
        let state = self.store.sync_state().unwrap();
        let known = state.streams.iter().find(|known| known.stream == stream).unwrap();
        let from = known.cursor.unwrap();
        let (to, epoch) = (from + 1, "e".into());
        let row = MessageRow { changed_seq: to, ..row };
        let rows = vec![Row::Message(row.clone())];
        self.write(&Page { epoch, stream, term: 1, from, to, head: to, rows }, is_backlog);
        row
    }

    /// Receives a new message.
    fn receive_message(&mut self, id: ConversationId, by: UserId, body: &str) -> MessageRow {
        let row = self.message(by, body);
        self.receive(id, row)
    }

    /// Reads up to a message, on this device.
    fn read(&mut self, id: ConversationId, row: &MessageRow) {
        let action = Action::Read { seq: row.seq, without_receipt: false };
        let op = Op { id: OpId(Uuid::now_v7()), conversation_id: id, action };
        let changes = self.store.enqueue(&op, self.wall).unwrap();
        self.notifier.changed(changes.conversations, self.now);
    }

    /// Reads up to a message, on another device.
    fn read_elsewhere(&mut self, id: ConversationId, seq: i64) {
        self.apply_account_row(Row::Membership(MembershipRow {
            last_read_seq: Seq(seq),
            changed_seq: self.account_head + 1,
            ..MembershipRow::new(id, Millis(0))
        }));
    }

    fn device_state(&self) -> DeviceState {
        DeviceState { now: self.now, wall: self.wall, zone: TimeZone::UTC, visible: self.visible }
    }

    /// Advances the time, in milliseconds.
    fn advance(&mut self, ms: i64) -> bool {
        self.now += ms;
        self.wall.0 += ms;
        let device_state = self.device_state();
        self.notifier.update(&self.store, &device_state).unwrap()
    }

    /// Returns the texts in a conversation's notification.
    fn shown(&mut self, id: ConversationId) -> Vec<String> {
        self.advance(0);
        let shown = self.notifier.notifications().by_conversation.get(&id);
        shown.map(texts).unwrap_or_default()
    }
}

fn texts(notification: &Notification) -> Vec<String> {
    notification.lines.iter().map(|line| line.text.clone()).collect()
}
