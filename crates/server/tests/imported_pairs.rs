//! Imports of direct chats: only their two people read them, whatever the export says about their members.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, User};
use crate::program::{command_on, objects, output};
use parlour_protocol::{ConversationId, Row, StreamId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tokio::task::spawn_blocking;
use uuid::Uuid;

on_both_databases! {
    direct_chats_of_discord_are_read_by_their_two_people_only,
    direct_chats_of_slack_without_members_are_read_by_their_two_people_only,
    notes_in_an_export_take_no_messages_of_others,
}

async fn import(database: &Database, format: &str, path: &Path) -> Value {
    let path = path.to_str().unwrap();
    let command = command_on(database, &["import", format, path, "--same-people", "--json"]);
    let output = spawn_blocking(move || output(command, PASSWORD)).await.unwrap();
    objects(&output).pop().unwrap()
}

/// Returns the texts of a conversation, sorted.
async fn texts(user: &User, id: ConversationId) -> Vec<String> {
    let rows = user.bootstrap(id).await.rows.into_iter();
    let texts = rows.filter_map(|row| match row {
        Row::Message(row) => Some(row.body),
        _ => None,
    });
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

/// Returns the texts of everything that somebody may read, sorted.
async fn everything(user: &User) -> Vec<String> {
    let rows = user.changes(StreamId::Account(user.id)).await.rows.into_iter();
    let ids = rows.filter_map(|row| match row {
        Row::Membership(row) => Some(row.conversation_id),
        _ => None,
    });
    let mut all = Vec::new();
    for id in ids.collect::<BTreeSet<ConversationId>>() {
        all.extend(texts(user, id).await);
    }
    all.sort();
    all
}

/// Returns a file of a direct chat: the numbers, authors and texts of its messages.
pub fn discord(channel: &str, messages: &[(u32, &str, &str)]) -> String {
    let message = |(number, author, text): &(u32, &str, &str)| {
        json!({"id": number.to_string(), "type": "Default", "content": text,
            "timestamp": format!("2024-01-01T10:00:{:02}+00:00", number % 60),
            "author": {"id": format!("of {author}"), "name": author, "discriminator": "0"}})
    };
    let messages: Vec<Value> = messages.iter().map(message).collect();
    json!({"guild": {"id": "0", "name": "Direct Messages"},
        "channel": {"id": channel, "type": "DirectTextChat", "name": "somebody"},
        "messages": messages})
    .to_string()
}

async fn direct_chats_of_discord_are_read_by_their_two_people_only(database: Database) {
    let server = database.serve().await;
    let alice = server.register("alice").await;
    let bob = server.register("bob").await;
    let carol = server.register("carol").await;
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(dir.path().join(name), text).unwrap();
    write("10.json", discord("10", &[(1, "alice", "to bob"), (2, "bob", "from bob")]));
    write("11.json", discord("11", &[(3, "alice", "to carol"), (4, "carol", "from carol")]));
    write("12.json", discord("12", &[(5, "alice", "unanswered")]));
    let report = import(&database, "discord", dir.path()).await;
    assert_eq!((&report["added"], &report["known"]), (&json!(5), &json!(0)), "{report}");
    let (with_bob, with_carol) =
        (ConversationId::p2p(alice.id, bob.id), ConversationId::p2p(alice.id, carol.id));
    assert_eq!(texts(&alice, with_bob).await, ["from bob", "to bob"]);
    assert_eq!(texts(&alice, with_carol).await, ["from carol", "to carol"]);
    assert_eq!(everything(&bob).await, ["from bob", "to bob"]);
    assert_eq!(everything(&carol).await, ["from carol", "to carol"]);
    let all = ["from bob", "from carol", "to bob", "to carol", "unanswered"];
    assert_eq!(everything(&alice).await, all);
    let again = import(&database, "discord", dir.path()).await;
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(5)), "{again}");
    // What was a group, since only one of them had written, stays one conversation.
    write("12.json", discord("12", &[(5, "alice", "unanswered"), (6, "bob", "at last")]));
    let answered = import(&database, "discord", dir.path()).await;
    assert_eq!((&answered["added"], &answered["known"]), (&json!(1), &json!(5)), "{answered}");
    assert_eq!(texts(&alice, with_bob).await, ["from bob", "to bob"]);
    assert_eq!(everything(&bob).await, ["at last", "from bob", "to bob", "unanswered"]);
    assert_eq!(everything(&carol).await, ["from carol", "to carol"]);
    server.running.stop().await.unwrap();
}

