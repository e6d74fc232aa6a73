//! Files without a reference are deleted after a grace period, and no other ones.

use crate::common::{Database, Server, TIMEOUT, error_body, message};
use crate::uploads::{begin, bytes, config, objects, op};
use parlour_protocol::{Action, Count, ErrorCode, FileLimits, MessageFile, Refusal};
use parlour_server::{Config, FileSettings};
use reqwest::{Method, StatusCode};
use std::path::Path;
use std::time::{Duration, Instant};

on_both_databases! {
    files_without_a_message_are_deleted_after_a_grace_period,
    remains_of_a_killed_server_are_deleted,
    a_cancelled_upload_leaves_no_file,
}

/// Waits until a condition is true.
pub async fn wait_until(what: &str, condition: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < TIMEOUT, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn files_without_a_message_are_deleted_after_a_grace_period(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let server = Server::start(&base).await;
    let administrator = server.register_administrator("elm").await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let conversation = wren.group(&[&oak]).await;
    let (used_file, unused_file, unfinished_file) =
        (bytes(70_000, 8), bytes(70_000, 9), bytes(70_000, 10));
    let used_file = wren.upload(&used_file).await;
    let unused_file = wren.upload(&unused_file).await;
    begin(&wren, &unfinished_file).await.unwrap();
    let send = || Action::send_files("", vec![used_file.clone()]);
    let first = message(&wren.act(conversation, send()).await).id;
    let second = message(&wren.act(conversation, send()).await).id;
    wren.act(conversation, Action::Delete { message_id: second }).await;
    let oak_file = oak.upload(b"never sent").await;
    administrator.request(Method::POST, &format!("users/{}/erase", oak.id)).await;
    server.running.stop().await.unwrap();
    // Within the grace period, only the files of erased users are deleted.
    let server = Server::start(&base).await;
    let wren = server.with_session_of(&wren);
    let is_stored = |file: &MessageFile| {
        let prefix = file.hash.to_string();
        let groups = std::fs::read_dir(folder.path()).unwrap();
        let mut names = groups.map(|group| group.unwrap().file_name().into_string().unwrap());
        names.any(|name| name.starts_with(&prefix))
    };
    wait_until("the upload of an erased user is deleted", async || !is_stored(&oak_file)).await;
    assert!(is_stored(&unused_file) && is_stored(&used_file));
    server.running.stop().await.unwrap();
    let files = FileSettings { grace: Duration::ZERO, ..base.files.clone() };
    let without_grace = Config { files, ..base };
    let server = Server::start(&without_grace).await;
    let wren = server.with_session_of(&wren);
    wait_until("the upload that was not sent is deleted", async || !is_stored(&unused_file)).await;
    assert_eq!(wren.get_error(&format!("uploads/{}", unused_file.hash)).await, ErrorCode::NotFound);
    let refused = error_body(wren.send_op(&op(conversation, vec![unused_file])).await).await;
    assert_eq!(refused.problem(), Refusal::FileMissing.into());
    assert_eq!(wren.download(first, 0).await.status(), StatusCode::OK);
    let limits: FileLimits = wren.get("uploads").await;
    assert_eq!(limits.used_bytes, Count(70_000));
    wren.act(conversation, Action::Delete { message_id: first }).await;
    server.running.stop().await.unwrap();
    let server = Server::start(&without_grace).await;
    let wren = server.with_session_of(&wren);
    wait_until("the file of the deleted message is deleted", async || !is_stored(&used_file)).await;
    wait_until("it is not counted", async || {
        wren.get::<FileLimits>("uploads").await.used_bytes == Count(0)
    })
    .await;
}

async fn remains_of_a_killed_server_are_deleted(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let server = Server::start(&base).await;
    let wren = server.register("wren").await;
    let conversation = wren.group(&[]).await;
    let file = bytes(150_000, 11);
    let description = wren.upload(&file).await;
    let sent = wren.act(conversation, Action::send_files("", vec![description.clone()])).await;
    server.running.stop().await.unwrap();
    let stored_objects = objects(folder.path());
    let group = stored_objects[0].parent().unwrap();
    let lost = group.join("000000000000-0123456789abcdef");
    let unfinished = group.join("000000010000-0123456789abcdef.new");
    let unknown_user =
        folder.path().join(format!("{}.{}", description.hash, uuid::Uuid::nil().simple()));
    std::fs::create_dir(&unknown_user).unwrap();
    let other = folder.path().join("notes");
    std::fs::create_dir(&other).unwrap();
    for path in [&lost, &unfinished, &unknown_user.join("x"), &other.join("x")] {
        std::fs::write(path, "content").unwrap();
    }
    let zero = Duration::ZERO;
    let files = FileSettings { orphan_grace: zero, part_grace: zero, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base }).await;
    let exists = |path: &Path| path.exists();
    wait_until("the lost files are deleted", async || {
        ![&lost, &unfinished, &unknown_user].into_iter().any(|path| exists(path))
    })
    .await;
    assert!(stored_objects.iter().all(|path| path.exists()) && other.join("x").exists());
    let wren = server.with_session_of(&wren);
    let received = wren.download(message(&sent).id, 0).await.bytes().await.unwrap();
    assert!(received == file);
}

async fn a_cancelled_upload_leaves_no_file(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&config(&database, folder.path())).await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let (first, second) =
        (wren.upload(&bytes(70_000, 12)).await, wren.upload(&bytes(70_000, 13)).await);
    let sent = wren.act(group, Action::send_files("", vec![second.clone()])).await;
    for file in [&first, &second] {
        let path = format!("uploads/{}", file.hash);
        let cancelled = wren.request(Method::DELETE, &path).await;
        assert_eq!(cancelled.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(wren.get_error(&format!("uploads/{}", first.hash)).await, ErrorCode::NotFound);
    assert_eq!(objects(folder.path()).len(), 1, "the message still has its file");
    assert_eq!(wren.download(message(&sent).id, 0).await.status(), StatusCode::OK);
}
