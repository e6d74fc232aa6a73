//! Uploads of files: in parts, resumable, private to each user, and within the limits.

use crate::common::{Database, Server, User, error_body, message};
use parlour_protocol::{
    Action, ConversationId, Count, ErrorBody, ErrorCode, FileHash, FileKind, FileLimits,
    MessageFile, Op, OpId, Reason, Refusal, Upload, limits,
};
use parlour_server::{Config, FileSettings};
use reqwest::{Method, StatusCode};
use std::path::{Path, PathBuf};

on_both_databases! {
    a_file_can_be_uploaded_in_parts_from_several_devices,
    repeated_and_early_parts_change_nothing,
    a_part_from_two_devices_at_once_is_added_once,
    an_upload_is_private_to_its_user,
    a_file_that_differs_from_its_hash_is_refused_and_the_upload_is_reset,
    a_file_above_a_limit_is_refused_before_its_upload,
    cancelled_uploads_count_toward_the_daily_limit,
    tiny_files_count_for_what_they_take_on_the_disk,
    tiny_files_count_as_much_for_the_whole_server_once_they_arrive,
    concurrent_uploads_do_not_exceed_a_quota,
    a_full_disk_is_reported_and_nothing_is_lost,
}

/// Returns pseudorandom bytes, always the same for a seed.
pub fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// Returns the configuration with a separate folder for files.
pub fn config(database: &Database, folder: &Path) -> Config {
    let files = FileSettings { folder: Some(folder.to_owned()), ..FileSettings::default() };
    Config { files, ..database.config() }
}

/// Returns all objects in the store.
pub fn objects(folder: &Path) -> Vec<PathBuf> {
    let paths = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).map(|all| all.map(|item| item.unwrap().path()));
        entries.map(Iterator::collect).unwrap_or_default()
    };
    paths(folder).iter().flat_map(|group| paths(group)).collect()
}

pub async fn begin(user: &User, file: &[u8]) -> Result<Upload, ErrorBody> {
    let response = user.begin_upload(FileHash::of(file), file.len()).await;
    match response.status() {
        StatusCode::OK => Ok(response.json().await.unwrap()),
        _ => Err(error_body(response).await),
    }
}

pub async fn add(
    user: &User,
    hash: FileHash,
    offset: usize,
    part: &[u8],
) -> Result<Upload, ErrorBody> {
    let response = user.add_part(hash, offset, part.to_vec()).await;
    match response.status() {
        StatusCode::OK => Ok(response.json().await.unwrap()),
        _ => Err(error_body(response).await),
    }
}

pub fn op(conversation_id: ConversationId, files: Vec<MessageFile>) -> Op {
    Op { id: OpId::new(), conversation_id, action: Action::send_files("", files) }
}

async fn a_file_can_be_uploaded_in_parts_from_several_devices(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let file = bytes(300 * 1024, 1);
    let hash = FileHash::of(&file);
    let started = begin(&wren, &file).await.unwrap();
    assert_eq!((started.received, started.bytes), (Count(0), Count(300 * 1024)));
    let first = add(&wren, hash, 0, &file[..128 * 1024]).await.unwrap();
    assert_eq!((first.received, first.is_complete), (Count(128 * 1024), false));
    // Resumes on another device, with smaller parts, after a restart.
    server.running.stop().await.unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    let known = begin(&wren, &file).await.unwrap();
    assert_eq!(known, first);
    let mut offset = 128 * 1024;
    for part in file[offset..].chunks(64 * 1024) {
        let state = add(&wren, hash, offset, part).await.unwrap();
        offset += part.len();
        assert_eq!(state.received.0, i64::try_from(offset).unwrap());
    }
    let done: Upload = wren.get(&format!("uploads/{hash}")).await;
    assert!(done.is_complete);
    let described = MessageFile {
        kind: FileKind::Sound { duration_ms: 1000 },
        ..MessageFile::example("song.ogg", &file)
    };
    let op = op(group, vec![described.clone()]);
    let sent = message(&wren.send_op(&op).await.json().await.unwrap());
    let again = message(&wren.send_op(&op).await.json().await.unwrap());
    assert_eq!(sent, again, "an op that is sent twice happens once");
    let message_row = server.with_session_of(&oak).read_message(group, sent.id).await;
    assert_eq!((message_row.files, message_row.body.as_str()), (vec![described], ""));
    let received = server.with_session_of(&oak).download(sent.id, 0).await.bytes().await.unwrap();
    assert!(received == file);
}

