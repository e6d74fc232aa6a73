//! Backups and restores that are killed at random moments, on both databases. The environment sets how many are killed
//! (`PARLOUR_KILLS`: of backups and of restores, on each database), and the seed of the moments (`PARLOUR_SEED`):
//! `PARLOUR_KILLS=50 cargo xtask test --test server -- random_kills` kills 200.

use super::{digests, fill, folder, furnish, json_output, text};
use crate::common::Database;
use crate::program::{command, command_on, objects, output, said};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

on_both_databases! {
    backups_that_are_killed_at_random_moments_touch_no_earlier_one,
    restores_that_are_killed_at_random_moments_are_told_and_done_again_to_the_last_row,
}

/// What is killed if the environment does not say how many.
const KILLS: usize = 6;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |number| number.parse().expect("a number"))
}

/// Random moments that follow from a seed.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        Self(number("PARLOUR_SEED", 1) as u64)
    }

    /// Returns a moment before the end of something that takes this long, or soon after.
    fn within(&mut self, longest: Duration) -> Duration {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let permille = u32::try_from((self.0 >> 33) % 1050).unwrap();
        longest * permille / 1000
    }
}

/// Runs a command and kills it at this moment; returns whether it was killed before it ended.
fn is_killed(mut command: Command, at: Duration) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(at);
    child.kill().unwrap();
    let ended = child.wait_with_output().unwrap();
    let is_killed = ended.status.signal().is_some();
    assert!(is_killed || ended.status.success(), "{}", said(&ended));
    is_killed
}

/// Creates a database with rows of every kind and some MiB, and a backup of it. No server runs on it.
async fn backed_up(database: &Database, file: &Path) {
    let server = database.serve().await;
    furnish(&server).await;
    server.running.stop().await.unwrap();
    fill(database, 2048).await;
    json_output(database, &["backup", text(file)]).await;
}

async fn backups_that_are_killed_at_random_moments_touch_no_earlier_one(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (first, next) = (dir.path().join("first"), dir.path().join("next"));
    backed_up(&database, &first).await;
    let before = std::fs::read(&first).unwrap();
    let args = ["backup", text(&next)];
    let began = Instant::now();
    json_output(&database, &args).await;
    let (longest, mut moments) = (began.elapsed(), Moments::new());
    std::fs::remove_file(&next).unwrap();
    let (kills, mut killed) = (number("PARLOUR_KILLS", KILLS), 0);
    for _ in 0..4 * kills {
        if killed == kills {
            break;
        }
        let is_killed = is_killed(command_on(&database, &args), moments.within(longest));
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
        let to = Database::sqlite();
        let data = folder(&to);
        return (to, data);
    }
    let to = Database::postgres().await.unwrap();
    let data = tempfile::tempdir_in(parent).unwrap().keep();
    let settings = format!("database = {:?}\n", to.url.as_ref().unwrap());
    std::fs::write(data.join("parlour.toml"), settings).unwrap();
    (to, data)
}

async fn restores_that_are_killed_at_random_moments_are_told_and_done_again_to_the_last_row(
    database: Database,
) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    backed_up(&database, &file).await;
    let rows = digests(&database).await;
    let args = ["restore", text(&file)];
    let (_to, data) = target(&database, &dir).await;
    let began = Instant::now();
    objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
    let (longest, mut moments) = (began.elapsed(), Moments::new());
    let (kills, mut killed, mut told) = (number("PARLOUR_KILLS", KILLS), 0, 0);
    for _ in 0..4 * kills {
        if killed == kills {
            break;
        }
        let (to, data) = target(&database, &dir).await;
        let is_killed = is_killed(command(&data, &args), moments.within(longest));
        killed += usize::from(is_killed);
        if data.join("parlour.db.restoring").exists() {
            assert!(is_killed);
            told += 1;
            let doctor = output(command(&data, &["doctor"]), "");
            let found = String::from_utf8_lossy(&doctor.stdout).into_owned();
            assert!(!doctor.status.success(), "{found}");
            assert!(found.contains("a restore was interrupted"), "{found}");
            assert!(!data.join("parlour.db").exists());
        }
        let again = output(command(&data, &args), "");
        // It may have been killed between its last step and its end.
        assert!(again.status.success() || said(&again).contains("not empty"), "{}", said(&again));
        assert!(!data.join("parlour.db.restoring").exists());
        assert_eq!(digests(&to).await, rows);
    }
    assert_eq!(killed, kills, "too few were killed before they ended");
    assert!(told > 0, "no doctor was needed");
}
