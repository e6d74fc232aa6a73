//! The contents of files in backups.

use super::{add_random_rows, text};
use crate::common::{Database, Server, User, message};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{Action, MessageFile, MessageId};
use parlour_server::backup::Schedule;
use parlour_server::{Config, FileSettings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

on_both_databases! {
    a_backup_contains_the_files_and_restores_them_to_either_database,
    a_backup_is_made_although_files_are_missing_and_reports_them,
    a_restore_reports_missing_files_and_keeps_those_that_are_there,
}

/// Starts a server that stores files in this folder.
pub async fn serve(database: &Database, folder: &Path) -> Server {
    let files = FileSettings { folder: Some(folder.into()), ..FileSettings::default() };
    Server::start(&Config { files, ..database.config() }).await
}

/// Runs a command on a database whose files are in this folder.
pub fn run(database: &Database, folder: &Path, args: &[&str]) -> Output {
    let mut command = command_on(database, &[args, &["--json"]].concat());
    command.env("PARLOUR_FILES", folder);
    output(command, "")
}

/// Returns the last object that such a command prints; fails the test if the command fails.
pub fn last_object(database: &Database, folder: &Path, args: &[&str]) -> Value {
    objects(&run(database, folder, args)).pop().unwrap()
}

/// Returns the contents of all objects in a folder, by their paths in it.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        // The mark of the store is no folder.
        if !file.path().is_dir() {
            continue;
        }
        for object in std::fs::read_dir(file.path()).unwrap().map(Result::unwrap) {
            let path = object.path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
    found
}

/// Sends a message with a file in two parts and one in one part; uploads a part of another file.
pub async fn send_files(server: &Server) -> (User, MessageId) {
    let wren = server.register_administrator("wren").await;
    let group = wren.group(&[]).await;
    let large = wren.upload_in_parts(&[7; 200_000], 100_000).await;
    let small = MessageFile { name: "small".into(), ..wren.upload(b"small").await };
    let incomplete = MessageFile::example("incomplete", &[9; 150_000]);
    wren.begin_upload(incomplete.hash, 150_000).await;
    wren.add_part(incomplete.hash, 0, vec![9; 100_000]).await;
    let sent = wren.act(group, Action::send_files("look", vec![large, small])).await;
    (wren, message(&sent).id)
}

async fn a_backup_contains_the_files_and_restores_them_to_either_database(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let server = serve(&database, &folder).await;
    let (wren, id) = send_files(&server).await;
    server.running.stop().await.unwrap();
    let created = last_object(&database, &folder, &["backup", text(&file)]);
    let files = json!({"count": 3, "bytes": 300_005});
    assert_eq!(created["files"], files, "{created}");
    assert_eq!(created["missingFiles"]["count"], 0);
    let verified = last_object(&database, &folder, &["verify", text(&file)]);
    assert_eq!(verified["files"], files);
    let targets = [Some(Database::sqlite()), Database::postgres().await];
    for (n, to) in targets.into_iter().flatten().enumerate() {
        let restored_folder = dir.path().join(format!("restored {n}"));
        let restored = last_object(&to, &restored_folder, &["restore", text(&file)]);
        assert_eq!(restored["missingFiles"], json!({"count": 0, "bytes": 0}));
        assert!(contents(&restored_folder) == contents(&folder));
        let server = serve(&to, &restored_folder).await;
        let wren = server.with_session_of(&wren);
        let large = wren.download(id, 0).await.bytes().await.unwrap();
        assert!(large == vec![7; 200_000]);
        assert_eq!(wren.download(id, 1).await.bytes().await.unwrap(), "small");
        // The interrupted upload goes on.
        let rest = MessageFile::example("incomplete", &[9; 150_000]);
        let added = wren.add_part(rest.hash, 100_000, vec![9; 50_000]).await;
        assert!(added.status().is_success());
        server.running.stop().await.unwrap();
        let checked = run(&to, &restored_folder, &["verify"]);
        assert!(checked.status.success(), "{}", stderr_text(&checked));
    }
}

async fn a_backup_is_made_although_files_are_missing_and_reports_them(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let server = serve(&database, &folder).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    let whole = contents(&folder);
    let part = whole.iter().find(|(_, bytes)| bytes.as_slice() == b"small").unwrap().0;
    std::fs::write(folder.join(part), "smal").unwrap();
    let created = last_object(&database, &folder, &["backup", text(&file)]);
    assert_eq!(created["missingFiles"], json!({"count": 1, "bytes": 5}));
    let (to, restored_folder) = (Database::sqlite(), dir.path().join("restored"));
    let restored = last_object(&to, &restored_folder, &["restore", text(&file)]);
    assert_eq!(restored["missingFiles"], json!({"count": 1, "bytes": 5}));
    // The header announces what the database refers to; what is in the backup is counted.
    let verified = last_object(&database, &folder, &["verify", text(&file)]);
    assert_eq!(verified["files"], json!({"count": 2, "bytes": 300_000}));
    let names = |folder: &Path| contents(folder).into_keys().collect::<Vec<_>>();
    let expected: Vec<String> = whole.keys().filter(|name| *name != part).cloned().collect();
    assert_eq!(names(&restored_folder), expected);
}

async fn a_restore_reports_missing_files_and_keeps_those_that_are_there(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let server = serve(&database, &folder).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    let created = last_object(&database, &folder, &["backup", text(&file), "--without-files"]);
    assert_eq!(created["files"], Value::Null);
    let empty = dir.path().join("empty");
    let restored = last_object(&Database::sqlite(), &empty, &["restore", text(&file)]);
    assert_eq!(restored["missingFiles"], json!({"count": 2, "bytes": 200_005}));
    let before = contents(&folder);
    let restored = last_object(&Database::sqlite(), &folder, &["restore", text(&file)]);
    assert_eq!(restored["missingFiles"]["count"], 0);
    assert!(contents(&folder) == before);
    // Without a place for them, nothing is known about files.
    if let Some(to) = Database::postgres().await {
        let restored = objects(&output(command_on(&to, &["restore", text(&file), "--json"]), ""));
        assert_eq!(restored.last().unwrap()["missingFiles"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_changes_no_object_and_keeps_them_if_it_fails() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let server = serve(&database, &folder).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    last_object(&database, &folder, &["backup", text(&file)]);
    // One object differs, one is too short, and one is missing.
    let original = contents(&folder);
    let names: Vec<&String> = original.keys().collect();
    let mut changed = original[names[0]].clone();
    changed[0] ^= 1;
    std::fs::write(folder.join(names[0]), &changed).unwrap();
    std::fs::write(folder.join(names[1]), "less").unwrap();
    std::fs::remove_file(folder.join(names[2])).unwrap();
    let before = contents(&folder);
    let bytes = std::fs::read(&file).unwrap();
    let cut = dir.path().join("cut");
    std::fs::write(&cut, &bytes[..bytes.len() - 16]).unwrap();
    assert!(!run(&Database::sqlite(), &folder, &["restore", text(&cut)]).status.success());
    // What is incomplete may have been replaced, depending on what the backup's end contained.
    let others = |contents: &BTreeMap<String, Vec<u8>>| {
        let mut others = contents.clone();
        others.remove(names[1]);
        others
    };
    assert!(others(&contents(&folder)) == others(&before));
    let mut repaired = before.clone();
    repaired.insert(names[1].clone(), original[names[1]].clone());
    last_object(&Database::sqlite(), &folder, &["restore", text(&file)]);
    repaired.insert(names[2].clone(), original[names[2]].clone());
    assert!(contents(&folder) == repaired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_some_files_is_reported_and_deletes_no_earlier_one() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (folder, backups) = (dir.path().join("files"), dir.path().join("backups"));
    std::fs::create_dir(&backups).unwrap();
    let server = serve(&database, &folder).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let old = backups.join("parlour-20200106T030000Z.tar.zst");
    std::fs::write(&old, "old").unwrap();
    let schedule = Schedule {
        keep_days: 0,
        keep_weeks: 0,
        has_files: true,
        check_interval: Duration::from_millis(5),
        ..Schedule::in_folder(backups.clone())
    };
    let files = FileSettings { folder: Some(folder), ..FileSettings::default() };
    let config = Config { files, backups: Some(schedule), ..database.config() };
    let server = Server::start(&config).await;
    let missing = loop {
        let status = objects(&output(command_on(&database, &["status", "--json"]), "")).remove(0);
        if let Some(missing) = status["backups"]["last"]["missingFiles"].as_i64() {
            break missing;
        }
    };
    assert_eq!(missing, 2);
    assert!(old.exists());
    server.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_restore_removes_only_the_objects_that_it_wrote() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let server = serve(&database, &folder).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    add_random_rows(&database, 64).await;
    last_object(&database, &folder, &["backup", text(&file)]);
    // Without its end, everything else is intact.
    let bytes = std::fs::read(&file).unwrap();
    let cut = dir.path().join("cut");
    std::fs::write(&cut, &bytes[..bytes.len() - 16]).unwrap();
    let target = dir.path().join("target");
    let (name, object) = contents(&folder).into_iter().next().unwrap();
    std::fs::create_dir_all(target.join(&name).parent().unwrap()).unwrap();
    std::fs::write(target.join(&name), &object).unwrap();
    let failed = run(&Database::sqlite(), &target, &["restore", text(&cut)]);
    assert!(!failed.status.success());
    assert_eq!(contents(&target), BTreeMap::from([(name, object)]));
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 1);
}
