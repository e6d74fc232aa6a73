//! Backups and restores that are killed at random moments, on both databases. The environment sets the
//! number of kills (`PARLOUR_KILLS`: of backups and of restores, on each database), and the seed of the
//! moments (`PARLOUR_SEED`): `PARLOUR_KILLS=50 cargo xtask test --test server -- random_kills` kills 200.

use super::{add_random_rows, create_sample_rows, digests, folder, json_output, text};
use crate::common::Database;
use crate::program::{command, command_on, objects, output, stderr_text};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

on_both_databases! {
    backups_killed_at_random_moments_do_not_affect_earlier_ones,
    restores_killed_at_random_moments_are_reported_and_can_be_repeated,
}

/// The default number of kills.
const KILLS: usize = 6;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |number| number.parse().expect("a number"))
}

/// Random moments from a seed.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        Self(number("PARLOUR_SEED", 1) as u64)
    }

    /// Returns a moment before the end of something that takes this long, or soon after.
    fn within(&mut self, duration: Duration) -> Duration {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let permille = u32::try_from((self.0 >> 33) % 1050).unwrap();
        duration * permille / 1000
    }
}

/// Runs a command and kills it at this moment; returns whether it was killed before it ended.
fn is_killed(mut command: Command, delay: Duration) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    let ended = child.wait_with_output().unwrap();
    let is_killed = ended.status.signal().is_some();
    assert!(is_killed || ended.status.success(), "{}", stderr_text(&ended));
    is_killed
}

/// Creates a database with rows of every kind and some MiB, and a backup of it. No server runs on it.
async fn create_with_backup(database: &Database, file: &Path) {
    let server = database.serve().await;
    create_sample_rows(&server).await;
    server.running.stop().await.unwrap();
    add_random_rows(database, 2048).await;
    json_output(database, &["backup", text(file)]).await;
}

async fn backups_killed_at_random_moments_do_not_affect_earlier_ones(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (first, next) = (dir.path().join("first"), dir.path().join("next"));
    create_with_backup(&database, &first).await;
    let before = std::fs::read(&first).unwrap();
    let args = ["backup", text(&next)];
    let started = Instant::now();
    json_output(&database, &args).await;
    let (duration, mut moments) = (started.elapsed(), Moments::new());
    std::fs::remove_file(&next).unwrap();
    let (kills, mut killed) = (number("PARLOUR_KILLS", KILLS), 0);
    for _ in 0..4 * kills {
        if killed == kills {
            break;
        }
        let is_killed = is_killed(command_on(&database, &args), moments.within(duration));
        killed += usize::from(is_killed);
        assert!(is_killed || next.exists());
        if next.exists() {
            json_output(&database, &["verify", text(&next)]).await;
            std::fs::remove_file(&next).unwrap();
        }
        assert!(std::fs::read(&first).unwrap() == before);
    }
    assert_eq!(killed, kills, "too few were killed before they ended");
    json_output(&database, &args).await;
    json_output(&database, &["verify", text(&next)]).await;
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left");
}

/// An empty database to restore to, and the folder of its server.
async fn target(database: &Database, parent: &TempDir) -> (Database, PathBuf) {
    if database.url.is_none() {
        let target = Database::sqlite();
        let data = folder(&target);
        return (target, data);
    }
    let target = Database::postgres().await.unwrap();
    let data = tempfile::tempdir_in(parent).unwrap().keep();
    let settings = format!("database = {:?}\n", target.url.as_ref().unwrap());
    std::fs::write(data.join("parlour.toml"), settings).unwrap();
    (target, data)
}

async fn restores_killed_at_random_moments_are_reported_and_can_be_repeated(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    create_with_backup(&database, &file).await;
    let rows = digests(&database).await;
    let args = ["restore", text(&file)];
    let (_to, data) = target(&database, &dir).await;
    let started = Instant::now();
    objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
    let (duration, mut moments) = (started.elapsed(), Moments::new());
    let (kills, mut killed, mut reported) = (number("PARLOUR_KILLS", KILLS), 0, 0);
    for _ in 0..4 * kills {
        if killed == kills {
            break;
        }
        let (target, data) = target(&database, &dir).await;
        let is_killed = is_killed(command(&data, &args), moments.within(duration));
        killed += usize::from(is_killed);
        if data.join("parlour.db.restoring").exists() {
            assert!(is_killed);
            reported += 1;
            let doctor = output(command(&data, &["doctor"]), "");
            let found = String::from_utf8_lossy(&doctor.stdout).into_owned();
            assert!(!doctor.status.success(), "{found}");
            assert!(found.contains("a restore was interrupted"), "{found}");
            assert!(!data.join("parlour.db").exists());
        }
        let again = output(command(&data, &args), "");
        // It may have been killed between its last step and its end.
        assert!(
            again.status.success() || stderr_text(&again).contains("not empty"),
            "{}",
            stderr_text(&again)
        );
        assert!(!data.join("parlour.db.restoring").exists());
        assert_eq!(digests(&target).await, rows);
    }
    assert_eq!(killed, kills, "too few were killed before they ended");
    assert!(reported > 0, "no interrupted restore was reported");
}
