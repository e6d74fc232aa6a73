//! Tests of exports, with real files.

mod folders;
mod golden;
mod hostile;
mod ranges;

use crate::{ExportContext, ExportFormat, ExportRequest, ExportSelection, ExportTexts, Result};
use crate::{Exported, Progress, export};
use jiff::tz::TimeZone;
use parlour_protocol::{
    Bootstrap, ConversationId, ConversationRow, ConversationType, MemberRole, MemberRow,
    MessageFile, MessageId, MessageRow, Millis, Page, Profile, Row, Seq, SessionId, StreamId,
    UserId, UserRole, UserRow,
};
use parlour_store::{Account, Key, ReceiveResult, ServerUpdate, Store};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const WREN: UserId = UserId(Uuid::from_u128(2));
const GROUP: ConversationId = ConversationId(Uuid::from_u128(3));
const OTHER: ConversationId = ConversationId(Uuid::from_u128(4));
/// 2024-05-17 12:00 in the zone of the tests.
const NOON: i64 = 1_715_940_000_000;
const DAY: i64 = 24 * 3600 * 1000;

/// An account with its files, and a folder for exports.
struct World {
    store: Store,
    folder: TempDir,
}

impl World {
    /// Creates an account that knows two people.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let session_id = SessionId(Uuid::from_u128(9));
        let (server, username) = ("http://x".into(), "oak".into());
        let account = Account { server, user_id: ME, username, session_id };
        let key = Key::fill(|key| key.fill(7));
        let path = folder.path().join("account");
        let store = Store::open(&path, &key, Some(&account)).unwrap().unwrap();
        store.begin_epoch("e").unwrap();
        let wren = UserRow {
            profile: Profile { display_name: "Wren Okafor".into(), ..Profile::default() },
            ..UserRow::new(WREN, "wren", UserRole::Member, 2)
        };
        let rows = vec![Row::User(UserRow::new(ME, "oak", UserRole::Member, 1)), Row::User(wren)];
        let (epoch, stream) = ("e".into(), StreamId::Directory);
        let directory = Page { epoch, stream, term: 0, from: 0, to: 2, head: 2, rows };
        store.mirror.apply(&[ServerUpdate::Page(&directory)]).unwrap();
        Self { store, folder }
    }

    /// Adds a group of both people with these messages.
    fn group(&self, id: ConversationId, title: &str, messages: Vec<MessageRow>) {
        let kind = ConversationType::Group;
        let row = ConversationRow::new(id, kind, title, WREN, Millis(NOON));
        let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..row })];
        rows.extend([ME, WREN].map(|user_id| {
            let (role, joined_at) = (MemberRole::Member, Millis(NOON));
            let (last_read_seq, left_at, changed_seq) = (None, None, 1);
            Row::Member(MemberRow { user_id, role, joined_at, last_read_seq, left_at, changed_seq })
        }));
        let last_seq = messages.last().map_or(0, |row| row.seq.0);
        rows.extend(messages.into_iter().map(Row::Message));
        let (epoch, stream) = ("e".into(), StreamId::Conversation(id));
        let head = last_seq.max(1);
        let bootstrap =
            Bootstrap { epoch, stream, term: 1, head, last_seq, rows, members_cursor: None };
        self.store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap)]).unwrap();
    }

    /// Puts a file on this computer.
    fn receive(&self, file: &MessageFile, bytes: &[u8]) {
        let partial = self.store.receive(file.hash, file.bytes.0, Millis(NOON)).unwrap();
        let received = self.store.receive_part(partial, bytes, Millis(NOON)).unwrap();
        assert!(matches!(received, ReceiveResult::Complete(_)));
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    /// Exports, without cancelling.
    fn export(&self, request: &ExportRequest) -> Result<Exported> {
        let mut report = |_: Progress| ControlFlow::Continue(());
        export(&self.store, request, &context(), &self.target(), &mut report)
    }

    /// Returns the text of a file of the export.
    fn read(&self, path: &str) -> String {
        let path = self.target().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    }

    /// Returns the paths of all files of the export, sorted, with `/` on every system.
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        collect(&self.target(), "", &mut paths);
        paths.sort();
        paths
    }
}

fn collect(folder: &Path, before: &str, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{before}{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => collect(&entry.path(), &format!("{path}/"), paths),
            false => paths.push(path),
        }
    }
}

/// Returns a message of Wren, a minute after the one before it.
fn message(seq: i64, body: &str) -> MessageRow {
    let id = MessageId(Uuid::from_u128(1000 + u128::from(seq.unsigned_abs())));
    let sent_at = Millis(NOON + (seq - 1) * 60_000);
    let row = MessageRow::new(id, WREN, body, sent_at);
    MessageRow { seq: Seq(seq), changed_seq: seq, ..row }
}

fn everything(format: ExportFormat) -> ExportRequest {
    let (from, until, with_files) = (None, None, true);
    ExportRequest { selection: ExportSelection::Everything, from, until, format, with_files }
}

fn context() -> ExportContext {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    ExportContext { now: Millis(NOON + 3 * DAY), zone, texts: texts() }
}

fn texts() -> ExportTexts {
    ExportTexts {
        language: "en".into(),
        direction: "ltr".into(),
        title: "Export".into(),
        exported_at: "Exported".into(),
        account: "Account".into(),
        server: "Server".into(),
        conversations: "Conversations".into(),
        conversation: "Conversation".into(),
        kind: "Kind".into(),
        direct: "Direct".into(),
        group: "Group".into(),
        messages: "Messages".into(),
        first_day: "First".into(),
        last_day: "Last".into(),
        people: "People".into(),
        name: "Name".into(),
        username: "Username".into(),
        members: "Members".into(),
        left: "left".into(),
        unknown_person: "Somebody".into(),
        pages: "Pages".into(),
        page: "Page".into(),
        previous_page: "Previous".into(),
        next_page: "Next".into(),
        no_messages: "No messages".into(),
        missing_older: "Older ones are missing".into(),
        missing_newer: "Newer ones are missing".into(),
        in_reply_to: "In reply to".into(),
        unknown_message: "a message that is not here".into(),
        edited: "Edited".into(),
        deleted: "Deleted".into(),
        pinned: "Pinned".into(),
        done: "Done".into(),
        to_do: "To do".into(),
        reactions: "Reactions".into(),
        files: "Files".into(),
        not_downloaded: "Not downloaded".into(),
        left_out: "Left out".into(),
        may_run: "May be a program".into(),
    }
}
