//! Imports of messages with files: they are attached once, can be downloaded, and nothing outside of the export is read.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, Server, User};
use crate::program::{command_on, objects, output};
use crate::uploads::{add, begin, bytes, objects as stored_objects};
use parlour_protocol::example_picture::png;
use parlour_protocol::{
    Action, ConversationId, Count, FileHash, FileKind, FileLimits, MessageRow, Row,
};
use parlour_server::{Config, FileSettings};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::task::spawn_blocking;

on_both_databases! {
    the_files_of_an_export_are_attached_once_and_can_be_downloaded,
    an_incomplete_file_of_an_interrupted_import_is_completed,
    an_import_that_is_killed_can_be_repeated,
    a_missing_file_is_a_line_until_a_later_export_contains_it,
    hostile_paths_and_files_that_are_not_accepted_are_left_out,
    a_message_that_was_deleted_here_stays_without_its_files,
    files_are_imported_from_an_archive_while_no_server_runs,
}

/// The largest file that is accepted, in MiB.
const MAX_MIB: u64 = 5;

fn config(database: &Database) -> Config {
    let base = database.config();
    let files = FileSettings { file_bytes: MAX_MIB << 20, ..base.files.clone() };
    Config { files, ..base }
}

/// Returns a command with the settings of the server.
fn command(database: &Database, args: &[&str]) -> Command {
    let mut command = command_on(database, &[args, &["--json"]].concat());
    command.env("PARLOUR_FILES", config(database).files.folder.unwrap());
    command.env("PARLOUR_MAX_FILE_MIB", MAX_MIB.to_string());
    command
}

/// Runs a command, and returns the objects that it prints.
async fn run(database: &Database, args: &[&str]) -> Vec<Value> {
    let command = command(database, args);
    let output = spawn_blocking(move || output(command, PASSWORD)).await.unwrap();
    objects(&output)
}

/// Imports an export in which people have the same names as here; wren becomes a member of every group.
async fn import(database: &Database, format: &str, path: &Path, args: &[&str]) -> Value {
    let path = path.to_str().unwrap();
    let all = [&["import", format, path, "--same-people", "--member", "wren"], args].concat();
    run(database, &all).await.pop().unwrap()
}

