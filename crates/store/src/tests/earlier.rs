//! Files of earlier versions are migrated to the newest version.

use super::search::seqs;
use super::{ME, ROOM, STREAM, WREN, bodies, key, message, open, page};
use crate::mirror::messages;
use crate::schema::MIRROR;
use crate::{Arrival, register_search};
use parlour_protocol::{MessageRow, Row, UserId};
use parlour_sqlite::{Durability, Schema};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

const LUKASZ: UserId = UserId(Uuid::from_u128(77));

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

#[test]
fn a_mirror_of_the_first_version() {
    let folder = TempDir::new().unwrap();
    drop(open(&folder));
    let path = folder.path().join("mirror.db");
    std::fs::remove_file(&path).unwrap();
    let first = MIRROR.newest.replace("body ANY NOT NULL", "body TEXT NOT NULL");
    let first = first.replace("messages (substr(id, 1, 8))", "messages (id)");
    let (before, added) = first.split_once(",\n    -- What whoever is removed keeps").unwrap();
    let first = format!("{before}\n) STRICT{}", added.split_once("\n) STRICT").unwrap().1);
    let last = "merged INTEGER NOT NULL DEFAULT 0";
    let (before, after) = first.split_once(last).unwrap();
    let first = format!("{before}{last}\n{}", &after[after.find(") STRICT").unwrap()..]);
    let folded = first.find(",\n    -- The username as a search folds it").unwrap();
    let (before, after) = first.split_at(folded);
    let first = format!("{before}\n{}", &after[after.find(") STRICT").unwrap()..]);
    let index = "users_username ON users (username COLLATE NOCASE)";
    let first = first.replace("users_folded ON users (folded)", index);
    let first = Schema { newest: first.leak(), migrations: &[], ..MIRROR };
    let conn = parlour_sqlite::open(&path, &first, Durability::Full, Some(&key())).unwrap();
    register_search(&conn).unwrap();
    conn.execute("INSERT INTO mirror (only_row, user_id, epoch) VALUES (1, $1, 'e')", [ME.0])
        .unwrap();
    conn.execute("INSERT INTO streams VALUES ($1, 1, 1, 1)", [STREAM.to_string()]).unwrap();
    conn.execute("INSERT INTO users (number, id) VALUES (1, $1)", [WREN.0]).unwrap();
    conn.execute("INSERT INTO users (number, id, username) VALUES (2, $1, 'Łukasz')", [LUKASZ.0])
        .unwrap();
    let room = "INSERT INTO conversations (number, id, type, last_seq, floor_seq, known_seq)
        VALUES (1, $1, 'group', 2, 1, 2)";
    conn.execute(room, [ROOM.0]).unwrap();
    for seq in [1, 2] {
        let MessageRow { id, body, .. } = message(seq, "as it was said");
        let row = "INSERT INTO messages (key, id, sender, body, sent_at, changed_seq)
            VALUES ((1 << 32) + $1, $2, 1, $3, $1, 1)";
        conn.execute(row, (seq, id.0, body)).unwrap();
    }
    drop(conn);

    let store = open(&folder);
    assert!(store.mirror.is_index_outdated().unwrap());
    store.mirror.rebuild_index(|| true).unwrap();
    assert!(!store.mirror.is_index_outdated().unwrap());
    let edited = MessageRow { changed_seq: 2, ..message(2, "said better") };
    let rows = vec![Row::Message(edited), Row::Message(message(3, "and this came later"))];
    assert!(!store.mirror.apply(&[Arrival::Page(&page(1, 3, rows))]).unwrap().is_empty());
    assert_eq!(bodies(&store), ["as it was said", "said better", "and this came later"]);
    for (typed, found) in [("was ", &[1][..]), ("said ", &[2, 1]), ("later ", &[3])] {
        assert_eq!(seqs(&store, typed), found, "{typed}");
    }
    assert_eq!(store.mirror.people_starting("luk", 9).unwrap()[0].id, LUKASZ);
    let id = message(1, "").id;
    assert!(store.mirror.read(|conn| messages::is_held(conn, id)).unwrap());
    let newest = Connection::open_in_memory().unwrap();
    newest.execute_batch(MIRROR.newest).unwrap();
    assert_eq!(store.mirror.read(|conn| Ok(schema(conn))).unwrap(), schema(&newest));
}
