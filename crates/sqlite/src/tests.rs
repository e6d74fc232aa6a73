use super::*;
use rusqlite::StatementStatus;

const ONE: Schema =
    Schema { application_id: 7, newest: "CREATE TABLE a (x INTEGER) STRICT", migrations: &[] };
const TWO: Schema = Schema {
    application_id: 7,
    newest: "CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE b (y INTEGER) STRICT",
    migrations: &["CREATE TABLE b (y INTEGER) STRICT"],
};

#[test]
fn an_old_file_is_migrated_and_keeps_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let old = open(&path, &ONE, Durability::Full, None).unwrap();
    old.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
    drop(old);
    let migrated = open(&path, &TWO, Durability::Full, None).unwrap();
    let x: i64 = migrated.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
    assert_eq!(x, 1);
    migrated.execute("INSERT INTO b (y) VALUES (1)", []).unwrap();
}

#[test]
fn a_long_write_ahead_log_is_truncated() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let conn = open(&path, &ONE, Durability::Full, None).unwrap();
    let length = || std::fs::metadata(dir.path().join("x.db-wal")).unwrap().len();
    let many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000)
        INSERT INTO a (x) SELECT x FROM n";
    conn.execute(many, []).unwrap();
    assert!(length() > LOG_BYTES.unsigned_abs());
    conn.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
    assert!(length() <= LOG_BYTES.unsigned_abs());
}

#[test]
fn a_newer_file_is_refused_and_left_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    drop(open(&path, &TWO, Durability::Full, None).unwrap());
    let refused = open(&path, &ONE, Durability::Full, None);
    assert!(matches!(refused, Err(Error::Newer { found: 2, known: 1, .. })));
    open(&path, &TWO, Durability::Full, None).unwrap();
}

#[test]
fn another_programs_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(open(&path, &ONE, Durability::Full, None), Err(Error::Foreign { .. })));
}

#[test]
fn an_empty_database_counts_as_new() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let empty = Connection::open(&path).unwrap();
    empty.pragma_update(None, "journal_mode", "WAL").unwrap();
    drop(empty);
    assert!(std::fs::metadata(&path).unwrap().len() > 0);
    open(&path, &ONE, Durability::Full, None).unwrap();
}

#[test]
fn a_file_of_random_bytes_counts_as_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    std::fs::write(&path, [0x5a; 8192]).unwrap();
    let Err(Error::Open { source, .. }) = open(&path, &ONE, Durability::Full, None) else {
        panic!("noise was opened")
    };
    assert!(is_damage(&source));
}

#[test]
fn a_reader_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    drop(open(&path, &ONE, Durability::Normal, None).unwrap());
    let reader = open_reader(&path, None).unwrap();
    assert!(reader.execute("INSERT INTO a (x) VALUES (1)", []).is_err());
}

#[test]
fn a_file_can_be_read_without_changing_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a b?c#d%.db");
    let conn = open(&path, &ONE, Durability::Full, None).unwrap();
    conn.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
    let number = |conn: &Connection| -> i64 {
        conn.query_row("SELECT sum(x) FROM a", [], |row| row.get(0)).unwrap()
    };
    drop(conn);
    let before = (std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    let unchanged = open_unchanged(&path).unwrap();
    assert_eq!(number(&unchanged), 1);
    assert!(unchanged.execute("INSERT INTO a (x) VALUES (1)", []).is_err());
    drop(unchanged);
    let after = (std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    assert!(before == after);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no other file is left");
}

#[cfg(unix)]
#[test]
fn a_file_is_read_with_its_log_also_through_a_link() {
    let [dir, killed, elsewhere] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let path = dir.path().join("x.db");
    let conn = open(&path, &ONE, Durability::Full, None).unwrap();
    conn.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
    for name in ["x.db", "x.db-wal"] {
        std::fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
    }
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(killed.path().join("x.db"), &link).unwrap();
    assert!(log_path(&link).metadata().unwrap().len() > 0);
    let unchanged = open_unchanged(&link).unwrap();
    let sum: i64 = unchanged.query_row("SELECT sum(x) FROM a", [], |row| row.get(0)).unwrap();
    assert_eq!(sum, 1);
}

#[cfg(unix)]
#[test]
fn a_link_that_takes_the_place_of_a_resolved_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let [path, other] = ["x.db", "other.db"].map(|name| dir.path().join(name));
    for path in [&path, &other] {
        drop(open(path, &ONE, Durability::Full, None).unwrap());
    }
    let resolved = resolve(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    open_resolved(&resolved, &ONE, Durability::Full, None).unwrap_err();
    open(&path, &ONE, Durability::Full, None).unwrap();
}

fn key(byte: u8) -> Key {
    Key::fill(|key| key.fill(byte))
}

#[test]
fn an_encrypted_file_is_unreadable_without_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let conn = open(&path, &ONE, Durability::Full, Some(&key(7))).unwrap();
    conn.execute("INSERT INTO a (x) VALUES (42)", []).unwrap();
    drop(conn);
    assert!(!is_plain(&path));
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"CREATE"));
    for wrong in [None, Some(key(8))] {
        let refused = open(&path, &ONE, Durability::Full, wrong.as_ref());
        assert!(matches!(refused, Err(Error::Open { source, .. }) if is_damage(&source)));
    }
    let reader = open_reader(&path, Some(&key(7))).unwrap();
    let x: i64 = reader.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
    assert_eq!(x, 42);
}

#[test]
fn a_plain_file_is_encrypted_and_leaves_no_plain_copy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let plain = open(&path, &ONE, Durability::Full, None).unwrap();
    plain.execute("INSERT INTO a (x) VALUES (42)", []).unwrap();
    drop(plain);
    assert!(is_plain(&path));
    encrypt(&path, &key(7)).unwrap();
    assert!(!is_plain(&path));
    let conn = open(&path, &ONE, Durability::Full, Some(&key(7))).unwrap();
    let x: i64 = conn.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
    assert_eq!(x, 42);
    drop(conn);
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, 1, "no other file is left");
}

#[test]
fn a_copy_by_vacuum_has_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("x.db"), dir.path().join("copy.db"));
    let conn = open(&path, &ONE, Durability::Full, Some(&key(7))).unwrap();
    conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).unwrap();
    assert!(!is_plain(&copy));
    open(&copy, &ONE, Durability::Full, Some(&key(7))).unwrap();
}

#[test]
fn a_cached_statement_is_not_prepared_again_for_other_values() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let written = open(&path, &ONE, Durability::Full, None).unwrap();
    let read = open_reader(&path, None).unwrap();
    for conn in [written, read, open_in_memory(&ONE, None).unwrap()] {
        let mut statement =
            conn.prepare("SELECT x FROM a WHERE x > $1 AND x LIKE $2 LIMIT $3 OFFSET $3").unwrap();
        for (from, like, limit) in [(0, "a", 0), (7, "4%", 1), (9, "%", 50), (-1, "_", 5)] {
            statement.query_map((from, like, limit), |_| Ok(())).unwrap().for_each(drop);
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
