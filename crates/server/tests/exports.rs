//! Exports of the whole server: what they contain, and when private conversations are in them.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, Server, User, message};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{Action, ConversationId, MessageFile, MessageId, MessageRow, Row};
use parlour_server::Config;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use uuid::Uuid;

on_both_databases! {
    private_conversations_are_exported_only_by_the_policy,
    lines_of_json_contain_what_the_server_has_and_follow_their_documentation,
    what_was_exported_for_mattermost_can_be_imported_again,
    nothing_that_exists_is_replaced_and_nothing_is_left_of_a_failure,
}

/// A folder for exports, and one with the settings of the command.
pub struct Folders {
    dir: TempDir,
}

impl Folders {
    pub fn new(has_private: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = dir.path().join("settings");
        std::fs::create_dir(&settings).unwrap();
        std::fs::create_dir(dir.path().join("exports")).unwrap();
        let text = format!("export_private = {has_private}\n");
        std::fs::write(settings.join("parlour.toml"), text).unwrap();
        Self { dir }
    }

    /// Returns the path of an export.
    pub fn to(&self, name: &str) -> PathBuf {
        self.dir.path().join("exports").join(name)
    }

    /// Returns the names of all exports, also of incomplete ones.
    fn names(&self) -> Vec<String> {
        names(&self.dir.path().join("exports"))
    }

    /// Runs a command, on SQLite through the server if one is running. The environment of the command claims that
    /// private conversations may be exported, which must not matter.
    pub async fn run(&self, database: &Database, args: &[&str]) -> Output {
        let mut command = command_on(database, args);
        command.arg("--data").arg(self.dir.path().join("settings"));
        command.env("PARLOUR_FILES", database.config().files.folder.unwrap());
        command.env("PARLOUR_EXPORT_PRIVATE", "true");
        spawn_blocking(move || output(command, PASSWORD)).await.unwrap()
    }

    pub async fn export(&self, database: &Database, format: &str, name: &str) -> Value {
        let to = self.to(name);
        let args = ["export", format, to.to_str().unwrap(), "--json"];
        objects(&self.run(database, &args).await).pop().unwrap()
    }
}

pub fn config(database: &Database, has_private: bool) -> Config {
    Config { export_private: has_private, ..database.config() }
}

/// Returns the names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Returns the objects in a file, one per line.
pub fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the content of the lines of a type of Mattermost's format.
fn records(lines: &[Value], kind: &str) -> Vec<Value> {
    let of_kind = lines.iter().filter(|line| line["type"] == kind);
    of_kind.map(|line| line[kind].clone()).collect()
}

pub async fn reply(user: &User, group: ConversationId, to: MessageId, body: &str) -> MessageId {
    let (body, mentions, files) = (body.into(), Vec::new(), Vec::new());
    let action = Action::Send { body, reply_to: Some(to), mentions, mentions_all: false, files };
    message(&user.act(group, action).await).id
}

/// Creates an open group "Town", a private one "workshop", and a direct message; returns the open group.
pub async fn conversations(wren: &User, oak: &User) -> ConversationId {
    let town = ConversationId(Uuid::now_v7());
    wren.act(town, Action::create_group("Town", vec![oak.id])).await;
    let chosen = json!({"groups": [town]});
    let response = wren.submit(Method::PUT, "groups/default", &chosen).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let workshop = wren.group(&[oak]).await;
    wren.say(workshop, "among us").await;
    let direct = ConversationId::p2p(wren.id, oak.id);
    wren.act(direct, Action::create_p2p(oak.id)).await;
    oak.say(direct, "between the two of us").await;
    town
}

pub async fn start(database: &Database, has_private: bool) -> (Server, User, User) {
    let server = Server::start(&config(database, has_private)).await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("Oak").await;
    (server, wren, oak)
}

/// Returns the entries of the audit log about exports: the action and the details.
async fn audit(folders: &Folders, database: &Database) -> Vec<(String, String)> {
    let entries = objects(&folders.run(database, &["audit", "--json"]).await);
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries = entries.iter().map(|entry| (text(entry, "action"), text(entry, "details")));
    entries.filter(|(action, _)| action.starts_with("export")).collect()
}

