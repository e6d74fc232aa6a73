//! Disks that are full in the middle of a backup or a restore.

use super::{add_random_rows, folder, json_output, text};
use crate::common::Database;
use crate::program::{PROGRAM, command, output, stderr_text};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs a command whose files may have at most `bytes` bytes; the system then fails as with a full disk.
fn limited(data: &Path, args: &[&str], bytes: u64) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec prlimit --fsize=\"$0\" \"$@\""]);
    shell.arg(bytes.to_string()).arg(PROGRAM).args(args).arg("--data").arg(data);
    output(shell, "")
}

/// Returns the number of missing bytes that the program reports.
fn missing_bytes(ended: &Output) -> u64 {
    let error = stderr_text(ended);
    assert!(!ended.status.success() && error.contains("the disk is too full for"), "{error}");
    let number = error.split("about ").nth(1).and_then(|rest| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{error}"))
}

fn file_names(folder: &Path) -> Vec<String> {
    let file_names = std::fs::read_dir(folder).unwrap();
    let mut file_names: Vec<String> =
        file_names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    file_names.sort();
    file_names
}

/// A small file system, if the test may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(mount_point: &Path, kib: u64) -> Option<Self> {
        std::fs::create_dir(mount_point).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]).arg(mount_point);
        let is_mounted = mount.output().is_ok_and(|ended| ended.status.success());
        is_mounted.then(|| Self(mount_point.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        assert!(Command::new("umount").arg(&self.0).status().unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_with_the_missing_bytes_and_deletes_nothing() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (data, to) = (folder(&database), dir.path().join("to"));
    let (first, next) = (dir.path().join("first"), dir.path().join("next"));
    database.serve().await.running.stop().await.unwrap();
    add_random_rows(&database, 8192).await;
    json_output(&database, &["backup", text(&first)]).await;
    let (bytes, before) = (first.metadata().unwrap().len(), std::fs::read(&first).unwrap());
    let is_about =
        |missing_bytes: u64, actual: u64| missing_bytes > actual / 2 && missing_bytes < actual * 2;

    let ended = limited(&data, &["backup", text(&next)], bytes / 2);
    let reported_bytes = missing_bytes(&ended);
    assert!(is_about(reported_bytes, bytes / 2), "{reported_bytes} of {bytes}");
    assert_eq!(file_names(dir.path()), ["first"]);

    let database_bytes = data.join("parlour.db").metadata().unwrap().len();
    let ended = limited(&to, &["restore", text(&first)], database_bytes / 2);
    let reported_bytes = missing_bytes(&ended);
    assert!(is_about(reported_bytes, database_bytes / 2), "{reported_bytes} of {database_bytes}");
    assert_eq!(file_names(&to), ["lock"]);

    // The same on an actual full disk.
    let mount_point = dir.path().join("small");
    if let Some(small) = SmallDisk::mount(&mount_point, bytes / 1024 / 2) {
        let ended = output(command(&data, &["backup", text(&mount_point.join("next"))]), "");
        assert!(is_about(missing_bytes(&ended), bytes / 2));
        assert!(file_names(&mount_point).is_empty());
        let ended = output(command(&mount_point, &["restore", text(&first)]), "");
        let actual = database_bytes - bytes / 2;
        assert!(is_about(missing_bytes(&ended), actual), "{}", stderr_text(&ended));
        assert_eq!(file_names(&mount_point), ["lock"]);
        drop(small);
    } else {
        eprintln!("SKIPPED: no file system can be mounted here");
    }
    assert!(std::fs::read(&first).unwrap() == before);
    json_output(&database, &["backup", text(&next)]).await;
    json_output(&database, &["verify"]).await;
}
