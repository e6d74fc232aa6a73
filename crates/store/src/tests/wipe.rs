//! Tests of the files that are left after a wipe, and of files that are closed while they are read.

use super::migrations::FIRST_OUTBOX;
use super::{GROUP, account, bootstrap, key, open};
use crate::{Draft, Error, Folder, OpState, Position, ServerUpdate, SettingKey, Store, opens};
use parlour_protocol::{Action, ErrorCode, Millis, Op, OpId, Seq};
use parlour_sqlite::Key;
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

fn new_key() -> Key {
    Key::fill(|key| key.fill(9))
}

fn op(number: u128, action: Action) -> Op {
    Op { id: OpId(Uuid::from_u128(number)), conversation_id: GROUP, action }
}

/// Creates a folder with something of everything: ops that were sent, were refused and wait, a draft, a copy,
/// and remains of damaged files.
fn full_account() -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 9))]).unwrap();
    for (number, body) in [(1, "it was sent"), (2, "it was refused"), (3, "it waits")] {
        store.enqueue(&op(number, Action::send(body)), Millis(1)).unwrap();
    }
    store.enqueue(&op(4, Action::Read { seq: Seq(9), without_receipt: false }), Millis(1)).unwrap();
    store.confirm(&op(1, Action::send("it was sent"))).unwrap();
    store.refuse(&op(2, Action::send("")), &ErrorCode::Forbidden.into()).unwrap();
    let draft = Draft { body: "it is being written".into(), reply_to: None };
    store.set_draft(GROUP, &draft, Millis(1)).unwrap();
    store.set_setting(SettingKey::Edits, Some(GROUP), "[\"a setting\"]").unwrap();
    store.maintain_outbox(Millis(1)).unwrap();
    drop(store);
    for name in ["mirror.db.damaged", "outbox.db.damaged-1", "outbox.db.damaged-1-wal"] {
        std::fs::write(folder.path().join(name), "remains").unwrap();
    }
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Checks that the new key opens only ops that never reached the server.
fn check(folder: &TempDir) {
    assert!(!opens(folder.path(), &key()), "the old key opens nothing");
    let conn = parlour_sqlite::open_unchecked(&folder.path().join("outbox.db"), Some(&new_key()));
    let conn = conn.unwrap();
    let count = |table: &str| -> i64 {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("ops"), count("drafts"), count("settings")), (2, 0, 0));
    drop(conn);
    let store = Store::open(folder.path(), &new_key(), None).unwrap().unwrap();
    assert!(store.is_revoked().unwrap());
    let remaining = store.pending_ops().unwrap();
    let actions: Vec<_> =
        remaining.iter().map(|pending| (pending.op.action.clone(), pending.state)).collect();
    assert_eq!(
        actions,
        [
            (Action::send("it was refused"), OpState::Refused),
            (Action::send("it waits"), OpState::Waiting),
        ]
    );
    store.set_account(&account()).unwrap();
    assert!(!store.is_revoked().unwrap(), "signing in again ends it");
}

#[test]
fn after_a_wipe_only_ops_that_never_reached_the_server_are_left() {
    let folder = full_account();
    std::fs::write(folder.path().join("key.json"), "{}").unwrap();
    let folder_lock = Folder::lock(folder.path()).unwrap();
    folder_lock.delete_all_but_unsent(&key(), &new_key()).unwrap();
    assert_eq!(names(folder.path()), ["key.json", "lock", "outbox.db"]);
    // The program may have ended just before it recorded that the wipe was complete.
    folder_lock.delete_all_but_unsent(&key(), &new_key()).unwrap();
    folder_lock.delete_all_but_unsent(&new_key(), &new_key()).unwrap();
    assert_eq!(names(folder.path()), ["key.json", "lock", "outbox.db"]);
    drop(folder_lock);
    check(&folder);
}

