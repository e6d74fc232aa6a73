//! Tests of damaged files: all readable data is retained, and the store works again.

use super::key;
use crate::{Account, Error, PendingOp, Position, ServerUpdate, Store};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, Millis, Op, OpId, Row,
    SessionId, StreamId, UserId,
};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const GROUP: ConversationId = ConversationId(Uuid::from_u128(3));
/// Number of waiting actions: enough for a few pages of the file.
const OPS: u128 = 60;

fn account() -> Account {
    let session_id = SessionId(Uuid::from_u128(9));
    Account { server: "http://x".into(), user_id: ME, username: "me".into(), session_id }
}

fn op(number: u128) -> Op {
    let action = Action::send(format!("said {number} {}", "and more ".repeat(20)));
    Op { id: OpId(Uuid::from_u128(number)), conversation_id: GROUP, action }
}

/// Creates a folder with an account, waiting actions and a conversation; with or without a copy of
/// the outbox.
fn folder(has_copy: bool) -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path(), &key(), Some(&account())).unwrap().unwrap();
    for number in 1..=OPS {
        store.enqueue(&op(number), Millis(1)).unwrap();
    }
    let conversation =
        ConversationRow::new(GROUP, ConversationType::Group, "workshop", ME, Millis(0));
    let rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..conversation })];
    let (stream, epoch) = (StreamId::Conversation(GROUP), "e".into());
    let group =
        Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 0, rows, members_cursor: None };
    store.mirror.apply(&[ServerUpdate::Bootstrap(&group)]).unwrap();
    if has_copy {
        store.maintain_outbox(Millis(1)).unwrap();
    }
    folder
}

fn bodies(ops: &[PendingOp]) -> Vec<Op> {
    ops.iter().map(|pending| pending.op.clone()).collect()
}

/// Opens the folder after damage: the store must work, and the data that is kept must be as it was written.
fn open(folder: &Path) -> Option<Store> {
    let store = Store::open(folder, &key(), None).unwrap()?;
    let recovered = bodies(&store.pending_ops().unwrap());
    let all: Vec<Op> = (1..=OPS).map(op).collect();
    assert!(recovered.iter().all(|op| all.iter().any(|known| known.id == op.id)));
    store.enqueue(&op(1000), Millis(2)).unwrap();
    store.timeline(GROUP, Position::Newest, 50).unwrap();
    Some(store)
}

type Damage = (&'static str, fn(&mut Vec<u8>));

const DAMAGES: [Damage; 6] = [
    ("noise", |bytes| bytes.fill(0x5a)),
    ("zeroed", |bytes| bytes.fill(0)),
    ("its header zeroed", |bytes| bytes[..100].fill(0)),
    ("cut to nothing", Vec::clear),
    ("cut in half", |bytes| bytes.truncate(bytes.len() / 2)),
    ("torn", |bytes| {
        let half = bytes.len() / 2;
        bytes[half..half + 4096].fill(0x77);
    }),
];

fn damage_file(folder: &Path, file: &str, damage: fn(&mut Vec<u8>)) {
    let path = folder.join(file);
    let mut bytes = std::fs::read(&path).unwrap();
    damage(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn a_damaged_outbox_loses_nothing_that_its_copy_contains() {
    for (name, damage) in DAMAGES {
        let folder = folder(true);
        damage_file(folder.path(), "outbox.db", damage);
        let store = open(folder.path()).unwrap_or_else(|| panic!("{name}: nobody is signed in"));
        let salvage = store.salvage().unwrap_or_else(|| panic!("{name}: nothing was noticed"));
        assert!(salvage.set_aside.exists(), "{name}: the damaged file is retained");
        let recovered = bodies(&store.pending_ops().unwrap());
        assert_eq!(
            recovered[..usize::try_from(OPS).unwrap()],
            (1..=OPS).map(op).collect::<Vec<_>>()
        );
        drop(store);
        let reopened = Store::open(folder.path(), &key(), None).unwrap().unwrap();
        assert_eq!(reopened.salvage(), None, "{name}: it is intact again");
    }
}

#[test]
fn without_a_copy_readable_rows_are_recovered_and_the_file_is_set_aside() {
    for (name, damage) in DAMAGES {
        let folder = folder(false);
        damage_file(folder.path(), "outbox.db", damage);
        let store = Store::open(folder.path(), &key(), Some(&account())).unwrap().unwrap();
        let salvage = store.salvage().unwrap_or_else(|| panic!("{name}: nothing was noticed"));
        assert!(salvage.set_aside.exists(), "{name}");
        let recovered = store.pending_ops().unwrap().len();
        if name == "torn" {
            assert!(recovered > 20, "{name}: only {recovered} were read");
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_does_not_prevent_opening_the_account() {
    let intact = folder(true);
    let length = std::fs::metadata(intact.path().join("outbox.db")).unwrap().len();
    for position in (0..length).step_by(97) {
        for file in ["outbox.db", "mirror.db"] {
            let folder = TempDir::new().unwrap();
            for entry in std::fs::read_dir(intact.path()).unwrap().flatten() {
                std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
            }
            let path = folder.path().join(file);
            let mut bytes = std::fs::read(&path).unwrap();
            let position = usize::try_from(position).unwrap() % bytes.len();
            bytes[position] ^= 1 << (position % 8);
            std::fs::write(&path, bytes).unwrap();
            match Store::open(folder.path(), &key(), None) {
                Ok(store) => {
                    let store = store.unwrap_or_else(|| panic!("{file}, {position}: signed out"));
                    let recovered = store.pending_ops().unwrap().len();
                    assert!(
                        recovered >= usize::try_from(OPS).unwrap() - 1,
                        "{file}, {position}: {recovered} recovered"
                    );
                    // Damage that shows only later gives one error; after that the mirror is new.
                    let read = || store.timeline(GROUP, Position::Newest, 50);
                    read()
                        .or_else(|_| read())
                        .unwrap_or_else(|error| panic!("{file}, {position}: {error:?}"));
                }
                // The damage looks like the version number of a newer file.
                Err(Error::File(parlour_sqlite::Error::Newer { .. })) => {}
                Err(error) => panic!("{file}, {position}: {error}: {:?}", error),
            }
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_is_left_unchanged() {
    let folder = folder(true);
    let file = folder.path().join("lock");
    std::fs::remove_file(&file).unwrap();
    // A folder in place of the file also fails for a user who may write everywhere.
    std::fs::create_dir(&file).unwrap();
    assert!(matches!(Store::open(folder.path(), &key(), None), Err(Error::Folder { .. })));
    std::fs::remove_dir(&file).unwrap();
    let recovered = open(folder.path()).unwrap().pending_ops().unwrap().len();
    assert_eq!(recovered, usize::try_from(OPS).unwrap() + 1);
}
