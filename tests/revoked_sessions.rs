//! Sessions that were revoked: the files on their device are closed or deleted, and nothing that
//! waits is lost.

use harness::{PASSPHRASE, PASSWORD, Person, Server, key_storage};
use parlour_client::{Closed, KeyStorageChoice, SignInMode};
use parlour_protocol::{Credentials, ErrorCode};

async fn laptop_and_phone(server: &Server) -> (Person, Person, parlour_protocol::ConversationId) {
    let laptop = Person::register(server, "wren").await;
    let group = laptop.session().create_group("notes", vec![]).unwrap();
    laptop.say(group, "kept");
    laptop.wait_until_bodies(group, &["kept"]).await;
    let phone = laptop.another_device().await;
    phone.wait_until_bodies(group, &["kept"]).await;
    (laptop, phone, group)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_session_was_ended_shows_nothing_before_it_is_signed_in_again() {
    let server = Server::start().await;
    let (laptop, phone, group) = laptop_and_phone(&server).await;
    let id = phone.session().id().clone();
    laptop.end_other_session(false).await;
    phone.wait_until_closed().await;
    assert_eq!(phone.client.session_of(&id).err().unwrap().code(), ErrorCode::Revoked);
    // Neither the passphrase nor a restart opens the files.
    let unlocked = phone.client.unlock(&id, PASSPHRASE).await.unwrap_err();
    assert_eq!(unlocked.code(), ErrorCode::Revoked);
    let phone = phone.restart().await;
    assert!(matches!(phone.client.closed()[&id], Closed::Revoked { has_passphrase: true, .. }));
    // The password alone does not open them either.
    let credentials = Credentials {
        username: "wren".into(),
        password: PASSWORD.into(),
        device: "phone".into(),
        invitation: None,
    };
    let other = KeyStorageChoice::Passphrase { passphrase: "another phrase".into() };
    let url = server.url();
    let wrong =
        phone.client.sign_in(&url, &credentials, SignInMode::SignIn, other).await.err().unwrap();
    assert_eq!(wrong.code(), ErrorCode::WrongPassphrase);
    phone.client.sign_in(&url, &credentials, SignInMode::SignIn, key_storage()).await.unwrap();
    assert_eq!(phone.bodies(group), ["kept"]);
    phone.say(group, "back");
    laptop.wait_until_bodies(group, &["kept", "back"]).await;
    // The key of the new session is kept in the same way as before.
    let phone = phone.restart().await;
    phone.client.connect(&id).unwrap();
    phone.say(group, "and again");
    laptop.wait_until_bodies(group, &["kept", "back", "and again"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_deletes_its_mirror_and_keeps_unsent_ops() {
    let mut server = Server::start().await;
    let (laptop, phone, group) = laptop_and_phone(&server).await;
    let folder = phone.account_folder();
    server.stop().await;
    phone.say(group, "written on a train");
    let phone = phone.restart().await;
    server.resume().await;
    laptop.session().check_connection();
    laptop.end_other_session(true).await;
    assert!(folder.join("mirror.db").exists());
    let id = phone.session().id().clone();
    phone.client.connect(&id).unwrap();
    phone.wait_until_closed().await;
    // The client releases the folder once that is done.
    harness::wait_for_files(folder.parent().unwrap());
    assert!(!folder.join("mirror.db").exists());
    phone.reconnect().await;
    laptop.wait_until_bodies(group, &["kept", "written on a train"]).await;
    phone.wait_until_bodies(group, &["kept", "written on a train"]).await;
}

/// With the device, its files and even its passphrase, only ops that never reached the server can be read:
/// the rest is deleted, and so is its key.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_wipe_the_passphrase_opens_only_unsent_ops() {
    let mut server = Server::start().await;
    let (laptop, phone, group) = laptop_and_phone(&server).await;
    phone.say(group, "sent by the phone");
    laptop.wait_until_bodies(group, &["kept", "sent by the phone"]).await;
    phone.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    let (folder, id) = (phone.account_folder(), phone.session().id().clone());
    let key_before = phone.session().mirror_file().1.unwrap();
    server.stop().await;
    phone.say(group, "written on a train");
    phone.session().set_draft(group, &"a draft".into()).unwrap();
    let data = folder.parent().unwrap().parent().unwrap().to_owned();
    let aside = data.join("set-aside").join(format!("{id}-1"));
    let phone = phone
        .restart_after(|| {
            std::fs::create_dir_all(&aside).unwrap();
            std::fs::copy(folder.join("mirror.db"), aside.join("mirror.db")).unwrap();
        })
        .await;
    let key_file = std::fs::read(folder.join("key.json")).unwrap();
    server.resume().await;
    laptop.session().check_connection();
    laptop.end_other_session(true).await;
    phone.client.connect(&id).unwrap();
    phone.wait_until_closed().await;
    harness::wait_for_files(folder.parent().unwrap());
    let mut remaining: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    remaining.sort();
    assert_eq!(remaining, ["key.json", "lock", "outbox.db"]);
    assert!(!aside.exists());
    assert!(!parlour_store::opens(&folder, &key_before), "the previous key opens nothing");
    // The flag is removed from the file, and the passphrase is tried.
    let phone = phone
        .restart_after(|| {
            let path = folder.join("key.json");
            let text = std::fs::read(&path).unwrap();
            let mut envelope: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert!(envelope.as_object_mut().unwrap().remove("revoked").is_some());
            std::fs::write(&path, envelope.to_string()).unwrap();
        })
        .await;
    assert!(phone.client.sessions().is_empty(), "the outbox says that it is revoked, too");
    assert!(matches!(phone.client.closed()[&id], Closed::Revoked { has_passphrase: true, .. }));
    // The previous `key.json` does not help either: the unsent ops are at most set aside, and are encrypted
    // with the other key.
    let outbox = std::fs::read(folder.join("outbox.db")).unwrap();
    let phone = phone.restart_after(|| std::fs::write(folder.join("key.json"), &key_file).unwrap());
    let phone = phone.await;
    assert!(phone.client.sessions().is_empty());
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let set_aside: Vec<_> =
        files.filter(|path| std::fs::read(path).is_ok_and(|bytes| bytes == outbox)).collect();
    assert!(!set_aside.is_empty(), "the unsent ops still exist");
    let copy = tempfile::TempDir::new().unwrap();
    std::fs::copy(&set_aside[0], copy.path().join("outbox.db")).unwrap();
    assert!(!parlour_store::opens(copy.path(), &key_before));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flag_of_an_ended_session_cannot_be_removed() {
    let server = Server::start().await;
    let (laptop, phone, group) = laptop_and_phone(&server).await;
    let (folder, id) = (phone.account_folder(), phone.session().id().clone());
    laptop.end_other_session(false).await;
    phone.wait_until_closed().await;
    let phone = phone
        .restart_after(|| {
            let path = folder.join("key.json");
            let text = std::fs::read(&path).unwrap();
            let mut envelope: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert!(envelope.as_object_mut().unwrap().remove("revoked").is_some());
            std::fs::write(&path, envelope.to_string()).unwrap();
        })
        .await;
    assert!(phone.client.sessions().is_empty());
    let unlocked = phone.client.unlock(&id, PASSPHRASE).await.unwrap_err();
    assert_eq!(unlocked.code(), ErrorCode::Revoked);
    phone.reconnect().await;
    assert_eq!(phone.bodies(group), ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_interrupted_by_the_end_of_the_program_continues() {
    let mut server = Server::start().await;
    let (laptop, phone, group) = laptop_and_phone(&server).await;
    let folder = phone.account_folder();
    let key_before = phone.session().mirror_file().1.unwrap();
    server.stop().await;
    phone.say(group, "written on a train");
    let phone = phone.restart().await;
    server.resume().await;
    laptop.session().check_connection();
    laptop.end_other_session(false).await;
    let id = phone.session().id().clone();
    phone.client.connect(&id).unwrap();
    phone.wait_until_closed().await;
    harness::wait_for_files(folder.parent().unwrap());
    // As if this had been a wipe that was recorded but not started.
    let phone = phone
        .restart_after(|| {
            let path = folder.join("key.json");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("\"wipe\": false", "\"wipe\": true")).unwrap();
        })
        .await;
    assert!(!folder.join("mirror.db").exists() && parlour_store::opens(&folder, &key_before));
    phone.reconnect().await;
    laptop.wait_until_bodies(group, &["kept", "written on a train"]).await;
    phone.wait_until_bodies(group, &["kept", "written on a train"]).await;
    drop(phone);
    assert!(!parlour_store::opens(&folder, &key_before), "the key was replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_is_deleted_at_the_next_start_if_the_program_ended_in_between() {
    let server = Server::start().await;
    let (laptop, phone, _) = laptop_and_phone(&server).await;
    let folder = phone.account_folder();
    laptop.end_other_session(false).await;
    phone.wait_until_closed().await;
    let phone = phone
        .restart_after(|| {
            let path = folder.join("key.json");
            let text = std::fs::read(&path).unwrap();
            let mut envelope: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(envelope["revoked"]["wipe"], false);
            envelope["revoked"]["wipe"] = true.into();
            std::fs::write(&path, envelope.to_string()).unwrap();
        })
        .await;
    assert!(!folder.join("mirror.db").exists());
    assert!(folder.join("outbox.db").exists());
    drop(phone);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_can_keep_the_files_for_the_passphrase() {
    let mut server = Server::start().await;
    let (laptop, phone, group) = laptop_and_phone(&server).await;
    let id = phone.session().id().clone();
    let devices = phone.session().sessions().await.unwrap();
    let ended_session = devices.iter().find(|device| device.current).unwrap().id;
    server.stop().await;
    phone.say(group, "not sent yet");
    server.resume().await;
    phone.client.sign_out_keeping_files(&id).await.unwrap();
    assert!(matches!(phone.client.closed()[&id], Closed::Revoked { has_passphrase: true, .. }));
    let unlocked = phone.client.unlock(&id, PASSPHRASE).await.unwrap_err();
    assert_eq!(unlocked.code(), ErrorCode::Revoked, "the passphrase alone opens nothing");
    laptop.reconnect().await;
    let devices = laptop.session().sessions().await.unwrap();
    assert!(devices.iter().all(|device| device.id != ended_session), "the server has ended it");
    // The mirror is available at once, and what waited is sent.
    phone.reconnect().await;
    laptop.wait_until_bodies(group, &["kept", "not sent yet"]).await;
}
