//! Servers that are made again from their own exports.
#![cfg(unix)]

use crate::common::{Database, Server, User};
use crate::exports::{Folders, config, conversations, lines, messages, reply, start};
use crate::imported_exports::{Lines, START, WREN, counts, id};
use crate::program::objects;
use parlour_protocol::{Action, ConversationId, EarlierBody, MessageId, MessageRow, UserId};
use serde_json::{Value, json};
use std::path::Path;

on_both_databases! {
    a_server_is_made_again_from_its_own_export_with_equal_rows,
    earlier_texts_are_united_whichever_export_comes_first,
}

/// Returns another database of the same kind, with an empty server.
async fn another(database: &Database) -> Database {
    let other = match database.url {
        Some(_) => Database::postgres().await.unwrap(),
        None => Database::sqlite(),
    };
    other.serve().await.running.stop().await.unwrap();
    other
}

async fn rebuild(folders: &Folders, database: &Database, from: &Path) -> Value {
    let args = ["rebuild", "--from", from.to_str().unwrap(), "--json"];
    objects(&folders.run(database, &args).await).pop().unwrap()
}

/// Gives users of a server that does not run a password.
async fn give_passwords(folders: &Folders, database: &Database, names: &[&str]) {
    for name in names {
        objects(&folders.run(database, &["user", "password", name, "--json"]).await);
    }
}

/// Returns the messages of a group without their positions in its stream, and their earlier texts.
async fn history(user: &User, group: ConversationId) -> (Vec<MessageRow>, Vec<Vec<EarlierBody>>) {
    let (mut rows, mut earlier) = (messages(user, group).await, Vec::new());
    for row in &mut rows {
        row.changed_seq = 0;
        if row.deleted_at.is_none() {
            earlier.push(user.get(&format!("messages/{}/edits", row.id)).await);
        }
    }
    (rows, earlier)
}

async fn a_server_is_made_again_from_its_own_export_with_equal_rows(database: Database) {
    let (server, wren, oak) = start(&database, true).await;
    let reed = server.register("reed").await;
    let town = conversations(&wren, &oak).await;
    let first = wren.say(town, "first").await;
    wren.act(town, Action::edit(first, "second")).await;
    wren.act(town, Action::edit(first, "first")).await;
    wren.act(town, Action::edit(first, "third")).await;
    oak.act(town, Action::react(first, "👍")).await;
    reply(&oak, town, first, "an answer").await;
    let gone = wren.say(town, "gone").await;
    wren.act(town, Action::Delete { message_id: gone }).await;
    let before = history(&wren, town).await;
    assert_eq!(before.1[0].len(), 3);
    server.running.stop().await.unwrap();
    let folders = Folders::new(true);
    folders.export(&database, "jsonl", "all").await;
    let all = folders.to("all");
    let people = lines(&all.join("people.jsonl"));
    let named: Vec<&str> = people.iter().filter_map(|line| line["username"].as_str()).collect();
    assert_eq!((&people[0]["type"], named.len()), (&json!("header"), 3), "{people:?}");
    assert!(named.contains(&"reed"), "a person in no conversation: {named:?}");
    assert_eq!(people.last().unwrap(), &json!({"type": "end", "messages": 0}));

    let other = another(&database).await;
    let report = rebuild(&folders, &other, &all).await;
    assert_eq!((counts(&report), &report["broken"]), ([5, 0, 0], &json!(0)), "{report}");
    assert_eq!(report["odd"], json!({}), "{report}");
    give_passwords(&folders, &other, &["wren", "reed"]).await;
    let server = Server::start(&config(&other, false)).await;
    let again = server.sign_in("wren").await;
    assert_eq!(history(&again, town).await, before);
    assert_eq!(server.sign_in("reed").await.id, reed.id);
    let report = rebuild(&folders, &other, &all).await;
    assert_eq!(counts(&report), [0, 5, 0], "{report}");
    assert_eq!(history(&again, town).await, before);
    server.running.stop().await.unwrap();
}

async fn earlier_texts_are_united_whichever_export_comes_first(database: Database) {
    let folders = Folders::new(false);
    let dir = tempfile::tempdir().unwrap();
    let at = |seconds: i64| START + seconds * 1000;
    let edited =
        |seconds: i64, earlier: Value| json!({"editedAt": at(seconds), "earlierTexts": earlier});
    let line = |text: &str, more: Value| Lines::new(WREN, START).say(1, WREN, 1, text, more);
    let paths = [
        line("first", json!({})).write(dir.path(), "app"),
        line("second", edited(5, json!([{"text": "first", "until": at(5)}])))
            .write(dir.path(), "older"),
        line(
            "third",
            edited(
                9,
                json!([{"text": "first", "until": at(5)}, {"text": "second", "until": at(9)}]),
            ),
        )
        .write(dir.path(), "newer"),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let other = another(&database).await;
        for path in order.map(|index| &paths[index]) {
            rebuild(&folders, &other, path).await;
        }
        give_passwords(&folders, &other, &["wren"]).await;
        let server = Server::start(&config(&other, false)).await;
        let wren = server.sign_in("wren").await;
        assert_eq!(wren.id, UserId(id(WREN)));
        let path = format!("messages/{}/edits", MessageId(id(101)));
        let earlier: Vec<EarlierBody> = wren.get(&path).await;
        let texts: Vec<_> =
            earlier.iter().map(|one| (one.body.as_str(), one.replaced_at.0)).collect();
        assert_eq!(texts, [("first", at(5)), ("second", at(9))], "{order:?}");
        assert_eq!(messages(&wren, ConversationId(id(10))).await[0].body, "third");
        server.running.stop().await.unwrap();
    }
}
