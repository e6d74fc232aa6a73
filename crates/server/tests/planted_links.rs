//! The server's user has put symbolic links into the data folder, and root then runs commands on it.
#![cfg(unix)]

use crate::common::{Database, Server};
use crate::doctor::{Folder, run_doctor, state};
use crate::program::{command, command_on, objects, output, stderr_text};
use parlour_protocol::Action;
use parlour_server::{Config, FileSettings};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The names under which files are written before they get their final names.
const TEMPORARY: [&str; 5] = [
    "parlour.wm-new",
    "backups.json.new",
    "tls.pem.new",
    "control.sock-new",
    "parlour.db.restoring",
];

/// A file of somebody else outside the data folder.
struct Victim {
    _dir: TempDir,
    path: PathBuf,
    content: &'static str,
}

impl Victim {
    fn new(content: &'static str) -> Self {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("precious");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Self { _dir: dir, path, content }
    }

    fn assert_untouched(&self, what: &str) {
        assert_eq!(std::fs::read_to_string(&self.path).unwrap(), self.content, "{what}");
        let found = self.path.metadata().unwrap();
        let user = rustix::process::geteuid();
        assert_eq!(found.uid(), user.as_raw(), "{what}");
        // Without root, it belongs to the server's user, who may restrict it.
        assert!(!user.is_root() || found.mode() & 0o7777 == 0o644, "{what}");
    }
}

/// Puts a link into the folder instead of the file with this name.
fn plant(folder: &Folder, name: &str, target: &Path) {
    let _ = std::fs::remove_file(folder.file(name));
    symlink(target, folder.file(name)).unwrap();
}

/// Gives the folder to another user, as if the server ran as that user. Only root can do that.
fn give_to_another_user(folder: &Path) {
    if rustix::process::geteuid().is_root() {
        for entry in std::fs::read_dir(folder).unwrap() {
            lchown(entry.unwrap().path(), Some(65534), Some(65534)).unwrap();
        }
        lchown(folder, Some(65534), Some(65534)).unwrap();
    }
}

/// Runs commands on the folder; returns for each whether it succeeded, and its errors.
fn run_commands(folder: &Folder) -> Vec<(bool, String)> {
    let elsewhere = TempDir::new().unwrap();
    let backup = elsewhere.path().join("backup");
    let commands: [&[&str]; 5] = [
        &["status"],
        &["user", "list"],
        &["certificate", "new-key"],
        &["backup", backup.to_str().unwrap()],
        &["doctor"],
    ];
    let run = |args: &&[&str]| {
        let done = output(command(&folder.data, args), "");
        (done.status.success(), format!("{args:?}: {}", stderr_text(&done)))
    };
    commands.iter().map(run).collect()
}

#[test]
fn temporary_files_are_created_without_following_links() {
    let (folder, victim) = (Folder::new(), Victim::new("precious"));
    for name in TEMPORARY.into_iter().filter(|name| *name != "parlour.db.restoring") {
        plant(&folder, name, &victim.path);
    }
    give_to_another_user(&folder.data);
    let done = run_commands(&folder);
    victim.assert_untouched("commands without a server");
    assert!(done.iter().take(4).all(|(succeeded, _)| *succeeded), "{done:#?}");
    for name in TEMPORARY.into_iter().filter(|name| *name != "parlour.db.restoring") {
        plant(&folder, name, &victim.path);
    }
    let server = folder.serve();
    run_commands(&folder);
    server.stop();
    victim.assert_untouched("a server and its commands");
    let backup = TempDir::new().unwrap();
    let file = backup.path().join("backup");
    let made = output(command(&folder.data, &["backup", file.to_str().unwrap()]), "");
    assert!(made.status.success(), "{}", stderr_text(&made));
    let empty = TempDir::new().unwrap();
    for name in TEMPORARY {
        symlink(&victim.path, empty.path().join(name)).unwrap();
    }
    give_to_another_user(empty.path());
    output(command(empty.path(), &["restore", file.to_str().unwrap()]), "");
    victim.assert_untouched("restore");
}

