//! Encrypted backups, which include the secrets in the server's folder.

use super::{folder, refused, run, text, told};
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
    told(&database, &["backup", text(&file), "--passphrase-file", text(&right)]).await;
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
    told(&to, &["restore", text(&file), "--passphrase-file", text(&right)]).await;
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
    told(&database, &["backup", text(&file), "--recipient", &recipient]).await;
    let to = Database::sqlite();
    let why = refused(&to, &["restore", text(&file)]).await;
    assert!(why.contains("--identity-file"), "{why}");
    let why = refused(&to, &["restore", text(&file), "--identity-file", text(&others_key)]).await;
    assert!(why.contains("no identity in"), "{why}");
    let why = refused(&to, &["restore", text(&file), "--identity-file", text(&file)]).await;
    assert!(why.contains("holds no age identity"), "{why}");
    told(&to, &["verify", text(&file), "--identity-file", text(&own_key)]).await;
    told(&to, &["restore", text(&file), "--identity-file", text(&own_key)]).await;
    let why = refused(&database, &["backup", "x", "--recipient", "age1nobody"]).await;
    assert!(why.contains("is no age recipient"), "{why}");
    let both = run(&database, &["backup", "x", "--recipient", &recipient, "--encrypt"]).await;
    assert!(!both.status.success());
}
