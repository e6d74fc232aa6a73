//! The mirror: filling it, and reading it page by page, compared with SQLite alone.

use crate::table::Measure;
use harness::PASSWORD;
use parlour_client::{Client, Position, Session, SignInMode};
use parlour_protocol::{ConversationId, Credentials, Seq};
use parlour_store::Key;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

/// Number of runs of each statement.
const RUNS: usize = 200;
/// Rows in one transaction of the raw insertion: as many as in one page of history.
const ROWS: usize = 1000;

/// Mirrors everything over loopback. Returns how many seconds it took.
pub async fn fill(client: &Client, url: &str) -> f64 {
    eprintln!("filling the mirror");
    let mut notices = client.notices();
    let password = PASSWORD.into();
    let credentials = Credentials {
        username: "marlow".into(),
        password,
        device: "bench".into(),
        invitation: None,
    };
    let started = Instant::now();
    let signed_in =
        client.sign_in(url, &credentials, SignInMode::SignIn, harness::key_storage()).await;
    let session = signed_in.expect("signed in");
    loop {
        let history = session.status().expect("a status").history;
        if history.total.0 > 0 && history.total == history.here {
            return started.elapsed().as_secs_f64();
        }
        // A slow receiver gets an error because it missed notices, which serves as well.
        let _ = notices.recv().await;
    }
}

/// Measures inserting the same rows into the same schema by SQLite alone.
pub fn raw_insertion(mirror: &MirrorFile, seconds: f64) -> Measure {
    eprintln!("inserting the same by SQLite alone");
    let floor = vec![insert_raw(mirror, "1").1];
    Measure { name: "mirror filled over loopback".into(), unit: "s", ours: vec![seconds], floor }
}

/// The path of a mirror's file, and the key that opens it.
pub type MirrorFile = (PathBuf, Option<Key>);

/// Opens the mirror next to the program, with the functions that its triggers call.
pub fn open_mirror((path, key): &MirrorFile) -> Connection {
    let conn = parlour_store::open_unchecked(path, key.as_ref()).expect("the mirror");
    parlour_store::register_search(&conn).expect("functions");
    conn
}

/// Fills the index as is usual with FTS5.
const INDEX_TRIGGER: &str = "CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO messages_fts (rowid, terms) VALUES (new.key,
        search_terms(new.body, new.sender, new.sent_at, new.pinned_at, new.reactions));
    INSERT OR IGNORE INTO search_stretches (stretch) VALUES (search_stretch(new.sent_at));
END";

/// Inserts the messages of a mirror that `condition` selects into an empty file. Returns their number,
/// and the seconds.
pub fn insert_raw(mirror: &MirrorFile, condition: &str) -> (usize, f64) {
    type Row = (i64, Vec<u8>, i64, String, i64, i64);
    let source = open_mirror(mirror);
    let folder = TempDir::new().expect("a folder");
    let mut target = Connection::open(folder.path().join("raw.db")).expect("a file");
    target.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    target.pragma_update(None, "synchronous", "NORMAL").expect("NORMAL");
    parlour_store::register_search(&target).expect("functions");
    target.execute_batch(include_str!("../../schema.sql")).expect("the schema");
    target.execute_batch(INDEX_TRIGGER).expect("a trigger");
    target.pragma_update(None, "foreign_keys", false).expect("off");
    let sql = format!(
        "SELECT key, id, sender, unpacked(body), sent_at, changed_seq FROM messages WHERE {condition} ORDER BY key"
    );
    let mut read = source.prepare(&sql).expect("a statement");
    let rows = read.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    });
    let rows: Vec<Row> = rows.expect("rows").map(|row| row.expect("a row")).collect();
    let started = Instant::now();
    for chunk in rows.chunks(ROWS) {
        let tx = target.transaction().expect("a transaction");
        let sql = "INSERT INTO messages (key, id, sender, body, sent_at, changed_seq)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = tx.prepare_cached(sql).expect("a statement");
        for row in chunk {
            insert.execute((row.0, &row.1, row.2, &row.3, row.4, row.5)).expect("inserted");
        }
        drop(insert);
        tx.commit().expect("committed");
    }
    (rows.len(), started.elapsed().as_secs_f64())
}