#[test]
fn an_interrupted_wipe_is_completed() {
    let folder = full_account();
    let folder_lock = Folder::lock(folder.path()).unwrap();
    // A new file that was begun and has not replaced the old one.
    std::fs::write(folder.path().join("outbox.db.new"), "a part").unwrap();
    folder_lock.delete_all_but_unsent(&key(), &new_key()).unwrap();
    // The new file has replaced the old one, and a file next to it comes back.
    std::fs::write(folder.path().join("mirror.db"), "remains").unwrap();
    folder_lock.delete_all_but_unsent(&key(), &new_key()).unwrap();
    drop(folder_lock);
    check(&folder);
}

#[test]
fn without_another_key_everything_else_is_still_deleted() {
    let folder = full_account();
    Folder::lock(folder.path()).unwrap().delete_all_but_unsent(&key(), &key()).unwrap();
    let store = Store::open(folder.path(), &key(), None).unwrap().unwrap();
    assert_eq!(store.pending_ops().unwrap().len(), 2);
    assert!(store.drafts_to_share().unwrap().is_empty());
    store.begin_epoch("another").unwrap();
    assert_eq!(store.pending_ops().unwrap().len(), 2, "no sent op is left");
}

#[test]
fn a_revocation_is_stored_in_an_outbox_of_the_first_version_and_survives_damage() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("outbox.db");
    let durability = parlour_sqlite::Durability::Full;
    drop(parlour_sqlite::open(&path, &FIRST_OUTBOX, durability, Some(&key())).unwrap());
    let store = open(&folder);
    assert!(!store.is_revoked().unwrap());
    store.set_revoked().unwrap();
    store.maintain_outbox(Millis(1)).unwrap();
    drop(store);
    std::fs::write(&path, "damaged").unwrap();
    let store = Store::open(folder.path(), &key(), None).unwrap().unwrap();
    assert!(store.salvage().is_some() && store.is_revoked().unwrap());
}

#[test]
fn files_are_closed_even_while_they_are_read() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (reads, started) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            store.mirror.read(|conn| {
                reads.send(()).unwrap();
                // Runs forever unless it is interrupted.
                let count = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n)
                    SELECT count(*) FROM n";
                Ok(conn.query_row(count, [], |row| row.get::<_, i64>(0))?)
            })
        });
        started.recv().unwrap();
        let folder_lock = store.close().unwrap();
        assert!(matches!(reading.join().unwrap(), Err(Error::Closed)));
        assert!(store.key().is_none());
        assert!(matches!(store.close(), Err(Error::Closed)));
        folder_lock.delete().unwrap();
    });
    assert!(!folder.path().exists());
    assert!(matches!(store.timeline(GROUP, Position::Newest, 9), Err(Error::Closed)));
    let refused = store.enqueue(&op(1, Action::send("too late")), Millis(1));
    assert!(matches!(refused, Err(Error::Closed)));
}

#[test]
fn a_closed_outbox_accepts_nothing_and_returns_all_accepted_ops() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.enqueue(&op(1, Action::send("accepted")), Millis(1)).unwrap();
    assert_eq!(store.close_outbox().unwrap().len(), 1);
    let late = op(2, Action::send("too late"));
    assert!(matches!(store.enqueue(&late, Millis(2)), Err(Error::Closed)));
    assert!(matches!(store.enqueue_message(&late, Millis(2), None), Err(Error::Closed)));
    let draft = Draft { body: "too late".into(), reply_to: None };
    assert!(matches!(store.set_draft(GROUP, &draft, Millis(2)), Err(Error::Closed)));
    store.reopen_outbox();
    store.enqueue(&late, Millis(3)).unwrap();
    assert_eq!(store.pending_ops().unwrap().len(), 2);
}

#[test]
fn a_folder_is_used_by_one_process_and_can_be_created_again_after_deletion() {
    let parent = TempDir::new().unwrap();
    let path = parent.path().join("accounts").join("one");
    let folder_lock = Folder::claim(&path).unwrap();
    assert!(matches!(Folder::claim(&path), Err(Error::InUse(_))));
    assert!(!folder_lock.has_account());
    folder_lock.delete().unwrap();
    let reclaimed = Folder::claim(&path).unwrap();
    let store = Store::open_in(reclaimed, &key(), Some(&account())).unwrap().unwrap();
    let reclaimed = store.close().unwrap();
    assert!(reclaimed.has_account());
}