async fn private_conversations_are_exported_only_by_the_policy(database: Database) {
    let (server, wren, oak) = start(&database, false).await;
    let town = conversations(&wren, &oak).await;
    wren.say(town, "open to all").await;
    let folders = Folders::new(false);
    let report = folders.export(&database, "jsonl", "open").await;
    assert_eq!(report["private"], false);
    assert_eq!(
        (&report["conversations"], &report["leftOut"], &report["messages"]),
        (&json!(1), &json!(2), &json!(1)),
        "{report}"
    );
    assert_eq!(names(&folders.to("open").join("conversations")), ["Town"]);
    folders.export(&database, "mattermost", "channels").await;
    let text = std::fs::read_to_string(folders.to("channels").join("import.jsonl")).unwrap();
    assert!(text.contains("open to all") && !text.contains("us\""), "{text}");
    assert!(!text.contains("workshop") && !text.contains("direct"), "{text}");
    let entries = audit(&folders, &database).await;
    let actions: Vec<&str> = entries.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["export_begun", "exported", "export_begun", "exported"]);
    let details = &entries[1].1;
    for part in ["format=jsonl", "private=false", "conversations=1", "left_out=2", "messages=1"] {
        assert!(details.contains(part), "{details}");
    }
    server.running.stop().await.unwrap();

    let server = Server::start(&config(&database, true)).await;
    let folders = Folders::new(true);
    let report = folders.export(&database, "jsonl", "all").await;
    assert_eq!((&report["private"], &report["leftOut"]), (&json!(true), &json!(0)));
    let exported = names(&folders.to("all").join("conversations"));
    assert_eq!(exported.len(), 3, "{exported:?}");
    assert!(exported.contains(&"workshop".to_owned()), "{exported:?}");
    let entries = audit(&folders, &database).await;
    assert!(entries.last().unwrap().1.contains("private=true conversations=3"), "{entries:?}");
    server.running.stop().await.unwrap();
}

async fn lines_of_json_contain_what_the_server_has_and_follow_their_documentation(
    database: Database,
) {
    let (server, wren, oak) = start(&database, true).await;
    let town = conversations(&wren, &oak).await;
    let first = wren.say(town, "first").await;
    wren.act(town, Action::edit(first, "second")).await;
    wren.act(town, Action::edit(first, "third")).await;
    oak.act(town, Action::react(first, "👍")).await;
    wren.act(town, Action::react(first, "👍")).await;
    let answer = reply(&oak, town, first, "an answer").await;
    let gone = wren.say(town, "gone").await;
    wren.act(town, Action::Delete { message_id: gone }).await;
    let file = wren.upload(b"the plan").await;
    let copy = MessageFile { name: "copy".into(), ..file.clone() };
    wren.act(town, Action::send_files("look", vec![file.clone(), copy])).await;
    // No server runs.
    server.running.stop().await.unwrap();
    let folders = Folders::new(true);
    let report = folders.export(&database, "jsonl", "all").await;
    assert_eq!((&report["files"], &report["missingFiles"]), (&json!(1), &json!(0)), "{report}");
    let folder = folders.to("all").join("conversations/Town");
    let all = lines(&folder.join("messages.jsonl"));
    let is_message = |line: &&Value| line["type"] == "message";
    let messages: Vec<&Value> = all.iter().filter(is_message).collect();
    let [first_line, answer_line, gone_line, file_line] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert_eq!((&first_line["id"], &first_line["text"]), (&json!(first), &json!("third")));
    let earlier: Vec<&Value> =
        first_line["earlierTexts"].as_array().unwrap().iter().map(|text| &text["text"]).collect();
    assert_eq!(earlier, ["first", "second"]);
    let reaction = &first_line["reactions"][0];
    assert_eq!((&reaction["emoji"], &reaction["count"]), (&json!("👍"), &json!(2)));
    let people: BTreeSet<&str> =
        reaction["people"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let ids = [oak.id, wren.id].map(|id| id.to_string());
    assert_eq!(people, ids.iter().map(String::as_str).collect::<BTreeSet<_>>());
    assert_eq!((&answer_line["id"], &answer_line["replyTo"]), (&json!(answer), &json!(first)));
    assert!(gone_line["deletedAt"].is_number() && gone_line["text"] == "");
    let paths: Vec<&Value> =
        file_line["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["files/file", "files/file"]);
    assert_eq!(std::fs::read(folder.join("files/file")).unwrap(), b"the plan");
    assert_eq!(all[0]["selection"], "server");
    assert_eq!(all.last().unwrap(), &json!({"type": "end", "messages": 4}));
    assert_documented(&all);
    assert_private(&folders.to("all"));
}

/// Checks that docs/export.md describes every field of these lines.
fn assert_documented(lines: &[Value]) {
    let documentation = include_str!("../../../docs/export.md");
    for line in lines {
        let start = format!("| `{}` |", line["type"].as_str().unwrap());
        let row = documentation.lines().find(|row| row.starts_with(&start)).expect("a row");
        for key in line.as_object().unwrap().keys().filter(|key| *key != "type") {
            assert!(row.contains(&format!("`{key}`")), "{start} {key}");
        }
    }
    let parts =
        [("members", "- a member:"), ("reactions", "- a reaction:"), ("files", "- a file:")];
    for (list, start) in parts.into_iter().chain([("earlierTexts", "- an earlier text:")]) {
        let at = documentation.find(start).expect("a description");
        let description = documentation[at..].split("\n- ").next().unwrap();
        let items: Vec<&Value> =
            lines.iter().filter_map(|line| line[list].as_array()).flatten().collect();
        let keys: BTreeSet<&String> =
            items.iter().flat_map(|item| item.as_object().unwrap().keys()).collect();
        assert!(!keys.is_empty(), "{list}");
        for key in keys {
            assert!(description.contains(&format!("`{key}`")), "{start} {key}");
        }
    }
}

/// Checks that only their owner can read a folder and everything in it.
fn assert_private(path: &Path) {
    let found = path.symlink_metadata().unwrap();
    let expected = if found.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(found.permissions().mode() & 0o777, expected, "{path:?}");
    if found.is_dir() {
        names(path).iter().for_each(|name| assert_private(&path.join(name)));
    }
}

/// Returns the messages of a group, as a member sees them.
pub async fn messages(user: &User, group: ConversationId) -> Vec<MessageRow> {
    let rows = user.bootstrap(group).await.rows.into_iter();
    let mut messages: Vec<MessageRow> =
        rows.filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None }).collect();
    messages.sort_by_key(|message| message.seq);
    messages
}