/// Measures pages and jumps, each at a different position in the history.
pub fn read_pages(session: &Arc<Session>, mirror: &MirrorFile, measures: &mut Vec<Measure>) {
    eprintln!("reading");
    let conn = open_mirror(mirror);
    conn.pragma_update(None, "mmap_size", 256 * 1024 * 1024).expect("mapped");
    let conversations = session.conversations(1000).expect("a list");
    let number = |id: ConversationId| -> i64 {
        let sql = "SELECT number FROM conversations WHERE id = ?1";
        conn.query_row(sql, [id.0.as_bytes()], |row| row.get(0)).expect("a number")
    };
    let positions: Vec<(ConversationId, i64, i64)> = (0..RUNS)
        .map(|run| {
            let conversation = &conversations[run % conversations.len()];
            // A different part of the history each time.
            let seq = 50 + (run as i64 * 7919) % (conversation.last_seq.0 - 50).max(1);
            (conversation.id, number(conversation.id), seq)
        })
        .collect();
    let sql = "SELECT messages.key, messages.id, users.id, users.username, messages.body,
            messages.sent_at, messages.edited_at, messages.deleted_at
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key >= ?1 AND messages.key < ?2 ORDER BY messages.key DESC LIMIT 50";
    let page = |id: ConversationId, position: Position| {
        let page = session.timeline(id, position, 50).expect("a page");
        assert!(!page.items.is_empty());
    };
    let raw = |number: i64, source: i64, target: i64| {
        assert!(rows(&conn, sql, ((number << 32) + source, (number << 32) + target)) > 0);
    };
    measures.push(Measure {
        name: "page of 50 messages".into(),
        unit: "ms",
        ours: time(&positions, |(id, _, seq)| page(*id, Position::Before(Seq(*seq)))),
        floor: time(&positions, |(_, number, seq)| raw(*number, 0, *seq)),
    });
    measures.push(Measure {
        name: "jump to a message: the 50 around it".into(),
        unit: "ms",
        ours: time(&positions, |(id, _, seq)| page(*id, Position::Around(Seq(*seq)))),
        floor: time(&positions, |(_, number, seq)| raw(*number, seq - 25, seq + 25)),
    });
}

/// Measures the cost of encryption against the same file without it. The files are opened again for
/// each run, so that SQLite has nothing cached.
pub fn encryption(mirror: &MirrorFile, home: &Path, measures: &mut Vec<Measure>) {
    eprintln!("the same file without encryption");
    let plain = (home.join("plain.db"), None);
    std::fs::write(&plain.0, []).expect("a file");
    let conn = open_mirror(mirror);
    conn.execute("ATTACH ?1 AS plain KEY ''", [plain.0.to_string_lossy()]).expect("attached");
    conn.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).expect("exported");
    conn.execute_batch("DETACH plain").expect("detached");
    let sql = "SELECT key, id, body, sent_at FROM messages WHERE key >= ?1 ORDER BY key LIMIT 50";
    let first: i64 =
        conn.query_row("SELECT min(key) FROM messages", [], |row| row.get(0)).expect("a message");
    // A word from the autumn of 2018. Logs that end before do not contain it, but the search takes
    // about as long.
    let word =
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?1 ORDER BY rowid DESC LIMIT 50";
    let runs: Vec<i64> = (0..RUNS as i64 / 2).map(|run| first + run * 97).collect();
    let page =
        |file: &MirrorFile| time(&runs, |key| assert!(rows(&open_mirror(file), sql, [key]) > 0));
    let find = |file: &MirrorFile| {
        time(&runs, |_| {
            rows(&open_mirror(file), word, ["0jxthe"]);
        })
    };
    for (name, ours, floor) in [
        ("opened, and a page read: encrypted against plain", page(mirror), page(&plain)),
        ("opened, and a word found: encrypted against plain", find(mirror), find(&plain)),
    ] {
        measures.push(Measure { name: name.into(), unit: "ms", ours, floor });
    }
}

/// Runs a statement and reads every value of every row. Returns the number of rows.
pub fn rows(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> usize {
    let mut statement = conn.prepare_cached(sql).expect("a statement");
    let columns = statement.column_count();
    let mut rows = statement.query(params).expect("rows");
    let mut count = 0;
    while let Some(row) = rows.next().expect("a row") {
        for column in 0..columns {
            let value: rusqlite::types::Value = row.get(column).expect("a value");
            std::hint::black_box(value);
        }
        count += 1;
    }
    count
}

/// Returns the milliseconds that each run took.
pub fn time<T>(runs: &[T], mut work: impl FnMut(&T)) -> Vec<f64> {
    let timed = runs.iter().map(|run| {
        let started = Instant::now();
        work(run);
        started.elapsed().as_secs_f64() * 1000.0
    });
    timed.collect()
}