#[test]
fn a_database_that_is_a_link_to_the_file_of_another_user_is_not_touched() {
    for name in ["parlour.db", "parlour.db-wal", "parlour.db-shm"] {
        for content in ["precious", ""] {
            // Without root, all files belong to the same user, who may as well write an empty database directly.
            if content.is_empty() && !rustix::process::geteuid().is_root() {
                continue;
            }
            let (folder, victim) = (Folder::new(), Victim::new(content));
            plant(&folder, name, &victim.path);
            give_to_another_user(&folder.data);
            run_commands(&folder);
            victim.assert_untouched(name);
        }
    }
    let (folder, elsewhere) = (Folder::new(), TempDir::new().unwrap());
    plant(&folder, "parlour.db", &elsewhere.path().join("missing"));
    give_to_another_user(&folder.data);
    run_commands(&folder);
    assert!(!elsewhere.path().join("missing").exists());
}

#[test]
fn the_doctor_neither_reads_planted_links_nor_advises_to_change_their_targets() {
    if !rustix::process::geteuid().is_root() {
        return eprintln!("SKIPPED: only root has files in the folders of others");
    }
    for name in ["parlour.db", "parlour.db-wal", "parlour.wm", "tls.pem"] {
        for is_hard in [false, true] {
            let (folder, victim) = (Folder::new(), Victim::new("precious"));
            give_to_another_user(&folder.data);
            if is_hard {
                let _ = std::fs::remove_file(folder.file(name));
                std::fs::hard_link(&victim.path, folder.file(name)).unwrap();
            } else {
                plant(&folder, name, &victim.path);
            }
            let (found, code) = run_doctor(&folder.data);
            let finding = found.iter().find(|finding| finding["check"] == "permissions").unwrap();
            let text = finding["found"].as_str().unwrap();
            assert!(text.contains("links to files of other users"), "{finding}");
            assert!(text.contains(name), "{finding}");
            assert!(finding["toDo"].as_str().unwrap().contains("remove these links"), "{finding}");
            assert_eq!((state(&found, "permissions"), code), (Some("error"), 2));
            for finding in &found {
                let text = finding.to_string();
                assert!(!text.contains("chown ") && !text.contains("chmod "), "{name}: {text}");
                assert!(name == "tls.pem" || finding["check"] != "integrity", "{name}: {text}");
            }
            victim.assert_untouched(name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_files_that_are_links_or_fifos_are_missing_in_a_backup() {
    let (dir, database, victim) =
        (TempDir::new().unwrap(), Database::sqlite(), Victim::new("precious"));
    let store = dir.path().join("files");
    let files = FileSettings { folder: Some(store.clone()), ..FileSettings::default() };
    let server = Server::start(&Config { files, ..database.config() }).await;
    let wren = server.register_administrator("wren").await;
    let group = wren.group(&[]).await;
    // All as long as the victim.
    for content in ["a link??", "a fifo??", "a folder", "a file!!"] {
        let file = wren.upload(content.as_bytes()).await;
        wren.act(group, Action::send_files("look", vec![file])).await;
    }
    server.running.stop().await.unwrap();
    let uploaded: Vec<PathBuf> =
        std::fs::read_dir(&store).unwrap().map(|entry| entry.unwrap().path()).collect();
    for file in uploaded.into_iter().filter(|path| path.is_dir()) {
        let part = std::fs::read_dir(&file).unwrap().next().unwrap().unwrap().path();
        match std::fs::read_to_string(&part).unwrap().as_str() {
            "a link??" => {
                std::fs::remove_file(&part).unwrap();
                symlink(&victim.path, &part).unwrap();
            }
            "a fifo??" => {
                std::fs::remove_file(&part).unwrap();
                mknodat(CWD, &part, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
            }
            "a folder" => {
                let elsewhere = dir.path().join("elsewhere");
                std::fs::rename(&file, &elsewhere).unwrap();
                symlink(&elsewhere, &file).unwrap();
            }
            _ => {}
        }
    }
    give_to_another_user(&store);
    let backup = dir.path().join("backup");
    let mut make = command_on(&database, &["backup", backup.to_str().unwrap(), "--json"]);
    make.env("PARLOUR_FILES", &store);
    let made = objects(&output(make, "")).pop().unwrap();
    assert_eq!(made["files"], json!({"count": 4, "bytes": 32}), "{made}");
    assert_eq!(made["missingFiles"], json!({"count": 3, "bytes": 24}), "{made}");
}
