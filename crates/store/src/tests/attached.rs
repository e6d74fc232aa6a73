//! Files that are attached, sent and received: their bytes are encrypted, found again, and gone when nothing has them.

use super::{ROOM, account, bootstrap, key, message, open, page, send};
use crate::{FilesQuery, Folder, Part, Secret, ServerUpdate, Store};
use parlour_protocol::{
    Action, Count, ErrorCode, FileHash, FileKind, MessageFile, MessageRow, Millis, Op, Row,
    Thumbnail,
};
use parlour_sqlite::Key;
use std::path::Path;
use tempfile::TempDir;

/// More than two chunks, and not whole ones.
fn bytes() -> Vec<u8> {
    b"the marker of a file ".iter().copied().cycle().take(150_000).collect()
}

/// Stages a file in the room; returns its description and its number.
fn stage(store: &Store, name: &str, bytes: &[u8]) -> (MessageFile, i64) {
    let secret = Secret::random();
    let mut writer = store.write_blob(&secret).unwrap();
    bytes.chunks(10_000).for_each(|piece| writer.write(piece).unwrap());
    writer.finish().unwrap();
    let file = MessageFile::example(name, bytes);
    let blob = store.written(secret, file.hash, file.bytes.0);
    let (id, changes) = store.stage(ROOM, &file, None, &[blob]).unwrap();
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

/// Returns the sending of a message with a file.
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
        let is_there = on_disk.windows(10).any(|window| window == b"the marker");
        assert!(!is_there, "the bytes are encrypted");
        assert!(!entry.file_name().to_string_lossy().contains(&file.hash.to_string()[..8]));
    }
    // The program was killed; something was left half written.
    std::fs::write(folder.path().join("files/00.new"), "half").unwrap();
    let store = open(&folder);
    assert_eq!(files_in(folder.path()), 1);
    assert_eq!(store.staged(ROOM).unwrap()[0].sent(), &file);
    store.enqueue_message(&op(1, &file), Millis(1), None).unwrap();
    assert!(store.staged(ROOM).unwrap().is_empty());
    store.forget_unused_files().unwrap();
    assert_eq!(read(&store, file.hash), Some(bytes()));
    store.discard(&op(1, &file)).unwrap();
    assert_eq!((read(&store, file.hash), files_in(folder.path())), (None, 0));
}

#[test]
fn the_same_file_twice_is_kept_once_and_until_the_last_one_is_gone() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (file, first) = stage(&store, "a", &bytes());
    let (_, second) = stage(&store, "b", &bytes());
    assert_eq!(files_in(folder.path()), 1);
    store.order_staged(&[second, first]).unwrap();
    let names: Vec<_> = store.staged(ROOM).unwrap().into_iter().map(|it| it.file.name).collect();
    assert_eq!(names, ["b", "a"]);
    store.unstage(first).unwrap();
    assert!(read(&store, file.hash).is_some());
    store.unstage(second).unwrap();
    assert_eq!((read(&store, file.hash), files_in(folder.path())), (None, 0));
}

#[test]
fn what_is_cut_off_changed_or_moved_on_the_disk_is_noticed() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (file, _) = stage(&store, "plan.pdf", &bytes());
    let path = std::fs::read_dir(folder.path().join("files")).unwrap().next().unwrap().unwrap();
    let whole = std::fs::read(path.path()).unwrap();
    let chunk = 64 * 1024 + 16;
    let mut swapped = whole.clone();
    let (first, rest) = swapped.split_at_mut(chunk);
    first.swap_with_slice(&mut rest[..chunk]);
    let mut changed = whole.clone();
    changed[100_000] ^= 1;
    for damaged in [&whole[..chunk], &whole[..whole.len() - 1], &swapped, &changed] {
        std::fs::write(path.path(), damaged).unwrap();
        let mut reader = store.blob(file.hash).unwrap().unwrap();
        assert!(reader.read_at(0, bytes().len()).is_err());
    }
}

#[test]
fn a_wipe_keeps_the_files_of_unsent_messages_alone() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (unsent, _) = stage(&store, "unsent", &bytes());
    store.enqueue_message(&op(1, &unsent), Millis(1), None).unwrap();
    let (staged, _) = stage(&store, "staged", b"only staged");
    drop(store);
    let next = Key::fill(|key| key.fill(9));
    Folder::lock(folder.path()).unwrap().keep_unsent(&key(), &next).unwrap();
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

