//! `verify` also checks the bytes of files.
#![cfg(unix)]

use crate::common::{Database, Server};
use crate::doctor::{doctor, state};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::Action;
use parlour_server::{Config, FileSettings};
use std::path::{Path, PathBuf};

on_both_databases! {
    a_file_with_changed_bytes_on_the_disk_is_reported,
}

/// Returns the parts of the first file, in order.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let sorted = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = entries.collect();
        paths.sort();
        paths
    };
    sorted(&sorted(folder)[0])
}

async fn a_file_with_changed_bytes_on_the_disk_is_reported(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let files = FileSettings { folder: Some(folder.path().into()), ..FileSettings::default() };
    let server = Server::start(&Config { files, ..database.config() }).await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let sent =
        [wren.upload_in_parts(&[7; 200_000], 100_000).await, wren.upload(&[8; 70_000]).await];
    wren.act(group, Action::send_files("", sent.to_vec())).await;
    let status = objects(&output(command_on(&database, &["status", "--json"]), "")).remove(0);
    assert_eq!(status["fileBytes"], 270_000);
    server.running.stop().await.unwrap();
    let verify = || {
        let mut command = command_on(&database, &["verify", "--json"]);
        command.env("PARLOUR_FILES", folder.path());
        output(command, "")
    };
    let intact = verify();
    assert!(intact.status.success(), "{}", stderr_text(&intact));
    let part = &parts(folder.path())[0];
    let uploaded = std::fs::read(part).unwrap();
    std::fs::write(part, [&uploaded[..], b"more"].concat()).unwrap();
    let result = verify();
    assert!(!result.status.success());
    let error = stderr_text(&result);
    assert!(error.contains("is longer than what was uploaded"), "{error}");
    assert!(error.contains("the database is intact") && error.contains("To repair"), "{error}");
    let mut changed = uploaded;
    changed[99] ^= 1;
    std::fs::write(part, changed).unwrap();
    let result = verify();
    assert!(!result.status.success());
    let text = format!("{}{}", String::from_utf8_lossy(&result.stdout), stderr_text(&result));
    assert!(text.contains("its content differs"), "{text}");
    let examine = || {
        let mut command = command_on(&database, &["doctor"]);
        command.env("PARLOUR_FILES", folder.path());
        doctor(command)
    };
    // The doctor looks for the parts and their sizes, but does not read them.
    assert_eq!(state(&examine().0, "files"), Some("ok"));
    std::fs::remove_file(part).unwrap();
    assert!(!verify().status.success());
    let (found, code) = examine();
    assert_eq!((state(&found, "files"), code), (Some("error"), 2), "{found:#?}");
}
