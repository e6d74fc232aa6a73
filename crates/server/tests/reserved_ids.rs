//! Upgrades of databases in which groups and messages have ids that are now derived: those of a pair's
//! conversation and of imports.

use crate::common::{Database, PASSWORD, User, connect, credentials};
use parlour_protocol::{
    Action, ConversationId, ConversationType, ErrorCode, Heads, MemberRole, Row, StreamId, UserId,
};
use parlour_server::DatabaseAddress;
use uuid::Uuid;

on_both_databases! {
    a_direct_conversation_gets_its_id_back_from_a_group_and_no_message_is_lost,
    a_database_without_taken_ids_keeps_its_epoch,
}

/// A hash of `PASSWORD`.
const HASH: &str = "$2b$04$Hkg7SxpeGlUdXgKTIP5eF.TU.g4L3aYR53OKyDNqslXMIVAJKwZRq";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn derived(number: u128) -> Uuid {
    Uuid::new_v8((number << 64).to_be_bytes())
}

/// Creates a database as the first version did, with `content` in it.
async fn create_old_database(database: &Database, content: &str) {
    match (&database.address, &database.url) {
        (DatabaseAddress::Sqlite(path), _) => {
            let conn = rusqlite::Connection::open(path).unwrap();
            conn.execute_batch(include_str!("../migrations/sqlite/0001_initial.sql")).unwrap();
            conn.execute_batch("PRAGMA application_id = 1346458195; PRAGMA user_version = 1")
                .unwrap();
            conn.execute_batch(content).unwrap();
        }
        (_, url) => {
            let client = connect(url.as_ref().unwrap()).await;
            let first = include_str!("../migrations/postgres/0001_initial.sql");
            client.batch_execute(first).await.unwrap();
            let version = "CREATE TABLE schema_version (version BIGINT PRIMARY KEY);
                INSERT INTO schema_version (version) VALUES (1)";
            client.batch_execute(version).await.unwrap();
            client.batch_execute(content).await.unwrap();
        }
    }
}

fn users_sql() -> String {
    let mut sql = String::new();
    for (at, name) in (1..).zip(["wren", "oak", "mallory", "elm"]) {
        let user = id(at);
        sql += &format!(
            "INSERT INTO users (id, username, username_key, password_hash, changed_seq)
                VALUES ('{user}', '{name}', '{name}', '{HASH}', {at});
             INSERT INTO streams (kind, id, head, wm) VALUES ('account', '{user}', 9, {at});"
        );
    }
    sql += &format!(
        "INSERT INTO streams (kind, id, head, wm) VALUES ('directory', '{}', 4, 4);
         UPDATE instance SET wm = 20, epoch = 'before';",
        Uuid::nil()
    );
    sql
}

/// Returns SQL for a conversation with its members and messages: for each message its sender, id, body and
/// digest.
fn conversation_sql(
    id: ConversationId,
    (kind, title): (&str, &str),
    members: &[(UserId, &str)],
    messages: &[(UserId, Uuid, &str, &str)],
) -> String {
    let owner = members[0].0;
    let (count, last) = (members.len(), messages.len());
    let mut sql = format!(
        "INSERT INTO conversations
            (id, type, created_by, created_at, title, member_count, last_seq, changed_seq)
            VALUES ('{id}', '{kind}', '{owner}', '2024-03-04T10:00:00.000Z', '{title}', {count}, {last}, 1);
         INSERT INTO streams (kind, id, head, wm) VALUES ('conversation', '{id}', {}, 10);",
        last + 1
    );
    for (user, role) in members {
        sql += &format!(
            "INSERT INTO conversation_members
                (conversation_id, user_id, role, joined_at, changed_seq, account_seq)
                VALUES ('{id}', '{user}', '{role}', '2024-03-04T10:00:00.000Z', 1, 1);"
        );
    }
    for (seq, (sender, message, body, digest)) in (1..).zip(messages) {
        // 2024-03-04T10:00:00Z, and one minute later for each message.
        let sent_at = 1_709_546_400_000_i64 + 60_000 * (seq - 1);
        sql += &format!(
            "INSERT INTO messages
                (conversation_id, seq, id, sender_id, body, sent_at, changed_seq, digest)
                VALUES ('{id}', {seq}, '{message}', '{sender}', '{body}', {sent_at}, {}, '{digest}');",
            seq + 1
        );
    }
    sql
}

async fn titles(user: &User) -> Vec<(ConversationId, String)> {
    let mut titles = Vec::new();
    for head in user.get::<Heads>("heads").await.heads {
        let StreamId::Conversation(id) = head.stream else { continue };
        for row in user.bootstrap(id).await.rows {
            if let Row::Conversation(row) = row {
                titles.push((id, row.title));
            }
        }
    }
    titles
}

async fn bodies(user: &User, id: ConversationId) -> Vec<String> {
    let rows = user.bootstrap(id).await.rows;
    let body = |row| if let Row::Message(row) = row { Some(row.body) } else { None };
    rows.into_iter().rev().filter_map(body).collect()
}

