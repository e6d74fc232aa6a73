//! Searching, compared with SQLite's own full-text index over the same messages and the simplest
//! queries.

use crate::mirror::{MirrorFile, open_mirror, rows, time};
use crate::table::Measure;
use parlour_client::{ConversationSummary, Scope, Search, SearchOrder, Session};
use rusqlite::Connection;
use tempfile::TempDir;

/// Number of runs of each search.
const RUNS: usize = 30;

/// For each search its name, what is typed, and the query to the plain index. That index has no
/// operators: its queries consist of words instead.
const SEARCHES: [(&str, &str, &str); 14] = [
    ("a common word", "the ", "\"the\""),
    ("a rare word", "marsupial ", "\"marsupial\""),
    ("no such word", "qzxjwv ", "\"qzxjwv\""),
    ("two words", "spesh inline ", "\"spesh\" \"inline\""),
    ("two rare words", "marsupial kangaroo ", "\"marsupial\" \"kangaroo\""),
    ("a phrase", "\"inline cache\"", "\"inline cache\""),
    ("a beginning", "disp", "\"disp\"*"),
    ("a common beginning", "com", "\"com\"*"),
    ("a beginning of one letter", "s", "\"s\"*"),
    ("an identifier", "MVM_SPESH_DISABLE", "\"MVM SPESH DISABLE\""),
    ("code", "foo->bar", "\"foo bar\""),
    ("Chinese", "中文", "\"中文\""),
    ("from somebody, with a link", "from:jnthn has:link ", "\"jnthn\" \"http\""),
    ("a word before a year", "the before:2016 ", "\"the\""),
];

/// Measures searching, the best hits, and the size of the index.
pub fn measure(session: &Session, mirror: &MirrorFile, measures: &mut Vec<Measure>) {
    eprintln!("searching; the plain index is built first");
    let folder = TempDir::new().expect("a folder");
    let conn = open_mirror(mirror);
    let plain = plain_index(&conn, &folder);
    let conversations = session.conversations(1000).expect("a list");
    let conversation = conversations.iter().max_by_key(|row| row.last_seq).expect("a conversation");
    let number = number(&conn, conversation);
    let places = [
        ("everywhere", Scope::Everywhere, 0, i64::MAX),
        (
            "in one conversation",
            Scope::Conversation(conversation.id),
            number << 32,
            (number + 1) << 32,
        ),
    ];
    let sql = "SELECT rowid FROM plain WHERE plain MATCH ?1 AND rowid BETWEEN ?2 AND ?3
        ORDER BY rowid DESC LIMIT 50";
    let row = "SELECT sender, body, sent_at FROM messages WHERE key = ?1";
    for (kind, credentials, query) in SEARCHES {
        for (position, scope, low, high) in places {
            let runs = vec![(); RUNS];
            let search = Search::new(credentials, scope);
            measures.push(Measure {
                name: format!("{kind}, {position}"),
                unit: "ms",
                ours: time(&runs, |()| drop(session.search(&search).expect("a page"))),
                floor: time(&runs, |()| {
                    let mut statement = plain.prepare_cached(sql).expect("a statement");
                    let keys = statement.query_map((query, low, high), |row| row.get(0));
                    let keys: rusqlite::Result<Vec<i64>> = keys.expect("hits").collect();
                    keys.expect("hits")
                        .into_iter()
                        .for_each(|key| assert!(rows(&conn, row, [key]) > 0));
                }),
            });
        }
    }
    measure_best_hits(session, &plain, measures);
    measure_disk(&conn, mirror, measures);
}

fn measure_best_hits(session: &Session, plain: &Connection, measures: &mut Vec<Measure>) {
    let runs = vec![(); RUNS / 3];
    let search = Search { order: SearchOrder::Best, ..Search::everywhere("the inline ") };
    let sql = "SELECT rowid FROM plain WHERE plain MATCH ?1 ORDER BY bm25(plain) LIMIT 50";
    measures.push(Measure {
        name: "the best of two words, everywhere".into(),
        unit: "ms",
        ours: time(&runs, |()| drop(session.search(&search).expect("a page"))),
        floor: time(&runs, |()| assert!(rows(plain, sql, ["\"the\" \"inline\""]) > 0)),
    });
    let search = Search::everywhere("the ");
    let sql = "SELECT count(*) FROM plain WHERE plain MATCH ?1";
    measures.push(Measure {
        name: "all hits of a common word counted".into(),
        unit: "ms",
        ours: time(&runs, |()| assert!(session.count_hits(&search).expect("a count").is_some())),
        floor: time(&runs, |()| assert!(rows(plain, sql, ["\"the\""]) > 0)),
    });
}

/// Compares the size of the mirror's file, with everything in it, with that of the messages' text.
fn measure_disk(conn: &Connection, (path, _): &MirrorFile, measures: &mut Vec<Measure>) {
    let sql = "SELECT sum(length(CAST(unpacked(body) AS BLOB))) FROM messages";
    let text: i64 = conn.query_row(sql, [], |row| row.get(0)).expect("messages");
    let wal = path.with_file_name("mirror.db-wal");
    let size = |path| std::fs::metadata(path).map_or(0, |file: std::fs::Metadata| file.len());
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    measures.push(Measure {
        name: "disk: the mirror against its text".into(),
        unit: "MiB",
        ours: vec![mib(size(path.clone()) + size(wal))],
        floor: vec![mib(text.unsigned_abs())],
    });
}

fn plain_index(conn: &Connection, folder: &TempDir) -> Connection {
    let mut plain = Connection::open(folder.path().join("plain.db")).expect("a file");
    let schema = "PRAGMA journal_mode = OFF; CREATE VIRTUAL TABLE plain
        USING fts5 (body, content = '', tokenize = 'unicode61 remove_diacritics 2')";
    plain.execute_batch(schema).expect("a table");
    let tx = plain.transaction().expect("a transaction");
    {
        let mut insert =
            tx.prepare("INSERT INTO plain (rowid, body) VALUES (?1, ?2)").expect("a statement");
        let mut read =
            conn.prepare("SELECT key, unpacked(body) FROM messages ORDER BY key").expect("one");
        let mut messages = read.query([]).expect("messages");
        while let Some(row) = messages.next().expect("a message") {
            let (key, body): (i64, String) =
                (row.get(0).expect("a key"), row.get(1).expect("text"));
            insert.execute((key, body)).expect("inserted");
        }
    }
    tx.commit().expect("committed");
    plain
}

fn number(conn: &Connection, conversation: &ConversationSummary) -> i64 {
    let sql = "SELECT number FROM conversations WHERE id = ?1";
    conn.query_row(sql, [conversation.id.0.as_bytes()], |row| row.get(0)).expect("a number")
}