async fn what_was_exported_for_mattermost_can_be_imported_again(database: Database) {
    let (server, wren, oak) = start(&database, true).await;
    let town = conversations(&wren, &oak).await;
    let question = wren.say(town, "who has the plan?").await;
    let answer = reply(&oak, town, question, "I do").await;
    reply(&wren, town, answer, "send it").await;
    oak.act(town, Action::react(question, "👍🏽")).await;
    let gone = wren.say(town, "gone").await;
    wren.act(town, Action::Delete { message_id: gone }).await;
    let file = oak.upload(b"the plan").await;
    oak.act(town, Action::send_files("here", vec![file])).await;
    let folders = Folders::new(true);
    let report = folders.export(&database, "mattermost", "bulk").await;
    assert_eq!((&report["conversations"], &report["messages"]), (&json!(3), &json!(6)), "{report}");
    server.running.stop().await.unwrap();
    let lines = lines(&folders.to("bulk").join("import.jsonl"));
    let order: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(order[..4], ["version", "team", "channel", "channel"]);
    assert_eq!(order[4..6], ["user", "user"]);
    assert_eq!(order[order.len() - 2..], ["direct_channel", "direct_post"]);
    let channels = records(&lines, "channel");
    let town_line = channels.iter().find(|channel| channel["name"] == "town").unwrap();
    let workshop = channels.iter().find(|channel| channel["name"] == "workshop").unwrap();
    assert_eq!((&town_line["type"], &workshop["type"]), (&json!("O"), &json!("P")));
    let users = records(&lines, "user");
    let oak_line = users.iter().find(|user| user["username"] == "oak").unwrap();
    assert_eq!((&oak_line["nickname"], &oak_line["roles"]), (&json!("Oak"), &json!("system_user")));
    let posts = records(&lines, "post");
    let thread = posts.iter().find(|post| post["message"] == "who has the plan?").unwrap();
    assert_eq!(thread["replies"].as_array().unwrap().len(), 2, "threads are flat");
    assert_eq!(thread["reactions"][0]["emoji_name"], "+1_medium_skin_tone");
    assert_private(&folders.to("bulk"));

    let other = match database.url {
        Some(_) => Database::postgres().await.unwrap(),
        None => Database::sqlite(),
    };
    let server = Server::start(&config(&other, false)).await;
    let reader = server.register("reader").await;
    let bulk = folders.to("bulk");
    let args = ["import", "mattermost", bulk.to_str().unwrap(), "--member", "reader", "--json"];
    let imported = objects(&folders.run(&other, &args).await).pop().unwrap();
    assert_eq!(
        (&imported["added"], &imported["broken"], &imported["filesAdded"]),
        (&json!(6), &json!(0), &json!(1)),
        "{imported}"
    );
    let groups = objects(&folders.run(&other, &["group", "list", "--json"]).await);
    let group = groups.iter().find(|group| group["title"] == "Town").unwrap();
    let group: ConversationId = serde_json::from_value(group["id"].clone()).unwrap();
    let found = messages(&reader, group).await;
    let texts: Vec<&str> = found.iter().map(|row| row.body.as_str()).collect();
    assert_eq!(texts, ["who has the plan?", "I do", "send it", "here"]);
    assert_eq!(found[1].reply_to, Some(found[0].id));
    assert_eq!(found[2].reply_to, Some(found[0].id));
    assert_eq!(found[0].reactions[0].emoji, "👍🏽");
    assert_eq!(found[3].files[0].name, "file");
    let content = reader.download(found[3].id, 0).await.bytes().await.unwrap();
    assert_eq!(&content[..], b"the plan");
    server.running.stop().await.unwrap();
}

