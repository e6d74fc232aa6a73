//! Tests that every column of every table is written, read, compared and repaired.

use super::{GROUP, ME, STREAM, WREN, account_page, message, open, page};
use crate::schema::{MIRROR, OUTBOX};
use crate::{ServerUpdate, Store};
use parlour_protocol::{
    Bootstrap, ConversationRow, ConversationType, Count, DraftRow, HistoryVisibility, MemberRole,
    MemberRow, MembershipRow, MessageFile, MessageId, MessageRow, Millis, Page, PersonStatus,
    PictureId, Profile, Reaction, Removal, Row, SavedRow, Seq, SessionId, SessionRow, SettingRow,
    StreamId, UserRole, UserRow,
};
use parlour_sqlite::Schema;
use rusqlite::Connection;
use std::collections::BTreeSet;
use tempfile::TempDir;
use uuid::Uuid;

/// Tables without rows of the server: the mirror's own state, the search index, pictures and files, which their ids
/// and hashes name, and what messages concern the user.
const TABLES_WITHOUT_LIST: [&str; 7] =
    ["mirror", "messages_fts", "search_stretches", "pictures", "activity", "files", "thumbnails"];

/// The mirror's tables: their lists, and the columns that only this device sets.
const MIRROR_LISTS: [(&str, &[&str], &str); 9] = [
    ("users", &[users!(list)], "number"),
    ("sessions", &[sessions!(list)], ""),
    ("drafts", &[drafts!(list)], ""),
    ("saved", &[saved!(list)], ""),
    ("settings", &[synced_settings!(list)], ""),
    ("members", &[members!(list)], ""),
    ("messages", &[messages!(list)], ""),
    ("streams", &[streams!(list)], ""),
    (
        "conversations",
        &[conversation_row!(list), membership_row!(list)],
        "number, id, last_seq, floor_seq, known_seq, active_at, reacted_seq",
    ),
];

const OUTBOX_LISTS: [(&str, &[&str], &str); 6] = [
    ("account", &[account!(list)], ""),
    ("ops", &[ops!(list)], ""),
    ("drafts", &[local_drafts!(list)], ""),
    ("settings", &[settings!(list)], ""),
    ("files", &[own_files!(list)], ""),
    ("staged", &[staged!(list)], ""),
];

/// Columns that no digest covers (see [`parlour_protocol::row_digest`]), that are derived from
/// others, that only tell which row is newer, or that identify the row.
const NOT_COMPARED: [&str; 8] = [
    "sessions.expires_at",
    "members.last_read_seq",
    "users.folded",
    "users.display_folded",
    "users.looks",
    "users.username_looks",
    "changed_seq",
    "users.id",
];

fn split(list: &str) -> impl Iterator<Item = String> {
    list.split(", ").filter(|name| !name.is_empty()).map(str::to_owned)
}

#[test]
fn every_column_of_every_table_is_in_its_list() {
    for (schema, lists) in [(MIRROR, &MIRROR_LISTS[..]), (OUTBOX, &OUTBOX_LISTS)] {
        let conn = memory(&schema);
        let mut tables = tables(&conn);
        for (table, listed, local) in lists {
            assert!(tables.remove(*table), "{table}");
            let listed: BTreeSet<_> =
                listed.iter().copied().chain([*local]).flat_map(split).collect();
            let columns = columns(&conn, table).into_iter().map(|column| column.name).collect();
            assert_eq!(listed, columns, "{table}");
        }
        tables.retain(|table| !TABLES_WITHOUT_LIST.contains(&table.as_str()));
        assert!(tables.is_empty(), "no list: {tables:?}");
    }
}

fn memory(schema: &Schema) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(schema.newest).unwrap();
    conn
}

fn tables(conn: &Connection) -> BTreeSet<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'
        AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'messages_fts_%'";
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: String,
    is_null: bool,
    is_key: bool,
}

fn columns(conn: &Connection, table: &str) -> Vec<Column> {
    let sql = "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1)";
    let mut statement = conn.prepare(sql).unwrap();
    let read = |row: &rusqlite::Row<'_>| {
        let (name, kind) = (row.get("name")?, row.get("type")?);
        let is_null = !row.get::<_, bool>("notnull")?;
        Ok(Column { name, kind, is_null, is_key: row.get("pk")? })
    };
    statement.query_map([table], read).unwrap().map(Result::unwrap).collect()
}

