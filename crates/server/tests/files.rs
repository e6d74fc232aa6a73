//! Only the server's user can read the files in the data folder, whatever the umask is.
#![cfg(unix)]

use crate::common::Database;
use parlour_protocol::SignedIn;
use parlour_server::serve;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program, started with a umask that removes no permissions.
struct Program(Child);

impl Program {
    /// Starts the program, and returns it with the address that it listens on.
    fn serve(data: &Path, log: &Path) -> (Self, String) {
        let command = "umask 0; exec \"$0\" serve --data \"$1\" --listen 127.0.0.1:0 \
            --registration open";
        let mut shell = Command::new("sh");
        shell.args(["-c", command, env!("CARGO_BIN_EXE_parlour-server")]).arg(data);
        let log = std::fs::File::create(log).unwrap();
        let mut child = shell.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        std::thread::spawn(move || lines.count());
        (Self(child), line.trim_start_matches("listening on ").to_owned())
    }

    fn end(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.chain([folder.to_owned()]).collect()
}

fn check(data: &Path) {
    for path in files_in(data) {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        let is_private = mode == if path.is_dir() { 0o700 } else { 0o600 };
        assert!(is_private, "{} has {mode:04o}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_server_are_private_and_wider_permissions_are_restricted_with_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let (program, url) = Program::serve(&data, &log);
    let credentials = crate::common::credentials("wren", crate::common::PASSWORD);
    let register = reqwest::Client::new().post(format!("{url}/v1/users")).json(&credentials);
    register.send().await.unwrap().json::<SignedIn>().await.unwrap();
    for name in ["parlour.db", "parlour.db-wal", "parlour.db-shm", "lock"] {
        assert!(data.join(name).exists(), "{name}");
    }
    check(&data);
    program.end();
    check(&data);
    for path in files_in(&data) {
        let wide = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(wide)).unwrap();
    }
    let (program, _) = Program::serve(&data, &log);
    check(&data);
    program.end();
    let text = std::fs::read_to_string(&log).unwrap();
    for name in ["parlour.db\"", "lock\"", "data\""] {
        assert!(text.lines().any(|line| line.contains(name) && line.contains("WARN")), "{text}");
    }
}

#[test]
fn a_linked_folder_and_database_are_private() {
    let dir = tempfile::tempdir().unwrap();
    let [data, disk, databases, log] =
        ["data", "disk", "databases", "log"].map(|name| dir.path().join(name));
    for folder in [&disk, &databases] {
        std::fs::create_dir(folder).unwrap();
    }
    std::os::unix::fs::symlink(&disk, &data).unwrap();
    let (program, _) = Program::serve(&data, &log);
    program.end();
    for name in ["parlour.db", "parlour.db-wal", "parlour.db-shm"] {
        std::fs::rename(disk.join(name), databases.join(name)).unwrap();
    }
    std::os::unix::fs::symlink(databases.join("parlour.db"), disk.join("parlour.db")).unwrap();
    for path in files_in(&disk).into_iter().chain(files_in(&databases)) {
        let wide = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(wide)).unwrap();
    }
    let (program, _) = Program::serve(&data, &log);
    check(&disk);
    for name in ["parlour.db", "parlour.db-wal", "parlour.db-shm"] {
        let mode = std::fs::metadata(databases.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    program.end();
    let text = std::fs::read_to_string(&log).unwrap();
    for name in ["databases/parlour.db\"", "disk\""] {
        assert!(text.lines().any(|line| line.contains(name) && line.contains("WARN")), "{text}");
    }
}

#[test]
fn the_permissions_of_a_folder_with_other_files_stay() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("shared");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("theirs"), "").unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (program, _) = Program::serve(&data, &dir.path().join("log"));
    program.end();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o755);
    assert_eq!(mode(&data.join("parlour.db")), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_server_and_the_next_waits_for_its_shutdown() {
    let database = Database::sqlite();
    let one = database.serve().await;
    let refused = serve(&database.config()).await.err().expect("the database already has a server");
    assert!(refused.to_string().contains("is in use by another"), "{refused}");
    let ending = tokio::spawn(one.running.stop());
    let two = database.serve().await;
    ending.await.unwrap().unwrap();
    two.running.stop().await.unwrap();
}
