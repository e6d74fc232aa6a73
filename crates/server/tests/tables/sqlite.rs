//! The tables as SQLite's catalogue describes them.

use rusqlite::Connection;
use std::collections::BTreeSet;

fn database() -> Connection {
    let conn = super::new_sqlite();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn
}

fn strings(conn: &Connection, sql: &str) -> BTreeSet<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Returns the columns with their types, NOT NULL, and their positions in the key.
fn columns(conn: &Connection, table: &str) -> BTreeSet<String> {
    strings(
        conn,
        &format!(
            "SELECT name || ' ' || type || CASE WHEN \"notnull\" THEN ' NOT NULL' ELSE '' END
                || CASE WHEN pk THEN ' KEY' || pk ELSE '' END FROM pragma_table_xinfo('{table}')"
        ),
    )
}

#[test]
fn the_required_columns_have_their_types() {
    let conn = database();
    for (table, required) in [
        (
            "users",
            &[
                "id TEXT NOT NULL KEY1",
                "username TEXT NOT NULL",
                "password_hash TEXT NOT NULL",
                "created_at TEXT",
                "last_seen TEXT",
            ][..],
        ),
        (
            "sessions",
            &[
                "id TEXT NOT NULL KEY1",
                "user_id TEXT NOT NULL",
                "token TEXT NOT NULL",
                "created_at TEXT",
                "expires_at TEXT NOT NULL",
            ],
        ),
        (
            "conversations",
            &[
                "id TEXT NOT NULL KEY1",
                "type TEXT NOT NULL",
                "created_by TEXT NOT NULL",
                "created_at TEXT",
            ],
        ),
        (
            "conversation_members",
            &["conversation_id TEXT NOT NULL KEY1", "user_id TEXT NOT NULL KEY2", "joined_at TEXT"],
        ),
    ] {
        let found = columns(&conn, table);
        for column in required {
            assert!(found.contains(*column), "{table} has no column {column}: {found:?}");
        }
    }
}

#[test]
fn the_required_indexes_exist() {
    let conn = database();
    let found = strings(
        &conn,
        "SELECT i.name || '(' || c.name || ')' FROM sqlite_schema AS i
         JOIN pragma_index_info(i.name) AS c WHERE i.type = 'index' AND i.sql IS NOT NULL",
    );
    for index in [
        "idx_users_username(username)",
        "idx_sessions_token(token)",
        "idx_sessions_user_id(user_id)",
        "idx_conversations_type(type)",
        "idx_conversation_members_user_id(user_id)",
    ] {
        assert!(found.contains(index), "{index} is missing: {found:?}");
    }
}

/// Uses the tables as another program's object mapper would: with only the required columns.
#[test]
fn the_required_defaults_unique_constraints_checks_and_cascades_exist() {
    let conn = database();
    conn.execute("INSERT INTO users (username, password_hash) VALUES ('a', 'h')", []).unwrap();
    let (id, created_at, last_seen): (String, String, Option<String>) = conn
        .query_row("SELECT id, created_at, last_seen FROM users", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 4);
    created_at.parse::<jiff::Timestamp>().expect("RFC 3339");
    assert_eq!(last_seen, None);
    let refused = |sql: &str| assert!(conn.execute(sql, [&id]).is_err(), "{sql}");
    refused("INSERT INTO users (username, password_hash) SELECT 'a', ?1");
    refused("INSERT INTO users (username) SELECT ?1");
    refused("INSERT INTO users (username, password_hash) SELECT ?1 || '012345678901234', 'h'");
    refused("INSERT INTO conversations (type, created_by) VALUES ('room', ?1)");
    refused("INSERT INTO sessions (user_id, token) VALUES (?1, 't')");
    for sql in [
        "INSERT INTO sessions (user_id, token, expires_at) VALUES (?1, 't', '2030-01-01T00:00:00Z')",
        "INSERT INTO conversations (id, type, created_by) VALUES ('c', 'group', ?1)",
        "INSERT INTO conversation_members (conversation_id, user_id) VALUES ('c', ?1)",
    ] {
        conn.execute(sql, [&id]).unwrap();
    }
    refused("INSERT INTO sessions (user_id, token, expires_at) VALUES (?1, 't', '2030')");
    refused("INSERT INTO conversation_members (conversation_id, user_id) VALUES ('c', ?1)");
    conn.execute("DELETE FROM users WHERE id = ?1", [&id]).unwrap();
    for table in ["sessions", "conversations", "conversation_members"] {
        let count: i64 =
            conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{table}");
    }
}

#[test]
fn every_index_compares_texts_byte_by_byte() {
    let conn = database();
    let found = strings(
        &conn,
        "SELECT DISTINCT c.coll FROM sqlite_schema AS i JOIN pragma_index_xinfo(i.name) AS c
         WHERE i.type = 'index'",
    );
    assert_eq!(found, BTreeSet::from(["BINARY".to_owned()]));
}
