//! Encrypted backups, which include the secrets in the server's folder.

use super::{folder, json_output, refused, run, text};
use crate::common::Database;
use crate::program::{Program, command, objects, output, said};
use age::secrecy::ExposeSecret;
use serde_json::json;
use std::path::Path;

const PASSPHRASE: &str = "a passphrase of several words";

/// Creates a server's folder with settings and a key; returns the key's pin.
fn folder_with_key(data: &Path) -> String {
    let init = ["init", "--yes", "--name", "Wren", "--tls", "own", "--listen", "127.0.0.1:0"];
    let made = output(command(data, &init), "");
    assert!(made.status.success(), "{}", said(&made));
    pin(data)
}

fn pin(data: &Path) -> String {
    let shown = objects(&output(command(data, &["certificate", "show", "--json"]), ""));
    shown[0]["pin"].as_str().unwrap().to_owned()
}

#[test]
fn a_server_is_the_same_one_again_by_an_encrypted_backup_alone() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (data, file) = (at("data"), at("backup"));
    let key = folder_with_key(&data);
    let server = Program::serve(&data, &[]);
    let made = command(&data, &["backup", text(&file), "--encrypt", "--json"]);
    let made = objects(&output(made, &format!("{PASSPHRASE}\nand nothing else\n")));
    assert_eq!(made.last().unwrap()["with"], json!(["parlour.toml", "tls.pem"]));
    server.stop();
    let passphrase = at("passphrase");
    std::fs::write(&passphrase, format!("{PASSPHRASE}\r\n")).unwrap();
    let said_so = ["restore", text(&file), "--passphrase-file", text(&passphrase)];
    let restored = output(command(&at("new"), &said_so), "");
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(pin(&at("new")), key);
    let settings = std::fs::read_to_string(at("new").join("parlour.toml")).unwrap();
    assert!(settings.contains("name = \"Wren\""));
    Program::serve(&at("new"), &[]).stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_passphrase_or_none_opens_nothing_and_leaves_nothing() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("backup");
    let (right, wrong) = (dir.path().join("right"), dir.path().join("wrong"));
    std::fs::write(&right, PASSPHRASE).unwrap();
    std::fs::write(&wrong, "another").unwrap();
    json_output(&database, &["backup", text(&file), "--passphrase-file", text(&right)]).await;
    let to = Database::sqlite();
    for (args, why) in [
        (&["--passphrase-file", text(&wrong)][..], "this is not the passphrase"),
        (&[], "this is not the passphrase"),
        (&["--identity-file", text(&wrong)], "is encrypted with a passphrase"),
    ] {
        for command in ["restore", "verify"] {
            let said = refused(&to, &[&[command, text(&file)], args].concat()).await;
            assert!(said.contains(why), "{said}");
        }
    }
    let left: Vec<_> = std::fs::read_dir(folder(&to)).unwrap().collect();
    assert!(left.iter().all(|entry| entry.as_ref().unwrap().file_name() == "lock"), "{left:?}");
    json_output(&to, &["restore", text(&file), "--passphrase-file", text(&right)]).await;
    let empty = dir.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let args = ["backup", "never-made", "--passphrase-file", text(&empty)];
    assert!(refused(&database, &args).await.contains("the passphrase is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_to_a_recipient_is_opened_by_its_identity_alone() {
    let (dir, database) = (tempfile::tempdir().unwrap(), Database::sqlite());
    let file = dir.path().join("backup");
    let (own, anothers) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let key = |name: &str, identity: &age::x25519::Identity| {
        let path = dir.path().join(name);
        std::fs::write(&path, format!("# a key\n{}\n", identity.to_string().expose_secret()))
            .unwrap();
        path
    };
    let (own_key, others_key) = (key("own", &own), key("others", &anothers));
    let recipient = own.to_public().to_string();
    json_output(&database, &["backup", text(&file), "--recipient", &recipient]).await;
    let to = Database::sqlite();
    let why = refused(&to, &["restore", text(&file)]).await;
    assert!(why.contains("--identity-file"), "{why}");
    let why = refused(&to, &["restore", text(&file), "--identity-file", text(&others_key)]).await;
    assert!(why.contains("no identity in"), "{why}");
    let why = refused(&to, &["restore", text(&file), "--identity-file", text(&file)]).await;
    assert!(why.contains("contains no age identity"), "{why}");
    json_output(&to, &["verify", text(&file), "--identity-file", text(&own_key)]).await;
    json_output(&to, &["restore", text(&file), "--identity-file", text(&own_key)]).await;
    let why = refused(&database, &["backup", "x", "--recipient", "age1nobody"]).await;
    assert!(why.contains("is not an age recipient"), "{why}");
    let both = run(&database, &["backup", "x", "--recipient", &recipient, "--encrypt"]).await;
    assert!(!both.status.success());
}

#[test]
fn a_server_is_restored_into_a_folder_that_init_has_made() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (data, new, sealed, open) = (at("data"), at("new"), at("sealed"), at("open"));
    let key = folder_with_key(&data);
    let passphrase = at("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let by_passphrase = ["--passphrase-file", text(&passphrase)];
    objects(&output(command(&data, &["user", "add", "wren", "--json"]), "correct horse"));
    let made = [&["backup", text(&sealed), "--json"], &by_passphrase[..]].concat();
    objects(&output(command(&data, &made), ""));
    objects(&output(command(&data, &["backup", text(&open), "--json"]), ""));

    // An encrypted backup holds the key: that is the server's from here on, and what init made is not lost.
    let another = folder_with_key(&new);
    assert_ne!(another, key);
    let restore = [&["restore", text(&sealed), "--json"], &by_passphrase[..]].concat();
    let restored = objects(&output(command(&new, &restore), "")).pop().unwrap();
    assert_eq!((&restored["ownKey"], pin(&new)), (&json!("there"), key.clone()));
    assert!(new.join("tls.pem.before").exists());
    Program::serve(&new, &[]).stop();

    // Of one that is not, it is said what clients will do.
    for (name, copied, own_key) in
        [("init", false, "another"), ("copied", true, "there"), ("nothing", false, "missing")]
    {
        let to = at(name);
        if name == "nothing" {
            std::fs::create_dir(&to).unwrap();
        } else {
            folder_with_key(&to);
        }
        if copied {
            std::fs::copy(data.join("tls.pem"), to.join("tls.pem")).unwrap();
        }
        let restored = output(command(&to, &["restore", text(&open)]), "");
        assert!(restored.status.success(), "{}", said(&restored));
        let told = String::from_utf8(restored.stdout).unwrap();
        let is_well = own_key == "there";
        assert_eq!(
            told.contains("Start the server: every client then fetches everything again"),
            is_well,
            "{told}"
        );
        assert_eq!(told.contains("all users have to sign out"), !is_well, "{told}");
        let pin: parlour_protocol::KeyPin = key.parse().unwrap();
        assert_eq!(told.contains(&pin.fingerprint()), !is_well, "{told}");
        std::fs::remove_file(to.join("parlour.db")).unwrap();
        std::fs::remove_file(to.join("parlour.wm")).unwrap_or_default();
        let again = output(command(&to, &["restore", text(&open), "--json"]), "");
        assert_eq!(objects(&again).pop().unwrap()["ownKey"], own_key);
    }
}

#[test]
fn a_recipient_in_the_settings_holds_also_where_no_backups_are_planned() {
    let dir = tempfile::tempdir().unwrap();
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let settings = format!("backup_every_hours = 0\nbackup_recipient = \"{recipient}\"\n");
    std::fs::write(dir.path().join("parlour.toml"), settings).unwrap();
    let file = dir.path().join("backups.age");
    let made = output(command(dir.path(), &["backup", text(&file), "--json"]), "");
    assert_eq!(objects(&made).pop().unwrap()["isEncrypted"], true);
}
