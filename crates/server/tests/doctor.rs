//! Damaged folders: the doctor finds each kind of damage.
#![cfg(unix)]

use crate::common::{Database, TIMEOUT};
use crate::program::{Program, command, command_on, output, said};
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
    a_server_that_runs_looks_itself,
}

/// Returns the findings of the doctor, and its exit code.
pub fn doctor(mut command: Command) -> (Vec<Value>, i32) {
    command.arg("--json");
    let told = output(command, "");
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let found = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (found, told.status.code().unwrap_or_else(|| panic!("{}", said(&told))))
}

pub fn examine(data: &Path) -> (Vec<Value>, i32) {
    doctor(command(data, &["doctor"]))
}

/// Returns the state of a check among the findings.
pub fn state<'a>(found: &'a [Value], check: &str) -> Option<&'a str> {
    found.iter().find(|finding| finding["check"] == check).and_then(|it| it["state"].as_str())
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
        assert!(added.status.success(), "{}", said(&added));
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    fn sql(&self, sql: &str) {
        Connection::open(self.file("parlour.db")).unwrap().execute_batch(sql).unwrap();
    }

    /// Overwrites bytes of the database.
    fn flip(&self, at: u64, many: usize) {
        let mut file = File::options().write(true).open(self.file("parlour.db")).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&vec![0xa5; many]).unwrap();
    }

    /// Writes certificate files that are valid between two years. Unless `fits` is true, certificate and
    /// key do not belong together.
    fn certificate(&self, years: std::ops::Range<i32>, fits: bool) {
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut params = CertificateParams::new(vec!["chat.example.org".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let shown = params.self_signed(&key).unwrap();
        std::fs::write(self.file("chat.pem"), shown.pem()).unwrap();
        let key = if fits { key } else { other };
        std::fs::write(self.file("key.pem"), key.serialize_pem()).unwrap();
        self.write("tls = \"files\"\ncertificate = \"chat.pem\"\ncertificate_key = \"key.pem\"\n");
    }
}

/// Asserts that the doctor finds this problem, says what to do about it, and exits with the code for its
/// severity.
pub fn names(folder: &Folder, check: &str, expected: &str) {
    let (found, code) = examine(&folder.data);
    let named = found.iter().find(|it| it["check"] == check && it["state"] == expected);
    let named = named.unwrap_or_else(|| panic!("no {expected} of {check} in {found:#?}"));
    assert!(named["toDo"].as_str().is_some_and(|to_do| !to_do.is_empty()), "{named}");
    assert!(code >= if expected == "error" { 2 } else { 1 }, "{code}");
}

#[test]
fn a_folder_that_is_as_it_should_be_is_left_as_it_was() {
    let folder = Folder::new();
    let listed = || {
        let mut all: Vec<_> = std::fs::read_dir(&folder.data)
            .unwrap()
            .map(|entry| {
                let about = entry.as_ref().unwrap().metadata().unwrap();
                (entry.unwrap().file_name(), about.len(), about.modified().unwrap())
            })
            .collect();
        all.sort();
        all
    };
    let before = listed();
    let (found, code) = examine(&folder.data);
    assert_eq!(listed(), before);
    let wrong: Vec<_> = found.iter().filter(|finding| finding["state"] != "ok").collect();
    // No backup has been made yet.
    assert!(wrong.iter().all(|finding| finding["check"] == "backup"), "{wrong:?}");
    assert_eq!(code, i32::from(!wrong.is_empty()));
    let text = output(command(&folder.data, &["doctor"]), "");
    assert!(String::from_utf8_lossy(&text.stdout).contains("ok      integrity"), "{text:?}");
    let server = folder.serve();
    assert!(!server.logged().contains("restored"), "{}", server.logged());
    server.stop();
}

#[test]
fn a_damaged_database_is_named() {
    let pages = Folder::new();
    let length = pages.file("parlour.db").metadata().unwrap().len();
    // Damages the header of every second page.
    for page in (4096..length).step_by(8192) {
        pages.flip(page, 12);
    }
    names(&pages, "integrity", "error");
    let head = Folder::new();
    head.flip(0, 64);
    names(&head, "integrity", "error");
    let foreign = Folder::new();
    foreign.sql("PRAGMA application_id = 7");
    names(&foreign, "integrity", "error");
    let newer = Folder::new();
    newer.sql("PRAGMA user_version = 99");
    names(&newer, "schema", "error");
    let future = Folder::new();
    future.sql("UPDATE instance SET clock = 4102444800000");
    names(&future, "clock", "error");
}

#[test]
fn a_database_that_is_not_the_last_servers_is_named() {
    let behind = Folder::new();
    let server = behind.serve();
    behind.add("oak");
    server.kill();
    std::fs::remove_file(behind.file("parlour.db-wal")).unwrap();
    std::fs::remove_file(behind.file("parlour.db-shm")).unwrap();
    names(&behind, "history", "error");
    let copied = Folder::new();
    std::fs::copy(copied.file("parlour.db"), copied.file("copy")).unwrap();
    std::fs::rename(copied.file("copy"), copied.file("parlour.db")).unwrap();
    names(&copied, "history", "warning");
    let missing = Folder::new();
    std::fs::remove_file(missing.file("parlour.db")).unwrap();
    names(&missing, "folder", "error");
    let gone = Folder::new();
    std::fs::remove_dir_all(&gone.data).unwrap();
    names(&gone, "folder", "error");
    assert!(!gone.data.exists());
}

#[test]
fn what_is_left_of_a_server_or_wide_open_is_named() {
    let killed = Folder::new();
    killed.serve().kill();
    names(&killed, "server", "warning");
    let held = Folder::new();
    let lock = File::open(held.file("lock")).unwrap();
    lock.lock().unwrap();
    names(&held, "server", "error");
    let wide = Folder::new();
    let everybodys = Permissions::from_mode(0o644);
    std::fs::set_permissions(wide.file("parlour.db"), everybodys.clone()).unwrap();
    names(&wide, "permissions", "warning");
    std::fs::set_permissions(wide.file("tls.pem"), everybodys).unwrap();
    names(&wide, "permissions", "error");
    if rustix::process::geteuid().is_root() {
        let foreign = Folder::new();
        std::os::unix::fs::chown(foreign.file("parlour.db"), Some(65534), None).unwrap();
        names(&foreign, "permissions", "error");
    }
}

#[test]
fn settings_and_certificates_that_make_no_sense_are_named() {
    let settings = Folder::new();
    settings.write("listen = 127.0.0.1:7700\n");
    names(&settings, "settings", "error");
    let (found, _) = examine(&settings.data);
    assert_eq!(state(&found, "integrity"), Some("ok"), "the rest is looked at all the same");
    let lost = Folder::new();
    std::fs::remove_file(lost.file("tls.pem")).unwrap();
    names(&lost, "certificate", "error");
    let expired = Folder::new();
    expired.certificate(2001..2002, true);
    names(&expired, "certificate", "error");
    expired.certificate(2200..2201, true);
    names(&expired, "certificate", "error");
    expired.certificate(2001..2200, false);
    names(&expired, "certificate", "error");
    expired.certificate(2001..2200, true);
    assert_eq!(state(&examine(&expired.data).0, "certificate"), Some("ok"));
    std::fs::remove_file(expired.file("chat.pem")).unwrap();
    names(&expired, "certificate", "error");
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
fn a_disk_that_is_nearly_full_is_named() {
    let Some(disk) = Mounted::new() else {
        eprintln!("SKIPPED: no disk can be mounted here");
        return;
    };
    let folder = Folder::below(TempDir::new_in(disk.0.path()).unwrap(), "data");
    names(&folder, "disk", "error");
}

async fn a_server_that_runs_looks_itself(database: Database) {
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
fn an_address_that_leads_elsewhere_is_named_by_a_server_that_runs() {
    let folder = Folder::new();
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://127.0.0.1:1\"\n");
    let server = folder.serve();
    names(&folder, "address", "warning");
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\n");
    server.stop();
    let server = folder.serve();
    let (found, _) = examine(&folder.data);
    assert_eq!(state(&found, "address"), Some("ok"), "{found:?}");
    server.stop();
}
