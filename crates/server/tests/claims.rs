//! Invitations with which people take over the accounts that imports created for them.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, Server, credentials, error_body};
use crate::imports::{group, import, posts, run_json, start, texts};
use crate::program::{command_on, objects, output};
use parlour_protocol::{Credentials, ErrorCode, Row};
use serde_json::{Value, json};
use std::path::Path;
use tokio::task::spawn_blocking;

on_both_databases! {
    an_imported_person_takes_over_their_account_once,
    whoever_takes_over_an_account_may_choose_another_free_username,
    only_accounts_that_nobody_uses_can_be_taken_over,
}

async fn import_thrush(database: &Database, dir: &Path) {
    let file = dir.join("import.jsonl");
    std::fs::write(&file, posts(&[("thrush", "one", 1_000)])).unwrap();
    import(database, "mattermost", &file, &["--member", "wren"]).await;
}

/// Returns the secret of a new invitation for the account of this user.
async fn invite_for(database: &Database, username: &str) -> String {
    let args = ["invite", "--for", username, "--server", "https://chat.example.org"];
    let invited = run_json(database, &args).await;
    let link = invited["link"].as_str().unwrap();
    link.split_once('#').unwrap().1.to_owned()
}

fn with(secret: &str, username: &str) -> Credentials {
    Credentials { invitation: Some(secret.to_owned()), ..credentials(username, PASSWORD) }
}

async fn refusal(server: &Server, secret: &str, username: &str) -> ErrorCode {
    error_body(server.post("users", &with(secret, username)).await).await.code
}

async fn an_imported_person_takes_over_their_account_once(database: Database) {
    let (server, wren, dir) = start(&database).await;
    import_thrush(&database, dir.path()).await;
    let town = group(&database, "Town").await;
    let (secret, second) =
        (invite_for(&database, "thrush").await, invite_for(&database, "thrush").await);
    let response = server.post("invitations/preview", &json!({"secret": secret})).await;
    let preview: Value = response.json().await.unwrap();
    assert_eq!(
        (&preview["takesOver"], &preview["takesOverName"]),
        (&json!("thrush"), &json!("Song Thrush"))
    );
    let thrush = server.post_credentials("users", &with(&secret, "thrush")).await;
    assert_eq!(texts(&thrush, town).await, ["one"]);
    let said = thrush.say(town, "it is me").await;
    assert_eq!(wren.read_message(town, said).await.sender_id, thrush.id);
    let rows = wren.bootstrap(town).await.rows;
    let mut senders = rows.iter().filter_map(|row| match row {
        Row::Message(row) => Some(row.sender_id),
        _ => None,
    });
    assert!(senders.all(|sender| sender == thrush.id));
    assert_eq!(server.sign_in("thrush").await.id, thrush.id);
    // Neither invitation can be used again.
    for secret in [&secret, &second] {
        assert_eq!(refusal(&server, secret, "rook").await, ErrorCode::Forbidden);
        let preview = server.post("invitations/preview", &json!({"secret": secret})).await;
        assert_eq!(error_body(preview).await.code, ErrorCode::Forbidden);
    }
    let audit = command_on(&database, &["audit", "--json"]);
    let audit = objects(&spawn_blocking(move || output(audit, "")).await.unwrap());
    let claimed = audit.iter().filter(|entry| entry["action"] == "claimed");
    assert_eq!(claimed.map(|entry| &entry["subject"]).collect::<Vec<_>>(), [&json!(thrush.id)]);
    server.running.stop().await.unwrap();
}

async fn whoever_takes_over_an_account_may_choose_another_free_username(database: Database) {
    let (server, wren, dir) = start(&database).await;
    import_thrush(&database, dir.path()).await;
    let town = group(&database, "Town").await;
    let secret = invite_for(&database, "thrush").await;
    assert_eq!(refusal(&server, &secret, "wren").await, ErrorCode::UsernameTaken);
    let song = server.post_credentials("users", &with(&secret, "song")).await;
    assert_eq!(texts(&song, town).await, ["one"]);
    let directory = crate::accounts::directory(&wren).await;
    let row = directory.iter().find(|row| row.id == song.id).unwrap();
    assert_eq!((row.username.as_str(), row.profile.display_name.as_str()), ("song", "Song Thrush"));
    assert_eq!(server.sign_in("song").await.id, song.id);
    server.running.stop().await.unwrap();
}

async fn only_accounts_that_nobody_uses_can_be_taken_over(database: Database) {
    let (server, _, dir) = start(&database).await;
    import_thrush(&database, dir.path()).await;
    for args in [&["--for", "wren"][..], &["--for", "nobody"], &["--for", "thrush", "--uses", "2"]]
    {
        let command = command_on(&database, &[&["invite"][..], args].concat());
        let refused = spawn_blocking(move || output(command, "")).await.unwrap();
        assert!(!refused.status.success(), "{args:?}");
    }
    let secret = invite_for(&database, "thrush").await;
    run_json(&database, &["user", "password", "thrush"]).await;
    assert_eq!(refusal(&server, &secret, "thrush").await, ErrorCode::Forbidden);
    server.running.stop().await.unwrap();
}
