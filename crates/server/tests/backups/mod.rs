//! Backups: made while messages arrive, restored to both databases, and refused if they are damaged.
#![cfg(unix)]

mod damage;
#[cfg(target_os = "linux")]
mod disk;
mod encrypted;
pub mod files;
#[cfg(target_os = "linux")]
mod kills;
mod random_kills;
mod scheduled;

use crate::common::{Database, PASSWORD, Server, User};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{Action, ConversationId, Heads, Seq};
use parlour_server::DatabaseAddress;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::task::spawn_blocking;

on_both_databases! {
    a_backup_is_one_snapshot_while_messages_arrive,
    a_backup_restores_every_row_to_either_database_in_a_new_epoch,
    an_existing_file_or_database_is_not_overwritten,
}

/// Runs a command on a database, without blocking the server in this test.
pub async fn run(database: &Database, args: &[&str]) -> Output {
    let command = command_on(database, args);
    spawn_blocking(move || output(command, "")).await.unwrap()
}

/// Returns the objects that a command prints; fails the test if the command fails.
pub async fn json_output(database: &Database, args: &[&str]) -> Vec<Value> {
    objects(&run(database, &[args, &["--json"]].concat()).await)
}

/// Returns the error of a command; fails the test if the command succeeds.
pub async fn command_error(database: &Database, args: &[&str]) -> String {
    let output = run(database, args).await;
    assert!(!output.status.success(), "{args:?}");
    stderr_text(&output)
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Returns the folder of a SQLite database.
pub fn folder(database: &Database) -> PathBuf {
    let DatabaseAddress::Sqlite(path) = &database.address else { unreachable!() };
    path.parent().unwrap().to_owned()
}

/// Adds rows that take about `kib` KiB even when compressed.
pub async fn add_random_rows(database: &Database, kib: usize) {
    let random = |_| uuid::Uuid::new_v4().simple().to_string();
    let rows = (0..kib).map(|row| {
        let digest: String = (0..64).map(random).collect();
        format!("('noise {row}', '{digest}', 0)")
    });
    let rows = rows.collect::<Vec<_>>().join(",");
    database
        .execute(&format!("INSERT INTO imports (source, digest, messages) VALUES {rows}"))
        .await;
}

/// Creates some rows of every kind.
async fn create_sample_rows(server: &Server) -> (User, ConversationId) {
    let (wren, oak) = (server.register_administrator("wren").await, server.register("Öak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "日本語 and \"quotes\"").await;
    oak.act(group, Action::React { message_id: id, emoji: "👍".into(), on: true }).await;
    wren.act(group, Action::edit(id, "edited")).await;
    oak.act(group, Action::Read { seq: Seq(1), without_receipt: false }).await;
    oak.act(group, Action::Draft { body: "draft".into(), reply_to: Some(id), based_on: None })
        .await;
    oak.act(group, Action::Save { message_id: id, on: true }).await;
    let setting = Action::Setting { name: "theme".into(), value: "dark".into() };
    oak.act(ConversationId(uuid::Uuid::nil()), setting).await;
    oak.put_picture(parlour_protocol::example_picture::png(8, 8, 1)).await;
    for number in 0..20 {
        wren.say(group, &format!("message {number}")).await;
    }
    (wren, group)
}

/// Returns the digests of all tables, except those that a start or a restore changes.
async fn digests(database: &Database) -> Vec<Value> {
    let mut tables = json_output(database, &["verify"]).await;
    assert_eq!(tables.pop(), Some(json!({"done": true})));
    tables.retain(|line| line.get("progress").is_none());
    assert!(tables.iter().any(|table| table["table"] == "messages"), "{tables:?}");
    let changes_at_start =
        |table: &Value| ["runs", "audit", "audit_end"].iter().any(|name| table["table"] == *name);
    tables.retain(|table| !changes_at_start(table));
    tables
}

async fn a_backup_is_one_snapshot_while_messages_arrive(database: Database) {
    let (dir, server) = (tempfile::tempdir().unwrap(), database.serve().await);
    let (wren, group) = create_sample_rows(&server).await;
    add_random_rows(&database, 4096).await;
    let (sent, stop) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let sending = tokio::spawn({
        let (sent, stop, wren) = (sent.clone(), stop.clone(), wren.clone());
        async move {
            while !stop.load(Ordering::Relaxed) {
                wren.say(group, "meanwhile").await;
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let first_seq = wren.bootstrap(group).await.last_seq;
    let files: Vec<PathBuf> = (0..3).map(|n| dir.path().join(format!("{n}.tar.zst"))).collect();
    for file in &files {
        let created = json_output(&database, &["backup", text(file)]).await;
        let created = created.last().unwrap();
        assert_eq!(created["bytes"], file.metadata().unwrap().len());
    }
    let last_seq = wren.bootstrap(group).await.last_seq;
    stop.store(true, Ordering::Relaxed);
    sending.await.unwrap();
    assert!(last_seq > first_seq + 3, "messages arrived meanwhile");
    let mut before = first_seq;
    for file in &files {
        let to = Database::sqlite();
        json_output(&to, &["restore", text(file)]).await;
        digests(&to).await;
        let rows =
            "SELECT count(*) || ' ' || max(m.seq) || ' ' || max(c.last_seq) || ' ' || max(s.head)
            FROM messages AS m JOIN conversations AS c ON c.id = m.conversation_id
            JOIN streams AS s ON s.kind = 'conversation' AND s.id = m.conversation_id";
        let rows = to.query_string(rows).await;
        let numbers: Vec<i64> = rows.split(' ').map(|number| number.parse().unwrap()).collect();
        assert!(numbers[0] == numbers[1] && numbers[1] == numbers[2], "{rows}");
        assert!(numbers[3] >= numbers[2] && (before..=last_seq).contains(&numbers[0]), "{rows}");
        before = numbers[0];
    }
}

async fn a_backup_restores_every_row_to_either_database_in_a_new_epoch(database: Database) {
    let (dir, server) = (tempfile::tempdir().unwrap(), database.serve().await);
    let (wren, group) = create_sample_rows(&server).await;
    let before: Heads = wren.get("heads").await;
    let view = serde_json::to_string(&wren.bootstrap(group).await.rows).unwrap();
    let file = dir.path().join("all.tar.zst");
    let created = json_output(&database, &["backup", text(&file)]).await;
    assert_eq!(created.last().unwrap()["isEncrypted"], false);
    let status = json_output(&database, &["status"]).await.remove(0);
    if database.url.is_none() {
        assert_eq!(status["backups"]["last"]["file"], json!(file));
    }
    let verified = json_output(&database, &["verify", text(&file)]).await;
    let engine = if database.url.is_some() { "postgres" } else { "sqlite" };
    assert_eq!(verified.last().unwrap()["header"]["engine"], engine);
    let rows = digests(&database).await;
    for to in [Some(Database::sqlite()), Database::postgres().await].into_iter().flatten() {
        json_output(&to, &["restore", text(&file)]).await;
        assert_eq!(digests(&to).await, rows);
        let action = "SELECT action FROM audit ORDER BY number DESC LIMIT 1";
        assert_eq!(to.query_string(action).await, "database_restored");
        let server = to.serve().await;
        let wren_again = server.with_session_of(&wren);
        let heads: Heads = wren_again.get("heads").await;
        assert_ne!(heads.epoch, before.epoch);
        assert_eq!(heads.heads.len(), before.heads.len());
        assert!(heads.heads.iter().all(|head| before.heads.contains(head)), "{heads:?}");
        assert_eq!(serde_json::to_string(&wren_again.bootstrap(group).await.rows).unwrap(), view);
        wren_again.say(group, "and on").await;
        // A restored database can be backed up and restored again.
        let next = dir.path().join(if to.url.is_some() { "there" } else { "here" });
        json_output(&to, &["backup", text(&next)]).await;
        let copy = Database::sqlite();
        json_output(&copy, &["restore", text(&next)]).await;
        let messages = copy.query_string("SELECT CAST(count(*) AS TEXT) FROM messages").await;
        assert_eq!(messages, "22");
    }
}

async fn an_existing_file_or_database_is_not_overwritten(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("one");
    let add = command_on(&database, &["user", "add", "wren"]);
    assert!(output(add, PASSWORD).status.success());
    json_output(&database, &["backup", text(&file)]).await;
    let bytes = std::fs::read(&file).unwrap();
    assert!(command_error(&database, &["backup", text(&file)]).await.contains("already exists"));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    let missing_folder = dir.path().join("no/where");
    assert!(
        command_error(&database, &["backup", text(&missing_folder)]).await.contains("No such file")
    );
    let rows = digests(&database).await;
    let error = command_error(&database, &["restore", text(&file)]).await;
    assert!(error.contains("is not empty"), "{error}");
    assert_eq!(digests(&database).await, rows);
    let server = database.serve().await;
    let error = command_error(&database, &["restore", text(&file)]).await;
    assert!(error.contains("in use by another") || error.contains("is not empty"), "{error}");
    server.running.stop().await.unwrap();
    let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_other_files_is_not_restored_into() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("one");
    run(&database, &["invite"]).await;
    json_output(&database, &["backup", text(&file)]).await;
    for name in ["theirs", "tls.pem", "parlour.db-wal", "parlour.wm"] {
        let to = Database::sqlite();
        let other_file = folder(&to).join(name);
        std::fs::write(&other_file, "theirs").unwrap();
        let error = command_error(&to, &["restore", text(&file)]).await;
        assert!(error.contains("is not empty") && error.contains(name), "{error}");
        assert_eq!(std::fs::read(&other_file).unwrap(), b"theirs");
        assert!(!folder(&to).join("parlour.db").exists());
    }
    let to = Database::sqlite();
    std::fs::create_dir(folder(&to).join("backups")).unwrap();
    std::fs::write(folder(&to).join("parlour.toml"), "").unwrap();
    json_output(&to, &["restore", text(&file)]).await;
}