/// Returns an SQL expression for a value that the column never has in [`filled`].
fn other_value(table: &str, column: &Column) -> String {
    match (table, column.name.as_str(), column.kind.as_str()) {
        // The mirror stores only sessions that have not ended, so `revoked_at` is empty in all of
        // them.
        (_, name, "INTEGER") if column.is_null => format!("CASE WHEN {name} IS NULL THEN 1 END"),
        _ if column.is_null => "NULL".into(),
        (_, "role", _) => "'administrator'".into(),
        (_, "type", _) => "'p2p'".into(),
        (_, "history", _) => "'beginning'".into(),
        (_, "removal", _) => "'keep'".into(),
        (_, "sender", _) => "(SELECT number FROM users WHERE number <> sender)".into(),
        (_, name, "INTEGER") => format!("{name} + CASE {name} WHEN 1 THEN -1 ELSE 1 END"),
        (_, _, "BLOB") => "zeroblob(16)".into(),
        _ => "'another'".into(),
    }
}

/// Returns rows of every kind with no empty fields, by stream.
fn rows() -> [(StreamId, Vec<Row>); 3] {
    let account = StreamId::Account(ME);
    [(StreamId::Directory, directory_rows()), (account, account_rows()), (STREAM, group_rows())]
}

fn at(ms: i64) -> Option<Millis> {
    Some(Millis(ms))
}

fn directory_rows() -> Vec<Row> {
    let user = |id, name: &str, role| UserRow {
        profile: Profile {
            display_name: format!("{name} of the house"),
            about: "wood".into(),
            time_zone: "UTC".into(),
            status: PersonStatus { emoji: "🌲".into(), text: "away".into(), until: at(9) },
        },
        picture: Some(PictureId::of(name.as_bytes())),
        deactivated_at: at(3),
        erased_at: at(4),
        ..UserRow::new(id, name, role, 1)
    };
    vec![
        Row::User(user(ME, "me", UserRole::Member)),
        Row::User(user(WREN, "wren", UserRole::Member)),
    ]
}

fn group_rows() -> Vec<Row> {
    let group = ConversationRow {
        topic: "wood".into(),
        history: HistoryVisibility::Joining,
        removal: Removal::Purge,
        archived_at: at(5),
        changed_seq: 1,
        ..ConversationRow::new(GROUP, ConversationType::Group, "workshop", WREN, Millis(7))
    };
    let member = |user_id| MemberRow {
        user_id,
        role: MemberRole::Member,
        joined_at: Millis(8),
        last_read_seq: Some(Seq(1)),
        left_at: at(9),
        changed_seq: 1,
    };
    let reactions =
        vec![Reaction { emoji: "👍".into(), count: Count(1), users: vec![WREN], own: None }];
    let message_row = |seq| MessageRow {
        edited_at: at(10),
        deleted_at: at(11),
        pinned_at: at(12),
        reply_to: Some(message(1, "").id),
        mentions: vec![ME],
        mentions_all: true,
        reactions: reactions.clone(),
        files: vec![MessageFile::example("plan.pdf", b"plan")],
        ..message(seq, "hello")
    };
    vec![
        Row::Conversation(group),
        Row::Member(member(ME)),
        Row::Member(member(WREN)),
        Row::Message(message_row(2)),
        Row::Message(message_row(3)),
    ]
}

fn account_rows() -> Vec<Row> {
    let membership = MembershipRow {
        left_at: at(13),
        visible_from: 2,
        last_read_seq: Seq(3),
        muted_until: at(14),
        pinned_at: at(15),
        hidden_at: at(16),
        marked_unread: true,
        purged: false,
        changed_seq: 1,
        ..MembershipRow::new(GROUP, Millis(0))
    };
    let session = SessionRow {
        id: SessionId(Uuid::from_u128(9)),
        device: "a desk".into(),
        created_at: Millis(17),
        expires_at: Millis(18),
        revoked_at: None,
        changed_seq: 1,
    };
    let reply_to = Some(MessageId(Uuid::from_u128(5)));
    let draft = DraftRow {
        conversation_id: GROUP,
        body: "so".into(),
        reply_to,
        updated_at: Millis(0),
        changed_seq: 1,
    };
    let message_id = message(2, "").id;
    let saved = SavedRow { message_id, conversation_id: GROUP, saved_at: at(19), changed_seq: 1 };
    let setting = SettingRow { name: "theme".into(), value: "dark".into(), changed_seq: 1 };
    vec![
        Row::Membership(membership),
        Row::Session(session),
        Row::Draft(draft),
        Row::Saved(saved),
        Row::Setting(setting),
    ]
}

