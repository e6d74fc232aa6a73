//! The files of messages: which are allowed, and what edits and deletions do to them.

use crate::common::{Database, error_body, message};
use crate::uploads::{add, begin, bytes, op};
use parlour_protocol::example_picture::png;
use parlour_protocol::{Action, Count, ErrorCode, FileHash, MessageFile, Op, Refusal, Thumbnail};
use reqwest::Method;

on_both_databases! {
    a_message_has_only_completely_uploaded_files,
    a_thumbnail_must_be_a_small_picture,
    an_edit_keeps_the_files_and_a_deletion_removes_them,
}

async fn a_message_has_only_completely_uploaded_files(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let file = bytes(150_000, 7);
    let described = MessageFile::example("x", &file);
    let problem_with = |files: Vec<MessageFile>| {
        let wren = wren.clone();
        async move { error_body(wren.send_op(&op(group, files)).await).await.problem() }
    };
    assert_eq!(problem_with(vec![described.clone()]).await, Refusal::FileMissing.into());
    begin(&wren, &file).await.unwrap();
    add(&wren, described.hash, 0, &file[..100_000]).await.unwrap();
    assert_eq!(problem_with(vec![described.clone()]).await, Refusal::FileMissing.into());
    add(&wren, described.hash, 100_000, &file[100_000..]).await.unwrap();
    let size = MessageFile { bytes: Count(5), ..described.clone() };
    assert_eq!(problem_with(vec![size]).await, Refusal::FileMissing.into());
    let other = MessageFile::example("y", b"nowhere");
    assert_eq!(problem_with(vec![described.clone(), other]).await, Refusal::FileMissing.into());
    let named = MessageFile { name: "../x".into(), ..described.clone() };
    assert_eq!(problem_with(vec![named]).await, Refusal::FileName.into());
    assert_eq!(problem_with(vec![described.clone(); 11]).await, Refusal::FilesTooMany.into());
    let blank =
        Op { action: Action::send_files(" ", vec![described.clone()]), ..op(group, vec![]) };
    let blank = error_body(wren.send_op(&blank).await).await.problem();
    assert_eq!(blank, Refusal::MessageBlank.into());
    // The same bytes under two names are two files of a message.
    let twice = vec![described.clone(), MessageFile { name: "y".into(), ..described }];
    wren.act(group, Action::send_files("both", twice)).await;
}

async fn a_thumbnail_must_be_a_small_picture(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let file = wren.upload(b"a large picture").await;
    let thumbnail_of = |bytes: &[u8]| Thumbnail {
        hash: FileHash::of(bytes),
        bytes: Count(i64::try_from(bytes.len()).unwrap()),
    };
    let with_thumbnail = |bytes: &[u8]| {
        op(group, vec![MessageFile { thumbnail: Some(thumbnail_of(bytes)), ..file.clone() }])
    };
    let picture = png(64, 32, 1);
    let problem_with = error_body(wren.send_op(&with_thumbnail(&picture)).await).await;
    assert_eq!(problem_with.problem(), Refusal::FileMissing.into());
    for other in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), png(600, 1, 1)] {
        wren.upload(&other).await;
        let refused = error_body(wren.send_op(&with_thumbnail(&other)).await).await;
        assert_eq!(refused.code, ErrorCode::Invalid);
    }
    wren.upload(&picture).await;
    let sent = message(&wren.send_op(&with_thumbnail(&picture)).await.json().await.unwrap());
    let path = format!("messages/{}/files/0/thumbnail", sent.id);
    let downloaded = wren.request(Method::GET, &path).await.bytes().await.unwrap();
    assert!(downloaded == picture);
}

async fn an_edit_keeps_the_files_and_a_deletion_removes_them(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let file = wren.upload(b"file").await;
    let sent = wren.act(group, Action::send_files("look", vec![file.clone()])).await;
    let id = message(&sent).id;
    let edited = message(&wren.act(group, Action::edit(id, "look here")).await);
    assert_eq!((edited.body.as_str(), edited.files), ("look here", vec![file]));
    let blank = wren.act_error(group, Action::edit(id, "")).await;
    assert_eq!(blank, ErrorCode::Invalid);
    let deleted = message(&wren.act(group, Action::Delete { message_id: id }).await);
    assert!(deleted.files.is_empty() && deleted.body.is_empty());
    assert_eq!(error_body(wren.download(id, 0).await).await.code, ErrorCode::NotFound);
}
