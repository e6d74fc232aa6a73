//! Tests that only the owner can read the files on the disk.

use super::{account, key};
use crate::{Store, private};
use parlour_protocol::Millis;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn check(folder: &Path) {
    let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in inside.chain([folder.to_owned()]) {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        let is_right = mode == if path.is_dir() { 0o700 } else { 0o600 };
        assert!(is_right, "{} has {mode:04o}", path.display());
    }
}

#[test]
fn only_the_owner_can_read_an_accounts_files_their_copies_and_repaired_ones() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("accounts/a");
    let open = || Store::open(&folder, &key(), Some(&account())).unwrap().unwrap();
    let store = open();
    store.maintain_outbox(Millis(0)).unwrap();
    check(&folder);
    check(&dir.path().join("accounts"));
    drop(store);
    for name in ["outbox.db", "mirror.db"] {
        let path = folder.join(name);
        std::fs::write(&path, vec![0x5a; 20_000]).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let store = open();
    assert!(store.salvage().is_some());
    private::restrict_all(&folder).unwrap();
    check(&folder);
}
