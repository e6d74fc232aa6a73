//! Files of messages: written offline, uploaded in parts, sent once, and stored encrypted by the clients.

use harness::{Person, Server};
use parlour_client::{ConnectionState, Delivery, OutgoingMessage, Session};
use parlour_protocol::{ConversationId, Count, FileHash, FileKind, MessageFile, MessageId};
use std::path::{Path, PathBuf};

/// A text that every file of these tests contains.
const MARKER: &[u8] = b"a marker that only files have";

/// Returns bytes that do not repeat and contain the marker.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .take(length / 8)
    .flatten()
    .collect();
    for at in [0, length / 2, length - MARKER.len() - 8] {
        bytes[at..at + MARKER.len()].copy_from_slice(MARKER);
    }
    bytes
}

/// Returns a PNG of 60 by 40 pixels with the marker in its metadata.
fn picture() -> Vec<u8> {
    let png = include_bytes!("files/picture.png");
    // The text is a chunk of its own after the header.
    let mut chunk = u32::try_from(MARKER.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(b"tEXt");
    chunk.extend(MARKER);
    chunk.extend(crc(&[b"tEXt", MARKER].concat()).to_be_bytes());
    [&png[..33], &chunk, &png[33..]].concat()
}

/// Returns the checksum of a chunk of a PNG.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Attaches files and sends them; returns the message's id.
async fn send(session: &Session, conversation: ConversationId, paths: Vec<PathBuf>) -> MessageId {
    let staging = session.stage_paths(conversation, paths).await;
    assert!(staging.failed.is_empty(), "{:?}", staging.failed);
    let id = MessageId(uuid::Uuid::now_v7());
    let files: Vec<Count> = staging.staged.iter().map(|staged| staged.id).collect();
    let message = OutgoingMessage { files, ..OutgoingMessage::from("two files") };
    let echo = session.send_message(conversation, id, message).unwrap();
    assert_eq!((echo.files.len(), echo.delivery), (staging.staged.len(), Delivery::Waiting));
    assert!(session.staged(conversation).unwrap().is_empty());
    id
}

/// Returns the bytes of a file that is on this computer.
fn read(session: &Session, hash: FileHash) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    session.open_file(hash).unwrap()?.copy_to(&mut bytes).unwrap();
    Some(bytes)
}

/// Returns whether the marker is in a file of a folder.
fn has_marker(folder: &Path) -> bool {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if memchr::memmem::find(&std::fs::read(&path).unwrap(), MARKER).is_some() {
                return true;
            }
        }
    }
    false
}

async fn create_group(wren: &Person, oak: &Person) -> ConversationId {
    let members = vec![wren.find_person("oak").await];
    let group = wren.session().create_group("workshop", members).unwrap();
    wren.say(group, "online");
    oak.wait_until_bodies(group, &["online"]).await;
    group
}

