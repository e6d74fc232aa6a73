//! Tests of files that are attached, sent and received: their bytes are encrypted, and deleted once nothing uses them.

use super::{GROUP, account, bootstrap, key, message, open, page, send};
use crate::{FilesQuery, Folder, ReceiveResult, Secret, ServerUpdate, Store};
use parlour_protocol::{
    Action, Count, ErrorCode, FileHash, FileKind, MessageFile, MessageRow, Millis, Op, Row,
    Thumbnail,
};
use parlour_sqlite::Key;
use std::path::Path;
use tempfile::TempDir;

/// Returns more than two chunks, the last one incomplete.
fn bytes() -> Vec<u8> {
    b"the marker of a file ".iter().copied().cycle().take(150_000).collect()
}

/// Stages a file in the group; returns its description and its number.
fn stage(store: &Store, name: &str, bytes: &[u8]) -> (MessageFile, i64) {
    let secret = Secret::random();
    let mut writer = store.write_blob(&secret).unwrap();
    bytes.chunks(10_000).for_each(|chunk| writer.write(chunk).unwrap());
    writer.finish().unwrap();
    let file = MessageFile::example(name, bytes);
    let blob = store.new_blob(secret, file.hash, file.bytes.0);
    let (id, changes) = store.stage(GROUP, &file, None, &[blob]).unwrap();
    assert!(changes.files);
    (file, id)
}

fn read(store: &Store, hash: FileHash) -> Option<Vec<u8>> {
    let mut reader = store.blob(hash).unwrap()?;
    let all = reader.read_at(0, usize::try_from(reader.size()).unwrap()).unwrap();
    assert_eq!(reader.read_at(65_530, 20).unwrap(), all[65_530..65_550], "across two chunks");
    Some(all)
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("files")).map_or(0, Iterator::count)
}

/// Returns an op that sends a message with a file.
fn op(number: u128, file: &MessageFile) -> Op {
    Op { action: Action::send_files("", vec![file.clone()]), ..send(number, "") }
}

#[test]
fn an_attached_file_is_encrypted_and_sent_from_its_copy() {
    let folder = TempDir::new().unwrap();
    let (file, _) = {
        let store = open(&folder);
        stage(&store, "plan.pdf", &bytes())
    };
    for entry in std::fs::read_dir(folder.path().join("files")).unwrap() {
        let entry = entry.unwrap();
        let on_disk = std::fs::read(entry.path()).unwrap();
        let is_readable = on_disk.windows(10).any(|window| window == b"the marker");
        assert!(!is_readable, "the bytes are encrypted");
        assert!(!entry.file_name().to_string_lossy().contains(&file.hash.to_string()[..8]));
    }
    // The program was killed while it wrote a file.
    std::fs::write(folder.path().join("files/00.new"), "half").unwrap();
    let store = open(&folder);
    assert_eq!(files_in(folder.path()), 1);
    assert_eq!(store.staged(GROUP).unwrap()[0].sent(), &file);
    store.enqueue_message(&op(1, &file), Millis(1), None).unwrap();
    assert!(store.staged(GROUP).unwrap().is_empty());
    store.delete_unused_files().unwrap();
    assert_eq!(read(&store, file.hash), Some(bytes()));
    store.discard(&op(1, &file)).unwrap();
    assert_eq!((read(&store, file.hash), files_in(folder.path())), (None, 0));
}

#[test]
fn a_file_that_is_attached_twice_is_stored_once_until_both_are_removed() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (file, first) = stage(&store, "a", &bytes());
    let (_, second) = stage(&store, "b", &bytes());
    assert_eq!(files_in(folder.path()), 1);
    store.order_staged(&[second, first]).unwrap();
    let names: Vec<_> = store.staged(GROUP).unwrap().into_iter().map(|it| it.file.name).collect();
    assert_eq!(names, ["b", "a"]);
    store.unstage(first).unwrap();
    assert!(read(&store, file.hash).is_some());
    store.unstage(second).unwrap();
    assert_eq!((read(&store, file.hash), files_in(folder.path())), (None, 0));
}

#[test]
fn truncated_changed_and_reordered_files_are_detected() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (file, _) = stage(&store, "plan.pdf", &bytes());
    let path = std::fs::read_dir(folder.path().join("files")).unwrap().next().unwrap().unwrap();
    let intact = std::fs::read(path.path()).unwrap();
    let chunk = 64 * 1024 + 16;
    let mut swapped = intact.clone();
    let (first, rest) = swapped.split_at_mut(chunk);
    first.swap_with_slice(&mut rest[..chunk]);
    let mut changed = intact.clone();
    changed[100_000] ^= 1;
    for damaged in [&intact[..chunk], &intact[..intact.len() - 1], &swapped, &changed] {
        std::fs::write(path.path(), damaged).unwrap();
        let mut reader = store.blob(file.hash).unwrap().unwrap();
        assert!(reader.read_at(0, bytes().len()).is_err());
    }
}