async fn nothing_that_exists_is_replaced_and_nothing_is_left_of_a_failure(database: Database) {
    let (server, wren, oak) = start(&database, true).await;
    let town = conversations(&wren, &oak).await;
    wren.say(town, "here").await;
    let folders = Folders::new(true);
    std::fs::write(folders.to("taken"), "precious").unwrap();
    for (to, expected) in [("taken", "already exists"), ("missing/export", "writing")] {
        let to = folders.to(to);
        let refused = folders.run(&database, &["export", "jsonl", to.to_str().unwrap()]).await;
        assert!(!refused.status.success());
        assert!(stderr_text(&refused).contains(expected), "{}", stderr_text(&refused));
    }
    assert_eq!(folders.names(), ["taken"]);
    assert_eq!(std::fs::read(folders.to("taken")).unwrap(), b"precious");
    assert!(audit(&folders, &database).await.is_empty(), "nothing was read");
    server.running.stop().await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_with_the_missing_bytes_and_leaves_nothing() {
    use crate::program::PROGRAM;
    use std::process::Command;
    const MESSAGES: usize = 40;
    const BYTES: usize = 60_000;
    let database = Database::sqlite();
    let (server, wren, oak) = start(&database, true).await;
    let town = conversations(&wren, &oak).await;
    for _ in 0..MESSAGES {
        wren.say(town, &"x".repeat(BYTES)).await;
    }
    server.running.stop().await.unwrap();
    let folders = Folders::new(true);
    let data = match &database.address {
        parlour_server::DatabaseAddress::Sqlite(path) => path.parent().unwrap().to_owned(),
        parlour_server::DatabaseAddress::Postgres(_) => unreachable!(),
    };
    std::fs::write(data.join("parlour.toml"), "export_private = true\n").unwrap();
    // Its files may have so many bytes; the system then fails as with a full disk.
    let max_bytes = MESSAGES * BYTES / 2;
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec prlimit --fsize=\"$0\" \"$@\""]);
    shell.arg(max_bytes.to_string()).arg(PROGRAM).args(["export", "jsonl"]);
    shell.arg(folders.to("all")).arg("--data").arg(&data).env_remove("PARLOUR_DATABASE");
    let ended = spawn_blocking(move || output(shell, "")).await.unwrap();
    let error = stderr_text(&ended);
    assert!(!ended.status.success() && error.contains("the disk is too full for"), "{error}");
    let number = error.split("about ").nth(1).and_then(|rest| rest.split(' ').next());
    let missing: usize = number.and_then(|number| number.parse().ok()).expect("a number");
    assert!(missing > max_bytes / 2 && missing < max_bytes * 2, "{missing} of {max_bytes}");
    assert!(folders.names().is_empty());
}
