//! Folders in which something is wrong that nobody expects there, each of which the doctor names.
#![cfg(unix)]

use crate::doctor::{Folder, doctor, examine, names, state};
use crate::program::PROGRAM;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

fn fifo(path: &Path) {
    let _ = std::fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// A command that is killed if it waits for somebody.
fn patient(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "60", PROGRAM]).args(args).arg("--data").arg(data);
    command.env_remove("PARLOUR_DATABASE");
    command
}

#[test]
fn a_fifo_in_the_place_of_any_file_is_named_and_nobody_waits_for_its_other_end() {
    let settings = "tls = \"own\"\nlisten = \"127.0.0.1:0\"\nmetrics = \"token\"\n";
    for name in [
        "parlour.db",
        "parlour.db-wal",
        "parlour.db-journal",
        "parlour.wm",
        "lock",
        "tls.pem",
        "metrics.token",
        "parlour.toml",
    ] {
        let folder = Folder::new();
        folder.write(settings);
        fifo(&folder.file(name));
        let (found, code) = doctor(patient(&folder.data, &["doctor"]));
        let named = found.iter().find(|it| it["check"] == "folder" && it["state"] == "error");
        let named = named.unwrap_or_else(|| panic!("{name}: {found:#?}"));
        assert!(named["found"].as_str().unwrap().starts_with(&format!("{name} is a FIFO")));
        assert_eq!(code, 2, "{name}");
        for args in [&["serve"][..], &["status"], &["check-config"]] {
            let ended = patient(&folder.data, args).output().unwrap();
            assert_ne!(ended.status.code(), None, "{name}: {args:?} waited");
            assert_ne!(ended.status.code(), Some(137), "{name}: {args:?} waited");
            assert!(args != ["serve"] || !ended.status.success(), "{name}");
        }
    }
}

#[test]
fn a_restore_that_was_killed_is_named() {
    let folder = Folder::new();
    std::fs::rename(folder.file("parlour.db"), folder.file("parlour.db.restoring")).unwrap();
    std::fs::remove_file(folder.file("parlour.wm")).unwrap();
    names(&folder, "folder", "error");
    let (found, _) = examine(&folder.data);
    assert!(found.iter().any(|it| it["toDo"].as_str().is_some_and(|it| it.contains("restore"))));
}

#[test]
fn links_that_lead_nowhere_and_folders_in_the_place_of_files_are_named() {
    let database = Folder::new();
    for name in ["parlour.db", "parlour.wm"] {
        std::fs::remove_file(database.file(name)).unwrap();
    }
    symlink("/nowhere/parlour.db", database.file("parlour.db")).unwrap();
    names(&database, "folder", "error");
    let settings = Folder::new();
    std::fs::remove_file(settings.file("parlour.toml")).unwrap();
    symlink("/nowhere/parlour.toml", settings.file("parlour.toml")).unwrap();
    names(&settings, "settings", "error");
    let folder = Folder::new();
    std::fs::remove_file(folder.file("parlour.db")).unwrap();
    std::fs::create_dir(folder.file("parlour.db")).unwrap();
    names(&folder, "folder", "error");
    let link = tempfile::tempdir().unwrap();
    symlink("/nowhere", link.path().join("data")).unwrap();
    let (found, code) = examine(&link.path().join("data"));
    assert_eq!((state(&found, "folder"), code), (Some("error"), 2));
}

#[test]
fn a_token_for_the_metrics_that_is_not_there_is_named() {
    let own = Folder::new();
    own.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\nmetrics = \"token\"\n");
    names(&own, "metrics", "warning");
    own.serve().stop();
    assert_eq!(state(&examine(&own.data).0, "metrics"), Some("ok"));
    std::fs::write(own.file("metrics.token"), "short").unwrap();
    names(&own, "metrics", "error");
    let elsewhere = Folder::new();
    elsewhere.write("tls = \"own\"\nmetrics = \"token\"\nmetrics_token_file = \"token\"\n");
    names(&elsewhere, "metrics", "error");
}

#[test]
fn a_folder_for_backups_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    folder.write("tls = \"own\"\nlisten = \"127.0.0.1:0\"\nbackup_dir = \"elsewhere\"\n");
    let elsewhere = folder.file("elsewhere");
    names(&folder, "backup", "warning");
    let (found, _) = examine(&folder.data);
    let missing = |it: &serde_json::Value| it["found"].as_str().unwrap().contains("does not exist");
    assert!(found.iter().any(|it| it["check"] == "backup" && missing(it)), "{found:#?}");
    symlink("/nowhere", &elsewhere).unwrap();
    names(&folder, "backup", "error");
    std::fs::remove_file(&elsewhere).unwrap();
    std::fs::write(&elsewhere, "a file").unwrap();
    names(&folder, "backup", "error");
    std::fs::remove_file(&elsewhere).unwrap();
    std::fs::create_dir(&elsewhere).unwrap();
    let (found, _) = examine(&folder.data);
    assert!(found.iter().all(|it| it["state"] != "error"), "{found:#?}");
    // Whoever the server runs as may not write there; root may everywhere.
    let closed = Permissions::from_mode(0o555);
    std::fs::set_permissions(&elsewhere, closed).unwrap();
    if rustix::process::geteuid().is_root() {
        for path in [&folder.data, &folder.file("parlour.db"), &folder.file("parlour.toml")] {
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
        }
    }
    names(&folder, "backup", "error");
    std::fs::set_permissions(&elsewhere, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_the_servers_own_user_may_not_use_is_named() {
    let folder = Folder::new();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    mode(&folder.file("parlour.db"), 0o400);
    names(&folder, "permissions", "error");
    mode(&folder.file("parlour.db"), 0o600);
    mode(&folder.file("parlour.toml"), 0o400);
    let (found, _) = examine(&folder.data);
    assert_eq!(state(&found, "permissions"), Some("ok"), "settings are read alone: {found:#?}");
    mode(&folder.data, 0o500);
    names(&folder, "folder", "error");
    mode(&folder.data, 0o700);
}

#[test]
fn a_certificate_by_acme_that_is_damaged_is_renewed_by_the_server_and_by_nobody_else() {
    let folder = Folder::new();
    folder.write("tls = \"acme\"\nacme_domains = \"chat.example.org\"\n");
    std::fs::write(folder.file("acme.pem"), "no certificate").unwrap();
    std::fs::set_permissions(folder.file("acme.pem"), Permissions::from_mode(0o600)).unwrap();
    names(&folder, "certificate", "warning");
    let (found, _) = examine(&folder.data);
    let certificate = found.iter().find(|it| it["check"] == "certificate").unwrap();
    let to_do = certificate["toDo"].as_str().unwrap();
    assert!(to_do.contains("automatically") && !to_do.contains("tls.pem"), "{to_do}");
}