#[test]
fn a_wipe_retains_only_the_files_of_unsent_messages() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (unsent, _) = stage(&store, "unsent", &bytes());
    store.enqueue_message(&op(1, &unsent), Millis(1), None).unwrap();
    let (staged, _) = stage(&store, "staged", b"only staged");
    drop(store);
    let next = Key::fill(|key| key.fill(9));
    Folder::lock(folder.path()).unwrap().delete_all_but_unsent(&key(), &next).unwrap();
    assert_eq!(files_in(folder.path()), 1);
    // As at each start of the program, until the account signs in again.
    Folder::lock(folder.path()).unwrap().continue_wipe().unwrap();
    let store = Store::open(folder.path(), &next, Some(&account())).unwrap().unwrap();
    assert_eq!(read(&store, unsent.hash), Some(bytes()));
    assert!(store.blob(staged.hash).unwrap().is_none());
}

fn received(seq: i64, file: &MessageFile) -> MessageRow {
    MessageRow { files: vec![file.clone()], ..message(seq, "") }
}

/// Receives at most `max_chunks` chunks of this size of a file; returns whether it is complete.
fn receive(
    store: &Store,
    file: &MessageFile,
    bytes: &[u8],
    chunk_size: usize,
    max_chunks: usize,
) -> bool {
    let mut partial = store.receive(file.hash, file.bytes.0, Millis(1)).unwrap();
    for _ in 0..max_chunks {
        let from = usize::try_from(partial.received).unwrap();
        let part = &bytes[from..bytes.len().min(from + chunk_size)];
        match store.receive_part(partial, part, Millis(1)).unwrap() {
            ReceiveResult::Incomplete(next) => partial = next,
            ReceiveResult::Complete(_) => return true,
            ReceiveResult::HashMismatch | ReceiveResult::NotNeeded => return false,
        }
    }
    false
}

#[test]
fn an_interrupted_fetch_continues_and_a_file_is_deleted_with_its_message() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    let small = Thumbnail { hash: FileHash::of(b"small"), bytes: Count(5) };
    let kind = FileKind::Picture { width: 3, height: 2, thumbhash: None };
    let example = MessageFile::example("a.png", &bytes());
    let file = MessageFile { kind, thumbnail: Some(small), ..example };
    let mut bootstrapped = bootstrap(1, 3);
    bootstrapped.rows.push(Row::Message(received(4, &file)));
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrapped)]).unwrap();
    let (to_fetch, next) = store.files_to_fetch(None, 1 << 20).unwrap();
    assert_eq!((to_fetch.len(), next), (1, None));
    assert_eq!(to_fetch[0].file, file);
    assert!(store.files_to_fetch(None, 10).unwrap().0.len() == 1, "its thumbnail is not here");

    assert!(!receive(&store, &file, &bytes(), 70_000, 1));
    drop(store);
    let store = open(&folder);
    let partial = store.receive(file.hash, file.bytes.0, Millis(2)).unwrap();
    assert_eq!(partial.received, 65_536, "complete chunks are on the disk");
    drop(partial);
    assert!(!store.has_file(file.hash).unwrap());
    assert!(receive(&store, &file, &bytes(), 70_000, 3));
    store.mirror.put_thumbnail(b"small").unwrap();
    assert_eq!(read(&store, file.hash), Some(bytes()));
    assert!(store.files_to_fetch(None, 1 << 20).unwrap().0.is_empty());
    let listed = store.files(&FilesQuery::default()).unwrap().files;
    assert_eq!((listed.len(), listed[0].is_here), (1, true));
    let films = FilesQuery { kind: Some("film".into()), ..FilesQuery::default() };
    assert!(store.files(&films).unwrap().files.is_empty());
    let in_group = FilesQuery { conversation_id: Some(GROUP), ..FilesQuery::default() };
    assert_eq!(store.files(&in_group).unwrap().files, listed);

    let deleted = MessageRow { deleted_at: Some(Millis(9)), changed_seq: 5, ..message(4, "") };
    let update = page(3, 5, vec![Row::Message(deleted)]);
    store.mirror.apply(&[ServerUpdate::Page(&update)]).unwrap();
    assert!(!store.has_file(file.hash).unwrap() && !store.has_thumbnail(small.hash).unwrap());
    store.delete_unused_files().unwrap();
    assert_eq!(files_in(folder.path()), 0);
}

#[test]
fn bytes_that_do_not_match_the_hash_are_not_stored() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let file = MessageFile::example("a", &bytes());
    let other = vec![7; bytes().len()];
    assert!(!receive(&store, &file, &other, 200_000, 1));
    assert!(!store.has_file(file.hash).unwrap());
    assert_eq!(files_in(folder.path()), 0);
}

#[test]
fn the_least_recently_used_files_are_evicted_but_unsent_files_stay() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (unsent, _) = stage(&store, "unsent", &bytes());
    let files = [1, 2, 3].map(|n| {
        let bytes = vec![n; 1000];
        let file = MessageFile::example("x", &bytes);
        assert!(receive(&store, &file, &bytes, 5000, 1));
        file.hash
    });
    let day = 24 * 3600 * 1000;
    store.record_file_use(files[0], Millis(2 * day)).unwrap();
    store.evict_files(2000).unwrap();
    assert_eq!(files.map(|hash| store.has_file(hash).unwrap()).iter().filter(|is| **is).count(), 2);
    assert!(store.has_file(files[0]).unwrap(), "it was used most recently");
    assert!(store.has_file(unsent.hash).unwrap());
}

#[test]
fn nothing_is_attached_to_a_closed_account() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.close().unwrap();
    let refused = store.write_blob(&Secret::random()).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::SignedOut);
}
