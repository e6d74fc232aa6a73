//! Encryption at rest: only their owner can read the files, and a lost key does not lose what the server
//! has.

use harness::{PASSPHRASE, Person, Server};
use parlour_client::{Client, Closed, KeyStorageChoice};
use parlour_protocol::ErrorCode;
use std::path::Path;

/// Returns the name and the contents of every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.push((name, std::fs::read(&path).unwrap()));
        }
    }
    all
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Returns the average information per byte in bits: 8 for random bytes.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let share = |count: &u32| f64::from(*count) / bytes.len() as f64;
    counts.iter().filter(|count| **count > 0).map(share).map(|p| -p * p.log2()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_and_no_name_is_readable_on_the_disk() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wrenkowski").await;
    let group = wren.session().create_group("marsupials", vec![]).unwrap();
    for n in 0..200 {
        wren.say(group, &format!("a thylacine was seen {n} times, they say"));
    }
    wren.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    server.stop().await;
    wren.say(group, "a bilby waits in the outbox");
    wren.session().set_draft(group, &"a quoll is being written".into()).unwrap();
    let folder = wren.account_folder();
    let accounts = folder.parent().unwrap().to_owned();
    let wren = wren.restart().await;
    for (name, bytes) in files(&accounts) {
        for text in
            ["thylacine", "bilby", "quoll", "marsupials", "wrenkowski", "SQLite format", PASSPHRASE]
        {
            assert!(!contains(&bytes, text), "{text:?} is in {name}");
        }
        if name.ends_with(".db") || name.ends_with("-wal") {
            assert!(bytes.is_empty() || entropy(&bytes) > 7.9, "{name}: {}", entropy(&bytes));
        }
    }
    assert_eq!(wren.bodies(group).last().unwrap(), "a bilby waits in the outbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_is_opened_by_its_passphrase_and_wrong_ones_slow_down() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "before");
    wren.wait_until_bodies(group, &["before"]).await;
    let id = wren.session().id().clone();
    assert_eq!(wren.client.lock().await.unwrap(), 1);
    assert!(matches!(wren.client.closed()[&id], Closed::Passphrase));
    let locked = wren.client.session_of(&id).err().unwrap();
    assert_eq!(locked.code(), ErrorCode::Locked);
    for _ in 0..3 {
        let wrong = wren.client.unlock(&id, "another phrase").await.unwrap_err();
        assert_eq!(wrong.code(), ErrorCode::WrongPassphrase);
    }
    let early = wren.client.unlock(&id, PASSPHRASE).await.unwrap_err();
    assert!(matches!(early, parlour_client::Error::TooManyAttempts(_)), "{early}");
    // The limit on attempts starts again with the client.
    let wren = wren.restart().await;
    wren.client.connect(&id).unwrap();
    wren.say(group, "after");
    wren.wait_until_bodies(group, &["before", "after"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_opens_messages_that_had_not_reached_the_server() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "online");
    wren.wait_until_bodies(group, &["online"]).await;
    let id = wren.session().id().clone();
    let code = wren.client.make_recovery_code(&id, PASSPHRASE).await.unwrap();
    server.stop().await;
    wren.say(group, "offline");
    wren.client.lock().await.unwrap();
    let wrong = wren.client.recover(&id, "AAAA-BBBB-CCCC").await.unwrap_err();
    assert_eq!(wrong.code(), ErrorCode::WrongPassphrase);
    wren.client.recover(&id, &code.to_lowercase()).await.unwrap();
    assert_eq!(wren.bodies(group), ["online", "offline"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_window_is_not_enough_to_change_how_the_account_is_unlocked() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let id = wren.session().id().clone();
    let client = &wren.client;
    // Where there is a passphrase, it is required, without any network: neither an empty one nor
    // the password suffices.
    server.stop().await;
    let key_file = std::fs::read(wren.account_folder().join("key.json")).unwrap();
    let code = client.make_recovery_code(&id, "").await.unwrap_err();
    let passphrase =
        client.set_passphrase(&id, "a thief's own", harness::PASSWORD).await.unwrap_err();
    let removed = client.remove_passphrase(&id, "another phrase").await.unwrap_err();
    for refused in [code, passphrase, removed] {
        assert_eq!(refused.code(), ErrorCode::WrongPassphrase);
    }
    // Attempts slow down as they do when unlocking.
    let early = client.make_recovery_code(&id, PASSPHRASE).await.unwrap_err();
    assert!(matches!(early, parlour_client::Error::TooManyAttempts(_)), "{early}");
    let now = std::fs::read(wren.account_folder().join("key.json")).unwrap();
    assert!(now == key_file, "nothing was changed");
    let wren = wren.restart().await;
    wren.client.set_passphrase(&id, "a better phrase", PASSPHRASE).await.unwrap();
    wren.client.make_recovery_code(&id, "a better phrase").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_passphrase_the_server_checks_the_password() {
    let mut server = Server::start().await;
    let data = tempfile::TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let credentials = parlour_protocol::Credentials {
        username: "wren".into(),
        password: harness::PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    let mode = parlour_client::SignInMode::Register;
    let session =
        client.sign_in(&server.url(), &credentials, mode, KeyStorageChoice::Memory).await.unwrap();
    let id = session.id().clone();
    let refused = client.make_recovery_code(&id, "wrong horse").await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::WrongCredentials);
    client.make_recovery_code(&id, harness::PASSWORD).await.unwrap();
    let sessions = session.sessions().await.unwrap();
    assert_eq!(sessions.len(), 1, "the session of the check has ended");
    server.stop().await;
    let offline = client.set_passphrase(&id, PASSPHRASE, harness::PASSWORD).await.unwrap_err();
    assert_eq!(offline.code(), ErrorCode::Offline);
    server.resume().await;
    client.set_passphrase(&id, PASSPHRASE, harness::PASSWORD).await.unwrap();
    assert!(client.has_passphrase(&id).unwrap());
}

/// Changes a `key.json` into that of an account whose key was stored only for a run of the program.
fn lose_key(path: &Path) {
    let mut envelope: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    envelope["keptBy"] = "run".into();
    envelope["passphrase"] = serde_json::Value::Null;
    std::fs::write(path, envelope.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_key_is_lost_is_fetched_again_and_its_files_are_set_aside() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "safe on the server");
    wren.wait_until_bodies(group, &["safe on the server"]).await;
    let id = wren.session().id().clone();
    let key = wren.account_folder().join("key.json");
    let wren = wren
        .restart_after(|| {
            // As after the end of such a run.
            lose_key(&key);
        })
        .await;
    assert!(matches!(wren.client.closed()[&id], Closed::KeyLost { has_recovery: false }));
    let refused = wren.try_sign_in().await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::KeyLost, "nothing is deleted without asking");
    wren.client.set_aside(&id).unwrap();
    wren.reconnect().await;
    wren.wait_until_bodies(group, &["safe on the server"]).await;
    let aside = key.parent().unwrap().parent().unwrap().parent().unwrap().join("set-aside");
    assert!(aside.join(format!("{id}-1")).join("outbox.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_locking_neither_key_nor_token_is_in_the_memory() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "a word");
    wren.wait_until_bodies(group, &["a word"]).await;
    // The search must not find its own pattern, which is therefore kept with every bit inverted.
    let key = wren.session().mirror_file().1.unwrap();
    let pattern: Vec<u8> = key.expose().iter().map(|byte| byte ^ 0xff).collect();
    drop(key);
    assert!(count_in_memory(&pattern) > 0, "the search finds it while the account is open");
    wren.client.lock().await.unwrap();
    assert_eq!(count_in_memory(&pattern), 0);
}

/// Returns how often the bytes whose bits are inverted in `pattern` occur in the memory of this
/// process.
fn count_in_memory(pattern: &[u8]) -> usize {
    use std::io::{Read, Seek, SeekFrom};
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw-p ") || line.contains(" rw-s ")) {
        let (low, high) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let (low, high) =
            (u64::from_str_radix(low, 16).unwrap(), u64::from_str_radix(high, 16).unwrap());
        // Inverts one block at a time, immediately, so that the search leaves no copy.
        let mut block = vec![0_u8; 1 << 20];
        let mut address = low;
        while address < high {
            let length = usize::try_from((high - address).min(1 << 20)).unwrap();
            if memory.seek(SeekFrom::Start(address)).is_err()
                || memory.read_exact(&mut block[..length]).is_err()
            {
                break;
            }
            block[..length].iter_mut().for_each(|byte| *byte ^= 0xff);
            let hits =
                block[..length].windows(pattern.len()).filter(|window| *window == pattern).count();
            // `pattern` itself is in the memory, too; inverted, it does not match.
            found += hits;
            block.fill(0);
            address += length as u64;
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn files_whose_key_is_only_in_memory_cannot_be_opened_after_a_restart() {
    let server = Server::start().await;
    let data = tempfile::TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let credentials = parlour_protocol::Credentials {
        username: "wren".into(),
        password: harness::PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    let mode = parlour_client::SignInMode::Register;
    let session =
        client.sign_in(&server.url(), &credentials, mode, KeyStorageChoice::Memory).await.unwrap();
    let id = session.id().clone();
    let refused = client.sign_out_keeping_files(&id).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Invalid, "nobody could open them any more");
    drop((session, client));
    harness::wait_for_files(&data.path().join("accounts"));
    let client = Client::open(data.path()).unwrap();
    assert!(matches!(client.closed()[&id], Closed::KeyLost { has_recovery: false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_files_are_encrypted_even_if_an_earlier_attempt_created_a_key() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "online");
    wren.wait_until_bodies(group, &["online"]).await;
    server.stop().await;
    wren.say(group, "offline");
    let (folder, key) = (wren.account_folder(), wren.session().mirror_file().1);
    let id = wren.session().id().clone();
    let wren = wren
        .restart_after(|| {
            // As an earlier version left them, with a `key.json` whose key was never stored.
            lose_key(&folder.join("key.json"));
            for name in ["outbox.db", "mirror.db"] {
                let (path, plain) = (folder.join(name), folder.join("plain"));
                // The connection creates no files.
                std::fs::write(&plain, []).unwrap();
                let conn = parlour_store::open_unchecked(&path, key.as_ref()).unwrap();
                let number = |name: &str| -> i32 {
                    conn.pragma_query_value(None, name, |row| row.get(0)).unwrap()
                };
                let numbers = [number("application_id"), number("user_version")];
                conn.execute("ATTACH ?1 AS plain KEY ''", [plain.to_string_lossy()]).unwrap();
                conn.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
                for (name, number) in ["application_id", "user_version"].into_iter().zip(numbers) {
                    conn.pragma_update(Some("plain"), name, number).unwrap();
                }
                drop(conn);
                std::fs::rename(&plain, &path).unwrap();
                let _ = std::fs::remove_file(folder.join(format!("{name}-wal")));
            }
        })
        .await;
    assert!(matches!(wren.client.closed()[&id], Closed::Keychain { is_plain: true }));
    let short = KeyStorageChoice::Passphrase { passphrase: "short".into() };
    assert_eq!(wren.client.protect(&id, short).await.unwrap_err().code(), ErrorCode::Invalid);
    wren.client.protect(&id, harness::key_storage()).await.unwrap();
    assert_eq!(wren.bodies(group), ["online", "offline"]);
    for (name, bytes) in files(&folder) {
        assert!(!contains(&bytes, "offline"), "{name} is still plain");
    }
}
