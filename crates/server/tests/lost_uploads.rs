//! Uploads whose bytes are lost are uploaded again.
#![cfg(unix)]

use crate::backups::files::{contents, last_object, run, serve};
use crate::common::{Database, message};
use crate::program::stderr_text;
use crate::uploads::{add, begin, bytes, objects};
use parlour_protocol::{Action, Count, FileHash, FileLimits, Refusal};

on_both_databases! {
    after_a_restore_without_files_the_server_asks_for_the_bytes_again,
    the_server_asks_for_a_file_again_of_which_a_part_is_lost,
    a_lost_file_of_a_message_is_not_replaced_by_other_bytes,
}

async fn after_a_restore_without_files_the_server_asks_for_the_bytes_again(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, file) = (dir.path().join("files"), dir.path().join("backup"));
    let path = file.to_str().unwrap();
    let (sent, unsent) = (bytes(200_000, 1), bytes(150_000, 2));
    let server = serve(&database, &folder).await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let description = wren.upload_in_parts(&sent, 100_000).await;
    let action = Action::send_files("look", vec![description]);
    let id = message(&wren.act(group, action).await).id;
    begin(&wren, &unsent).await.unwrap();
    wren.add_part(FileHash::of(&unsent), 0, unsent[..100_000].to_vec()).await;
    let used = wren.get::<FileLimits>("uploads").await.used_bytes;
    server.running.stop().await.unwrap();
    last_object(&database, &folder, &["backup", path, "--without-files"]);
    let to = if database.url.is_some() {
        Database::postgres().await.unwrap()
    } else {
        Database::sqlite()
    };
    let empty = dir.path().join("empty");
    last_object(&to, &empty, &["restore", path]);
    let server = serve(&to, &empty).await;
    let wren = server.with_session_of(&wren);
    for file in [&sent, &unsent] {
        let state = begin(&wren, file).await.unwrap();
        assert_eq!((state.received, state.is_complete), (Count(0), false));
    }
    wren.upload_in_parts(&sent, 100_000).await;
    wren.upload_in_parts(&unsent, 100_000).await;
    assert!(begin(&wren, &sent).await.unwrap().is_complete, "nothing is asked for twice");
    let downloaded = wren.download(id, 0).await.bytes().await.unwrap();
    assert!(downloaded == sent);
    assert_eq!(wren.get::<FileLimits>("uploads").await.used_bytes, used);
    server.running.stop().await.unwrap();
    let verified = run(&to, &empty, &["verify"]);
    assert!(verified.status.success(), "{}", stderr_text(&verified));
}

async fn the_server_asks_for_a_file_again_of_which_a_part_is_lost(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(&database, dir.path()).await;
    let wren = server.register("wren").await;
    let file = bytes(200_000, 3);
    wren.upload_in_parts(&file, 100_000).await;
    // A part that is stored is not asked for again, whatever else is in the store.
    let before = contents(dir.path());
    assert!(begin(&wren, &file).await.unwrap().is_complete);
    assert!(contents(dir.path()) == before);
    let parts = objects(dir.path());
    std::fs::write(&parts[0], "too short").unwrap();
    assert_eq!(begin(&wren, &file).await.unwrap().received, Count(0));
    let description = wren.upload(&file).await;
    let group = wren.group(&[]).await;
    let sent = wren.act(group, Action::send_files("", vec![description])).await;
    assert!(wren.download(message(&sent).id, 0).await.bytes().await.unwrap() == file);
}

async fn a_lost_file_of_a_message_is_not_replaced_by_other_bytes(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(&database, dir.path()).await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let (file, other) = (bytes(150_000, 4), bytes(150_000, 5));
    let description = wren.upload(&file).await;
    let hash = description.hash;
    let sent = wren.act(group, Action::send_files("", vec![description])).await;
    std::fs::remove_file(&objects(dir.path())[0]).unwrap();
    assert_eq!(begin(&wren, &file).await.unwrap().received, Count(0));
    add(&wren, hash, 0, &other[..100_000]).await.unwrap();
    let refused = add(&wren, hash, 100_000, &other[100_000..]).await.unwrap_err();
    assert_eq!(refused.problem(), Refusal::FileDiffers.into());
    assert_eq!(begin(&wren, &file).await.unwrap().received, Count(0), "it starts over");
    wren.upload(&file).await;
    assert!(wren.download(message(&sent).id, 0).await.bytes().await.unwrap() == file);
}