async fn a_direct_conversation_gets_its_id_back_from_a_group_and_no_message_is_lost(
    database: Database,
) {
    let [wren, oak, mallory, elm] = [1, 2, 3, 4].map(|at| UserId(id(at)));
    let (direct, blocked) = (ConversationId::p2p(wren, oak), ConversationId::p2p(oak, elm));
    let [imported, taken] = [1, 2].map(|at| ConversationId(derived(at)));
    let (group, titled) = (ConversationId(id(30)), ConversationId::p2p(wren, elm));
    let (taken_message, reply) = (derived(7), id(61));
    let owner = |user| (user, "owner");
    let member = |user| (user, "member");
    let content = [
        users_sql(),
        conversation_sql(
            direct,
            ("group", "oak"),
            &[owner(mallory), member(wren)],
            &[(wren, id(50), "oak, between us", "d")],
        ),
        conversation_sql(blocked, ("group", "nobody"), &[owner(mallory)], &[]),
        conversation_sql(
            imported,
            ("group", "workshop"),
            &[member(elm), owner(oak)],
            &[(elm, derived(3), "in the log", "imported")],
        ),
        conversation_sql(
            taken,
            ("group", "garden"),
            &[owner(mallory), (elm, "administrator"), owner(oak)],
            &[(mallory, id(51), "mine", "d"), (elm, derived(4), "of the log", "imported")],
        ),
        conversation_sql(
            group,
            ("group", "room"),
            &[owner(wren), member(oak)],
            &[(oak, taken_message, "under an id of an import", "d"), (wren, reply, "a reply", "d")],
        ),
        conversation_sql(titled, ("p2p", "a title of its own"), &[member(wren), member(elm)], &[]),
        format!(
            "UPDATE messages SET reply_to = '{taken_message}' WHERE id = '{reply}';
             INSERT INTO saved (user_id, message_id, conversation_id, saved_at, changed_seq)
                VALUES ('{wren}', '{taken_message}', '{group}', 5, 8);
             INSERT INTO drafts (user_id, conversation_id, body, updated_at, changed_seq)
                VALUES ('{wren}', '{direct}', 'half a thought', 5, 9);"
        ),
    ];
    create_old_database(&database, &content.concat()).await;
    let server = database.serve().await;
    let [wren, oak, mallory] = [
        server.sign_in("wren").await,
        server.sign_in("oak").await,
        server.sign_in("mallory").await,
    ];
    let epoch = wren.get::<Heads>("heads").await.epoch;
    assert_ne!(epoch, "before", "every mirror starts from the beginning");

    // The two users of the pair can talk, and nobody else is in their conversation.
    assert_eq!(
        mallory.get_error(&format!("bootstrap?conversation={direct}")).await,
        ErrorCode::NotMember
    );
    wren.act(direct, Action::create_p2p(oak.id)).await;
    wren.say(direct, "now").await;
    assert_eq!(bodies(&oak, direct).await, ["now"]);
    oak.act(blocked, Action::create_p2p(elm)).await;

    // The messages of the group are in the group, which has another id now.
    let (moved, _) = titles(&mallory).await.into_iter().find(|(_, title)| title == "oak").unwrap();
    assert_eq!(moved.0.get_version_num(), 7);
    assert_eq!(bodies(&wren, moved).await, ["oak, between us"]);
    let account = wren.changes(StreamId::Account(wren.id)).await.rows;
    let draft = |row: &Row| matches!(row, Row::Draft(row) if row.conversation_id == moved);
    assert!(account.iter().any(draft), "{account:?}");

    // The import has the id of its conversation again.
    assert_eq!(bodies(&oak, imported).await, ["in the log"]);
    assert_eq!(bodies(&oak, taken).await, ["mine", "of the log"]);
    let roles = oak.bootstrap(taken).await.rows.into_iter().filter_map(|row| match row {
        Row::Member(row) => Some((row.user_id, row.role)),
        _ => None,
    });
    let managers: Vec<UserId> =
        roles.filter(|(_, role)| *role != MemberRole::Member).map(|(user, _)| user).collect();
    assert_eq!(managers, [oak.id]);

    // A message that had an id of an import gets a new id, also in references.
    let rows = wren.bootstrap(group).await.rows;
    let message = |row: &Row| if let Row::Message(row) = row { Some(row.clone()) } else { None };
    let messages: Vec<_> = rows.iter().filter_map(message).collect();
    assert_eq!(messages[1].id.0.get_version_num(), 7);
    assert_eq!(messages[0].reply_to, Some(messages[1].id));
    let saved = |row: &Row| matches!(row, Row::Saved(row) if row.message_id == messages[1].id);
    assert!(account.iter().any(saved));

    let of_direct = |row: &Row| {
        matches!(row, Row::Conversation(row) if row.title.is_empty()
        && row.kind == ConversationType::P2p)
    };
    assert!(wren.bootstrap(titled).await.rows.iter().any(of_direct));
    assert_eq!(database.query_string("SELECT CAST(count(*) AS TEXT) FROM messages").await, "7");
    server.running.stop().await.unwrap();
    let server = database.serve().await;
    assert_eq!(server.sign_in("wren").await.get::<Heads>("heads").await.epoch, epoch);
}

async fn a_database_without_taken_ids_keeps_its_epoch(database: Database) {
    let [wren, oak] = [1, 2].map(|at| UserId(id(at)));
    let direct = ConversationId::p2p(wren, oak);
    let messages = [(wren, id(50), "unchanged", "d")];
    let members = [(wren, "member"), (oak, "member")];
    let content = [users_sql(), conversation_sql(direct, ("p2p", ""), &members, &messages)];
    create_old_database(&database, &content.concat()).await;
    let server = database.serve().await;
    let oak = server.post_credentials("sessions", &credentials("oak", PASSWORD)).await;
    assert_eq!(oak.get::<Heads>("heads").await.epoch, "before");
    assert_eq!(bodies(&oak, direct).await, ["unchanged"]);
}