/// Returns a mirror with these rows, each stream applied up to the third change.
fn filled(folder: &TempDir) -> Store {
    let store = open(folder);
    store.begin_epoch("e").unwrap();
    let [(directory, people), (_, account_rows), (stream, group_rows)] = rows();
    let people = Page { stream: directory, term: 0, ..page(0, 3, people) };
    let own = account_page(0, 3, account_rows);
    let (epoch, rows) = ("e".into(), group_rows);
    let group =
        Bootstrap { epoch, stream, term: 1, head: 3, last_seq: 3, rows, members_cursor: None };
    let updates =
        [ServerUpdate::Page(&people), ServerUpdate::Page(&own), ServerUpdate::Bootstrap(&group)];
    for update in updates {
        store.mirror.apply(&[update]).unwrap();
    }
    store
}

/// Returns everything in the tables, except the numbers of changes.
fn dump(store: &Store) -> Vec<String> {
    store
        .mirror
        .read(|conn| {
            let mut dump = Vec::new();
            for (table, ..) in MIRROR_LISTS.iter().filter(|(table, ..)| *table != "streams") {
                let columns = columns(conn, table).into_iter().map(|column| column.name);
                let columns = columns.filter(|name| !name.ends_with("changed_seq"));
                let quoted = columns.map(|name| format!("quote({name})")).collect::<Vec<_>>();
                let sql = format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || ' ' || "));
                let mut statement = conn.prepare(&sql)?;
                let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
                for row in rows {
                    dump.push(format!("{table}: {}", row?));
                }
            }
            Ok(dump)
        })
        .unwrap()
}

/// Returns the digests of everything that is compared.
fn digests(store: &Store) -> Vec<Option<(i64, String)>> {
    let state = rows().map(|(stream, _)| {
        let cursor = store.mirror.stream_cursor(stream).unwrap().unwrap();
        store.mirror.state_digest(&cursor).unwrap()
    });
    let range = store.mirror.message_range(GROUP, None).unwrap();
    let messages = range.and_then(|range| store.mirror.digest(&range).unwrap());
    state.into_iter().chain([messages]).collect()
}

fn repair_all(store: &Store) {
    for (stream, rows) in rows() {
        let cursor = store.mirror.stream_cursor(stream).unwrap().unwrap();
        store.mirror.repair_state(&cursor, "e", &rows).unwrap().unwrap();
    }
    let range = store.mirror.message_range(GROUP, None).unwrap().unwrap();
    let [.., (_, group_rows)] = rows();
    store.mirror.repair(&range, "e", &group_rows).unwrap().unwrap();
}

#[test]
fn a_column_that_differs_from_the_servers_is_detected_and_repaired() {
    let folder = TempDir::new().unwrap();
    let store = filled(&folder);
    let (intact, original_digests) = (dump(&store), digests(&store));
    assert!(original_digests.iter().all(Option::is_some), "{original_digests:?}");
    for (table, _, local) in MIRROR_LISTS.iter().filter(|(table, ..)| *table != "streams") {
        let local: BTreeSet<_> = split(local).collect();
        let columns = store.mirror.read(|conn| Ok(columns(conn, table))).unwrap();
        for column in
            columns.iter().filter(|column| !column.is_key && !local.contains(&column.name))
        {
            let (name, full) = (&column.name, format!("{table}.{}", column.name));
            if NOT_COMPARED.iter().any(|exempt| full == *exempt || name.ends_with(exempt)) {
                continue;
            }
            let sql = format!("UPDATE {table} SET {name} = {}", other_value(table, column));
            assert!(store.mirror.damage(&sql).unwrap() > 0, "{full}");
            assert_ne!(dump(&store), intact, "{full} has another value");
            assert_ne!(digests(&store), original_digests, "{full} is not compared");
            repair_all(&store);
            assert_eq!(dump(&store), intact, "{full} is not repaired");
        }
    }
}
