//! Disks that are full in the middle of a backup or a restore.

use super::{fill, folder, json_output, text};
use crate::common::Database;
use crate::program::{PROGRAM, command, output, said};
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
    let said = said(ended);
    assert!(!ended.status.success() && said.contains("the disk is too full for"), "{said}");
    let number = said.split("about ").nth(1).and_then(|rest| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A small file system, if the test may mount one.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path, kib: u64) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]).arg(at);
        let is_mounted = mount.output().is_ok_and(|ended| ended.status.success());
        is_mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        assert!(Command::new("umount").arg(&self.0).status().unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_with_the_bytes_that_are_wanting_and_takes_nothing_away() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (data, to) = (folder(&database), dir.path().join("to"));
    let (first, next) = (dir.path().join("first"), dir.path().join("next"));
    database.serve().await.running.stop().await.unwrap();
    fill(&database, 8192).await;
    json_output(&database, &["backup", text(&first)]).await;
    let (bytes, before) = (first.metadata().unwrap().len(), std::fs::read(&first).unwrap());
    let is_about =
        |missing_bytes: u64, real: u64| missing_bytes > real / 2 && missing_bytes < real * 2;

    let ended = limited(&data, &["backup", text(&next)], bytes / 2);
    let told_bytes = missing_bytes(&ended);
    assert!(is_about(told_bytes, bytes / 2), "{told_bytes} of {bytes}");
    assert_eq!(names(dir.path()), ["first"]);

    let database_bytes = data.join("parlour.db").metadata().unwrap().len();
    let ended = limited(&to, &["restore", text(&first)], database_bytes / 2);
    let told_bytes = missing_bytes(&ended);
    assert!(is_about(told_bytes, database_bytes / 2), "{told_bytes} of {database_bytes}");
    assert_eq!(names(&to), ["lock"]);

    // The same on a disk that is really full.
    let at = dir.path().join("small");
    if let Some(small) = Small::mount(&at, bytes / 1024 / 2) {
        let ended = output(command(&data, &["backup", text(&at.join("next"))]), "");
        assert!(is_about(missing_bytes(&ended), bytes / 2));
        assert!(names(&at).is_empty());
        let ended = output(command(&at, &["restore", text(&first)]), "");
        let real = database_bytes - bytes / 2;
        assert!(is_about(missing_bytes(&ended), real), "{}", said(&ended));
        assert_eq!(names(&at), ["lock"]);
        drop(small);
    } else {
        eprintln!("SKIPPED: no file system can be mounted here");
    }
    assert!(std::fs::read(&first).unwrap() == before);
    json_output(&database, &["backup", text(&next)]).await;
    json_output(&database, &["verify"]).await;
}
