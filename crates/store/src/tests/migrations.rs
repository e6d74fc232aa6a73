//! Tests that files of earlier versions are migrated to the newest version.

use super::search::seqs;
use super::{GROUP, ME, STREAM, WREN, bodies, key, message, open, page, send};
use crate::mirror::messages;
use crate::schema::{MIRROR, OUTBOX};
use crate::{ServerUpdate, register_search};
use parlour_protocol::{
    MessageFile, MessageRow, Millis, Page, Profile, Row, StreamId, UserId, UserRole, UserRow,
};
use parlour_sqlite::{Durability, Schema};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const LUKASZ: UserId = UserId(Uuid::from_u128(77));

/// The mirror as the first version created it. It is not derived from the newest schema, which may contain a
/// column that no migration adds.
const FIRST_MIRROR: Schema =
    Schema { newest: include_str!("../../mirror_1.sql"), migrations: &[], ..MIRROR };
/// The mirror before its index contained the names of files.
const MIRROR_WITHOUT_FILE_NAMES: Schema =
    Schema { migrations: MIRROR.migrations.split_at(12).0, ..MIRROR };
/// The outbox as the first version made it.
pub(super) const FIRST_OUTBOX: Schema =
    Schema { newest: include_str!("../../outbox_1.sql"), migrations: &[], ..OUTBOX };

/// Returns the schema of a file, without comments and spaces.
fn schema(conn: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql <> '' ORDER BY name";
    let mut statement = conn.prepare(sql).unwrap();
    let lines = |sql: String| {
        let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        lines.flat_map(str::split_whitespace).collect()
    };
    statement.query_map([], |row| row.get(0).map(lines)).unwrap().map(Result::unwrap).collect()
}

/// Returns the schema of a new file.
fn newest(file: &Schema) -> Vec<String> {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(file.newest).unwrap();
    schema(&conn)
}

/// Puts an empty mirror of the first version in the place of the newest.
fn first_mirror(folder: &TempDir) -> Connection {
    drop(open(folder));
    let path = folder.path().join("mirror.db");
    std::fs::remove_file(&path).unwrap();
    let conn = parlour_sqlite::open(&path, &FIRST_MIRROR, Durability::Full, Some(&key())).unwrap();
    register_search(&conn).unwrap();
    conn.execute("INSERT INTO mirror (only_row, user_id, epoch) VALUES (1, $1, 'e')", [ME.0])
        .unwrap();
    conn
}

#[test]
fn a_mirror_of_the_first_version_is_migrated() {
    let folder = TempDir::new().unwrap();
    let conn = first_mirror(&folder);
    conn.execute("INSERT INTO streams VALUES ($1, 1, 1, 1)", [STREAM.to_string()]).unwrap();
    conn.execute("INSERT INTO users (number, id) VALUES (1, $1)", [WREN.0]).unwrap();
    conn.execute("INSERT INTO users (number, id, username) VALUES (2, $1, 'Łukasz')", [LUKASZ.0])
        .unwrap();
    let group = "INSERT INTO conversations (number, id, type, last_seq, floor_seq, known_seq)
        VALUES (1, $1, 'group', 2, 1, 2)";
    conn.execute(group, [GROUP.0]).unwrap();
    for seq in [1, 2] {
        let MessageRow { id, body, .. } = message(seq, "the first text");
        let row = "INSERT INTO messages (key, id, sender, body, sent_at, changed_seq)
            VALUES ((1 << 32) + $1, $2, 1, $3, $1, 1)";
        conn.execute(row, (seq, id.0, body)).unwrap();
    }
    drop(conn);

    let store = open(&folder);
    assert!(store.mirror.is_index_outdated().unwrap());
    store.mirror.rebuild_index(|| true).unwrap();
    assert!(!store.mirror.is_index_outdated().unwrap());
    let edited = MessageRow { changed_seq: 2, ..message(2, "the edited text") };
    let rows = vec![Row::Message(edited), Row::Message(message(3, "and this came later"))];
    assert!(!store.mirror.apply(&[ServerUpdate::Page(&page(1, 3, rows))]).unwrap().is_empty());
    assert_eq!(bodies(&store), ["the first text", "the edited text", "and this came later"]);
    for (typed, found) in [("first ", &[1][..]), ("text ", &[2, 1]), ("later ", &[3])] {
        assert_eq!(seqs(&store, typed), found, "{typed}");
    }
    assert_eq!(store.mirror.people_starting("luk", 9).unwrap()[0].id, LUKASZ);
    let id = message(1, "").id;
    assert!(store.mirror.read(|conn| messages::is_present(conn, id)).unwrap());
    assert_eq!(store.mirror.read(|conn| Ok(schema(conn))).unwrap(), newest(&MIRROR));
}