async fn repeated_and_early_parts_change_nothing(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let file = bytes(200 * 1024, 2);
    let hash = FileHash::of(&file);
    let nothing = add(&wren, hash, 0, &file[..65_536]).await.unwrap_err();
    assert_eq!(nothing.code, ErrorCode::NotFound);
    begin(&wren, &file).await.unwrap();
    let early = add(&wren, hash, 65_536, &file[65_536..131_072]).await.unwrap_err();
    assert_eq!(early.code, ErrorCode::CursorAhead);
    let one = add(&wren, hash, 0, &file[..65_536]).await.unwrap();
    for (offset, part) in [(0, &file[..65_536]), (10, &file[10..]), (0, &[0; 70_000][..])] {
        assert_eq!(add(&wren, hash, offset, part).await.unwrap(), one, "{offset}");
    }
    for (offset, part) in [(65_536, &file[65_536..65_537]), (65_536, &[0; 150_000][..])] {
        let refused = add(&wren, hash, offset, part).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Invalid, "{} bytes", part.len());
    }
    let large = add(&wren, hash, 65_536, &vec![0; limits::PART_BYTES + 1]).await.unwrap_err();
    assert_eq!(large.code, ErrorCode::TooLarge);
    let negative = wren.request(Method::POST, &format!("uploads/{hash}?offset=-1")).await;
    assert_eq!(error_body(negative).await.code, ErrorCode::Invalid);
    let done = add(&wren, hash, 65_536, &file[65_536..]).await.unwrap();
    assert!(done.is_complete);
    assert_eq!(add(&wren, hash, 65_536, &file[65_536..]).await.unwrap(), done);
    assert_eq!(begin(&wren, &file).await.unwrap(), done);
    let other = wren.begin_upload(hash, 5).await;
    assert_eq!(error_body(other).await.code, ErrorCode::Invalid, "a hash has only one size");
    assert_eq!(wren.get_error("uploads/xyz").await, ErrorCode::NotFound);
    let new = serde_json::json!({"bytes": 5, "mediaType": "text/plain"});
    let begun = error_body(wren.submit(Method::PUT, "uploads/xyz", &new).await).await;
    assert!(begun.code == ErrorCode::Invalid && begun.message.contains("SHA-256"), "{begun:?}");
}

async fn a_part_from_two_devices_at_once_is_added_once(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&config(&database, folder.path())).await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let file = bytes(640 * 1024, 3);
    let hash = FileHash::of(&file);
    begin(&wren, &file).await.unwrap();
    let part = |at: usize, size: usize| wren.add_part(hash, at, file[at..at + size].to_vec());
    let mut at = 0;
    while at < file.len() {
        // The parts of two devices have different sizes.
        let sizes = [65_536, 131_072].map(|size| size.min(file.len() - at));
        let (one, other) = tokio::join!(part(at, sizes[0]), part(at, sizes[1]));
        for response in [one, other] {
            assert_eq!(response.status(), StatusCode::OK);
        }
        let state: Upload = wren.get(&format!("uploads/{hash}")).await;
        let received = usize::try_from(state.received.0).unwrap();
        assert!(received > at && objects(folder.path()).len() <= received / 65_536);
        at = received;
    }
    let sent =
        wren.act(group, Action::send_files("", vec![MessageFile::example("x", &file)])).await;
    let received = wren.download(message(&sent).id, 0).await.bytes().await.unwrap();
    assert!(received == file);
}

async fn an_upload_is_private_to_its_user(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = oak.group(&[]).await;
    let file = bytes(70_000, 4);
    let described = wren.upload(&file).await;
    let hash = described.hash;
    assert_eq!(oak.get_error(&format!("uploads/{hash}")).await, ErrorCode::NotFound);
    let refused = error_body(oak.send_op(&op(group, vec![described.clone()])).await).await;
    assert_eq!(refused.reason, Some(Reason::Refused(Refusal::FileMissing)));
    let cancelled = oak.request(Method::DELETE, &format!("uploads/{hash}")).await;
    assert_eq!(error_body(cancelled).await.code, ErrorCode::NotFound);
    let started = begin(&oak, &file).await.unwrap();
    assert_eq!((started.received, started.is_complete), (Count(0), false));
    let refused = error_body(oak.send_op(&op(group, vec![described.clone()])).await).await;
    assert_eq!(refused.reason, Some(Reason::Refused(Refusal::FileMissing)));
    assert!(add(&oak, hash, 0, &file).await.unwrap().is_complete);
    oak.act(group, Action::send_files("", vec![described])).await;
    let file_limits: FileLimits = wren.get("uploads").await;
    assert_eq!(file_limits.used_bytes, Count(70_000));
}

