//! Imports of what the app exported: everything in it, once, from any number of members' exports.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, User};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{
    Action, ConversationId, Count, FileKind, MemberRole, MemberRow, MessageRow, Millis, Row,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;
use uuid::Uuid;

on_both_databases! {
    everything_in_an_export_is_imported_once,
    exports_of_two_members_are_merged_whichever_comes_first,
    exports_of_two_members_are_merged_in_one_run,
    a_later_export_adds_the_difference_and_keeps_what_was_changed_here,
    members_who_joined_later_do_not_see_what_was_sent_before,
    damaged_lines_are_listed_and_a_newer_version_is_refused,
}

/// When the first message was sent.
pub const START: i64 = 1_715_940_000_000;
pub const WREN: u128 = 1;
pub const OAK: u128 = 2;

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

/// The lines of an export of one conversation.
#[derive(Clone)]
pub struct Lines(Vec<Value>);

impl Lines {
    /// Begins an export that a member made, with two people and a group.
    pub fn new(exporter: u128, exported_at: i64) -> Self {
        Self(vec![
            json!({"type": "header", "format": "parlour-export", "version": 1,
                "server": "https://chat.example.org", "exportedBy": id(exporter),
                "exportedAt": exported_at, "selection": "everything"}),
            json!({"type": "person", "id": id(WREN), "name": "wren", "username": "wren",
                "displayName": "", "about": "", "timeZone": "", "role": "member"}),
            json!({"type": "person", "id": id(OAK), "name": "Oak", "username": "oak",
                "displayName": "Oak", "about": "Boats", "timeZone": "", "role": "member"}),
            json!({"type": "conversation", "id": id(10), "kind": "group", "title": "Plans",
                "topic": "Tides", "history": "beginning", "removal": "keep", "createdAt": START,
                "members": [
                    {"person": id(WREN), "role": "owner", "joinedAt": START},
                    {"person": id(OAK), "role": "administrator", "joinedAt": START + 2_500}],
                "missingOlder": false, "missingNewer": false}),
        ])
    }

    /// Adds a message with further fields, sent this many seconds after the first one.
    pub fn say(
        mut self,
        number: u128,
        author: u128,
        seconds: i64,
        text: &str,
        more: Value,
    ) -> Self {
        let mut line = json!({"type": "message", "id": id(100 + number), "position": number,
            "sentAt": START + seconds * 1000, "author": id(author), "text": text});
        let more = more.as_object().cloned().unwrap_or_default();
        line.as_object_mut().unwrap().extend(more);
        self.0.push(line);
        self
    }

    /// Writes the export into a new folder.
    pub fn write(&self, parent: &Path, name: &str) -> PathBuf {
        let folder = parent.join(name).join("conversations/Plans");
        std::fs::create_dir_all(&folder).unwrap();
        let messages = self.0.iter().filter(|line| line["type"] == "message").count();
        let end = json!({"type": "end", "messages": messages});
        let lines = self.0.iter().chain([&end]).map(|line| format!("{line}\n"));
        std::fs::write(folder.join("messages.jsonl"), lines.collect::<String>()).unwrap();
        parent.join(name)
    }
}

async fn import(database: &Database, path: &Path, args: &[&str]) -> Value {
    let path = path.to_str().unwrap();
    let args = [&["import", "parlour", path, "--same-people", "--json"], args].concat();
    let mut command = command_on(database, &args);
    command.env("PARLOUR_FILES", database.config().files.folder.unwrap());
    let output = spawn_blocking(move || output(command, PASSWORD)).await.unwrap();
    objects(&output).pop().unwrap()
}

/// Returns the added, the known and the changed messages of a report.
pub fn counts(report: &Value) -> [u64; 3] {
    ["added", "known", "changed"].map(|field| report[field].as_u64().unwrap())
}

async fn groups(database: &Database, title: &str) -> Vec<ConversationId> {
    let command = command_on(database, &["group", "list", "--json"]);
    let output = spawn_blocking(move || output(command, "")).await.unwrap();
    let all = objects(&output).into_iter().filter(|group| group["title"] == title);
    all.map(|group| serde_json::from_value(group["id"].clone()).unwrap()).collect()
}

