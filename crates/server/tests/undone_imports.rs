//! Undoing imports: what one added is removed, what people did since stays, and importing again brings everything back.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, User};
use crate::imported_pairs::discord;
use crate::imports::{group, import, membership, posts, run_json, start, texts};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{Action, ConversationId, ErrorCode, MessageId, Row};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

on_both_databases! {
    what_people_did_since_stays_and_importing_again_brings_the_rest_back,
    a_conversation_in_which_nobody_has_written_is_removed_and_made_again,
    only_what_that_import_added_is_removed,
    a_message_that_was_deleted_here_stays_deleted,
    a_direct_conversation_is_removed_and_can_be_begun_anew,
    people_who_were_given_a_password_or_added_elsewhere_stay,
    undoing_can_be_repeated_and_works_without_a_server,
}

const MEMBER: [&str; 2] = ["--member", "wren"];

async fn undo(database: &Database, import: &Value) -> Value {
    let number = import["number"].to_string();
    run_json(database, &["imports", "undo", &number]).await
}

/// Returns what a command lists.
async fn list(database: &Database, args: &[&str]) -> Vec<Value> {
    let command = command_on(database, &[args, &["--json"]].concat());
    objects(&spawn_blocking(move || output(command, PASSWORD)).await.unwrap())
}

/// Returns the usernames of the people who are not erased, sorted.
async fn usernames(database: &Database) -> Vec<String> {
    let people = list(database, &["user", "list"]).await.into_iter();
    let present = people.filter(|person| person["erasedAt"].is_null());
    let mut names: Vec<String> =
        present.map(|person| person["username"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn find(wren: &User, id: ConversationId, body: &str) -> MessageId {
    let rows = wren.bootstrap(id).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Message(row) if row.body == body => Some(row.id),
        _ => None,
    });
    found.expect("a message with this text")
}

async fn what_people_did_since_stays_and_importing_again_brings_the_rest_back(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    std::fs::write(&file, posts(&[("thrush", "one", 1_000), ("wren", "two", 2_000)])).unwrap();
    let first = import(&database, "mattermost", &file, &MEMBER).await;
    let town = group(&database, "Town").await;
    let one = find(&wren, town, "one").await;
    wren.act(town, Action::react(one, "👍")).await;
    let (body, mentions, files) = ("here".to_owned(), Vec::new(), Vec::new());
    let reply = Action::Send { body, reply_to: Some(one), mentions, mentions_all: false, files };
    wren.act(town, reply).await;
    assert_eq!(usernames(&database).await, ["thrush", "wren", "wren_mattermost"]);
    let before = membership(&wren, town).await;

    let undone = undo(&database, &first).await;
    let removed = ["messages", "conversations", "people"].map(|name| undone[name].as_u64());
    assert_eq!(removed, [Some(2), Some(0), Some(2)], "{undone}");
    assert_eq!(undone["kept"].as_object().unwrap().len(), 2, "{undone}");
    assert_eq!(texts(&wren, town).await, ["here"]);
    assert_eq!(usernames(&database).await, ["wren"]);
    let after = membership(&wren, town).await;
    assert_eq!(after["term"], before["term"].as_i64().unwrap() + 1, "mirrors reload it");
    assert_eq!((&after["lastReadSeq"], &after["leftAt"]), (&json!(0), &Value::Null), "{after}");
    wren.say(town, "later").await;
    assert_eq!(texts(&wren, town).await, ["here", "later"]);

    let again = import(&database, "mattermost", &file, &MEMBER).await;
    assert_eq!((&again["added"], &again["reordered"]), (&json!(2), &json!(1)), "{again}");
    assert_eq!(texts(&wren, town).await, ["one", "two", "here", "later"]);
    assert_eq!(usernames(&database).await, ["thrush", "wren", "wren_mattermost"]);
    let row = wren.read_message(town, one).await;
    assert_eq!((row.reactions.len(), row.reactions[0].emoji.as_str()), (1, "👍"));
    let listed = list(&database, &["imports", "list"]).await;
    assert!(listed[0]["undoneAt"].is_number() && listed[1]["undoneAt"].is_null(), "{listed:?}");
    assert_eq!((&listed[1]["name"], &listed[1]["added"]), (&json!("import.jsonl"), &json!(2)));
    server.running.stop().await.unwrap();
}

async fn a_conversation_in_which_nobody_has_written_is_removed_and_made_again(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    std::fs::write(&file, posts(&[("thrush", "one", 1_000)])).unwrap();
    let first = import(&database, "mattermost", &file, &MEMBER).await;
    let town = group(&database, "Town").await;
    let undone = undo(&database, &first).await;
    assert_eq!((&undone["messages"], &undone["conversations"]), (&json!(1), &json!(1)));
    assert_eq!(undone["kept"], json!({}));
    let left = membership(&wren, town).await;
    assert!(left["leftAt"].is_number() && left["purged"] == true, "{left}");
    assert_eq!(wren.act_error(town, Action::send("hello?")).await, ErrorCode::NotMember);
    assert!(list(&database, &["group", "list"]).await.is_empty());

    let again = import(&database, "mattermost", &file, &MEMBER).await;
    assert_eq!(again["added"], 1, "{again}");
    assert_eq!(group(&database, "Town").await, town);
    assert_eq!(texts(&wren, town).await, ["one"]);
    wren.act(town, Action::Rename { title: "Village".into() }).await;
    let undone = undo(&database, &again).await;
    assert_eq!(undone["conversations"], 1, "renaming it is not writing in it");
    server.running.stop().await.unwrap();
}

async fn only_what_that_import_added_is_removed(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    std::fs::write(&file, posts(&[("thrush", "one", 1_000), ("thrush", "three", 3_000)])).unwrap();
    let first = import(&database, "mattermost", &file, &MEMBER).await;
    let all = [("thrush", "one", 1_000), ("thrush", "two", 2_000), ("thrush", "three", 3_000)];
    std::fs::write(&file, posts(&all)).unwrap();
    let second = import(&database, "mattermost", &file, &MEMBER).await;
    assert_eq!((&second["added"], &second["known"]), (&json!(1), &json!(2)), "{second}");
    let town = group(&database, "Town").await;
    assert_eq!(texts(&wren, town).await, ["one", "two", "three"]);
    let undone = undo(&database, &first).await;
    assert_eq!((&undone["messages"], &undone["conversations"]), (&json!(2), &json!(0)));
    assert_eq!(texts(&wren, town).await, ["two"]);
    assert!(usernames(&database).await.contains(&"thrush".to_owned()));
    let undone = undo(&database, &second).await;
    assert_eq!((&undone["messages"], &undone["conversations"]), (&json!(1), &json!(1)));
    assert_eq!(usernames(&database).await, ["wren"]);
    server.running.stop().await.unwrap();
}

async fn a_message_that_was_deleted_here_stays_deleted(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    std::fs::write(&file, posts(&[("wren", "mine", 1_000), ("thrush", "hers", 2_000)])).unwrap();
    let args = [&MEMBER[..], &["--same-people"]].concat();
    let first = import(&database, "mattermost", &file, &args).await;
    let town = group(&database, "Town").await;
    let mine = find(&wren, town, "mine").await;
    wren.act(town, Action::Delete { message_id: mine }).await;
    let undone = undo(&database, &first).await;
    assert_eq!((&undone["messages"], &undone["conversations"]), (&json!(1), &json!(1)));
    let again = import(&database, "mattermost", &file, &args).await;
    assert_eq!(again["added"], 1, "{again}");
    assert_eq!(texts(&wren, town).await, ["", "hers"]);
    assert!(wren.read_message(town, mine).await.deleted_at.is_some());
    server.running.stop().await.unwrap();
}

async fn a_direct_conversation_is_removed_and_can_be_begun_anew(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let oak = server.register("oak").await;
    let chat = discord("10", &[(1, "wren", "to oak"), (2, "oak", "to wren")]);
    std::fs::write(dir.path().join("10.json"), chat).unwrap();
    let first = import(&database, "discord", dir.path(), &["--same-people"]).await;
    let direct = ConversationId::p2p(wren.id, oak.id);
    assert_eq!(texts(&wren, direct).await, ["to oak", "to wren"]);
    let undone = undo(&database, &first).await;
    assert_eq!((&undone["messages"], &undone["conversations"]), (&json!(2), &json!(1)));
    assert_eq!(wren.act_error(direct, Action::send("hello?")).await, ErrorCode::NotMember);
    wren.act(direct, Action::create_p2p(oak.id)).await;
    wren.say(direct, "hello").await;
    assert_eq!(texts(&oak, direct).await, ["hello"]);
    let again = import(&database, "discord", dir.path(), &["--same-people"]).await;
    assert_eq!(again["added"], 2, "{again}");
    assert_eq!(texts(&oak, direct).await, ["to oak", "to wren", "hello"]);
    assert_eq!(usernames(&database).await, ["oak", "wren"]);
    server.running.stop().await.unwrap();
}

async fn people_who_were_given_a_password_or_added_elsewhere_stay(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    let all = [("wren", "one", 1_000), ("thrush", "two", 2_000)];
    std::fs::write(&file, posts(&all)).unwrap();
    let first = import(&database, "mattermost", &file, &MEMBER).await;
    run_json(&database, &["user", "password", "thrush"]).await;
    let people = list(&database, &["user", "list"]).await;
    let imported = people.iter().find(|person| person["username"] == "wren_mattermost").unwrap();
    let imported = serde_json::from_value(imported["id"].clone()).unwrap();
    let id = ConversationId(uuid::Uuid::now_v7());
    wren.act(id, Action::create_group("workshop", vec![imported])).await;
    let undone = undo(&database, &first).await;
    assert_eq!((&undone["messages"], &undone["people"]), (&json!(2), &json!(0)), "{undone}");
    let kept = undone["kept"].as_object().unwrap();
    assert_eq!(kept["people who were given a password"], 1, "{undone}");
    assert_eq!(kept["people who were added to other conversations"], 1, "{undone}");
    assert_eq!(usernames(&database).await, ["thrush", "wren", "wren_mattermost"]);
    server.running.stop().await.unwrap();
}

async fn undoing_can_be_repeated_and_works_without_a_server(database: Database) {
    let (server, _, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    std::fs::write(&file, posts(&[("thrush", "one", 1_000)])).unwrap();
    let first = import(&database, "mattermost", &file, &MEMBER).await;
    server.running.stop().await.unwrap();
    // As if it had been interrupted.
    database.execute("UPDATE import_runs SET finished_at = NULL").await;
    assert_eq!(undo(&database, &first).await["messages"], 1);
    // As if the command had been killed before its last transaction.
    database.execute("UPDATE import_runs SET undone_at = NULL").await;
    let repeated = undo(&database, &first).await;
    let numbers = ["messages", "conversations", "people"].map(|name| repeated[name].as_u64());
    assert_eq!(numbers, [Some(0); 3], "{repeated}");
    let command = command_on(&database, &["imports", "undo", "7"]);
    let refused = spawn_blocking(move || output(command, "")).await.unwrap();
    assert!(!refused.status.success() && stderr_text(&refused).contains("no such import"));
    let audit = list(&database, &["audit"]).await;
    let undone = audit.iter().filter(|entry| entry["action"] == "import_undone");
    assert_eq!(undone.count(), 2);
}
