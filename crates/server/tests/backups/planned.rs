//! The backups that a server makes automatically.

use super::{fill, folder, json_output, refused, text};
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

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    all.sort();
    all
}

/// Requests the status until it satisfies a condition.
async fn wait_until(database: &Database, is_so: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let status = json_output(database, &["status"]).await.remove(0);
        if is_so(&status["backups"]) {
            return status["backups"].clone();
        }
        assert!(began.elapsed() < TIMEOUT, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_when_it_is_due_and_old_ones_of_its_own_go_after_it() {
    let database = Database::sqlite();
    let backups = folder(&database).join("backups");
    std::fs::create_dir(&backups).unwrap();
    let old = |day: u32, end: &str| {
        let path = backups.join(format!("parlour-202001{day:02}T030000Z.tar.zst{end}"));
        std::fs::write(&path, "old").unwrap();
        path
    };
    // Three days of one week: the newest is kept for that week.
    let (gone, kept) = ([old(6, ""), old(7, ".age"), old(6, ".part")], old(8, ""));
    let mine = backups.join("mine.tar.zst");
    std::fs::write(&mine, "mine").unwrap();
    let schedule = Schedule { keep_days: 1, keep_weeks: 2, ..schedule(&backups) };
    let server = serve(&database, schedule).await;
    let status = wait_until(&database, |backups| {
        backups["last"]["file"].as_str().is_some_and(|file| !file.contains("2020"))
            && names(&folder(&database).join("backups")).len() == 3
    })
    .await;
    assert_eq!((&status["everyHours"], &status["failed"]), (&json!(24), &Value::Null));
    let file = PathBuf::from(status["last"]["file"].as_str().unwrap());
    assert_eq!(names(&backups), [mine, kept, file.clone()]);
    assert!(gone.iter().all(|path| !path.exists()));
    json_output(&database, &["verify", file.to_str().unwrap()]).await;
    server.running.stop().await.unwrap();
    let told = "SELECT network FROM audit WHERE action = 'backed_up'";
    assert_eq!(database.text(told).await, "schedule");
    // The backup is not made again after a restart.
    let server = serve(&database, self::schedule(&backups)).await;
    for _ in 0..5 {
        json_output(&database, &["status"]).await;
    }
    server.running.stop().await.unwrap();
    assert_eq!(names(&backups).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_is_told_and_takes_nothing_away() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let in_the_way = dir.path().join("backups");
    std::fs::write(&in_the_way, "a file").unwrap();
    let server = serve(&database, schedule(&in_the_way)).await;
    let status = wait_until(&database, |backups| backups["failed"].is_object()).await;
    assert!(status["failed"]["why"].as_str().unwrap().contains("backups"), "{status}");
    assert_eq!(std::fs::read(&in_the_way).unwrap(), b"a file");
    server.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_on_a_database_one_makes_backups_and_another_goes_on() {
    let Some(database) = Database::postgres().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let folder_of = |name: &str| dir.path().join(name);
    let often = |name: &str| Schedule {
        every: Duration::from_secs(1),
        encryption: BackupEncryption::Recipient(recipient.clone()),
        ..schedule(&folder_of(name))
    };
    let until_more = async |name: &str| {
        let (began, before) = (Instant::now(), names(&folder_of(name)).len());
        while names(&folder_of(name)).len() < before + 2 {
            assert!(began.elapsed() < TIMEOUT);
            tokio::task::yield_now().await;
        }
    };
    let one = serve(&database, often("one")).await;
    until_more("one").await;
    let other = serve(&database, often("other")).await;
    until_more("one").await;
    assert!(names(&folder_of("other")).is_empty());
    one.running.stop().await.unwrap();
    until_more("other").await;
    other.running.stop().await.unwrap();
}

/// Overwrites the heads of pages in the middle of a file, of which rows are that no server reads when it starts.
fn damage(database: &Path) {
    let mut file = std::fs::File::options().write(true).open(database).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in pages * 2 / 5..pages * 3 / 5 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xa5; 12]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_not_backed_up_and_pushes_no_older_backup_out() {
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
    fill(&database, 4096).await;
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
    let why = status["failed"]["why"].as_str().unwrap();
    assert!(why.contains("the database is damaged"), "{why}");
    assert!(status["last"]["file"].as_str().unwrap().contains("20200119"), "{status}");
    let by_hand = dir.path().join("by-hand");
    let said = refused(&database, &["backup", text(&by_hand)]).await;
    assert!(said.contains("the database is damaged") && said.contains("doctor"), "{said}");
    assert!(!by_hand.exists());
    let metrics = format!("{}/metrics", server.url.trim_end_matches("/v1"));
    let metrics = server.http.get(metrics).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("\nparlour_failed_backup_timestamp_seconds "), "{metrics}");
    let doctor = super::run(&database, &["doctor", "--json"]).await;
    let found = String::from_utf8(doctor.stdout).unwrap();
    let is_told = |check: &str| {
        found.lines().any(|line| {
            line.contains(&format!("\"check\":\"{check}\",\"state\":\"error\""))
                && line.contains("damaged")
        })
    };
    assert!(is_told("backup") && is_told("integrity"), "{found}");
    assert_eq!(names(&backups), good);
    server.running.stop().await.unwrap();
    // It is known also where no server runs.
    let status = json_output(&database, &["status"]).await.remove(0);
    assert!(status["backups"]["failed"]["why"].as_str().unwrap().contains("damaged"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_made_by_hand_is_known_after_a_restart() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("by-hand");
    let server = database.serve().await;
    json_output(&database, &["backup", text(&file)]).await;
    server.running.stop().await.unwrap();
    // It is usual to take it elsewhere.
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