pub async fn messages(user: &User, group: ConversationId) -> Vec<MessageRow> {
    let rows = user.bootstrap(group).await.rows.into_iter();
    let mut messages: Vec<MessageRow> =
        rows.filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None }).collect();
    messages.sort_by_key(|message| message.seq);
    messages
}

async fn texts(user: &User, group: ConversationId) -> Vec<String> {
    messages(user, group).await.into_iter().map(|message| message.body).collect()
}

async fn everything_in_an_export_is_imported_once(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let dir = tempfile::tempdir().unwrap();
    let file = json!([{"name": "notes.txt", "mediaType": "application/x-notes", "bytes": 5,
        "sha256": "ab5aa97074c454a0632057e704220d9a6678fbf773a0a5806fc09b8173b07309",
        "shownAs": {"type": "file"}, "path": "files/notes.txt"}]);
    let reactions = json!([{"emoji": "👍", "count": 2, "people": [id(WREN), id(OAK)]}]);
    let export = Lines::new(WREN, START)
        .say(1, OAK, 1, "**Hello** @wren", json!({"mentions": [id(WREN)]}))
        .say(
            2,
            WREN,
            2,
            "Yes\n- no",
            json!({"replyTo": id(101), "editedAt": START + 9_000, "reactions": reactions}),
        )
        .say(3, OAK, 3, "", json!({"deletedAt": START + 4_000}))
        .say(4, WREN, 3, "", json!({"pinnedAt": START + 5_000, "files": file}))
        .write(dir.path(), "a");
    std::fs::create_dir(export.join("conversations/Plans/files")).unwrap();
    std::fs::write(export.join("conversations/Plans/files/notes.txt"), "notes").unwrap();
    let report = import(&database, &export, &[]).await;
    assert_eq!((counts(&report), &report["broken"]), ([4, 0, 0], &json!(0)), "{report}");
    assert_eq!(report["odd"], json!({}), "{report}");
    let plans = groups(&database, "Plans").await[0];
    let found = messages(&wren, plans).await;
    let [hello, reply, deleted, pinned] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&*hello.body, &hello.mentions), ("**Hello** @wren", &vec![wren.id]));
    assert_eq!((&*reply.body, reply.reply_to), ("Yes\n- no", Some(hello.id)));
    assert_eq!(
        (reply.sent_at, reply.edited_at),
        (Millis(START + 2_000), Some(Millis(START + 9_000)))
    );
    assert_eq!((reply.sender_id, &reply.reactions[0].count), (wren.id, &Count(2)));
    assert_eq!((deleted.deleted_at, &*deleted.body), (Some(Millis(START + 4_000)), ""));
    assert_eq!((pinned.pinned_at, &*pinned.body), (Some(Millis(START + 5_000)), ""));
    assert_eq!(
        (&*pinned.files[0].name, &*pinned.files[0].media_type),
        ("notes.txt", "application/x-notes")
    );
    assert_eq!(pinned.files[0].kind, FileKind::File);
    assert_eq!(wren.download(pinned.id, 0).await.bytes().await.unwrap(), "notes");
    let rows = wren.bootstrap(plans).await.rows;
    let members: Vec<&MemberRow> = rows
        .iter()
        .filter_map(|row| if let Row::Member(row) = row { Some(row) } else { None })
        .collect();
    let role = |user| members.iter().find(|row| row.user_id == user).map(|row| row.role);
    assert_eq!(
        (role(wren.id), role(hello.sender_id)),
        (Some(MemberRole::Owner), Some(MemberRole::Administrator))
    );
    assert_eq!(members.iter().find(|row| row.user_id == wren.id).unwrap().joined_at, Millis(START));
    let topic = rows
        .iter()
        .find_map(|row| if let Row::Conversation(row) = row { Some(&row.topic) } else { None });
    assert_eq!(topic.map(String::as_str), Some("Tides"));
    let again = import(&database, &export, &[]).await;
    assert_eq!((counts(&again), &again["filesAdded"]), ([0, 4, 0], &json!(0)), "{again}");
    assert_eq!(messages(&wren, plans).await, found);
    server.running.stop().await.unwrap();
}

