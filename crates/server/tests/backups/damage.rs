//! Backups that are not what was written: damaged, cut off or made by somebody else.

use super::{folder, json_output, text};
use crate::common::Database;
use parlour_protocol::Millis;
use parlour_server::backup::{BackupError, Key, Verified, restore, verify};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Returns positions in a file of this length: all near its ends, and some in between.
fn offsets(length: usize) -> Vec<usize> {
    let middle = (0..120).map(|n| n * length / 120);
    let mut places: Vec<usize> = (0..64).chain(middle).chain(length - 64..length).collect();
    places.sort_unstable();
    places.dedup();
    places
}

async fn make_backup(dir: &Path, args: &[&str]) -> (PathBuf, Vec<u8>) {
    let (database, file) = (Database::sqlite(), dir.join("backup"));
    database.serve().await.running.stop().await.unwrap();
    super::fill(&database, 64).await;
    json_output(&database, &[&["backup", text(&file)], args].concat()).await;
    let bytes = std::fs::read(&file).unwrap();
    (file, bytes)
}

/// Returns whether a damaged backup is refused. Some bits of a Zstandard frame have no meaning: if only
/// such a bit is flipped, the backup must be read as it was written.
fn is_refused(file: &Path, key: &Key, whole: &Verified, what: &str) -> bool {
    match verify(file, key, |_, _| ()) {
        Ok(read) => {
            assert!(read == *whole, "{what} went unnoticed");
            false
        }
        Err(
            BackupError::Damaged { .. }
            | BackupError::Foreign(_)
            | BackupError::Newer { .. }
            | BackupError::WrongIdentity { .. }
            | BackupError::NeedsPassphrase(_),
        ) => true,
        Err(other) => panic!("{what}: {other}"),
    }
}

/// Cuts a backup off and flips a bit, at many positions. Returns how many of those bits have no meaning.
fn damage(whole: &[u8], damaged: &Path, key: &Key, verified: &Verified) -> usize {
    let mut meaningless = 0;
    for at in offsets(whole.len()) {
        std::fs::write(damaged, &whole[..at]).unwrap();
        let what = format!("the end from byte {at} on");
        assert!(is_refused(damaged, key, verified, &what), "{what}");
        let mut bytes = whole.to_vec();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(damaged, &bytes).unwrap();
        let is_refused = is_refused(damaged, key, verified, &format!("a bit of byte {at}"));
        meaningless += usize::from(!is_refused);
    }
    for more in [&b"\0"[..], b"more", whole] {
        std::fs::write(damaged, [whole, more].concat()).unwrap();
        assert!(is_refused(damaged, key, verified, "something behind its end"), "{more:?}");
    }
    meaningless
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cut_off_or_has_a_flipped_bit_anywhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (file, whole) = make_backup(dir.path(), &[]).await;
    let verified = verify(&file, &Key::None, |_, _| ()).unwrap();
    let damaged = dir.path().join("damaged");
    let meaningless = damage(&whole, &damaged, &Key::None, &verified);
    assert!(meaningless < 4, "{meaningless}");
    // Nothing is left of a restore that failed.
    let mut bytes = whole.clone();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    for bytes in [&bytes[..], &whole[..whole.len() / 2]] {
        std::fs::write(&damaged, bytes).unwrap();
        let to = Database::sqlite();
        let restoring =
            restore(&to.config(), &damaged, &Key::None, Millis(1), &mut |_, _| ()).await;
        assert!(matches!(restoring, Err(BackupError::Damaged { .. })));
        let left = std::fs::read_dir(folder(&to)).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["lock"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_backup_is_refused_likewise() {
    let dir = tempfile::tempdir().unwrap();
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let (file, whole) = make_backup(dir.path(), &["--recipient", &recipient]).await;
    let key = dir.path().join("key");
    let secret = identity.to_string();
    std::fs::write(&key, age::secrecy::ExposeSecret::expose_secret(&secret)).unwrap();
    let (key, damaged) = (Key::Identities(key), dir.path().join("damaged"));
    let verified = verify(&file, &key, |_, _| ()).unwrap();
    assert_eq!(damage(&whole, &damaged, &key, &verified), 0);
}

/// Creates an archive with these entries, as another program would.
fn archive(file: &Path, entries: &[(&str, &[u8])]) {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    let bytes = zstd::encode_all(&*tar.into_inner().unwrap(), 1).unwrap();
    std::fs::File::create(file).unwrap().write_all(&bytes).unwrap();
}

#[test]
fn what_is_newer_foreign_or_not_whole_is_told_as_that() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    let header = json!({
        "format": 1, "version": "9.9.9", "schema": 1, "engine": "sqlite", "epoch": "e", "madeAt": 1,
        "databaseBytes": 4,
    });
    let said = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut header = header.clone();
        change(&mut header);
        header.to_string().into_bytes()
    };
    let (plain, long) = (said(&|_| ()), vec![0; 2 * 1024 * 1024]);
    let newer_format = said(&|header| header["format"] = json!(2));
    let newer_schema = said(&|header| header["schema"] = json!(1000));
    for (entries, why) in [
        (&[("backup.json", &newer_format[..])][..], "newer version"),
        (&[("backup.json", &newer_schema[..])], "9.9.9"),
        (&[], "its end is missing"),
        (&[("parlour.db", b"data")], "unexpected entries"),
        (&[("backup.json", &plain), ("../../etc/passwd", b"data")], "unexpected entries"),
        (&[("backup.json", &plain), ("backup.json", &plain)], "unexpected entries"),
        (&[("backup.json", &plain), ("parlour.db", b"longer")], "differs from the header"),
        (&[("backup.json", &plain), ("parlour.db", b"data")], "its end is missing"),
        (&[("backup.json", &plain), ("parlour.db", b"data"), ("SHA256SUMS", b"none")], "digests"),
        (&[("backup.json", &plain), ("SHA256SUMS", b"none")], "its end is missing"),
        (&[("backup.json", &long)], "too long"),
        (&[("backup.json", b"{}")], "its header is invalid"),
    ] {
        archive(&file, entries);
        let error = verify(&file, &Key::None, |_, _| ()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}: {why}");
    }
    for bytes in
        [&b""[..], b"SQLite format 3\0", b"age-encryption.org/v1\n", b"age-encryption.org/v9\nx"]
    {
        std::fs::write(&file, bytes).unwrap();
        let error = verify(&file, &Key::None, |_, _| ()).unwrap_err().to_string();
        assert!(
            ["not a backup of", "damaged", "newer version"].iter().any(|why| error.contains(why)),
            "{error}"
        );
    }
    let missing = verify(&dir.path().join("missing"), &Key::None, |_, _| ()).unwrap_err();
    assert!(matches!(missing, BackupError::Read { .. }));
}