/// Puts a mirror of the version before file names were indexed in the place of the newest, with a message for each of
/// these texts and lists of files.
fn mirror_without_file_names(folder: &TempDir, rows: &[(&str, &[MessageFile])]) {
    drop(first_mirror(folder));
    let path = folder.path().join("mirror.db");
    let conn =
        parlour_sqlite::open(&path, &MIRROR_WITHOUT_FILE_NAMES, Durability::Full, Some(&key()))
            .unwrap();
    register_search(&conn).unwrap();
    conn.execute("UPDATE mirror SET merged = 0", []).unwrap();
    conn.execute("INSERT INTO users (number, id) VALUES (1, $1)", [WREN.0]).unwrap();
    let group = "INSERT INTO conversations (number, id, type, last_seq, floor_seq, known_seq)
        VALUES (1, $1, 'group', $2, 1, $2)";
    conn.execute(group, (GROUP.0, i64::try_from(rows.len()).unwrap())).unwrap();
    let stream = "INSERT INTO streams (stream, term, cursor, head) VALUES ($1, 1, 1, 1)";
    conn.execute(stream, [STREAM.to_string()]).unwrap();
    for (seq, (body, files)) in (1..).zip(rows) {
        let files = (!files.is_empty()).then(|| serde_json::to_string(files).unwrap());
        let row = "INSERT INTO messages (key, id, sender, body, sent_at, changed_seq, files)
            VALUES ((1 << 32) + $1, $2, 1, $3, $1, 1, $4)";
        conn.execute(row, (seq, message(seq, "").id.0, *body, files)).unwrap();
    }
    let index = "INSERT INTO messages_fts (rowid, terms)
            SELECT key, search_terms(body, sender, sent_at, pinned_at, reactions) FROM messages;
        INSERT INTO search_stretches (stretch) SELECT DISTINCT search_stretch(sent_at) FROM messages";
    conn.execute_batch(index).unwrap();
}

#[test]
fn files_of_earlier_messages_are_found_by_their_names_once_the_index_is_rebuilt() {
    let folder = TempDir::new().unwrap();
    let file = |name| [MessageFile::example(name, b"x")];
    let [plan, photo] = ["Bau Plan.pdf", "Photo.jpg"].map(file);
    mirror_without_file_names(&folder, &[("look at this", &plan), ("", &photo), ("gone", &photo)]);
    let store = open(&folder);
    assert!(store.mirror.is_index_outdated().unwrap());
    assert_eq!(seqs(&store, "look "), [1], "until then, texts are found");
    // A change before the rebuild is not lost.
    let gone = MessageRow { deleted_at: Some(Millis(9)), changed_seq: 2, ..message(3, "") };
    store.mirror.apply(&[ServerUpdate::Page(&page(1, 2, vec![Row::Message(gone)]))]).unwrap();
    store.mirror.rebuild_index(|| true).unwrap();
    assert!(!store.mirror.is_index_outdated().unwrap());
    assert_eq!(seqs(&store, "file:plan"), [1]);
    assert_eq!(seqs(&store, "file:photo"), [2]);
    assert_eq!(seqs(&store, "has:file"), [2, 1]);
    let range = store.mirror.message_range(GROUP, None).unwrap().unwrap();
    assert!(store.mirror.is_indexed(&range).unwrap());
    assert_eq!(store.mirror.read(|conn| Ok(schema(conn))).unwrap(), newest(&MIRROR));
}

#[test]
fn an_index_without_files_is_not_rebuilt() {
    let folder = TempDir::new().unwrap();
    mirror_without_file_names(&folder, &[("look at this", &[])]);
    let store = open(&folder);
    assert!(!store.mirror.is_index_outdated().unwrap());
    assert_eq!(seqs(&store, "look "), [1]);
}