/// The exports of two members: wren's is older and begins earlier, and oak's has an edited text.
pub fn of_two_members() -> [Lines; 2] {
    let edited = json!({"editedAt": START + 9_000, "reactions": [{"emoji": "👍", "count": 1, "people": [id(OAK)]}]});
    let of_wren = Lines::new(WREN, START + 5_000).say(1, WREN, 1, "first", json!({})).say(
        2,
        WREN,
        2,
        "second",
        json!({"pinnedAt": START + 3_000}),
    );
    let of_oak = Lines::new(OAK, START + 99_000).say(2, WREN, 2, "second, edited", edited).say(
        3,
        OAK,
        3,
        "third",
        json!({}),
    );
    [of_wren, of_oak]
}

/// Fails unless the group has the union of [`of_two_members`].
pub async fn assert_union(wren: &User, group: ConversationId) {
    assert_eq!(texts(wren, group).await, ["first", "second, edited", "third"]);
    let second = messages(wren, group).await.remove(1);
    assert_eq!(
        (second.edited_at, second.pinned_at),
        (Some(Millis(START + 9_000)), Some(Millis(START + 3_000)))
    );
    assert_eq!((second.reactions.len(), second.reactions[0].count), (1, Count(1)));
}

async fn exports_of_two_members_are_merged_whichever_comes_first(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let dir = tempfile::tempdir().unwrap();
    let [of_wren, of_oak] = of_two_members();
    let paths = [of_wren.write(dir.path(), "wren"), of_oak.write(dir.path(), "oak")];
    let mut seen: Vec<ConversationId> = Vec::new();
    for (source, [first, second]) in [("one", [0, 1]), ("two", [1, 0])] {
        let source = ["--source", source];
        let report = import(&database, &paths[first], &source).await;
        assert_eq!(counts(&report), [2, 0, 0], "{report}");
        let report = import(&database, &paths[second], &source).await;
        assert_eq!(counts(&report), [1, 0, 1], "{report}");
        let all = groups(&database, "Plans").await;
        let new = *all.iter().find(|group| !seen.contains(group)).unwrap();
        assert_union(&wren, new).await;
        let before = messages(&wren, new).await;
        for path in [&paths[first], &paths[second], &paths[first]] {
            let again = import(&database, path, &source).await;
            assert_eq!(counts(&again), [0, 2, 0], "{again}");
        }
        assert_eq!(messages(&wren, new).await, before);
        seen.push(new);
    }
    server.running.stop().await.unwrap();
}

async fn exports_of_two_members_are_merged_in_one_run(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let dir = tempfile::tempdir().unwrap();
    for (export, name) in of_two_members().iter().zip(["all/wren", "all/oak"]) {
        export.write(dir.path(), name);
    }
    let report = import(&database, &dir.path().join("all"), &[]).await;
    assert_eq!((counts(&report), &report["messages"]), ([3, 0, 1], &json!(4)), "{report}");
    let all = groups(&database, "Plans").await;
    assert_eq!(all.len(), 1);
    assert_union(&wren, all[0]).await;
    let again = import(&database, &dir.path().join("all"), &[]).await;
    assert_eq!(counts(&again), [0, 4, 0], "{again}");
    server.running.stop().await.unwrap();
}

