//! Backups that are damaged, truncated or foreign.

use super::{folder, json_output, text};
use crate::common::Database;
use crate::program::{command, output, stderr_text};
use parlour_protocol::Millis;
use parlour_server::backup::{BackupError, Key, Verified, restore, verify};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Returns positions in a file of this length: all near its ends, and some in between.
fn offsets(length: usize) -> Vec<usize> {
    let middle = (0..120).map(|n| n * length / 120);
    let mut offsets: Vec<usize> = (0..64).chain(middle).chain(length - 64..length).collect();
    offsets.sort_unstable();
    offsets.dedup();
    offsets
}

async fn make_backup(dir: &Path, args: &[&str]) -> (PathBuf, Vec<u8>) {
    let (database, file) = (Database::sqlite(), dir.join("backup"));
    database.serve().await.running.stop().await.unwrap();
    super::add_random_rows(&database, 64).await;
    json_output(&database, &[&["backup", text(&file)], args].concat()).await;
    let bytes = std::fs::read(&file).unwrap();
    (file, bytes)
}

/// Returns whether a damaged backup is refused. Some bits of a Zstandard frame have no meaning: if only
/// such a bit is flipped, the backup must be read as it was written.
fn is_refused(file: &Path, key: &Key, original: &Verified, description: &str) -> bool {
    match verify(file, key, |_, _| ()) {
        Ok(found) => {
            assert!(found == *original, "{description} went unnoticed");
            false
        }
        Err(
            BackupError::Damaged { .. }
            | BackupError::Foreign(_)
            | BackupError::Newer { .. }
            | BackupError::WrongIdentity { .. }
            | BackupError::NeedsPassphrase(_),
        ) => true,
        Err(other) => panic!("{description}: {other}"),
    }
}

