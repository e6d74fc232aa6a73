//! Tests that files in use and files of a newer version are not opened.

use super::{key, open};
use crate::schema::MIRROR;
use crate::{Error, Store};
use parlour_protocol::ErrorCode;
use parlour_sqlite::{Durability, Schema};
use tempfile::TempDir;

#[test]
fn a_second_copy_of_the_app_cannot_open_the_files() {
    let folder = TempDir::new().unwrap();
    let _first = open(&folder);
    let second = Store::open(folder.path(), &key(), None);
    assert!(matches!(second, Err(Error::InUse(_))));
}

#[test]
fn files_of_a_newer_version_are_left_unchanged() {
    let mut migrations = vec![""; MIRROR.migrations.len()];
    migrations.push("CREATE TABLE later (x INTEGER) STRICT");
    let newer = Schema { migrations: migrations.leak(), ..MIRROR };
    let folder = TempDir::new().unwrap();
    drop(open(&folder));
    drop(
        parlour_sqlite::open(
            &folder.path().join("mirror.db"),
            &newer,
            Durability::Full,
            Some(&key()),
        )
        .unwrap(),
    );
    let refused = Store::open(folder.path(), &key(), None).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::NewerFiles);
    assert!(!folder.path().join("mirror.db.damaged").exists());
}