/// Receives a file in pieces of this size; returns whether it is whole.
fn receive(store: &Store, file: &MessageFile, bytes: &[u8], piece: usize, pieces: usize) -> bool {
    let mut arriving = store.receive(file.hash, file.bytes.0, Millis(1)).unwrap();
    for _ in 0..pieces {
        let from = usize::try_from(arriving.received).unwrap();
        let part = &bytes[from..bytes.len().min(from + piece)];
        match store.receive_part(arriving, part, Millis(1)).unwrap() {
            Part::More(next) => arriving = next,
            Part::Whole(_) => return true,
            Part::Differs | Part::Unwanted => return false,
        }
    }
    false
}

#[test]
fn a_file_that_arrives_goes_on_where_it_was_and_goes_with_its_message() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    let small = Thumbnail { hash: FileHash::of(b"small"), bytes: Count(5) };
    let kind = FileKind::Picture { width: 3, height: 2, thumbhash: None };
    let example = MessageFile::example("a.png", &bytes());
    let file = MessageFile { kind, thumbnail: Some(small), ..example };
    let mut beginning = bootstrap(1, 3);
    beginning.rows.push(Row::Message(received(4, &file)));
    store.mirror.apply(&[ServerUpdate::Bootstrap(&beginning)]).unwrap();
    let (wanted, next) = store.files_to_fetch(None, 1 << 20).unwrap();
    assert_eq!((wanted.len(), next), (1, None));
    assert_eq!(wanted[0].file, file);
    assert!(store.files_to_fetch(None, 10).unwrap().0.len() == 1, "its thumbnail is not here");

    assert!(!receive(&store, &file, &bytes(), 70_000, 1));
    drop(store);
    let store = open(&folder);
    let arriving = store.receive(file.hash, file.bytes.0, Millis(2)).unwrap();
    assert_eq!(arriving.received, 65_536, "whole chunks are on the disk");
    drop(arriving);
    assert!(!store.has_file(file.hash).unwrap());
    assert!(receive(&store, &file, &bytes(), 70_000, 3));
    store.mirror.keep_thumbnail(b"small").unwrap();
    assert_eq!(read(&store, file.hash), Some(bytes()));
    assert!(store.files_to_fetch(None, 1 << 20).unwrap().0.is_empty());
    let listed = store.files(&FilesQuery::default()).unwrap().files;
    assert_eq!((listed.len(), listed[0].is_here), (1, true));
    let films = FilesQuery { kind: Some("film".into()), ..FilesQuery::default() };
    assert!(store.files(&films).unwrap().files.is_empty());
    let here = FilesQuery { conversation_id: Some(ROOM), ..FilesQuery::default() };
    assert_eq!(store.files(&here).unwrap().files, listed);

    let deleted = MessageRow { deleted_at: Some(Millis(9)), changed_seq: 5, ..message(4, "") };
    let update = page(3, 5, vec![Row::Message(deleted)]);
    store.mirror.apply(&[ServerUpdate::Page(&update)]).unwrap();
    assert!(!store.has_file(file.hash).unwrap() && !store.has_thumbnail(small.hash).unwrap());
    store.forget_unused_files().unwrap();
    assert_eq!(files_in(folder.path()), 0);
}

#[test]
fn other_bytes_than_the_hash_says_are_not_kept() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let file = MessageFile::example("a", &bytes());
    let other = vec![7; bytes().len()];
    assert!(!receive(&store, &file, &other, 200_000, 1));
    assert!(!store.has_file(file.hash).unwrap());
    assert_eq!(files_in(folder.path()), 0);
}

#[test]
fn what_was_not_used_for_longest_makes_room_and_what_is_unsent_stays() {
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
    store.note_file_use(files[0], Millis(2 * day)).unwrap();
    store.make_room(2000).unwrap();
    assert_eq!(files.map(|hash| store.has_file(hash).unwrap()).iter().filter(|is| **is).count(), 2);
    assert!(store.has_file(files[0]).unwrap(), "it was used last");
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