#[tokio::test(flavor = "multi_thread")]
async fn files_sent_offline_survive_kills_and_arrive_once_unchanged() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group = create_group(&wren, &oak).await;
    server.stop().await;
    wren.wait_until("offline", |session| session.connection() == ConnectionState::Offline).await;

    let originals = tempfile::TempDir::new().unwrap();
    let paths = ["picture.png", "model.bin"].map(|name| originals.path().join(name));
    let large = bytes(20 << 20);
    std::fs::write(&paths[0], picture()).unwrap();
    std::fs::write(&paths[1], &large).unwrap();
    let id = send(&wren.session(), group, paths.to_vec()).await;
    // The originals are not needed any more.
    drop(originals);
    let wren = wren.restart().await;
    let waiting = wren.newest(group).pop().unwrap();
    assert_eq!((waiting.id, waiting.files.len()), (id, 2));

    server.resume().await;
    wren.reconnect().await;
    let model = waiting.files[1].clone();
    let is_transferring = |session: &Session| {
        let states = session.file_states(&[model.hash]).unwrap();
        let sent = session.outbox().unwrap().is_empty();
        sent || states[0].transfer.as_ref().is_some_and(|transfer| transfer.done.0 > 0)
    };
    wren.wait_until("a part is uploaded", is_transferring).await;
    // The client is killed during the upload, and then the server is restarted.
    let wren = wren.restart().await;
    server.stop().await;
    server.resume().await;
    wren.reconnect().await;
    wren.wait_until("sent", |session| session.outbox().unwrap().is_empty()).await;

    oak.session().check_connection();
    oak.wait_until_bodies(group, &["online", "two files"]).await;
    let message = oak.newest(group).pop().unwrap();
    assert_eq!(message.id, id);
    let [picture, model] = &message.files[..] else { panic!("{message:?}") };
    assert!(matches!(picture.kind, FileKind::Picture { width: 60, height: 40, .. }));
    // The picture and its thumbnail are fetched automatically, the other file on request.
    let hashes = [picture.hash, picture.thumbnail.unwrap().hash];
    oak.wait_until("the picture", |session| {
        session.file_states(&hashes).unwrap().iter().all(|state| state.is_here)
    })
    .await;
    let shown = read(&oak.session(), picture.hash).unwrap();
    assert!(memchr::memmem::find(&shown, MARKER).is_none(), "its metadata is removed");
    assert_eq!(read(&oak.session(), model.hash), None);
    oak.session().fetch_file(id, 1).unwrap();
    let is_here = |file: &MessageFile| {
        let hash = file.hash;
        move |session: &Session| session.file_states(&[hash]).unwrap()[0].is_here
    };
    oak.wait_until("the file", is_here(model)).await;
    assert!(read(&oak.session(), model.hash).unwrap() == large, "the bytes are the same");

    let folders = [wren.account_folder(), oak.account_folder()];
    assert!(!folders.iter().any(|folder| has_marker(folder)), "no file is unencrypted on the disk");
    // Deleting the message deletes the bytes.
    wren.session().delete_message(group, id).unwrap();
    oak.wait_until("deleted", |session| {
        session.file_states(&[model.hash, picture.hash]).unwrap().iter().all(|it| !it.is_here)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_attached_is_reported_and_does_not_affect_others() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("empty"), "").unwrap();
    std::fs::write(path("not really.png"), b"\x89PNG\r\n\x1a\n and no picture").unwrap();
    let paths = vec![path("gone"), folder.path().into(), path("empty"), path("not really.png")];
    let staging = wren.session().stage_paths(group, paths).await;
    let reasons: Vec<String> = staging
        .failed
        .iter()
        .map(|failed| serde_json::to_value(&failed.problem.reason).unwrap()["key"].to_string())
        .collect();
    assert_eq!(reasons, ["\"fileUnreadable\"", "\"fileUnreadable\"", "\"fileEmpty\""]);
    assert_eq!(staging.staged.len(), 1);
    assert!(!staging.staged[0].can_be_picture);
    assert_eq!(staging.staged[0].file.kind, FileKind::File);
    wren.session().unstage(staging.staged[0].id).unwrap();
    let files = std::fs::read_dir(wren.account_folder().join("files")).unwrap();
    assert_eq!(files.count(), 0, "nothing is left of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_on_request_and_saved_at_the_chosen_path() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group = create_group(&wren, &oak).await;
    server.stop().await;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, bytes(300_000)).unwrap();
    let id = send(&wren.session(), group, vec![path]).await;
    server.resume().await;
    wren.session().check_connection();
    wren.wait_until("sent", |session| session.outbox().unwrap().is_empty()).await;
    oak.session().check_connection();
    oak.wait_until_bodies(group, &["online", "two files"]).await;
    oak.session().fetch_file(id, 0).unwrap();
    let hash = oak.newest(group).pop().unwrap().files[0].hash;
    oak.wait_until("the file", |session| session.file_states(&[hash]).unwrap()[0].is_here).await;
    assert_eq!(read(&oak.session(), hash), Some(bytes(300_000)));
    let destination = folder.path().join("saved.txt");
    oak.session().save_file(id, 0, &destination).unwrap();
    assert_eq!(std::fs::read(&destination).unwrap(), bytes(300_000));
}
