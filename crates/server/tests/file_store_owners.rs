//! A folder of files belongs to one server, and to no other one.
#![cfg(unix)]

use crate::backups::files::{contents, last_object, run, send_files, serve};
use crate::common::{Database, PASSWORD, User, credentials};
use crate::doctor::{doctor, state};
use crate::program::{Program, command, stderr_text};
use parlour_protocol::{FileHash, SignedIn};
use reqwest::{Client, StatusCode};
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

on_both_databases! {
    a_server_that_moves_keeps_its_files,
}

/// Returns a command of a server with its own database and the files of this folder.
fn command_with(data: &Path, files: &Path, args: &[&str]) -> Command {
    let mut command = command(data, args);
    command.env("PARLOUR_FILES", files);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_neither_removes_nor_adds_files_in_the_folder_of_another() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let (folder, data) = (dir.path().join("files"), dir.path().join("data"));
    let server = serve(&database, &folder).await;
    send_files(&server).await;
    server.running.stop().await.unwrap();
    // They are old enough to be removed by a server that does not know them.
    let long_ago = SystemTime::now() - Duration::from_secs(100 * 24 * 3600);
    for file in std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
        File::open(file).unwrap().set_modified(long_ago).unwrap();
    }
    let before = contents(&folder);
    let args = ["serve", "--listen", "127.0.0.1:0", "--registration", "open"];
    let other = Program::start(command_with(&data, &folder, &args));
    other.wait_until_logged("belongs to another server");
    let (http, url) = (Client::new(), format!("{}/v1", other.url));
    let registered = http.post(format!("{url}/users")).json(&credentials("wren", PASSWORD));
    let SignedIn { user_id: id, token, .. } =
        registered.send().await.unwrap().json().await.unwrap();
    let wren = User { id, token, url, http };
    let hash = FileHash::of(b"other");
    assert_eq!(wren.begin_upload(hash, 5).await.status(), StatusCode::OK);
    let refused = wren.add_part(hash, 0, b"other".to_vec()).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    other.stop();
    let (found, code) = doctor(command_with(&data, &folder, &["doctor"]));
    assert_eq!((state(&found, "files"), code), (Some("error"), 2), "{found:#?}");
    assert!(contents(&folder) == before);
    // Once the mark is removed, the folder belongs to whoever uses it.
    std::fs::remove_file(folder.join("server-id")).unwrap();
    let other = Program::start(command_with(&data, &folder, &args));
    let wren = User { url: format!("{}/v1", other.url), ..wren };
    assert_eq!(wren.add_part(hash, 0, b"other".to_vec()).await.status(), StatusCode::OK);
    other.stop();
    assert!(folder.join("server-id").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_not_restored_into_the_folder_of_another_server() {
    let (dir, database, other) =
        (tempfile::tempdir().unwrap(), Database::sqlite(), Database::sqlite());
    let (folder, others_folder) = (dir.path().join("files"), dir.path().join("other files"));
    for (database, folder) in [(&database, &folder), (&other, &others_folder)] {
        let server = serve(database, folder).await;
        send_files(&server).await;
        server.running.stop().await.unwrap();
    }
    let before = contents(&others_folder);
    for args in [&[] as &[&str], &["--without-files"]] {
        let file = dir.path().join(format!("backup {}", args.len()));
        let path = file.to_str().unwrap();
        last_object(&database, &folder, &[&["backup", path][..], args].concat());
        let refused = run(&Database::sqlite(), &others_folder, &["restore", path]);
        assert!(!refused.status.success());
        let error = stderr_text(&refused);
        assert!(error.contains("belongs to another server"), "{error}");
        assert!(contents(&others_folder) == before);
    }
}

async fn a_server_that_moves_keeps_its_files(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let path = file.to_str().unwrap();
    let server = serve(&database, &folder).await;
    let (wren, id) = send_files(&server).await;
    server.running.stop().await.unwrap();
    last_object(&database, &folder, &["backup", path]);
    let mark = std::fs::read(folder.join("server-id")).unwrap();
    let new_folder = dir.path().join("new files");
    for folder in [&folder, &new_folder] {
        let targets = [Some(Database::sqlite()), Database::postgres().await];
        for to in targets.into_iter().flatten() {
            last_object(&to, folder, &["restore", path]);
            assert!(std::fs::read(folder.join("server-id")).unwrap() == mark);
            let server = serve(&to, folder).await;
            let wren = server.with_session_of(&wren);
            assert_eq!(wren.download(id, 1).await.bytes().await.unwrap(), "small");
            wren.upload(b"another").await;
            server.running.stop().await.unwrap();
        }
    }
}