async fn direct_chats_of_slack_without_members_are_read_by_their_two_people_only(
    database: Database,
) {
    let server = database.serve().await;
    let alice = server.register("alice").await;
    let bob = server.register("bob").await;
    let carol = server.register("carol").await;
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, value: Value| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    };
    let user = |name: &str| json!({"id": format!("U{name}"), "name": name});
    write("users.json", json!([user("alice"), user("bob"), user("carol")]));
    write("channels.json", json!([]));
    write("dms.json", json!([{"id": "D1", "creator": "Ualice"}, {"id": "D2"}]));
    let message = |number: u32, user: &str, text: &str| json!({"type": "message", "user": user, "text": text, "ts": format!("170000000{number}.000001")});
    let first = json!([message(1, "Ualice", "to bob"), message(2, "Ubob", "from bob")]);
    write("D1/2024-01-01.json", first);
    // The second author is in the file of another day.
    write("D2/2024-01-01.json", json!([message(3, "Ualice", "to carol")]));
    write("D2/2024-01-02.json", json!([message(4, "Ucarol", "from carol")]));
    let report = import(&database, "slack", dir.path()).await;
    assert_eq!((&report["added"], &report["known"]), (&json!(4), &json!(0)), "{report}");
    let with_bob = ConversationId::p2p(alice.id, bob.id);
    assert_eq!(texts(&bob, with_bob).await, ["from bob", "to bob"]);
    assert_eq!(everything(&bob).await, ["from bob", "to bob"]);
    assert_eq!(everything(&carol).await, ["from carol", "to carol"]);
    let again = import(&database, "slack", dir.path()).await;
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(4)), "{again}");
    server.running.stop().await.unwrap();
}

async fn notes_in_an_export_take_no_messages_of_others(database: Database) {
    let server = database.serve().await;
    let alice = server.register("alice").await;
    server.register("bob").await;
    let dir = tempfile::tempdir().unwrap();
    let id = |number: u128| Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number);
    let person = |number: u128, name: &str| json!({"type": "person", "id": id(number), "name": name, "username": name});
    let message = |number: u128, author: u128, text: &str| {
        json!({"type": "message", "id": id(100 + number), "position": number,
            "sentAt": 1_715_940_000_000_u64, "author": id(author), "text": text})
    };
    let lines = [
        json!({"type": "header", "format": "parlour-export", "version": 1,
            "server": "https://chat.example.org", "exportedBy": id(1), "exportedAt": 1}),
        person(1, "alice"),
        person(2, "bob"),
        json!({"type": "conversation", "id": id(10), "kind": "p2p", "createdAt": 1,
            "members": [{"person": id(1), "role": "member", "joinedAt": 1}]}),
        message(1, 1, "a note"),
        message(2, 2, "by another"),
        json!({"type": "end", "messages": 2}),
    ];
    let file = dir.path().join("messages.jsonl");
    std::fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let report = import(&database, "parlour", &file).await;
    assert_eq!((&report["added"], &report["known"]), (&json!(2), &json!(0)), "{report}");
    let reasons = report["odd"].as_object().unwrap();
    assert!(reasons.keys().any(|reason| reason.contains("not one of its two people")), "{report}");
    let notes = ConversationId::p2p(alice.id, alice.id);
    assert_eq!(texts(&alice, notes).await, ["a note"]);
    assert_eq!(everything(&alice).await, ["a note", "by another"]);
    let again = import(&database, "parlour", &file).await;
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(2)), "{again}");
    assert_eq!(texts(&alice, notes).await, ["a note"]);
    server.running.stop().await.unwrap();
}
