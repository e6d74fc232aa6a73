//! Damaged folders: the doctor finds each kind of damage.
#![cfg(unix)]

use crate::common::{Database, TIMEOUT};
use crate::program::{Program, command, command_on, output, stderr_text};
use rcgen::{CertificateParams, KeyPair};
use rusqlite::Connection;
use serde_json::Value;
use std::fs::{File, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

on_both_databases! {
    a_running_server_examines_itself,
}

/// Returns the findings of the doctor, and its exit code.
pub fn doctor(mut command: Command) -> (Vec<Value>, i32) {
    command.arg("--json");
    let result = output(command, "");
    let text = String::from_utf8_lossy(&result.stdout).into_owned();
    let found = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (found, result.status.code().unwrap_or_else(|| panic!("{}", stderr_text(&result))))
}

pub fn run_doctor(data: &Path) -> (Vec<Value>, i32) {
    doctor(command(data, &["doctor"]))
}

/// Returns the state of a check among the findings.
pub fn state<'a>(found: &'a [Value], check: &str) -> Option<&'a str> {
    found
        .iter()
        .find(|finding| finding["check"] == check)
        .and_then(|finding| finding["state"].as_str())
}

/// The folder of a server with a certificate of its own, after a clean shutdown.
pub struct Folder {
    _dir: TempDir,
    pub data: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self::below(dir, "data")
    }

    fn below(dir: TempDir, name: &str) -> Self {
        let data = dir.path().join(name);
        std::fs::create_dir_all(&data).unwrap();
        std::fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
        let folder = Self { _dir: dir, data };
        folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\n");
        folder.add("wren");
        folder.serve().stop();
        folder
    }

    pub fn write(&self, settings: &str) {
        let file = self.file("parlour.toml");
        std::fs::write(&file, settings).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    }

    pub fn serve(&self) -> Program {
        Program::start(command(&self.data, &["serve"]))
    }

    fn add(&self, name: &str) {
        let added = output(command(&self.data, &["user", "add", name]), "correct horse");
        assert!(added.status.success(), "{}", stderr_text(&added));
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    fn sql(&self, sql: &str) {
        Connection::open(self.file("parlour.db")).unwrap().execute_batch(sql).unwrap();
    }

    /// Overwrites bytes of the database.
    fn overwrite(&self, at: u64, count: usize) {
        let mut file = File::options().write(true).open(self.file("parlour.db")).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&vec![0xa5; count]).unwrap();
    }

    /// Writes certificate files that are valid between two years. Unless `is_matching` is true, certificate
    /// and key do not belong together.
    fn certificate(&self, years: std::ops::Range<i32>, is_matching: bool) {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut params = CertificateParams::new(vec!["chat.example.org".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(self.file("chat.pem"), certificate.pem()).unwrap();
        let key = if is_matching { key } else { other };
        std::fs::write(self.file("key.pem"), key.serialize_pem()).unwrap();
        self.write("tls = \"files\"\ncertificate = \"chat.pem\"\ncertificate_key = \"key.pem\"\n");
    }
}

/// Asserts that the doctor finds this problem, says what to do about it, and exits with the code for its
/// severity.
pub fn assert_reports(folder: &Folder, check: &str, expected: &str) {
    let (found, code) = run_doctor(&folder.data);
    let finding =
        found.iter().find(|finding| finding["check"] == check && finding["state"] == expected);
    let finding = finding.unwrap_or_else(|| panic!("no {expected} of {check} in {found:#?}"));
    assert!(finding["toDo"].as_str().is_some_and(|to_do| !to_do.is_empty()), "{finding}");
    assert!(code >= if expected == "error" { 2 } else { 1 }, "{code}");
}

#[test]
fn an_intact_folder_is_not_changed() {
    let folder = Folder::new();
    let list_files = || {
        let mut all: Vec<_> = std::fs::read_dir(&folder.data)
            .unwrap()
            .map(|entry| {
                let metadata = entry.as_ref().unwrap().metadata().unwrap();
                (entry.unwrap().file_name(), metadata.len(), metadata.modified().unwrap())
            })
            .collect();
        all.sort();
        all
    };
    let before = list_files();
    let (found, code) = run_doctor(&folder.data);
    assert_eq!(list_files(), before);
    let problems: Vec<_> = found.iter().filter(|finding| finding["state"] != "ok").collect();
    // No backup has been made yet.
    assert!(problems.iter().all(|finding| finding["check"] == "backup"), "{problems:?}");
    assert_eq!(code, i32::from(!problems.is_empty()));
    let text = output(command(&folder.data, &["doctor"]), "");
    assert!(String::from_utf8_lossy(&text.stdout).contains("ok      integrity"), "{text:?}");
    let server = folder.serve();
    assert!(!server.logged().contains("restored"), "{}", server.logged());
    server.stop();
}

#[test]
fn a_damaged_database_is_reported() {
    let pages = Folder::new();
    let length = pages.file("parlour.db").metadata().unwrap().len();
    // Damages the header of every second page.
    for page in (4096..length).step_by(8192) {
        pages.overwrite(page, 12);
    }
    assert_reports(&pages, "integrity", "error");
    let head = Folder::new();
    head.overwrite(0, 64);
    assert_reports(&head, "integrity", "error");
    let refused = output(command(&head.data, &["user", "list"]), "");
    let error = stderr_text(&refused);
    assert!(error.contains("the database is damaged") && error.contains("doctor"), "{error}");
    assert_eq!(error.matches("not a database").count(), 1, "{error}");
    let foreign = Folder::new();
    foreign.sql("PRAGMA application_id = 7");
    assert_reports(&foreign, "integrity", "error");
    let newer = Folder::new();
    newer.sql("PRAGMA user_version = 99");
    assert_reports(&newer, "schema", "error");
    let future = Folder::new();
    future.sql("UPDATE instance SET clock = 4102444800000");
    assert_reports(&future, "clock", "error");
}

#[test]
fn a_replaced_or_missing_database_is_reported() {
    let behind = Folder::new();
    let server = behind.serve();
    behind.add("oak");
    server.kill();
    std::fs::remove_file(behind.file("parlour.db-wal")).unwrap();
    std::fs::remove_file(behind.file("parlour.db-shm")).unwrap();
    assert_reports(&behind, "history", "error");
    let copied = Folder::new();
    std::fs::copy(copied.file("parlour.db"), copied.file("copy")).unwrap();
    std::fs::rename(copied.file("copy"), copied.file("parlour.db")).unwrap();
    assert_reports(&copied, "history", "warning");
    let missing = Folder::new();
    std::fs::remove_file(missing.file("parlour.db")).unwrap();
    assert_reports(&missing, "folder", "error");
    let gone = Folder::new();
    std::fs::remove_dir_all(&gone.data).unwrap();
    assert_reports(&gone, "folder", "error");
    assert!(!gone.data.exists());
}

#[test]
fn remains_of_a_killed_server_and_open_permissions_are_reported() {
    let killed = Folder::new();
    killed.serve().kill();
    assert_reports(&killed, "server", "warning");
    let locked = Folder::new();
    let lock = File::open(locked.file("lock")).unwrap();
    lock.lock().unwrap();
    assert_reports(&locked, "server", "error");
    let accessible = Folder::new();
    let everybodys = Permissions::from_mode(0o644);
    std::fs::set_permissions(accessible.file("parlour.db"), everybodys.clone()).unwrap();
    assert_reports(&accessible, "permissions", "warning");
    std::fs::set_permissions(accessible.file("tls.pem"), everybodys).unwrap();
    assert_reports(&accessible, "permissions", "error");
    if rustix::process::geteuid().is_root() {
        let foreign = Folder::new();
        std::os::unix::fs::chown(foreign.file("parlour.db"), Some(65534), None).unwrap();
        assert_reports(&foreign, "permissions", "error");
    }
}

#[test]
fn invalid_settings_and_certificates_are_reported() {
    let settings = Folder::new();
    settings.write("listen = 127.0.0.1:7700\n");
    assert_reports(&settings, "settings", "error");
    let (found, _) = run_doctor(&settings.data);
    assert_eq!(state(&found, "integrity"), Some("ok"), "the other checks still run");
    let lost = Folder::new();
    std::fs::remove_file(lost.file("tls.pem")).unwrap();
    assert_reports(&lost, "certificate", "error");
    let expired = Folder::new();
    expired.certificate(2001..2002, true);
    assert_reports(&expired, "certificate", "error");
    expired.certificate(2200..2201, true);
    assert_reports(&expired, "certificate", "error");
    expired.certificate(2001..2200, false);
    assert_reports(&expired, "certificate", "error");
    expired.certificate(2001..2200, true);
    assert_eq!(state(&run_doctor(&expired.data).0, "certificate"), Some("ok"));
    std::fs::remove_file(expired.file("chat.pem")).unwrap();
    assert_reports(&expired, "certificate", "error");
}

/// A separate file system, if the test may mount one.
struct Mounted(TempDir);

impl Mounted {
    fn new() -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=32m", "none"]).arg(dir.path());
        mount.output().is_ok_and(|done| done.status.success()).then(|| Self(dir))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[test]
fn a_nearly_full_disk_is_reported() {
    let Some(disk) = Mounted::new() else {
        eprintln!("SKIPPED: no disk can be mounted here");
        return;
    };
    let folder = Folder::below(TempDir::new_in(disk.0.path()).unwrap(), "data");
    assert_reports(&folder, "disk", "error");
}

async fn a_running_server_examines_itself(database: Database) {
    let server = database.serve().await;
    let found = tokio::task::spawn_blocking(move || {
        let (found, _) = doctor(command_on(&database, &["doctor"]));
        (found, database)
    });
    let (found, database) = tokio::time::timeout(TIMEOUT, found).await.unwrap().unwrap();
    for check in ["settings", "integrity", "schema", "clock"] {
        let state = state(&found, check);
        // PostgreSQL may run without checksums.
        assert!(
            state == Some("ok") || (check == "integrity" && state == Some("warning")),
            "{found:?}"
        );
    }
    if database.url.is_none() {
        assert_eq!(state(&found, "address"), Some("ok"), "{found:?}");
        assert_eq!(state(&found, "server"), Some("ok"), "{found:?}");
    }
    drop(server);
}

#[test]
fn a_running_server_reports_a_wrong_public_address() {
    let folder = Folder::new();
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://127.0.0.1:1\"\n");
    let server = folder.serve();
    assert_reports(&folder, "address", "warning");
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\n");
    server.stop();
    let server = folder.serve();
    let (found, _) = run_doctor(&folder.data);
    assert_eq!(state(&found, "address"), Some("ok"), "{found:?}");
    server.stop();
}
