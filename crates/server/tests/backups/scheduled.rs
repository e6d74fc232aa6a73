//! The backups that a server makes automatically.

use super::{add_random_rows, command_error, folder, json_output, text};
use crate::common::{Database, Server, TIMEOUT};
use parlour_server::backup::{BackupEncryption, Schedule};
use parlour_server::{Config, MetricsMode};
use serde_json::{Value, json};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn schedule(folder: &Path) -> Schedule {
    Schedule { check_interval: Duration::from_millis(50), ..Schedule::in_folder(folder.to_owned()) }
}

async fn serve(database: &Database, schedule: Schedule) -> Server {
    Server::start(&Config { backups: Some(schedule), ..database.config() }).await
}

fn file_names(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

/// Requests the status until it satisfies a condition.
async fn wait_until(database: &Database, condition: impl Fn(&Value) -> bool) -> Value {
    let started = Instant::now();
    loop {
        let status = json_output(database, &["status"]).await.remove(0);
        if condition(&status["backups"]) {
            return status["backups"].clone();
        }
        assert!(started.elapsed() < TIMEOUT, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_when_it_is_due_and_old_scheduled_ones_are_deleted() {
    let database = Database::sqlite();
    let backups = folder(&database).join("backups");
    std::fs::create_dir(&backups).unwrap();
    let old = |day: u32, end: &str| {
        let path = backups.join(format!("parlour-202001{day:02}T030000Z.tar.zst{end}"));
        std::fs::write(&path, "old").unwrap();
        path
    };
    // Three days of one week: the newest is kept for that week.
    let (deleted, retained) = ([old(6, ""), old(7, ".age"), old(6, ".part")], old(8, ""));
    let own_file = backups.join("mine.tar.zst");
    std::fs::write(&own_file, "mine").unwrap();
    let schedule = Schedule { keep_days: 1, keep_weeks: 2, ..schedule(&backups) };
    let server = serve(&database, schedule).await;
    let status = wait_until(&database, |backups| {
        backups["last"]["file"].as_str().is_some_and(|file| !file.contains("2020"))
            && file_names(&folder(&database).join("backups")).len() == 3
    })
    .await;
    assert_eq!((&status["everyHours"], &status["failed"]), (&json!(24), &Value::Null));
    let file = PathBuf::from(status["last"]["file"].as_str().unwrap());
    assert_eq!(file_names(&backups), [own_file, retained, file.clone()]);
    assert!(deleted.iter().all(|path| !path.exists()));
    json_output(&database, &["verify", file.to_str().unwrap()]).await;
    server.running.stop().await.unwrap();
    let sql = "SELECT network FROM audit WHERE action = 'backed_up'";
    assert_eq!(database.query_string(sql).await, "schedule");
    // The backup is not made again after a restart.
    let server = serve(&database, self::schedule(&backups)).await;
    for _ in 0..5 {
        json_output(&database, &["status"]).await;
    }
    server.running.stop().await.unwrap();
    assert_eq!(file_names(&backups).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_backup_is_reported_and_deletes_nothing() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let blocking_file = dir.path().join("backups");
    std::fs::write(&blocking_file, "a file").unwrap();
    let server = serve(&database, schedule(&blocking_file)).await;
    let status = wait_until(&database, |backups| backups["failed"].is_object()).await;
    assert!(status["failed"]["reason"].as_str().unwrap().contains("backups"), "{status}");
    assert_eq!(std::fs::read(&blocking_file).unwrap(), b"a file");
    server.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_on_a_database_one_makes_backups_and_another_replaces_it() {
    let Some(database) = Database::postgres().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let folder_of = |name: &str| dir.path().join(name);
    let frequent_schedule = |name: &str| Schedule {
        every: Duration::from_secs(1),
        encryption: BackupEncryption::Recipient(recipient.clone()),
        ..schedule(&folder_of(name))
    };
    let wait_for_more = async |name: &str| {
        let (started, before) = (Instant::now(), file_names(&folder_of(name)).len());
        while file_names(&folder_of(name)).len() < before + 2 {
            assert!(started.elapsed() < TIMEOUT);
            tokio::task::yield_now().await;
        }
    };
    let first = serve(&database, frequent_schedule("one")).await;
    wait_for_more("one").await;
    let second = serve(&database, frequent_schedule("other")).await;
    wait_for_more("one").await;
    assert!(file_names(&folder_of("other")).is_empty());
    first.running.stop().await.unwrap();
    wait_for_more("other").await;
    second.running.stop().await.unwrap();
}

/// Overwrites the headers of pages in the middle of a file, which a server does not read when it starts.
fn damage(database: &Path) {
    let mut file = std::fs::File::options().write(true).open(database).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in pages * 2 / 5..pages * 3 / 5 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xa5; 12]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_not_backed_up_and_no_older_backup_is_deleted() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let backups = dir.path().join("backups");
    std::fs::create_dir(&backups).unwrap();
    let good: Vec<PathBuf> = (1..20)
        .map(|day| backups.join(format!("parlour-202001{day:02}T030000Z.tar.zst")))
        .collect();
    for path in &good {
        std::fs::write(path, "good").unwrap();
    }
    database.serve().await.running.stop().await.unwrap();
    add_random_rows(&database, 4096).await;
    damage(&folder(&database).join("parlour.db"));
    let schedule = Schedule {
        keep_days: 1,
        keep_weeks: 1,
        every: Duration::from_secs(1),
        ..schedule(&backups)
    };
    let config =
        Config { backups: Some(schedule), metrics: MetricsMode::Local, ..database.config() };
    let server = Server::start(&config).await;
    let status = wait_until(&database, |backups| backups["failed"].is_object()).await;
    let error = status["failed"]["reason"].as_str().unwrap();
    assert!(error.contains("the database is damaged"), "{error}");
    assert!(status["last"]["file"].as_str().unwrap().contains("20200119"), "{status}");
    let manual_file = dir.path().join("by-hand");
    let refusal = command_error(&database, &["backup", text(&manual_file)]).await;
    assert!(refusal.contains("the database is damaged") && refusal.contains("doctor"), "{refusal}");
    assert!(!manual_file.exists());
    let metrics = format!("{}/metrics", server.url.trim_end_matches("/v1"));
    let metrics = server.http.get(metrics).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("\nparlour_failed_backup_timestamp_seconds "), "{metrics}");
    let doctor = super::run(&database, &["doctor", "--json"]).await;
    let found = String::from_utf8(doctor.stdout).unwrap();
    let is_reported = |check: &str| {
        found.lines().any(|line| {
            line.contains(&format!("\"check\":\"{check}\",\"state\":\"error\""))
                && line.contains("damaged")
        })
    };
    assert!(is_reported("backup") && is_reported("integrity"), "{found}");
    assert_eq!(file_names(&backups), good);
    server.running.stop().await.unwrap();
    // It is also known if no server runs.
    let status = json_output(&database, &["status"]).await.remove(0);
    assert!(
        status["backups"]["failed"]["reason"].as_str().unwrap().contains("damaged"),
        "{status}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_backup_is_known_after_a_restart() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("by-hand");
    let server = database.serve().await;
    json_output(&database, &["backup", text(&file)]).await;
    server.running.stop().await.unwrap();
    // Backups are usually moved elsewhere.
    std::fs::remove_file(&file).unwrap();
    let config = Config { metrics: MetricsMode::Local, ..database.config() };
    for runs in [false, true] {
        let server = if runs { Some(Server::start(&config).await) } else { None };
        let status = json_output(&database, &["status"]).await.remove(0);
        assert_eq!(
            (&status["running"], &status["backups"]["last"]["file"]),
            (&json!(runs), &json!(file))
        );
        if let Some(server) = server {
            let metrics = format!("{}/metrics", server.url.trim_end_matches("/v1"));
            let metrics = server.http.get(metrics).send().await.unwrap().text().await.unwrap();
            assert!(metrics.contains("\nparlour_last_backup_timestamp_seconds "), "{metrics}");
            let administrator = server.register_administrator("wren").await;
            let state: Value = administrator.get("administration/server").await;
            assert!(state["backups"]["lastAt"].is_i64(), "{state}");
            server.running.stop().await.unwrap();
        }
    }
}
