//! Backups and restores that are killed, at many sizes of a file and before many writes.

use super::files::{contents, last_object, send_files, serve};
use super::{add_random_rows, folder, json_output, text};
use crate::common::Database;
use crate::program::{PROGRAM, Program, command, objects, output, stderr_text};
use age::secrecy::ExposeSecret;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The sizes of one file, in bytes, at which the system kills the program that writes it. The last is
/// larger than any file.
const BYTES: [u64; 9] =
    [1, 5_000, 60_000, 300_000, 700_000, 1_000_000, 1_500_000, 1_900_000, u64::MAX];
/// Number of first writes to a folder; the program is killed before every other one: a new file, its bytes,
/// a sync, a rename, a removal.
const WRITES: usize = 60;

/// When a program is killed.
enum KillPoint {
    /// After so many bytes of one file.
    Byte(u64),
    /// Before this write to a folder.
    Write(PathBuf, usize),
}

/// Returns all kill_points.
fn kill_points(folder: &Path) -> Vec<KillPoint> {
    let mut all: Vec<KillPoint> = BYTES.map(KillPoint::Byte).into_iter().collect();
    match library() {
        Some(_) => {
            let every_other = (1..=WRITES).step_by(2);
            all.extend(every_other.map(|n| KillPoint::Write(folder.to_owned(), n)));
        }
        None => eprintln!("SKIPPED: parlour-faults is not built: run `cargo xtask test`"),
    }
    all
}

/// Returns the library that injects disk faults (`crates/faults`), if it is built.
fn library() -> Option<PathBuf> {
    let library = Path::new(PROGRAM).with_file_name("libparlour_faults.so");
    library.exists().then_some(library)
}

/// Runs a command that is killed at this kill_point; returns whether it succeeded.
fn run_killed(data: &Path, args: &[&str], kill_point: &KillPoint) -> bool {
    let run_killed = match kill_point {
        KillPoint::Byte(bytes) => {
            let mut limited = Command::new("prlimit");
            if *bytes < u64::MAX {
                limited.arg(format!("--fsize={bytes}"));
            }
            limited.args(["--core=0", PROGRAM]).args(args).arg("--data").arg(data);
            limited
        }
        KillPoint::Write(under, n) => {
            let mut faulty = command(data, args);
            faulty.env("LD_PRELOAD", library().unwrap());
            faulty.env("PARLOUR_FAULTS_UNDER", under).env("PARLOUR_FAULTS", format!("kill:{n}"));
            faulty
        }
    };
    let ended = output(run_killed, "");
    let is_killed = std::os::unix::process::ExitStatusExt::signal(&ended.status).is_some();
    assert!(is_killed || ended.status.success(), "{}", stderr_text(&ended));
    !is_killed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backup_does_not_affect_earlier_or_later_ones() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (data, first) = (folder(&database), dir.path().join("first"));
    database.serve().await.running.stop().await.unwrap();
    add_random_rows(&database, 2048).await;
    json_output(&database, &["backup", text(&first)]).await;
    let before = std::fs::read(&first).unwrap();
    let (mut kills, file) = (0, dir.path().join("next"));
    let args = ["backup", text(&file)];
    for kill_point in kill_points(dir.path()) {
        let is_made = run_killed(&data, &args, &kill_point);
        kills += usize::from(!is_made);
        assert!(!is_made || file.exists());
        if file.exists() {
            json_output(&database, &["verify", text(&file)]).await;
            std::fs::remove_file(&file).unwrap();
        }
        assert!(std::fs::read(&first).unwrap() == before);
        if is_made && matches!(kill_point, KillPoint::Write(..)) {
            // There are no more writes.
            break;
        }
    }
    assert!(kills > BYTES.len() / 2, "{kills} were killed");
    json_output(&database, &args).await;
    json_output(&database, &["verify", text(&file)]).await;
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "no other file is left");
    json_output(&database, &["verify"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_can_be_repeated_and_no_server_starts_in_between() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (file, data) = (dir.path().join("backup"), dir.path().join("data"));
    database.serve().await.running.stop().await.unwrap();
    add_random_rows(&database, 2048).await;
    std::fs::write(folder(&database).join("tls.pem"), "a key").unwrap();
    let (identity, key) = (age::x25519::Identity::generate(), dir.path().join("key"));
    std::fs::write(&key, identity.to_string().expose_secret()).unwrap();
    let recipient = identity.to_public().to_string();
    json_output(&database, &["backup", text(&file), "--recipient", &recipient]).await;
    let args = ["restore", text(&file), "--identity-file", text(&key)];
    let (mut kills, mut refused) = (0, 0);
    for kill_point in kill_points(&data) {
        let is_done = run_killed(&data, &args, &kill_point);
        kills += usize::from(!is_done);
        assert!(!is_done || data.join("parlour.db").exists());
        if data.join("parlour.db.restoring").exists() {
            refused += 1;
            // Starting a server is slow, so only the first few are checked.
            if refused < 8 {
                let serve = output(command(&data, &["serve", "--listen", "127.0.0.1:0"]), "");
                let error = stderr_text(&serve);
                assert!(!serve.status.success() && error.contains("was interrupted"), "{error}");
            }
            assert!(!data.join("parlour.db").exists());
        }
        if !data.join("parlour.db").exists() {
            objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
        }
        assert_eq!(std::fs::read(data.join("tls.pem")).unwrap(), b"a key");
        assert!(!data.join("parlour.db.restoring").exists());
        let verified = output(command(&data, &["verify"]), "");
        assert!(verified.status.success(), "{}", stderr_text(&verified));
        std::fs::remove_dir_all(&data).unwrap();
        if is_done && matches!(kill_point, KillPoint::Write(..)) {
            break;
        }
    }
    assert!(kills > BYTES.len() / 2 && refused > 2, "{kills} were killed, {refused} refused");
    objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
    Program::serve(&data, &[]).stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_of_files_can_be_repeated_and_restores_the_same() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (file, data) = (dir.path().join("backup"), dir.path().join("data"));
    let (stored, restored) = (dir.path().join("files"), data.join("files"));
    let server = serve(&database, &stored).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    last_object(&database, &stored, &["backup", text(&file)]);
    let (expected, args) = (contents(&stored), ["restore", text(&file)]);
    let (mut kills, mut with_objects) = (0, 0);
    for kill_point in kill_points(&data) {
        let is_done = run_killed(&data, &args, &kill_point);
        kills += usize::from(!is_done);
        if !data.join("parlour.db").exists() {
            with_objects += usize::from(!contents(&restored).is_empty());
            objects(&output(command(&data, &[&args[..], &["--json"]].concat()), ""));
        }
        assert!(contents(&restored) == expected);
        let verified = output(command(&data, &["verify"]), "");
        assert!(verified.status.success(), "{}", stderr_text(&verified));
        std::fs::remove_dir_all(&data).unwrap();
        if is_done && matches!(kill_point, KillPoint::Write(..)) {
            break;
        }
    }
    assert!(kills > 3, "{kills} were killed");
    // Some restores were killed after they had written objects.
    assert!(library().is_none() || with_objects > 0);
}
