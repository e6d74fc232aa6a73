//! The server's user has put symbolic links into the data folder, and root then runs commands on it.
#![cfg(unix)]

use crate::doctor::Folder;
use crate::program::{command, output, stderr_text};
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
        let own = rustix::process::geteuid().as_raw();
        assert_eq!((found.mode() & 0o7777, found.uid()), (0o644, own), "{what}");
    }
}

/// Puts a link into the folder instead of the file with this name.
fn plant(folder: &Folder, name: &str, target: &Path) {
    let _ = std::fs::remove_file(folder.file(name));
    symlink(target, folder.file(name)).unwrap();
}

/// Gives the folder to another user, as if the server ran as that user. Only root can do that.
fn give_to_another_user(folder: &Folder) {
    if rustix::process::geteuid().is_root() {
        for entry in std::fs::read_dir(&folder.data).unwrap() {
            lchown(entry.unwrap().path(), Some(65534), Some(65534)).unwrap();
        }
        lchown(&folder.data, Some(65534), Some(65534)).unwrap();
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
    give_to_another_user(&folder);
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
            give_to_another_user(&folder);
            run_commands(&folder);
            victim.assert_untouched(name);
        }
    }
    let (folder, elsewhere) = (Folder::new(), TempDir::new().unwrap());
    plant(&folder, "parlour.db", &elsewhere.path().join("missing"));
    give_to_another_user(&folder);
    run_commands(&folder);
    assert!(!elsewhere.path().join("missing").exists());
}
