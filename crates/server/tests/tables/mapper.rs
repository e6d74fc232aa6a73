//! An object mapper of another program that uses the same tables and knows only the required columns.

use crate::common::{Database, PASSWORD, connect, credentials};
use std::time::SystemTime;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

/// A hash of `PASSWORD` made by Python's bcrypt 5.0.
const PYTHON_HASH: &str = "$2b$04$Hkg7SxpeGlUdXgKTIP5eF.TU.g4L3aYR53OKyDNqslXMIVAJKwZRq";

#[tokio::test]
async fn a_user_that_another_program_added_can_sign_in() {
    let Some(database) = Database::postgres().await else { return };
    let server = database.serve().await;
    let client = connect(database.url.as_ref().unwrap()).await;
    let before = SystemTime::now() - std::time::Duration::from_secs(60);
    let row = client
        .query_one(
            "INSERT INTO users (username, password_hash) VALUES ($1, $2) RETURNING id, created_at",
            &[&"mapped", &PYTHON_HASH],
        )
        .await
        .unwrap();
    let (id, created_at): (Uuid, SystemTime) = (row.get(0), row.get(1));
    assert!(id.get_version_num() == 4 && created_at > before);
    let user = server.post_credentials("sessions", &credentials("mapped", PASSWORD)).await;
    assert_eq!(user.id.0, id);
    let last_seen: Option<SystemTime> =
        client.query_one("SELECT last_seen FROM users WHERE id = $1", &[&id]).await.unwrap().get(0);
    assert!(last_seen.is_some());
}

#[tokio::test]
async fn password_hashes_verify_in_other_programs() {
    let Some(database) = Database::postgres().await else { return };
    let server = database.serve().await;
    server.register("wren").await;
    // The form that every bcrypt library reads: version 2b, cost, 22 characters of salt, 31 of hash.
    let hash = database.query_string("SELECT password_hash::text FROM users").await;
    assert!(hash.starts_with("$2b$04$") && hash.len() == 60, "{hash}");
    let client = connect(database.url.as_ref().unwrap()).await;
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS pgcrypto").await.unwrap();
    // PostgreSQL's own bcrypt knows the same algorithm under the name 2a.
    let row = client
        .query_one(
            "SELECT crypt($1, replace(password_hash, '$2b$', '$2a$'))
                = replace(password_hash, '$2b$', '$2a$') FROM users",
            &[&PASSWORD],
        )
        .await
        .unwrap();
    assert!(row.get::<_, bool>(0));
}

#[tokio::test]
async fn deletes_cascade_as_required() {
    let Some(database) = Database::postgres().await else { return };
    database.serve().await.running.stop().await.unwrap();
    let client = connect(database.url.as_ref().unwrap()).await;
    client
        .batch_execute(
            "INSERT INTO users (username, password_hash) VALUES ('a', 'h'), ('b', 'h');
             INSERT INTO sessions (user_id, token, expires_at)
                SELECT id, username, now() FROM users;
             INSERT INTO conversations (type, created_by)
                SELECT 'group', id FROM users WHERE username = 'a';
             INSERT INTO conversation_members (conversation_id, user_id)
                SELECT c.id, u.id FROM conversations AS c, users AS u",
        )
        .await
        .unwrap();
    for (sql, state) in [
        (
            "INSERT INTO users (username, password_hash) VALUES ('a', 'h')",
            SqlState::UNIQUE_VIOLATION,
        ),
        ("INSERT INTO users (username) VALUES ('c')", SqlState::NOT_NULL_VIOLATION),
        (
            "INSERT INTO users (username, password_hash) VALUES (repeat('x', 51), 'h')",
            SqlState::STRING_DATA_RIGHT_TRUNCATION,
        ),
        (
            "INSERT INTO conversations (type, created_by) SELECT 'room', id FROM users LIMIT 1",
            SqlState::CHECK_VIOLATION,
        ),
        (
            "INSERT INTO sessions (user_id, token, expires_at)
             VALUES (gen_random_uuid(), 't', now())",
            SqlState::FOREIGN_KEY_VIOLATION,
        ),
    ] {
        let refused = client.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code(), Some(&state), "{sql}");
    }
    client.batch_execute("DELETE FROM users WHERE username = 'a'").await.unwrap();
    let count = async |table: &str| -> i64 {
        client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
    };
    assert_eq!(count("sessions").await, 1, "that of the other user");
    assert_eq!((count("conversations").await, count("conversation_members").await), (0, 0));
}