async fn a_later_export_adds_the_difference_and_keeps_what_was_changed_here(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let dir = tempfile::tempdir().unwrap();
    let first =
        Lines::new(WREN, START).say(1, WREN, 1, "one", json!({})).say(2, WREN, 2, "two", json!({}));
    import(&database, &first.write(dir.path(), "first"), &[]).await;
    let plans = groups(&database, "Plans").await[0];
    let message_id = messages(&wren, plans).await[0].id;
    wren.act(plans, Action::Delete { message_id }).await;
    let deleted = json!({"deletedAt": START + 9_000});
    let later = Lines::new(WREN, START + 10_000)
        .say(1, WREN, 1, "one, edited", json!({"editedAt": START + 8_000}))
        .say(2, WREN, 2, "", deleted)
        .say(3, OAK, 3, "three", json!({}));
    let report = import(&database, &later.write(dir.path(), "later"), &[]).await;
    assert_eq!(counts(&report), [1, 1, 1], "{report}");
    assert_eq!(texts(&wren, plans).await, ["", "", "three"], "deletions are final");
    // An older export does not bring back what was deleted.
    let older = import(&database, &dir.path().join("first"), &[]).await;
    assert_eq!(counts(&older), [0, 2, 0], "{older}");
    assert_eq!(texts(&wren, plans).await, ["", "", "three"]);
    server.running.stop().await.unwrap();
}

async fn members_who_joined_later_do_not_see_what_was_sent_before(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let dir = tempfile::tempdir().unwrap();
    let mut export = Lines::new(WREN, START)
        .say(1, WREN, 1, "before", json!({}))
        .say(2, WREN, 2, "also before", json!({}))
        .say(3, WREN, 3, "after", json!({}));
    export.0[3]["history"] = json!("joining");
    let path = export.write(dir.path(), "a");
    for _ in 0..2 {
        import(&database, &path, &[]).await;
        let plans = groups(&database, "Plans").await[0];
        assert_eq!(texts(&wren, plans).await, ["before", "also before", "after"]);
        assert_eq!(texts(&oak, plans).await, ["after"]);
    }
    server.running.stop().await.unwrap();
}

async fn damaged_lines_are_listed_and_a_newer_version_is_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(70_000);
    let path = Lines::new(WREN, START)
        .say(
            1,
            WREN,
            1,
            "good",
            json!({"files": [
            {"name": "b.txt", "path": "files/b.txt", "bytes": 1, "sha256": "0".repeat(64)}]}),
        )
        .say(
            2,
            WREN,
            2,
            &long,
            json!({"files": [{"name": "a", "path": "../../../../etc/passwd", "bytes": 1}]}),
        )
        .say(
            3,
            WREN,
            i64::MAX / 2_000,
            "late",
            json!({"reactions": [{"emoji": "no emoji", "count": -4}], "mentions": ["x", 4]}),
        )
        .write(dir.path(), "a");
    std::fs::create_dir(path.join("conversations/Plans/files")).unwrap();
    std::fs::write(path.join("conversations/Plans/files/b.txt"), "b").unwrap();
    let file = path.join("conversations/Plans/messages.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, _) = text.split_once("{\"messages\"").unwrap();
    let damaged = format!(
        "{head}{{\"type\":\"message\",\"id\":\"..\"}}\n{{\"type\":\"mess\n{{\"type\":\"later\"}}\n"
    );
    std::fs::write(&file, damaged).unwrap();
    let left = dir.path().join("left.jsonl");
    let report = import(&database, &path, &["--report", left.to_str().unwrap()]).await;
    assert_eq!(report["broken"], 2, "{report}");
    let reasons = report["odd"].as_object().unwrap();
    for part in [
        "an incomplete file",
        "of a type that",
        "without a valid time",
        "too long",
        "content of a file",
        "another content",
    ] {
        assert!(reasons.keys().any(|reason| reason.contains(part)), "{part}: {report}");
    }
    let kept = std::fs::read_to_string(&left).unwrap();
    assert!(kept.contains(r#"{\"type\":\"mess"#), "{kept}");
    let plans = groups(&database, "Plans").await[0];
    assert_eq!(texts(&wren, plans).await[0], "good");
    std::fs::write(&file, text.replace("\"version\":1", "\"version\":2")).unwrap();
    let command = command_on(&database, &["import", "parlour", path.to_str().unwrap()]);
    let refused = spawn_blocking(move || output(command, "")).await.unwrap();
    let error = stderr_text(&refused);
    assert!(!refused.status.success() && error.contains("update the server"), "{error}");
    server.running.stop().await.unwrap();
}
