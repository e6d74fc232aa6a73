//! Encrypted backups, which include the secrets in the server's folder.

use super::{command_error, folder, json_output, run, text};
use crate::common::Database;
use crate::program::{Program, command, objects, output, stderr_text};
use age::secrecy::ExposeSecret;
use parlour_server::data_names::SERVER_KEY_BEFORE;
use serde_json::json;
use std::path::Path;

const PASSPHRASE: &str = "a passphrase of several words";

/// Creates a server's folder with settings and a key; returns the key's pin.
fn folder_with_key(data: &Path) -> String {
    let init = ["init", "--yes", "--name", "Wren", "--tls", "own", "--listen", "127.0.0.1:0"];
    let backup = output(command(data, &init), "");
    assert!(backup.status.success(), "{}", stderr_text(&backup));
    pin(data)
}

fn pin(data: &Path) -> String {
    let certificate = objects(&output(command(data, &["certificate", "show", "--json"]), ""));
    certificate[0]["pin"].as_str().unwrap().to_owned()
}

#[test]
fn an_encrypted_backup_alone_restores_a_server_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let (data, file) = (path("data"), path("backup"));
    let key = folder_with_key(&data);
    let server = Program::serve(&data, &[]);
    let backup = command(&data, &["backup", text(&file), "--encrypt", "--json"]);
    let backup = objects(&output(backup, &format!("{PASSPHRASE}\nand nothing else\n")));
    assert_eq!(backup.last().unwrap()["with"], json!(["parlour.toml", "tls.pem"]));
    server.stop();
    let passphrase = path("passphrase");
    std::fs::write(&passphrase, format!("{PASSPHRASE}\r\n")).unwrap();
    let restore_args = ["restore", text(&file), "--passphrase-file", text(&passphrase)];
    let restored = output(command(&path("new"), &restore_args), "");
    assert!(restored.status.success(), "{}", stderr_text(&restored));
    assert_eq!(pin(&path("new")), key);
    let settings = std::fs::read_to_string(path("new").join("parlour.toml")).unwrap();
    assert!(settings.contains("name = \"Wren\""));
    Program::serve(&path("new"), &[]).stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_passphrase_opens_nothing_and_leaves_no_files() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("backup");
    let (right, wrong) = (dir.path().join("right"), dir.path().join("wrong"));
    std::fs::write(&right, PASSPHRASE).unwrap();
    std::fs::write(&wrong, "another").unwrap();
    run(&database, &["invite"]).await;
    json_output(&database, &["backup", text(&file), "--passphrase-file", text(&right)]).await;
    let target = Database::sqlite();
    for (args, expected) in [
        (&["--passphrase-file", text(&wrong)][..], "this is not the passphrase"),
        (&[], "this is not the passphrase"),
        (&["--identity-file", text(&wrong)], "is encrypted with a passphrase"),
    ] {
        for command in ["restore", "verify"] {
            let error = command_error(&target, &[&[command, text(&file)], args].concat()).await;
            assert!(error.contains(expected), "{error}");
        }
    }
    let names: Vec<_> = std::fs::read_dir(folder(&target)).unwrap().collect();
    assert!(names.iter().all(|entry| entry.as_ref().unwrap().file_name() == "lock"), "{names:?}");
    json_output(&target, &["restore", text(&file), "--passphrase-file", text(&right)]).await;
    let empty = dir.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let args = ["backup", "never-made", "--passphrase-file", text(&empty)];
    assert!(command_error(&database, &args).await.contains("the passphrase is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_for_a_recipient_is_opened_only_with_its_identity() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("backup");
    let (identity, other_identity) =
        (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let key = |name: &str, identity: &age::x25519::Identity| {
        let path = dir.path().join(name);
        std::fs::write(&path, format!("# a key\n{}\n", identity.to_string().expose_secret()))
            .unwrap();
        path
    };
    let (own_key, others_key) = (key("own", &identity), key("others", &other_identity));
    let recipient = identity.to_public().to_string();
    run(&database, &["invite"]).await;
    json_output(&database, &["backup", text(&file), "--recipient", &recipient]).await;
    let target = Database::sqlite();
    let error = command_error(&target, &["restore", text(&file)]).await;
    assert!(error.contains("--identity-file"), "{error}");
    let error =
        command_error(&target, &["restore", text(&file), "--identity-file", text(&others_key)])
            .await;
    assert!(error.contains("no identity in"), "{error}");
    let error =
        command_error(&target, &["restore", text(&file), "--identity-file", text(&file)]).await;
    assert!(error.contains("contains no age identity"), "{error}");
    json_output(&target, &["verify", text(&file), "--identity-file", text(&own_key)]).await;
    json_output(&target, &["restore", text(&file), "--identity-file", text(&own_key)]).await;
    let error = command_error(&database, &["backup", "x", "--recipient", "age1nobody"]).await;
    assert!(error.contains("is not an age recipient"), "{error}");
    assert!(error.contains("58 more"), "{error}");
    let both = run(&database, &["backup", "x", "--recipient", &recipient, "--encrypt"]).await;
    assert!(!both.status.success());
}

#[test]
fn a_server_can_be_restored_into_a_folder_that_init_created() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let (data, new, encrypted, plain) = (path("data"), path("new"), path("sealed"), path("open"));
    let key = folder_with_key(&data);
    let passphrase = path("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let passphrase_args = ["--passphrase-file", text(&passphrase)];
    objects(&output(command(&data, &["user", "add", "wren", "--json"]), "correct horse"));
    let backup = [&["backup", text(&encrypted), "--json"], &passphrase_args[..]].concat();
    objects(&output(command(&data, &backup), ""));
    objects(&output(command(&data, &["backup", text(&plain), "--json"]), ""));

    // An encrypted backup contains the key, which replaces the one that init created; that one is set
    // aside.
    let another = folder_with_key(&new);
    assert_ne!(another, key);
    let restore = [&["restore", text(&encrypted), "--json"], &passphrase_args[..]].concat();
    let restored = objects(&output(command(&new, &restore), "")).pop().unwrap();
    assert_eq!((&restored["ownKey"], pin(&new)), (&json!("there"), key.clone()));
    assert!(new.join(SERVER_KEY_BEFORE).exists());
    Program::serve(&new, &[]).stop();

    // For an unencrypted one, the output says what clients will do.
    for (name, copied, own_key) in
        [("init", false, "another"), ("copied", true, "there"), ("nothing", false, "missing")]
    {
        let target = path(name);
        if name == "nothing" {
            std::fs::create_dir(&target).unwrap();
        } else {
            folder_with_key(&target);
        }
        if copied {
            std::fs::copy(data.join("tls.pem"), target.join("tls.pem")).unwrap();
        }
        let restored = output(command(&target, &["restore", text(&plain)]), "");
        assert!(restored.status.success(), "{}", stderr_text(&restored));
        let printed = String::from_utf8(restored.stdout).unwrap();
        let is_known = own_key == "there";
        assert_eq!(
            printed.contains("Start the server: every client then fetches everything again"),
            is_known,
            "{printed}"
        );
        assert_eq!(printed.contains("all users have to sign out"), !is_known, "{printed}");
        let pin: parlour_protocol::KeyPin = key.parse().unwrap();
        assert_eq!(printed.contains(&pin.fingerprint()), !is_known, "{printed}");
        std::fs::remove_file(target.join("parlour.db")).unwrap();
        std::fs::remove_file(target.join("parlour.wm")).unwrap_or_default();
        let again = output(command(&target, &["restore", text(&plain), "--json"]), "");
        assert_eq!(objects(&again).pop().unwrap()["ownKey"], own_key);
    }
}

#[test]
fn a_recipient_in_the_settings_applies_to_manual_backups_too() {
    let dir = tempfile::tempdir().unwrap();
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let settings = format!("backup_every_hours = 0\nbackup_recipient = \"{recipient}\"\n");
    std::fs::write(dir.path().join("parlour.toml"), settings).unwrap();
    let file = dir.path().join("backups.age");
    output(command(dir.path(), &["invite"]), "");
    let backup = output(command(dir.path(), &["backup", text(&file), "--json"]), "");
    assert_eq!(objects(&backup).pop().unwrap()["isEncrypted"], true);
}