/// A post of an export: its author, its text, its time, and the paths of its files.
type Post<'a> = (&'a str, &'a str, i64, &'a [&'a str]);

/// An export of Mattermost in a folder.
struct Export {
    dir: tempfile::TempDir,
}

impl Export {
    fn new(posts: &[Post<'_>]) -> Self {
        let export = Self { dir: tempfile::tempdir().unwrap() };
        let mut lines = vec![
            json!({"type": "version", "version": 1}),
            json!({"type": "channel", "channel": {"team": "t", "name": "town", "display_name": "Town", "type": "O"}}),
        ];
        for (user, message, create_at, paths) in posts {
            let files: Vec<Value> = paths.iter().map(|path| json!({"path": path})).collect();
            let post = json!({"team": "t", "channel": "town", "user": user, "message": message,
                "create_at": create_at, "attachments": files});
            lines.push(json!({"type": "post", "post": post}));
        }
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::create_dir(export.path()).unwrap();
        std::fs::write(export.path().join("import.jsonl"), lines).unwrap();
        export
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("export")
    }

    /// Adds a file.
    fn add(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join("data").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

async fn group(database: &Database, title: &str) -> ConversationId {
    let groups = run(database, &["group", "list"]).await;
    let group = groups.iter().find(|group| group["title"] == title).expect("a group of this title");
    serde_json::from_value(group["id"].clone()).unwrap()
}

/// Returns the messages of a group, as a member sees them.
async fn messages(user: &User, group: ConversationId) -> Vec<MessageRow> {
    let rows = user.bootstrap(group).await.rows.into_iter();
    let mut messages: Vec<MessageRow> =
        rows.filter_map(|row| if let Row::Message(row) = row { Some(row) } else { None }).collect();
    messages.sort_by_key(|message| message.seq);
    messages
}

/// Returns the bytes of a file of a message, as a member downloads them.
async fn download(user: &User, message: &MessageRow, n: usize) -> Vec<u8> {
    let response = user.download(message.id, n).await;
    assert!(response.status().is_success(), "{}", response.status());
    response.bytes().await.unwrap().to_vec()
}

async fn used_bytes(user: &User) -> Count {
    user.get::<FileLimits>("uploads").await.used_bytes
}

async fn the_files_of_an_export_are_attached_once_and_can_be_downloaded(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    let (large, picture) = (bytes((5 << 20) - 7, 1), png(8, 9, 1));
    let export = Export::new(&[
        ("wren", "look", 1_000, &["x/large.bin", "x/pic.png"]),
        ("wren", "", 2_000, &["y/pic.png"]),
    ]);
    for (path, bytes) in [("x/large.bin", &large), ("x/pic.png", &picture), ("y/pic.png", &picture)]
    {
        export.add(path, bytes);
    }
    let all = (large.len() + 2 * picture.len()) as u64;
    let dry_run = import(&database, "mattermost", &export.path(), &["--dry-run"]).await;
    assert_eq!(
        (&dry_run["filesFound"], &dry_run["filesFoundBytes"], &dry_run["fileBytesNeeded"]),
        (&json!(3), &json!(all), &json!(all)),
        "{dry_run}"
    );
    assert_eq!((&dry_run["filesAdded"], &dry_run["filesMissing"]), (&json!(0), &json!(0)));
    let report = import(&database, "mattermost", &export.path(), &[]).await;
    assert_eq!(
        (&report["added"], &report["filesAdded"], &report["filesAddedBytes"]),
        (&json!(2), &json!(2), &json!(large.len() + picture.len())),
        "{report}"
    );
    let town = group(&database, "Town").await;
    let found = messages(&wren, town).await;
    let names = |message: &MessageRow| -> Vec<String> {
        message.files.iter().map(|file| file.name.clone()).collect()
    };
    assert_eq!(
        (found[0].body.as_str(), names(&found[0])),
        ("look", vec!["large.bin".into(), "pic.png".into()])
    );
    assert_eq!((found[1].body.as_str(), names(&found[1])), ("", vec!["pic.png".to_owned()]));
    assert_eq!(found[1].files[0].media_type, "image/png");
    assert_eq!(found[1].files[0].kind, FileKind::Picture { width: 8, height: 9, thumbhash: None });
    assert!(download(&wren, &found[0], 0).await == large);
    assert!(download(&wren, &found[0], 1).await == picture);
    assert!(download(&wren, &found[1], 0).await == picture);
    assert_eq!(used_bytes(&wren).await, Count(0), "imported files are not charged");
    let again = import(&database, "mattermost", &export.path(), &[]).await;
    assert_eq!(
        (&again["added"], &again["known"], &again["changed"], &again["filesAdded"]),
        (&json!(0), &json!(2), &json!(0), &json!(0)),
        "{again}"
    );
    assert_eq!(messages(&wren, town).await, found);
    server.running.stop().await.unwrap();
}

async fn an_incomplete_file_of_an_interrupted_import_is_completed(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    let file = bytes(1 << 20, 2);
    let hash = FileHash::of(&file);
    // The first part was stored, and the process ended.
    begin(&wren, &file).await.unwrap();
    add(&wren, hash, 0, &file[..300_000]).await.unwrap();
    let export = Export::new(&[("wren", "", 1_000, &["a.bin"])]);
    export.add("a.bin", &file);
    let report = import(&database, "mattermost", &export.path(), &[]).await;
    assert_eq!((&report["added"], &report["filesAdded"]), (&json!(1), &json!(1)), "{report}");
    let found = messages(&wren, group(&database, "Town").await).await;
    assert_eq!(found[0].files[0].hash, hash);
    assert!(download(&wren, &found[0], 0).await == file);
    server.running.stop().await.unwrap();
}

async fn an_import_that_is_killed_can_be_repeated(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    server.running.stop().await.unwrap();
    let files: Vec<Vec<u8>> = (0..8).map(|n| bytes(3 << 19, 100 + n)).collect();
    let names: Vec<String> = (0..8).map(|n| format!("{n}.bin")).collect();
    let paths: Vec<[&str; 1]> = names.iter().map(|name| [name.as_str()]).collect();
    let posts: Vec<Post<'_>> =
        (1..).zip(&paths).map(|(n, paths)| ("wren", "file", n * 1_000, &paths[..])).collect();
    let export = Export::new(&posts);
    for (name, bytes) in names.iter().zip(&files) {
        export.add(name, bytes);
    }
    let path = export.path();
    let all = ["import", "mattermost", path.to_str().unwrap(), "--same-people", "--member", "wren"];
    let mut interrupted = command(&database, &all);
    let folder = config(&database).files.folder.unwrap();
    let killed = spawn_blocking(move || {
        let mut child = interrupted.stdout(Stdio::null()).spawn().unwrap();
        while stored_objects(&folder).len() < 3 && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        // It may have ended.
        let _ = child.kill();
        child.wait().unwrap();
    });
    killed.await.unwrap();
    let report = import(&database, "mattermost", &path, &[]).await;
    assert_eq!((&report["messages"], &report["filesFound"]), (&json!(8), &json!(8)), "{report}");
    let town = group(&database, "Town").await;
    let server = Server::start(&config(&database)).await;
    let wren = server.with_session_of(&wren);
    let found = messages(&wren, town).await;
    assert_eq!(found.len(), files.len());
    for (message, file) in found.iter().zip(&files) {
        assert_eq!(message.files.len(), 1);
        assert!(download(&wren, message, 0).await == *file);
    }
    server.running.stop().await.unwrap();
}

async fn a_missing_file_is_a_line_until_a_later_export_contains_it(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    let export = Export::new(&[("wren", "plan", 1_000, &["a.txt", "b.txt"])]);
    export.add("a.txt", b"first");
    let report = import(&database, "mattermost", &export.path(), &[]).await;
    assert_eq!((&report["filesFound"], &report["filesMissing"]), (&json!(1), &json!(1)));
    let town = group(&database, "Town").await;
    let before = messages(&wren, town).await.remove(0);
    assert_eq!((before.body.as_str(), before.files.len()), ("plan\n📎 b.txt", 1));
    // In a second folder, under its name.
    let beside = tempfile::tempdir().unwrap();
    std::fs::write(beside.path().join("b.txt"), "second").unwrap();
    let with_folder = ["--files", beside.path().to_str().unwrap()];
    let later = import(&database, "mattermost", &export.path(), &with_folder).await;
    assert_eq!((&later["added"], &later["changed"]), (&json!(0), &json!(1)), "{later}");
    let after = messages(&wren, town).await;
    assert_eq!((after.len(), after[0].body.as_str(), after[0].id), (1, "plan", before.id));
    assert!(download(&wren, &after[0], 0).await == b"first");
    assert!(download(&wren, &after[0], 1).await == b"second");
    // An export without the contents keeps those that are here, also if the text has changed.
    let third = import(&database, "mattermost", &export.path(), &[]).await;
    assert_eq!((&third["known"], &third["changed"]), (&json!(1), &json!(0)), "{third}");
    let edited = Export::new(&[("wren", "new plan", 1_000, &["a.txt", "b.txt"])]);
    import(&database, "mattermost", &edited.path(), &[]).await;
    let kept = messages(&wren, town).await.remove(0);
    assert_eq!((kept.body.as_str(), &kept.files), ("new plan", &after[0].files));
    assert!(download(&wren, &kept, 1).await == b"second");
    server.running.stop().await.unwrap();
}

async fn hostile_paths_and_files_that_are_not_accepted_are_left_out(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    let paths = [
        "link.txt",
        "../../secret.txt",
        "/etc/passwd",
        "../import.jsonl",
        "folder",
        "empty.txt",
        "large.bin",
        "good.txt",
    ];
    let export = Export::new(&[("wren", "all", 1_000, &paths)]);
    std::fs::write(export.dir.path().join("secret.txt"), "secret").unwrap();
    export.add("folder/x.txt", b"in a folder");
    export.add("empty.txt", b"");
    export.add("large.bin", &bytes((5 << 20) + 1, 3));
    export.add("good.txt", b"good");
    let link = export.path().join("data/link.txt");
    std::os::unix::fs::symlink(export.dir.path().join("secret.txt"), link).unwrap();
    let report = import(&database, "mattermost", &export.path(), &[]).await;
    assert_eq!(
        (&report["filesFound"], &report["filesMissing"]),
        (&json!(1), &json!(7)),
        "{report}"
    );
    let reasons = report["odd"].as_object().unwrap();
    for (part, count) in
        [("empty file", 1), ("larger than this server", 1), ("content of a file", 5)]
    {
        let found = reasons.iter().find(|(reason, _)| reason.contains(part));
        assert_eq!(found.map(|(_, listed)| &listed[0]), Some(&json!(count)), "{part}: {report}");
    }
    let found = messages(&wren, group(&database, "Town").await).await.remove(0);
    assert_eq!((found.files.len(), found.body.matches('📎').count()), (1, 7), "{}", found.body);
    assert!(download(&wren, &found, 0).await == b"good");
    server.running.stop().await.unwrap();
}

async fn a_message_that_was_deleted_here_stays_without_its_files(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    let export = Export::new(&[("wren", "x", 1_000, &["a.txt"])]);
    export.add("a.txt", b"text");
    import(&database, "mattermost", &export.path(), &[]).await;
    let town = group(&database, "Town").await;
    let id = messages(&wren, town).await[0].id;
    wren.act(town, Action::Delete { message_id: id }).await;
    for _ in 0..2 {
        let report = import(&database, "mattermost", &export.path(), &[]).await;
        assert_eq!((&report["added"], &report["filesAdded"]), (&json!(0), &json!(0)), "{report}");
        let found = messages(&wren, town).await.remove(0);
        assert!(found.deleted_at.is_some() && found.files.is_empty() && found.body.is_empty());
    }
    server.running.stop().await.unwrap();
}

async fn files_are_imported_from_an_archive_while_no_server_runs(database: Database) {
    let server = Server::start(&config(&database)).await;
    let wren = server.register("wren").await;
    server.running.stop().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("team.zip");
    let chat = "[13/11/2025, 12:26:01] wren: \u{200e}<attached: 0001-PHOTO.png>\nhere\n\
        [13/11/2025, 12:26:02] oak: thanks\n";
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let picture = png(8, 8, 2);
    for (name, bytes) in [("_chat.txt", chat.as_bytes()), ("0001-PHOTO.png", &picture)] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    let report = import(&database, "whatsapp", &path, &[]).await;
    assert_eq!((&report["added"], &report["filesAdded"]), (&json!(2), &json!(1)), "{report}");
    let team = group(&database, "team").await;
    let server = Server::start(&config(&database)).await;
    let wren = server.with_session_of(&wren);
    let found = messages(&wren, team).await;
    assert_eq!(
        (found[0].body.as_str(), found[0].files[0].name.as_str()),
        ("here", "0001-PHOTO.png")
    );
    assert!(download(&wren, &found[0], 0).await == picture);
    server.running.stop().await.unwrap();
}
