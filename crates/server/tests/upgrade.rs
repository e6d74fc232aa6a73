//! A database of the first version, with some rows of every kind, is opened by the current version.

use crate::common::{Database, PASSWORD, connect, credentials, error_body};
use parlour_protocol::{
    AuditEntry, ConversationId, Credentials, ErrorCode, Invitation, MemberRole, Row, SessionInfo,
    StreamId, UserId,
};
use parlour_server::DatabaseAddress;
use uuid::Uuid;

on_both_databases! {
    a_database_of_the_first_version_is_upgraded_with_all_rows,
}

const SQLITE: &str = include_str!("../migrations/sqlite/0001_initial.sql");
const POSTGRES: &str = include_str!("../migrations/postgres/0001_initial.sql");

/// Creates a database as the first version did.
async fn create_old_database(database: &Database) {
    match &database.address {
        DatabaseAddress::Sqlite(path) => {
            let conn = rusqlite::Connection::open(path).unwrap();
            conn.execute_batch(SQLITE).unwrap();
            conn.pragma_update(None, "application_id", 0x5041_5253).unwrap();
            conn.pragma_update(None, "user_version", 1).unwrap();
        }
        _ => {
            let client = connect(database.url.as_ref().unwrap()).await;
            client.batch_execute(POSTGRES).await.unwrap();
            let versions = "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY,
                    applied_at TIMESTAMPTZ NOT NULL DEFAULT now());
                INSERT INTO schema_version (version) VALUES (1)";
            client.batch_execute(versions).await.unwrap();
        }
    }
}

async fn a_database_of_the_first_version_is_upgraded_with_all_rows(database: Database) {
    create_old_database(&database).await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let nikos = Uuid::now_v7();
    let people: [(Uuid, &str, &str, &str); 3] = [
        (Uuid::now_v7(), "wren", "administrator", "NULL"),
        (Uuid::now_v7(), "oak", "administrator", "'2026-01-01T00:00:00.000Z'"),
        (Uuid::now_v7(), "elm", "member", "NULL"),
    ];
    let expires_at = 4_000_000_000_000_i64;
    let insert = async |sql: String| database.execute(&sql).await;
    for (number, (id, name, role, deactivated)) in people.iter().enumerate() {
        insert(format!(
            "INSERT INTO users
                (id, username, username_key, password_hash, role, deactivated_at, changed_seq)
             VALUES ('{id}', '{name}', '{name}', '{hash}', '{role}', {deactivated}, {})",
            number + 1
        ))
        .await;
        for (token, revoked) in [("open", "NULL"), ("ended", "'2026-01-01T00:00:00.000Z'")] {
            insert(format!(
                "INSERT INTO sessions (id, user_id, token, expires_at, revoked_at, changed_seq)
                 VALUES ('{}', '{id}', '{name} {token}', '2999-01-01T00:00:00.000Z', {revoked}, 1)",
                Uuid::now_v7()
            ))
            .await;
        }
        insert(format!(
            "INSERT INTO streams (kind, id, head, wm) VALUES ('account', '{id}', 1, 1)"
        ))
        .await;
        let secret = secret_digest(name);
        insert(format!(
            "INSERT INTO invitations
                (id, token, created_by, created_at, expires_at, uses_left, role)
             VALUES ('{}', '{secret}', '{id}', {}, {expires_at}, 9, 'administrator')",
            Uuid::now_v7(),
            jiff::Timestamp::now().as_millisecond()
        ))
        .await;
    }
    // A name that was compared with its final sigma.
    insert(format!(
        "INSERT INTO users (id, username, username_key, password_hash, changed_seq)
         VALUES ('{nikos}', 'Νίκος', 'νίκος', '{hash}', 3)"
    ))
    .await;
    insert(format!(
        "INSERT INTO streams (kind, id, head, wm) VALUES ('directory', '{}', 3, 1)",
        Uuid::nil()
    ))
    .await;

    // A group whose owner can no longer sign in, and which has a member who can.
    let group = Uuid::now_v7();
    insert(format!(
        "INSERT INTO conversations (id, type, created_by, title, member_count, changed_seq)
         VALUES ('{group}', 'group', '{}', 'workshop', 3, 1)",
        people[1].0
    ))
    .await;
    for ((id, name, ..), role) in people.iter().zip(["member", "owner", "member"]) {
        let joined = if *name == "wren" { "2026-01-01" } else { "2026-01-02" };
        insert(format!(
            "INSERT INTO conversation_members (conversation_id, user_id, joined_at, role, changed_seq)
             VALUES ('{group}', '{id}', '{joined}T00:00:00.000Z', '{role}', 1)"
        ))
        .await;
    }
    insert(format!(
        "INSERT INTO streams (kind, id, head, wm) VALUES ('conversation', '{group}', 1, 1)"
    ))
    .await;

    let server = database.serve().await;
    assert_eq!(server.sign_in("ΝΊΚΟΣ").await.id.0, nikos);
    let wren = server.sign_in("wren").await;
    let changes = wren.changes(StreamId::Conversation(ConversationId(group))).await;
    let roles: Vec<_> = changes.rows.iter().filter_map(role).collect();
    let [wren_id, oak, elm] = people.each_ref().map(|(id, ..)| UserId(*id));
    assert_eq!(changes.head, 2, "the new owner is announced as a change");
    assert!(roles.contains(&(wren_id, MemberRole::Owner, 2)), "{roles:?}");
    assert!(roles.contains(&(oak, MemberRole::Administrator, 2)), "{roles:?}");
    assert!(roles.contains(&(elm, MemberRole::Member, 1)), "{roles:?}");
    // Invitations of users who are not active administrators are refused. Wren's invitation for an
    // administrator with nine uses was limited to one.
    let attempts = [("oak", true), ("elm", true), ("wren", false), ("wren", true)];
    for (number, (creator, refused)) in attempts.into_iter().enumerate() {
        let name = format!("guest{number}");
        let credentials =
            Credentials { invitation: Some(creator.into()), ..credentials(&name, PASSWORD) };
        let response = server.post("users", &credentials).await;
        match refused {
            true => drop(error_body(response).await),
            false => assert!(response.status().is_success(), "{creator}"),
        }
    }
    let invitations: Vec<Invitation> = wren.get("invitations").await;
    assert!(
        invitations
            .iter()
            .all(|invitation| invitation.expires_at.0 <= invitation.created_at.0 + 24 * 3_600_000)
    );
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 2);
    let audit: Vec<AuditEntry> = wren.get("audit").await;
    assert_eq!(audit.last().unwrap().number, 1);
    let refused = error_body(server.post("sessions", &credentials("oak", PASSWORD)).await).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
}

fn role(row: &Row) -> Option<(UserId, MemberRole, i64)> {
    match row {
        Row::Member(row) => Some((row.user_id, row.role, row.changed_seq)),
        _ => None,
    }
}

/// Returns the digest of an invitation's secret, which in this test is its creator's name.
fn secret_digest(name: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect()
}
