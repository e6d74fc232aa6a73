//! Files that nothing refers to are removed after a while, and no other ones.

use crate::common::{Database, Server, TIMEOUT, message, refusal};
use crate::uploads::{begin, bytes, config, objects, op};
use parlour_protocol::{Action, Count, ErrorCode, FileLimits, MessageFile, Refusal};
use parlour_server::{Config, FileSettings};
use reqwest::{Method, StatusCode};
use std::path::Path;
use std::time::{Duration, Instant};

on_both_databases! {
    what_no_message_has_is_removed_after_a_while_and_the_rest_stays,
    what_a_killed_server_left_is_removed,
    an_upload_that_is_given_up_leaves_nothing,
}

/// Waits until something is so.
async fn wait_until(what: &str, holds: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < TIMEOUT, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn what_no_message_has_is_removed_after_a_while_and_the_rest_stays(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let server = Server::start(&base).await;
    let administrator = server.register_administrator("elm").await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    let (kept, unused, begun) = (bytes(70_000, 8), bytes(70_000, 9), bytes(70_000, 10));
    let kept = wren.upload(&kept).await;
    let unused = wren.upload(&unused).await;
    begin(&wren, &begun).await.unwrap();
    let send = || Action::send_files("", vec![kept.clone()]);
    let one = message(&wren.act(room, send()).await).id;
    let two = message(&wren.act(room, send()).await).id;
    wren.act(room, Action::Delete { message_id: two }).await;
    let of_oak = oak.upload(b"never sent").await;
    administrator.request(Method::POST, &format!("users/{}/erase", oak.id)).await;
    server.running.stop().await.unwrap();
    // Within the time, only those of somebody who was erased are removed.
    let server = Server::start(&base).await;
    let wren = server.again(&wren);
    let folder_of = |file: &MessageFile| {
        let prefix = file.hash.to_string();
        let groups = std::fs::read_dir(folder.path()).unwrap();
        let mut names = groups.map(|group| group.unwrap().file_name().into_string().unwrap());
        names.any(|name| name.starts_with(&prefix))
    };
    wait_until("what an erased person uploaded is removed", async || !folder_of(&of_oak)).await;
    assert!(folder_of(&unused) && folder_of(&kept));
    server.running.stop().await.unwrap();
    let files = FileSettings { grace: Duration::ZERO, ..base.files.clone() };
    let soon = Config { files, ..base };
    let server = Server::start(&soon).await;
    let wren = server.again(&wren);
    wait_until("what was not sent is removed", async || !folder_of(&unused)).await;
    assert_eq!(wren.refused(&format!("uploads/{}", unused.hash)).await, ErrorCode::Gone);
    let refused = refusal(wren.send_op(&op(room, vec![unused])).await).await;
    assert_eq!(refused.problem(), Refusal::FileMissing.into());
    assert_eq!(wren.download(one, 0).await.status(), StatusCode::OK);
    let told: FileLimits = wren.get("uploads").await;
    assert_eq!(told.used_bytes, Count(70_000));
    wren.act(room, Action::Delete { message_id: one }).await;
    server.running.stop().await.unwrap();
    let server = Server::start(&soon).await;
    let wren = server.again(&wren);
    wait_until("no message has it any more", async || !folder_of(&kept)).await;
    wait_until("it is not counted", async || {
        wren.get::<FileLimits>("uploads").await.used_bytes == Count(0)
    })
    .await;
}

async fn what_a_killed_server_left_is_removed(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let server = Server::start(&base).await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    let file = bytes(150_000, 11);
    let described = wren.upload(&file).await;
    let sent = wren.act(room, Action::send_files("", vec![described.clone()])).await;
    server.running.stop().await.unwrap();
    let known = objects(folder.path());
    let group = known[0].parent().unwrap();
    let lost = group.join("000000000000-0123456789abcdef");
    let unfinished = group.join("000000010000-0123456789abcdef.new");
    let of_nobody =
        folder.path().join(format!("{}.{}", described.hash, uuid::Uuid::nil().simple()));
    std::fs::create_dir(&of_nobody).unwrap();
    let other = folder.path().join("notes");
    std::fs::create_dir(&other).unwrap();
    for path in [&lost, &unfinished, &of_nobody.join("x"), &other.join("x")] {
        std::fs::write(path, "left").unwrap();
    }
    let zero = Duration::ZERO;
    let files = FileSettings { orphan_grace: zero, part_grace: zero, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base }).await;
    let is_there = |path: &Path| path.exists();
    wait_until("what is lost is removed", async || {
        ![&lost, &unfinished, &of_nobody].into_iter().any(|path| is_there(path))
    })
    .await;
    assert!(known.iter().all(|path| path.exists()) && other.join("x").exists());
    let wren = server.again(&wren);
    let received = wren.download(message(&sent).id, 0).await.bytes().await.unwrap();
    assert!(received == file);
}

async fn an_upload_that_is_given_up_leaves_nothing(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&config(&database, folder.path())).await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    let (one, two) = (wren.upload(&bytes(70_000, 12)).await, wren.upload(&bytes(70_000, 13)).await);
    let sent = wren.act(room, Action::send_files("", vec![two.clone()])).await;
    for file in [&one, &two] {
        let path = format!("uploads/{}", file.hash);
        let given_up = wren.request(Method::DELETE, &path).await;
        assert_eq!(given_up.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(wren.refused(&format!("uploads/{}", one.hash)).await, ErrorCode::Gone);
    assert_eq!(objects(folder.path()).len(), 1, "the message still has its file");
    assert_eq!(wren.download(message(&sent).id, 0).await.status(), StatusCode::OK);
}