async fn a_file_that_differs_from_its_hash_is_refused_and_the_upload_is_reset(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&config(&database, folder.path())).await;
    let wren = server.register("wren").await;
    let file = bytes(150_000, 5);
    let hash = FileHash::of(&file);
    let mut other = file.clone();
    other[0] ^= 1;
    begin(&wren, &file).await.unwrap();
    add(&wren, hash, 0, &other[..100_000]).await.unwrap();
    let refused = add(&wren, hash, 100_000, &other[100_000..]).await.unwrap_err();
    assert_eq!(refused.problem(), Refusal::FileDiffers.into());
    assert!(objects(folder.path()).is_empty(), "no object is left");
    let state: Upload = wren.get(&format!("uploads/{hash}")).await;
    assert_eq!((state.received, state.is_complete), (Count(0), false));
    add(&wren, hash, 0, &file[..100_000]).await.unwrap();
    assert!(add(&wren, hash, 100_000, &file[100_000..]).await.unwrap().is_complete);
    let file_limits: FileLimits = wren.get("uploads").await;
    assert_eq!(file_limits.used_bytes, Count(150_000), "it counts once");
}

async fn a_file_above_a_limit_is_refused_before_its_upload(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let mib = 1024 * 1024;
    let files = FileSettings {
        file_bytes: 2 * mib,
        account_bytes: 3 * mib,
        server_bytes: 4 * mib,
        media_types: vec!["application/octet-stream".into(), "image/*".into()],
        ..base.files.clone()
    };
    let server = Server::start(&Config { files, ..base }).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let file_limits: FileLimits = wren.get("uploads").await;
    assert_eq!(
        (file_limits.file_bytes, file_limits.quota_bytes),
        (Count(2 << 20), Some(Count(3 << 20)))
    );
    assert_eq!(file_limits.media_types, ["application/octet-stream", "image/*"]);
    let size = |mib: usize| mib << 20;
    let error_of = |response| async move { error_body(response).await.problem() };
    let large = wren.begin_upload(FileHash::of(b"1"), size(2) + 1).await;
    assert_eq!(error_of(large).await, Refusal::FileTooLarge { max_mib: 2 }.into());
    let empty = wren.begin_upload(FileHash::of(b""), 0).await;
    assert_eq!(error_of(empty).await, Refusal::FileEmpty.into());
    let new = serde_json::json!({"bytes": 5, "mediaType": "text/html"});
    let refused_type =
        wren.submit(Method::PUT, &format!("uploads/{}", FileHash::of(b"2")), &new).await;
    assert_eq!(error_of(refused_type).await, Refusal::FileType.into());
    let files = [bytes(size(2), 3), bytes(size(2), 5)];
    begin(&wren, &files[0]).await.unwrap();
    let more = wren.begin_upload(FileHash::of(b"4"), size(1) + 1).await;
    assert_eq!(error_of(more).await, Refusal::FileQuota { max_mib: 3 }.into());
    let full = oak.begin_upload(FileHash::of(b"5"), size(2) + 1).await;
    assert_eq!(error_of(full).await, Refusal::FileTooLarge { max_mib: 2 }.into());
    begin(&oak, &files[1]).await.unwrap();
    // An announced upload does not reduce the space of others.
    assert_eq!(oak.begin_upload(FileHash::of(b"6"), 1).await.status(), StatusCode::OK);
    for (user, file) in [(&wren, &files[0]), (&oak, &files[1])] {
        assert!(add(user, FileHash::of(file), 0, file).await.unwrap().is_complete);
    }
    let full = oak.begin_upload(FileHash::of(b"7"), 1).await;
    assert_eq!(error_of(full).await, Refusal::StorageFull.into());
    let full = oak.add_part(FileHash::of(b"6"), 0, b"6".to_vec()).await;
    assert_eq!(error_of(full).await, Refusal::StorageFull.into());
    // Cancelling an upload frees its space.
    let hash = FileHash::of(&files[0]);
    wren.request(Method::DELETE, &format!("uploads/{hash}")).await;
    assert_eq!(oak.begin_upload(FileHash::of(b"7"), 1).await.status(), StatusCode::OK);
    let group = wren.group(&[]).await;
    let html = MessageFile { media_type: "text/html".into(), ..wren.upload(b"<b>").await };
    let sent = error_body(wren.send_op(&op(group, vec![html])).await).await;
    assert_eq!(sent.problem(), Refusal::FileType.into());
}

async fn cancelled_uploads_count_toward_the_daily_limit(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let files = FileSettings { account_bytes: 1 << 20, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base }).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let upload = async |user: &User, seed| {
        let file = bytes(400 * 1024, seed);
        let hash = FileHash::of(&file);
        begin(user, &file).await.unwrap();
        let added = add(user, hash, 0, &file).await;
        user.request(Method::DELETE, &format!("uploads/{hash}")).await;
        added
    };
    for seed in [1, 2] {
        upload(&wren, seed).await.unwrap();
    }
    let refused = upload(&wren, 3).await.unwrap_err();
    assert!(
        refused.code == ErrorCode::RateLimited && refused.retry_after_ms.is_some(),
        "{refused:?}"
    );
    upload(&oak, 4).await.unwrap();
}