/// Cuts a backup off and flips a bit, at many positions. Returns how many of those bits have no meaning.
fn damage(original: &[u8], damaged: &Path, key: &Key, verified: &Verified) -> usize {
    let mut meaningless = 0;
    for offset in offsets(original.len()) {
        std::fs::write(damaged, &original[..offset]).unwrap();
        let description = format!("the end from byte {offset} on");
        assert!(is_refused(damaged, key, verified, &description), "{description}");
        let mut bytes = original.to_vec();
        bytes[offset] ^= 1 << (offset % 8);
        std::fs::write(damaged, &bytes).unwrap();
        let is_refused = is_refused(damaged, key, verified, &format!("a bit of byte {offset}"));
        meaningless += usize::from(!is_refused);
    }
    for suffix in [&b"\0"[..], b"more", original] {
        std::fs::write(damaged, [original, suffix].concat()).unwrap();
        assert!(is_refused(damaged, key, verified, "data after its end"), "{suffix:?}");
    }
    meaningless
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_cut_off_or_has_a_flipped_bit_anywhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (file, original) = make_backup(dir.path(), &[]).await;
    let verified = verify(&file, &Key::None, |_, _| ()).unwrap();
    let damaged = dir.path().join("damaged");
    let meaningless = damage(&original, &damaged, &Key::None, &verified);
    assert!(meaningless < offsets(original.len()).len() / 20, "{meaningless}");
    // A failed restore leaves no files.
    let mut bytes = original.clone();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    for bytes in [&bytes[..], &original[..original.len() / 2]] {
        std::fs::write(&damaged, bytes).unwrap();
        let target = Database::sqlite();
        let restoring =
            restore(&target.config(), &damaged, &Key::None, Millis(1), &mut |_, _| ()).await;
        assert!(matches!(restoring, Err(BackupError::Damaged { .. })));
        let args = [&["verify"][..], &["restore"]].map(|verb| [verb, &[text(&damaged)]].concat());
        let [verified, restored] = args.map(|args| output(command(&folder(&target), &args), ""));
        let (verified, restored) = (stderr_text(&verified), stderr_text(&restored));
        assert!(verified.contains("is damaged"), "{verified}");
        let nothing = "Nothing was restored";
        assert!(!verified.contains(nothing) && restored.contains(nothing), "{restored}");
        let names = std::fs::read_dir(folder(&target)).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["lock"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_encrypted_backup_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let (file, original) = make_backup(dir.path(), &["--recipient", &recipient]).await;
    let key = dir.path().join("key");
    let secret = identity.to_string();
    std::fs::write(&key, age::secrecy::ExposeSecret::expose_secret(&secret)).unwrap();
    let (key, damaged) = (Key::Identities(key), dir.path().join("damaged"));
    let verified = verify(&file, &key, |_, _| ()).unwrap();
    assert_eq!(damage(&original, &damaged, &key, &verified), 0);
}

/// Creates an archive with these entries, as another program would.
fn archive(file: &Path, entries: &[(&str, &[u8])]) {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        // A name of more than 100 bytes begins in another field. Not `set_path`, which refuses `..`.
        let is_long = name.len() > 100;
        let (prefix, name) = name.rsplit_once('/').filter(|_| is_long).unwrap_or(("", name));
        header.as_mut_bytes()[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
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
fn newer_foreign_and_incomplete_backups_are_reported_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    let header = json!({
        "format": 1, "version": "9.9.9", "schema": 1, "engine": "sqlite", "epoch": "e", "madeAt": 1,
        "databaseBytes": 4,
    });
    let header_with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut header = header.clone();
        change(&mut header);
        header.to_string().into_bytes()
    };
    let (plain, long) = (header_with(&|_| ()), vec![0; 2 * 1024 * 1024]);
    let with_files = header_with(&|header| header["files"] = json!({"count": 1, "bytes": 2}));
    let newer_format = header_with(&|header| header["format"] = json!(3));
    let newer_schema = header_with(&|header| header["schema"] = json!(1000));
    let file_name = format!("files/{}.{}", "a".repeat(64), "b".repeat(32));
    let [object, later, outside] =
        ["000000000000-0", "000000000001-0", ".."].map(|name| format!("{file_name}/{name}"));
    let (object, later, outside) = (object.as_str(), later.as_str(), outside.as_str());
    let db: (&str, &[u8]) = ("parlour.db", b"data");
    for (entries, expected) in [
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
        (&[("backup.json", &with_files), (object, b"1")], "unexpected entries"),
        (&[("backup.json", &plain), db, (object, b"1")], "unexpected entries"),
        (&[("backup.json", &with_files), db, (object, b"1"), (object, b"1")], "unexpected"),
        (&[("backup.json", &with_files), db, (later, b"1"), (object, b"1")], "unexpected"),
        (&[("backup.json", &with_files), db, (object, b"1"), ("tls.pem", b"x")], "unexpected"),
        (&[("backup.json", &with_files), db, (outside, b"1")], "unexpected entries"),
        (&[("backup.json", &with_files), db, (object, b"")], "unexpected entries"),
        (&[("backup.json", &with_files), db, (object, b"123")], "unexpected entries"),
        (&[("backup.json", &with_files), db, (object, b"1")], "its end is missing"),
        (&[("backup.json", &long)], "too long"),
        (&[("backup.json", b"{}")], "its header is invalid"),
    ] {
        archive(&file, entries);
        let error = verify(&file, &Key::None, |_, _| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}: {expected}");
    }
    for bytes in
        [&b""[..], b"SQLite format 3\0", b"age-encryption.org/v1\n", b"age-encryption.org/v9\nx"]
    {
        std::fs::write(&file, bytes).unwrap();
        let error = verify(&file, &Key::None, |_, _| ()).unwrap_err().to_string();
        assert!(
            ["not a backup of", "damaged", "newer version"]
                .iter()
                .any(|expected| error.contains(expected)),
            "{error}"
        );
    }
    let missing = verify(&dir.path().join("missing"), &Key::None, |_, _| ()).unwrap_err();
    assert!(matches!(missing, BackupError::Read { .. }));
}
