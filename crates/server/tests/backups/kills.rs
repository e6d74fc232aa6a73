//! Backups and restores that are killed, at many points of their output.

use super::{fill, folder, text, told};
use crate::common::Database;
use crate::program::{PROGRAM, Program, command, objects, output, said};
use age::secrecy::ExposeSecret;
use std::path::Path;
use std::process::{Command, Stdio};

/// The sizes of one file, in bytes, at which the system kills the program that writes it. The last is
/// larger than any file.
const BYTES: [u64; 9] =
    [1, 5_000, 60_000, 300_000, 700_000, 1_000_000, 1_500_000, 1_900_000, u64::MAX];
/// The times in milliseconds after which the program is killed.
const MS: [u64; 8] = [5, 15, 30, 45, 60, 80, 110, 150];

/// Runs a command that the system kills once a file has `bytes` bytes; returns whether the command
/// succeeded.
fn killed_at_byte(data: &Path, args: &[&str], bytes: u64) -> bool {
    let mut limited = Command::new("prlimit");
    if bytes < u64::MAX {
        limited.arg(format!("--fsize={bytes}"));
    }
    limited.args(["--core=0", PROGRAM]).args(args).arg("--data").arg(data);
    let ended = output(limited, "");
    let is_killed = std::os::unix::process::ExitStatusExt::signal(&ended.status).is_some();
    assert!(is_killed || ended.status.success(), "{}", said(&ended));
    !is_killed
}

/// Runs a command and kills it after `ms` milliseconds; returns whether the command succeeded.
fn killed_after(data: &Path, args: &[&str], ms: u64) -> bool {
    let mut child = command(data, args);
    let mut child =
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(ms));
    // The program may have ended already.
    let _ = child.kill();
    child.wait().unwrap().success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_leaves_earlier_ones_and_makes_room_for_the_next() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (data, first) = (folder(&database), dir.path().join("first"));
    database.serve().await.running.stop().await.unwrap();
    fill(&database, 2048).await;
    told(&database, &["backup", text(&first)]).await;
    let before = std::fs::read(&first).unwrap();
    let mut killed = 0;
    let file = dir.path().join("next");
    let args = ["backup", text(&file)];
    let ways = BYTES.map(|bytes| (Some(bytes), 0)).into_iter().chain(MS.map(|ms| (None, ms)));
    for (bytes, ms) in ways {
        let is_made = match bytes {
            Some(bytes) => killed_at_byte(&data, &args, bytes),
            None => killed_after(&data, &args, ms),
        };
        killed += usize::from(!is_made);
        assert!(!is_made || file.exists());
        if file.exists() {
            told(&database, &["verify", text(&file)]).await;
            std::fs::remove_file(&file).unwrap();
        }
        assert!(std::fs::read(&first).unwrap() == before);
    }
    assert!(killed > BYTES.len() / 2, "{killed} were killed");
    told(&database, &args).await;
    told(&database, &["verify", text(&file)]).await;
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left");
    told(&database, &["verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_is_done_again_and_nothing_serves_in_between() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (file, data) = (dir.path().join("backup"), dir.path().join("data"));
    database.serve().await.running.stop().await.unwrap();
    fill(&database, 2048).await;
    std::fs::write(folder(&database).join("tls.pem"), "a key").unwrap();
    let (identity, key) = (age::x25519::Identity::generate(), dir.path().join("key"));
    std::fs::write(&key, identity.to_string().expose_secret()).unwrap();
    let recipient = identity.to_public().to_string();
    told(&database, &["backup", text(&file), "--recipient", &recipient]).await;
    let args = ["restore", text(&file), "--identity-file", text(&key)];
    let (mut killed, mut refused) = (0, 0);
    let ways = BYTES.map(|bytes| (Some(bytes), 0)).into_iter().chain(MS.map(|ms| (None, ms)));
    for (bytes, ms) in ways {
        let is_done = match bytes {
            Some(bytes) => killed_at_byte(&data, &args, bytes),
            None => killed_after(&data, &args, ms),
        };
        killed += usize::from(!is_done);
        assert!(!is_done || data.join("parlour.db").exists());
        if data.join("parlour.db.restoring").exists() {
            refused += 1;
            let serve = output(command(&data, &["serve", "--listen", "127.0.0.1:0"]), "");
            assert!(
                !serve.status.success() && said(&serve).contains("was interrupted"),
                "{}",
                said(&serve)
            );
            assert!(!data.join("parlour.db").exists());
        }
        if !data.join("parlour.db").exists() {
            objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
        }
        assert_eq!(std::fs::read(data.join("tls.pem")).unwrap(), b"a key");
        assert!(!data.join("parlour.db.restoring").exists());
        let whole = output(command(&data, &["verify"]), "");
        assert!(whole.status.success(), "{}", said(&whole));
        std::fs::remove_dir_all(&data).unwrap();
    }
    assert!(killed > BYTES.len() / 2 && refused > 2, "{killed} were killed, {refused} refused");
    objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
    Program::serve(&data, &[]).stop();
}