async fn tiny_files_count_for_what_they_take_on_the_disk(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let files = FileSettings { account_bytes: 4 * 4096, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base }).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    for n in 0..4 {
        assert_eq!(wren.begin_upload(FileHash::of(&[n]), 1).await.status(), StatusCode::OK);
    }
    let refused = error_body(wren.begin_upload(FileHash::of(&[4]), 1).await).await;
    assert_eq!(refused.problem(), Refusal::FileQuota { max_mib: 0 }.into());
    // What is counted is also what is given back.
    for n in 0..4 {
        wren.request(Method::DELETE, &format!("uploads/{}", FileHash::of(&[n]))).await;
    }
    assert_eq!(wren.get::<FileLimits>("uploads").await.used_bytes, Count(0));
    let upload_and_cancel = async |n: u8| {
        begin(&oak, &[n]).await.unwrap();
        let added = add(&oak, FileHash::of(&[n]), 0, &[n]).await;
        oak.request(Method::DELETE, &format!("uploads/{}", FileHash::of(&[n]))).await;
        added
    };
    for n in 0..4 {
        assert!(upload_and_cancel(n).await.unwrap().is_complete);
    }
    assert_eq!(upload_and_cancel(4).await.unwrap_err().code, ErrorCode::RateLimited);
}

async fn tiny_files_count_as_much_for_the_whole_server_once_they_arrive(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let files = FileSettings { server_bytes: 2 * 4096, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base }).await;
    let wren = server.register("wren").await;
    for n in 0..4 {
        begin(&wren, &[n]).await.unwrap();
    }
    let upload = async |n: u8| add(&wren, FileHash::of(&[n]), 0, &[n]).await;
    let cancel = async |n: u8| {
        wren.request(Method::DELETE, &format!("uploads/{}", FileHash::of(&[n]))).await;
    };
    for n in [0, 1] {
        assert!(upload(n).await.unwrap().is_complete);
    }
    assert_eq!(upload(2).await.unwrap_err().problem(), Refusal::StorageFull.into());
    let refused = begin(&wren, &[4]).await.unwrap_err();
    assert_eq!(refused.problem(), Refusal::StorageFull.into());
    // An upload without a part gives nothing back, and one with a part as much as it took.
    cancel(3).await;
    assert_eq!(upload(2).await.unwrap_err().problem(), Refusal::StorageFull.into());
    cancel(0).await;
    assert!(upload(2).await.unwrap().is_complete);
    assert_eq!(begin(&wren, &[5]).await.unwrap_err().problem(), Refusal::StorageFull.into());
}

async fn concurrent_uploads_do_not_exceed_a_quota(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let files = FileSettings { account_bytes: 5 << 20, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base }).await;
    let wren = server.register("wren").await;
    let uploads = (0..12_u8).map(|n| {
        let wren = wren.clone();
        tokio::spawn(async move { wren.begin_upload(FileHash::of(&[n]), 1 << 20).await.status() })
    });
    let mut admitted = 0;
    for upload in uploads.collect::<Vec<_>>() {
        admitted += usize::from(upload.await.unwrap() == StatusCode::OK);
    }
    assert_eq!(admitted, 5);
    let file_limits: FileLimits = wren.get("uploads").await;
    assert_eq!(file_limits.used_bytes, Count(5 << 20));
}

async fn a_full_disk_is_reported_and_nothing_is_lost(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let base = config(&database, folder.path());
    let server = Server::start(&base).await;
    let wren = server.register("wren").await;
    let file = bytes(150_000, 6);
    let hash = FileHash::of(&file);
    begin(&wren, &file).await.unwrap();
    let state = add(&wren, hash, 0, &file[..100_000]).await.unwrap();
    server.running.stop().await.unwrap();
    let files = FileSettings { reserve_bytes: u64::MAX, ..base.files.clone() };
    let server = Server::start(&Config { files, ..base.clone() }).await;
    let wren = server.with_session_of(&wren);
    let full = add(&wren, hash, 100_000, &file[100_000..]).await.unwrap_err();
    assert_eq!(full.problem(), Refusal::StorageFull.into());
    assert_eq!(begin(&wren, &file).await.unwrap(), state);
    server.running.stop().await.unwrap();
    let server = Server::start(&base).await;
    let wren = server.with_session_of(&wren);
    assert!(add(&wren, hash, 100_000, &file[100_000..]).await.unwrap().is_complete);
}