#[test]
fn the_directory_is_fetched_again_after_profiles_were_added() {
    let folder = TempDir::new().unwrap();
    let conn = first_mirror(&folder);
    let directory = StreamId::Directory;
    conn.execute("INSERT INTO streams VALUES ($1, 0, 4, 4)", [directory.to_string()]).unwrap();
    let user = "INSERT INTO users (number, id, username, changed_seq) VALUES (1, $1, 'wren', 4)";
    conn.execute(user, [WREN.0]).unwrap();
    drop(conn);

    let store = open(&folder);
    assert_eq!(store.mirror.stream_cursor(directory).unwrap(), None);
    let streams = store.sync_state().unwrap().streams;
    let known = streams.iter().find(|known| known.stream == directory).unwrap();
    assert_eq!((known.cursor, known.head), (None, 4), "it is behind");
    let profile = Profile { about: "Compilers".into(), ..Profile::default() };
    let row =
        UserRow { profile: profile.clone(), ..UserRow::new(WREN, "wren", UserRole::Member, 4) };
    let fetched = Page { stream: directory, term: 0, ..page(0, 4, vec![Row::User(row)]) };
    store.mirror.apply(&[ServerUpdate::Page(&fetched)]).unwrap();
    assert_eq!(store.card(WREN).unwrap().unwrap().profile, profile);
    assert_eq!(store.mirror.stream_cursor(directory).unwrap().map(|at| at.cursor), Some(4));
}

#[test]
fn an_outbox_of_the_first_version_is_migrated() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("outbox.db");
    let conn = parlour_sqlite::open(&path, &FIRST_OUTBOX, Durability::Full, Some(&key())).unwrap();
    let waiting = send(7, "the first text");
    let action = serde_json::to_string(&waiting.action).unwrap();
    let op = "INSERT INTO ops (id, conversation_id, action, created_at) VALUES ($1, $2, $3, 1)";
    conn.execute(op, (waiting.id.0, GROUP.0, action)).unwrap();
    drop(conn);

    let store = open(&folder);
    assert!(store.salvage().is_none());
    let pending: Vec<_> =
        store.pending_ops().unwrap().into_iter().map(|pending| pending.op).collect();
    assert_eq!(pending, [waiting]);
    assert_eq!(store.outbox.with_conn(|conn| Ok(schema(conn))).unwrap(), newest(&OUTBOX));
}

#[test]
fn earlier_messages_are_added_to_activity() {
    let folder = TempDir::new().unwrap();
    let conn = first_mirror(&folder);
    conn.execute("INSERT INTO users (number, id) VALUES (1, $1), (2, $2)", (WREN.0, ME.0)).unwrap();
    let group = "INSERT INTO conversations (number, id, type, last_seq, floor_seq, known_seq)
        VALUES (1, $1, 'group', 6, 1, 6)";
    conn.execute(group, [GROUP.0]).unwrap();
    let mine = message(1, "").id.0;
    let absent = Uuid::from_u128(99);
    let me = format!("[\"{}\"]", ME.0);
    let wrens = format!("[\"{}\"]", WREN.0);
    let none = None::<&str>;
    let rows = [
        (1, 2, None, none, 0, Some("[]")),
        (2, 1, Some(mine), none, 0, none),
        (3, 1, Some(absent), Some(&*me), 0, none),
        (4, 1, None, none, 1, none),
        (5, 1, Some(message(2, "").id.0), Some(&*wrens), 0, none),
        (6, 2, Some(mine), Some(&*me), 0, none),
    ];
    for (seq, sender, reply_to, mentions, all, reactions) in rows {
        let row = "INSERT INTO messages (key, id, sender, body, sent_at, reply_to, mentions, mentions_all,
                reactions, changed_seq)
            VALUES ((1 << 32) + $1, $2, $3, 'said', $1, $4, $5, $6, $7, 1)";
        let id = message(seq, "").id.0;
        conn.execute(row, (seq, id, sender, reply_to, mentions, all, reactions)).unwrap();
    }
    drop(conn);

    let store = open(&folder);
    let found: Vec<_> = store
        .mirror
        .read(|conn| {
            let sql =
                "SELECT key & 0xffffffff, kind, is_all, target FROM activity ORDER BY key, kind";
            let mut statement = conn.prepare(sql)?;
            let row = |row: &rusqlite::Row<'_>| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, bool>(2)?,
                    row.get::<_, Option<Uuid>>(3)?,
                ))
            };
            Ok(statement.query_map([], row)?.collect::<rusqlite::Result<_>>()?)
        })
        .unwrap();
    let expected = [
        (1, "reaction", false, None),
        (2, "reply", false, None),
        (3, "mention", false, None),
        (3, "open", false, Some(absent)),
        (4, "mention", true, None),
    ];
    let expected: Vec<_> =
        expected.map(|(seq, kind, all, target)| (seq, kind.to_owned(), all, target)).into();
    assert_eq!(found, expected);
}
