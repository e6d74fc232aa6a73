//! Imports from other chat systems: each message once, in the order of time, with the users that the map
//! assigns.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, Server, User};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{ConversationId, Row, StreamId};
use serde_json::{Value, json};
use std::path::Path;
use tokio::task::spawn_blocking;

on_both_databases! {
    a_second_run_adds_new_messages_and_updates_changed_ones,
    older_history_is_inserted_before_newer_and_is_not_unread,
    a_dry_run_stores_nothing_and_writes_the_map_of_users,
    unreadable_lines_are_reported_and_a_wrong_format_is_refused,
    an_interrupted_import_can_be_repeated_with_the_same_result,
}

pub async fn run_json(database: &Database, args: &[&str]) -> Value {
    let (command, input) =
        (command_on(database, &[args, &["--json"]].concat()), PASSWORD.to_owned());
    let output = spawn_blocking(move || output(command, &input)).await.unwrap();
    objects(&output).pop().unwrap()
}

pub async fn import(database: &Database, format: &str, path: &Path, args: &[&str]) -> Value {
    run_json(database, &[&["import", format, path.to_str().unwrap()], args].concat()).await
}

/// Returns a bulk export of Mattermost with these posts: author, text and time.
pub fn posts(posts: &[(&str, &str, i64)]) -> String {
    let mut lines = vec![
        json!({"type": "version", "version": 1}),
        json!({"type": "channel", "channel": {"team": "t", "name": "town", "display_name": "Town", "type": "O"}}),
        json!({"type": "user", "user": {"username": "wren", "email": "wren@example.org", "teams": [{"name": "t", "channels": [{"name": "town"}]}]}}),
        json!({"type": "user", "user": {"username": "thrush", "first_name": "Song", "last_name": "Thrush", "teams": null}}),
    ];
    for (user, message, create_at) in posts {
        let post = json!({"team": "t", "channel": "town", "user": user, "message": message, "create_at": create_at});
        lines.push(json!({"type": "post", "post": post}));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Returns the newest texts of a group, as its member sees them.
pub async fn texts(wren: &User, id: ConversationId) -> Vec<String> {
    let rows = wren.bootstrap(id).await.rows;
    let mut messages: Vec<_> = rows
        .into_iter()
        .filter_map(
            |row| if let Row::Message(row) = row { Some((row.seq, row.body)) } else { None },
        )
        .collect();
    messages.sort();
    let seqs: Vec<i64> = messages.iter().map(|(seq, _)| seq.0).collect();
    let first = seqs.first().copied().unwrap_or(1);
    assert!(seqs.iter().zip(first..).all(|(seq, expected)| *seq == expected), "{seqs:?}");
    messages.into_iter().map(|(_, body)| body).collect()
}

pub async fn group(database: &Database, title: &str) -> ConversationId {
    let command = command_on(database, &["group", "list", "--json"]);
    let output = spawn_blocking(move || output(command, "")).await.unwrap();
    let groups = objects(&output);
    let group = groups.iter().find(|group| group["title"] == title).expect("a group of this title");
    serde_json::from_value(group["id"].clone()).unwrap()
}

pub async fn start(database: &Database) -> (Server, User, tempfile::TempDir) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    (server, wren, tempfile::tempdir().unwrap())
}

async fn a_second_run_adds_new_messages_and_updates_changed_ones(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    let first =
        posts(&[("thrush", "hi @wren", 1_000), ("wren", "twice", 2_000), ("wren", "twice", 2_000)]);
    std::fs::write(&file, first).unwrap();
    let member = ["--member", "wren"];
    let report = import(&database, "mattermost", &file, &member).await;
    assert_eq!(
        (&report["added"], &report["messages"], &report["broken"]),
        (&json!(2), &json!(3), &json!(0)),
        "{report}"
    );
    let twice = &report["odd"]["a message that occurs twice, imported once"];
    assert_eq!(twice[0], 1, "{report}");
    let again = import(&database, "mattermost", &file, &member).await;
    assert_eq!(
        (&again["added"], &again["known"], &again["changed"]),
        (&json!(0), &json!(2), &json!(0))
    );
    let town = group(&database, "Town").await;
    assert_eq!(texts(&wren, town).await, ["hi @wren_mattermost", "twice"]);
    let changed =
        posts(&[("thrush", "hi there", 1_000), ("wren", "twice", 2_000), ("thrush", "new", 3_000)]);
    std::fs::write(&file, changed).unwrap();
    let third = import(&database, "mattermost", &file, &member).await;
    assert_eq!(
        (&third["added"], &third["known"], &third["changed"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(texts(&wren, town).await, ["hi there", "twice", "new"]);
    server.running.stop().await.unwrap();
}

async fn older_history_is_inserted_before_newer_and_is_not_unread(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    std::fs::write(&file, posts(&[("thrush", "newer", 5_000)])).unwrap();
    import(&database, "mattermost", &file, &["--member", "wren"]).await;
    let town = group(&database, "Town").await;
    wren.say(town, "said here").await;
    let before = membership(&wren, town).await;
    std::fs::write(&file, posts(&[("thrush", "oldest", 1_000), ("thrush", "old", 2_000)])).unwrap();
    let report = import(&database, "mattermost", &file, &[]).await;
    assert_eq!((&report["added"], &report["reordered"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(texts(&wren, town).await, ["oldest", "old", "newer", "said here"]);
    let after = membership(&wren, town).await;
    assert_eq!(
        after["term"],
        before["term"].as_i64().unwrap() + 1,
        "mirrors reset the conversation"
    );
    // Up to her own message, which was not imported.
    assert_eq!(after["lastReadSeq"], 3, "{after}");
    let again = import(&database, "mattermost", &file, &[]).await;
    assert_eq!((&again["added"], &again["reordered"]), (&json!(0), &json!(0)));
    assert_eq!(membership(&wren, town).await["term"], after["term"]);
    // A message of another user that wren has not read stays unread, and the messages before it stay read.
    std::fs::write(&file, posts(&[("thrush", "middle", 3_000)])).unwrap();
    let oak = server.register("oak").await;
    run_json(&database, &["group", "list"]).await;
    import(&database, "mattermost", &file, &["--member", "oak"]).await;
    oak.say(town, "unread").await;
    std::fs::write(&file, posts(&[("thrush", "first of all", 1)])).unwrap();
    import(&database, "mattermost", &file, &[]).await;
    let all = texts(&wren, town).await;
    assert_eq!(all, ["first of all", "oldest", "old", "middle", "newer", "said here", "unread"]);
    assert_eq!(membership(&wren, town).await["lastReadSeq"], 5);
    server.running.stop().await.unwrap();
}

/// Returns the user's own membership row of a conversation.
pub async fn membership(user: &User, id: ConversationId) -> Value {
    let page = user.changes(StreamId::Account(user.id)).await;
    let rows = page.rows.into_iter().filter_map(|row| match row {
        Row::Membership(row) if row.conversation_id == id => Some(row),
        _ => None,
    });
    serde_json::to_value(rows.max_by_key(|row| row.changed_seq).unwrap()).unwrap()
}

async fn a_dry_run_stores_nothing_and_writes_the_map_of_users(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let (file, map) = (dir.path().join("import.jsonl"), dir.path().join("people.csv"));
    std::fs::write(&file, posts(&[("wren", "mine", 1_000), ("thrush", "hers", 2_000)])).unwrap();
    let people = ["--people", map.to_str().unwrap()];
    let dry_run =
        import(&database, "mattermost", &file, &[&["--dry-run"], &people[..]].concat()).await;
    assert_eq!(
        (&dry_run["dryRun"], &dry_run["messages"], &dry_run["added"]),
        (&json!(true), &json!(2), &json!(0)),
        "{dry_run}"
    );
    assert_eq!(
        (&dry_run["people"], &dry_run["peopleMatched"], &dry_run["conversations"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert!(dry_run["bytesNeeded"].as_u64() > Some(0) && dry_run["first"] == 1_000);
    let map_text = std::fs::read_to_string(&map).unwrap();
    assert!(map_text.contains("wren,wren,,wren@example.org,wren\r\n"), "{map_text}");
    assert!(map_text.contains("thrush,thrush,Song Thrush,,\r\n"), "{map_text}");
    let groups = spawn_blocking({
        let command = command_on(&database, &["group", "list", "--json"]);
        move || objects(&output(command, ""))
    });
    assert!(groups.await.unwrap().is_empty());
    import(&database, "mattermost", &file, &people).await;
    let town = group(&database, "Town").await;
    // The map assigns the imported wren, a member, to wren.
    assert_eq!(texts(&wren, town).await, ["mine", "hers"]);
    std::fs::write(&map, "key,parlour\nwren,nobody\n").unwrap();
    let args = ["import", "mattermost", file.to_str().unwrap(), "--people", map.to_str().unwrap()];
    let command = command_on(&database, &args);
    let refused = spawn_blocking(move || output(command, "")).await.unwrap();
    assert!(
        !refused.status.success() && stderr_text(&refused).contains("nobody"),
        "{}",
        stderr_text(&refused)
    );
    server.running.stop().await.unwrap();
}

async fn unreadable_lines_are_reported_and_a_wrong_format_is_refused(database: Database) {
    let (server, _, dir) = start(&database).await;
    let (file, report_file) = (dir.path().join("import.jsonl"), dir.path().join("left.jsonl"));
    let lines = posts(&[("wren", "mine", 1_000)]) + r#"{"type":"post","post":{"team""#;
    std::fs::write(&file, lines).unwrap();
    let report =
        import(&database, "mattermost", &file, &["--report", report_file.to_str().unwrap()]).await;
    assert_eq!(
        (&report["added"], &report["reportFile"]),
        (&json!(1), &json!(report_file)),
        "{report}"
    );
    let report_text = std::fs::read_to_string(&report_file).unwrap();
    assert!(report_text.contains(r#"{\"type\":\"post\",\"post\":{\"team\""#), "{report_text}");
    let command = command_on(&database, &["import", "slack", file.to_str().unwrap()]);
    let refused = spawn_blocking(move || output(command, "")).await.unwrap();
    let error = stderr_text(&refused);
    assert!(
        !refused.status.success()
            && error.contains("Mattermost")
            && error.contains("import mattermost"),
        "{error}"
    );
    server.running.stop().await.unwrap();
}

async fn an_interrupted_import_can_be_repeated_with_the_same_result(database: Database) {
    let (server, wren, dir) = start(&database).await;
    let file = dir.path().join("import.jsonl");
    let all: Vec<(&str, String, i64)> = (0..300)
        .map(|n| ("thrush", format!("message {n}"), 10_000 - (n % 7) * 1_000 + n))
        .collect();
    let all: Vec<(&str, &str, i64)> =
        all.iter().map(|(user, text, time)| (*user, text.as_str(), *time)).collect();
    // An interrupted import has stored the first part and did not finish.
    std::fs::write(&file, posts(&all[..100])).unwrap();
    import(&database, "mattermost", &file, &["--member", "wren"]).await;
    std::fs::write(&file, posts(&all)).unwrap();
    let rest = import(&database, "mattermost", &file, &[]).await;
    assert_eq!((&rest["added"], &rest["known"]), (&json!(200), &json!(100)));
    let mut sorted = all.clone();
    sorted.sort_by_key(|(_, _, time)| *time);
    let town = group(&database, "Town").await;
    let seen = texts(&wren, town).await;
    let newest: Vec<&str> =
        sorted[sorted.len() - seen.len()..].iter().map(|(_, text, _)| *text).collect();
    assert_eq!(seen, newest);
    server.running.stop().await.unwrap();
}
