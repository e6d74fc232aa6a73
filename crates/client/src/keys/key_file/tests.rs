//! Tests of opening keys with passphrases and recovery codes.

use super::*;

#[test]
fn only_the_passphrase_and_the_recovery_code_open_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let (mut key_file, key) = KeyFile::create(folder.path(), KeyStorage::Memory).unwrap();
    assert!(key_file.is_key(&key) && !key_file.is_key(&Key::fill(|key| key.fill(1))));
    key_file.protect_by_passphrase(&key, "correct horse", Some("a token")).unwrap();
    let code = key_file.make_recovery(&key).unwrap();
    let mut reopened = KeyFile::open(folder.path()).unwrap().unwrap();
    assert_eq!(reopened.key_storage(), KeyStorage::Passphrase);
    let opened = reopened.unwrap_by_passphrase("correct horse").unwrap();
    assert_eq!(opened.expose(), key.expose());
    assert_eq!(reopened.token(&opened).unwrap().as_str(), "a token");
    assert!(matches!(reopened.unwrap_by_passphrase("wrong horse"), Err(Error::WrongPassphrase)));
    let typed = code.replace('-', " ").to_lowercase();
    assert_eq!(reopened.unwrap_by_recovery(&typed).unwrap().expose(), key.expose());
    assert!(matches!(reopened.unwrap_by_recovery("AAAA-AAAA"), Err(Error::WrongPassphrase)));
    let text = std::fs::read_to_string(folder.path().join("key.json")).unwrap();
    assert!(!text.contains("token\": \"a") && !text.contains("correct horse"));
}

#[test]
fn after_a_wipe_passphrase_and_recovery_code_open_only_the_spare_key() {
    let folder = tempfile::tempdir().unwrap();
    let (mut key_file, key) = KeyFile::create(folder.path(), KeyStorage::Memory).unwrap();
    key_file.protect_by_passphrase(&key, "correct horse", Some("a token")).unwrap();
    let code = key_file.make_recovery(&key).unwrap();
    let spare = key_file.next_key(&key).unwrap();
    assert!(key_file.is_spare_key(&spare) && !key_file.is_key(&spare));
    key_file.activate_spare().unwrap();
    let mut reopened = KeyFile::open(folder.path()).unwrap().unwrap();
    assert!(
        !reopened.is_key(&key)
            && reopened.token(&key).is_none()
            && reopened.next_key(&key).is_none()
    );
    for opened in
        [reopened.unwrap_by_passphrase("correct horse"), reopened.unwrap_by_recovery(&code)]
    {
        assert_eq!(opened.unwrap().expose(), spare.expose());
    }
    // The key in use after the wipe has a spare key, too.
    assert!(reopened.next_key(&spare).is_some());
}

#[test]
fn a_passphrase_of_an_earlier_version_opens_the_spare_key_after_it_was_entered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut key_file, key) = KeyFile::create(folder.path(), KeyStorage::Memory).unwrap();
    key_file.protect_by_passphrase(&key, "correct horse", None).unwrap();
    key_file.envelope.spare = None;
    // A spare key created without the passphrase cannot be opened with it.
    key_file.set_revoked(None, Some(&key)).unwrap();
    assert!(key_file.next_key(&key).is_none());
    key_file.unwrap_by_passphrase("correct horse").unwrap();
    let spare = key_file.next_key(&key).unwrap();
    key_file.activate_spare().unwrap();
    assert_eq!(key_file.unwrap_by_passphrase("correct horse").unwrap().expose(), spare.expose());
}

#[test]
fn a_damaged_or_forged_file_opens_nothing_and_returns_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut key_file, key) = KeyFile::create(folder.path(), KeyStorage::Memory).unwrap();
    key_file.protect_by_passphrase(&key, "correct horse", None).unwrap();
    for wrong in ["sealed", "nonce", "salt"] {
        let mut broken = key_file.clone();
        let wrapped = broken.envelope.passphrase.as_mut().unwrap();
        match wrong {
            "sealed" => wrapped.sealed = "AAAA".into(),
            "nonce" => wrapped.nonce = "?".into(),
            _ => wrapped.salt = String::new(),
        }
        assert!(matches!(
            broken.unwrap_by_passphrase("correct horse"),
            Err(Error::WrongPassphrase)
        ));
    }
    key_file.envelope.passphrase.as_mut().unwrap().memory_kib = u32::MAX;
    assert!(matches!(key_file.unwrap_by_passphrase("correct horse"), Err(Error::WrongPassphrase)));
    std::fs::write(folder.path().join("key.json"), "{").unwrap();
    assert!(KeyFile::open(folder.path()).is_err());
}
