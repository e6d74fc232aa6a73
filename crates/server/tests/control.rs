//! The requests of the command line to a server: the same whether one is running or not.
#![cfg(unix)]

use crate::common::{Database, PASSWORD, Server, credentials, error_body};
use crate::program::{command_on, objects, output, stderr_text};
use crate::socket::Socket;
use parlour_protocol::{
    Credentials, ErrorCode, Frame, Invitation, Refusal, Registration, Row, ServerChange, StreamId,
    UserRole,
};
use parlour_server::DatabaseAddress;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use tokio::task::{JoinSet, spawn_blocking};

on_both_databases! {
    every_command_does_the_same_with_and_without_a_running_server,
    clients_are_notified_at_once_of_changes_by_a_command,
    the_last_administrator_stays_despite_concurrent_commands,
    a_hundred_invitations_are_created_while_messages_arrive,
    an_invitation_for_members_stays_valid_when_another_administrator_registers,
    the_link_of_an_empty_server_ends_when_somebody_is_made_an_administrator,
    a_password_can_come_from_a_file_and_an_invalid_one_changes_nothing,
    the_status_shows_the_administrators_settings_with_and_without_a_running_server,
}

/// Runs a command, without blocking the server in this test.
async fn run(database: &Database, args: &[&str], input: &str) -> Output {
    let (command, input) = (command_on(database, args), input.to_owned());
    spawn_blocking(move || output(command, &input)).await.unwrap()
}

/// Returns the objects that a command prints.
async fn json_output(database: &Database, args: &[&str]) -> Vec<Value> {
    objects(&run(database, &[args, &["--json"]].concat(), PASSWORD).await)
}

async fn command_error(database: &Database, args: &[&str]) -> String {
    let output = run(database, &[args, &["--json"]].concat(), PASSWORD).await;
    assert!(!output.status.success(), "{args:?}");
    let last = stderr_text(&output).lines().last().unwrap().to_owned();
    serde_json::from_str::<Value>(&last).unwrap()["error"]["code"].as_str().unwrap().to_owned()
}

/// Creates a folder of logs with two messages.
fn logs(day: &Path) {
    std::fs::create_dir_all(day).unwrap();
    let log = "[10:00] <thrush> a first message\n[10:01] <finch> and a second\n";
    std::fs::write(day.join("2026-11-19"), log).unwrap();
}

async fn every_command_does_the_same_with_and_without_a_running_server(database: Database) {
    let logs_of = tempfile::tempdir().unwrap();
    for serving in [false, true] {
        let server = if serving { Some(database.serve().await) } else { None };
        let (wren, oak) = if serving { ("wren2", "oak2") } else { ("wren", "oak") };
        let added = json_output(&database, &["user", "add", wren, "--admin"]).await.remove(0);
        assert_eq!((&added["username"], &added["role"]), (&json!(wren), &json!("administrator")));
        assert_eq!(json_output(&database, &["user", "add", oak]).await[0]["canSignIn"], true);
        assert_eq!(command_error(&database, &["user", "add", oak]).await, "username_taken");
        assert_eq!(
            command_error(&database, &["user", "role", "nobody", "member"]).await,
            "not_found"
        );

        let role = json_output(&database, &["user", "role", oak, "administrator"]).await;
        assert_eq!(role[0]["role"], "administrator");
        json_output(&database, &["user", "role", oak, "member"]).await;
        json_output(&database, &["user", "password", oak]).await;
        let deactivated = json_output(&database, &["user", "deactivate", oak]).await.remove(0);
        assert!(deactivated["deactivatedAt"].is_number() && deactivated["canSignIn"] == false);
        assert_eq!(
            json_output(&database, &["user", "reactivate", oak]).await[0]["canSignIn"],
            true
        );

        let channel = if serving { "while-it-runs" } else { "before" };
        logs(&logs_of.path().join(channel).join(channel).join("2026"));
        let folder = logs_of.path().join(channel);
        let import = ["import", "irc", folder.to_str().unwrap(), "--member", oak];
        let imported = json_output(&database, &import).await;
        assert_eq!(imported.last().unwrap()["added"], 2);
        assert!(imported[0]["progress"]["total"].as_u64() > Some(0), "{imported:?}");
        assert_eq!(json_output(&database, &import).await.last().unwrap()["known"], 2);
        let groups = json_output(&database, &["group", "list"]).await;
        let group = groups.iter().find(|group| group["title"] == channel).unwrap();
        assert_eq!(group["memberCount"], 3);
        let id = group["id"].as_str().unwrap();
        // The group's owner was erased before the server ran.
        let ownerless = json_output(&database, &["group", "ownerless"]).await;
        assert_eq!(ownerless.len(), usize::from(serving));
        for group in &ownerless {
            assert_eq!(group["title"], "before");
            let give = ["group", "give", group["id"].as_str().unwrap(), wren];
            assert_eq!(json_output(&database, &give).await, [json!({"done": true})]);
        }
        assert_eq!(command_error(&database, &["group", "give", id, wren]).await, "invalid");

        let invited =
            json_output(&database, &["invite", "--server", "https://chat.example.org/"]).await;
        let link = invited[0]["link"].as_str().unwrap();
        assert!(link.starts_with("https://chat.example.org/join#"), "{link}");
        let invite = ["invite", "--role", "administrator", "--uses", "2"];
        assert_eq!(command_error(&database, &invite).await, "invalid");

        let sessions = ["user", "sessions", wren];
        assert!(json_output(&database, &sessions).await.is_empty());
        if let Some(server) = &server {
            server.sign_in(wren).await;
            assert_eq!(json_output(&database, &sessions).await[0]["device"], "test");
        }
        let people = json_output(&database, &["user", "list"]).await;
        let known = |name: &str| people.iter().any(|person| person["username"] == name);
        assert!(known(wren) && known(oak) && known("thrush"));
        let erased = json_output(&database, &["user", "erase", oak]).await.remove(0);
        assert!(erased["erasedAt"].is_number() && erased["username"] != oak, "{erased}");

        let audit = json_output(&database, &["audit"]).await;
        assert_eq!(audit.last().unwrap()["action"], "erased");
        assert_eq!(audit.last().unwrap()["network"], "command line");
        let plain = run(&database, &["audit"], "").await;
        assert!(String::from_utf8_lossy(&plain.stdout).contains("the chain is intact"));
        let remaining = people.iter().filter(|person| person["erasedAt"].is_null()).count() - 1;
        check_status(&database, &server, remaining).await;
        if let Some(server) = server {
            server.running.stop().await.unwrap();
        }
    }
}

async fn check_status(database: &Database, server: &Option<Server>, people: usize) {
    let status = json_output(database, &["status"]).await.remove(0);
    let kind = if database.url.is_some() { "postgres" } else { "sqlite" };
    assert_eq!(status["database"]["kind"], kind);
    assert!(status["database"]["bytes"].as_u64() > Some(0), "{status}");
    assert_eq!(status["running"], server.is_some(), "{status}");
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    let has_counts = server.is_some() || database.url.is_some();
    let expected = if has_counts { json!(people) } else { Value::Null };
    assert_eq!(status["people"], expected, "{status}");
    if let Some(server) = server.as_ref().filter(|_| database.url.is_none()) {
        assert_eq!(status["address"], json!(format!("http://{}", server.running.address)));
        assert_eq!(status["sessions"], 1, "{status}");
        assert_eq!(status["registration"], "open");
    }
}

async fn clients_are_notified_at_once_of_changes_by_a_command(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mut socket = Socket::open(&wren).await;
    json_output(&database, &["user", "role", "oak", "administrator"]).await;
    // On PostgreSQL the command's own process makes the change, and the server learns of it through the bus: the
    // socket then gets the head instead of the row.
    if database.url.is_none() {
        let rows = socket.next_change(StreamId::Directory).await;
        let is_notified = |row: &Row| match row {
            Row::User(row) => row.id == oak.id && row.role == UserRole::Administrator,
            _ => false,
        };
        assert!(rows.iter().any(is_notified), "{rows:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    let day = dir.path().join("workshop/2026/2026-11-19");
    let import = ["import", "irc", dir.path().to_str().unwrap(), "--member", "wren"];
    std::fs::create_dir_all(day.parent().unwrap()).unwrap();
    let mut log = String::new();
    for line in ["[10:00] <thrush> a first message\n", "[10:01] <finch> and one that came later\n"]
    {
        log.push_str(line);
        std::fs::write(&day, &log).unwrap();
        json_output(&database, &import).await;
    }
    let group = json_output(&database, &["group", "list"]).await.remove(0);
    let stream = StreamId::Conversation(serde_json::from_value(group["id"].clone()).unwrap());
    let is_notified = |frame: &Frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream),
        _ => false,
    };
    while !is_notified(&socket.next().await) {}
    json_output(&database, &["user", "deactivate", "wren"]).await;
    assert_eq!(socket.bye_before_heartbeat().await, ErrorCode::Revoked);
    let mut socket = Socket::open(&oak).await;
    json_output(&database, &["user", "password", "oak"]).await;
    assert_eq!(socket.bye_before_heartbeat().await, ErrorCode::Revoked);
}

async fn the_last_administrator_stays_despite_concurrent_commands(database: Database) {
    let server = database.serve().await;
    server.register_administrator("wren").await;
    for args in [
        &["user", "role", "wren", "member"][..],
        &["user", "deactivate", "wren"],
        &["user", "erase", "wren"],
    ] {
        assert_eq!(command_error(&database, args).await, "forbidden", "{args:?}");
    }
    // A user created by an import cannot sign in, whatever their role is.
    let dir = tempfile::tempdir().unwrap();
    logs(&dir.path().join("workshop/2026"));
    json_output(&database, &["import", "irc", dir.path().to_str().unwrap()]).await;
    json_output(&database, &["user", "role", "thrush", "administrator"]).await;
    assert_eq!(command_error(&database, &["user", "role", "wren", "member"]).await, "forbidden");
    json_output(&database, &["user", "add", "oak", "--admin"]).await;
    for (one, other) in [
        (["role", "wren", "member"].as_slice(), ["role", "oak", "member"].as_slice()),
        (&["deactivate", "wren"], &["deactivate", "oak"]),
        (&["role", "wren", "member"], &["deactivate", "oak"]),
    ] {
        let (one, other) = ([&["user"], one].concat(), [&["user"], other].concat());
        let both = tokio::join!(run(&database, &one, ""), run(&database, &other, ""));
        let done = [&both.0, &both.1].map(|output| output.status.success());
        assert!(
            done[0] != done[1],
            "{one:?} {other:?}: {} {}",
            stderr_text(&both.0),
            stderr_text(&both.1)
        );
        for name in ["wren", "oak"] {
            json_output(&database, &["user", "reactivate", name]).await;
            json_output(&database, &["user", "role", name, "administrator"]).await;
        }
    }
    server.running.stop().await.unwrap();
    json_output(&database, &["user", "role", "oak", "member"]).await;
    assert_eq!(command_error(&database, &["user", "erase", "wren"]).await, "forbidden");
}

async fn a_hundred_invitations_are_created_while_messages_arrive(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let group = wren.group(&[]).await;
    let mut commands = JoinSet::<Output>::new();
    let (mut links, mut sent) = (BTreeSet::new(), 0);
    for n in 0..100 {
        if n >= 8 {
            let output = commands.join_next().await.unwrap().unwrap();
            links.insert(objects(&output)[0]["link"].as_str().unwrap().to_owned());
        }
        let command = command_on(&database, &["invite", "--json"]);
        commands.spawn_blocking(move || output(command, ""));
        wren.say(group, "meanwhile").await;
        sent += 1;
    }
    while let Some(output) = commands.join_next().await {
        links.insert(objects(&output.unwrap())[0]["link"].as_str().unwrap().to_owned());
    }
    assert_eq!(links.len(), 100);
    assert_eq!(wren.bootstrap(group).await.last_seq, sent);
    // The first administrator's invitation is used up.
    let invitations: Vec<Invitation> = wren.get("invitations").await;
    assert_eq!(invitations.iter().filter(|invitation| invitation.uses_left == 1).count(), 100);
    let link = links.first().unwrap();
    let invitation = Some(link.split_once('#').unwrap().1.to_owned());
    server
        .post_credentials("users", &Credentials { invitation, ..credentials("oak", PASSWORD) })
        .await;
}

async fn an_invitation_for_members_stays_valid_when_another_administrator_registers(
    database: Database,
) {
    let server = database.serve().await;
    let invited = json_output(&database, &["invite"]).await;
    let link = invited[0]["link"].as_str().unwrap().to_owned();
    server.register_administrator("wren").await;
    json_output(&database, &["user", "add", "oak", "--admin"]).await;
    let invitation = Some(link.split_once('#').unwrap().1.to_owned());
    server
        .post_credentials("users", &Credentials { invitation, ..credentials("elm", PASSWORD) })
        .await;
}

async fn the_link_of_an_empty_server_ends_when_somebody_is_made_an_administrator(
    database: Database,
) {
    let server = database.serve().await;
    server.register("wren").await;
    json_output(&database, &["user", "role", "wren", "administrator"]).await;
    let invitation = server.running.first_invitation.clone();
    assert!(invitation.is_some());
    let late = Credentials { invitation, ..credentials("mallory", PASSWORD) };
    let refused = error_body(server.post("users", &late).await).await;
    assert_eq!(refused.problem(), Refusal::InvitationSpent.into());
}

async fn a_password_can_come_from_a_file_and_an_invalid_one_changes_nothing(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\r\nand nothing else\n")).unwrap();
    let from = ["--password-file", file.to_str().unwrap()];
    let added = run(&database, &[&["user", "add", "wren"][..], &from].concat(), "").await;
    assert!(added.status.success() && added.stdout.is_empty(), "{}", stderr_text(&added));
    assert_eq!(
        String::from_utf8_lossy(&run(&database, &["user", "add", "oak"], "short\n").await.stderr)
            .lines()
            .last()
            .map(|line| line.starts_with("parlour-server: The password needs")),
        Some(true)
    );
    let missing = ["user", "password", "wren", "--password-file", "/nowhere"];
    let missing = run(&database, &missing, PASSWORD).await;
    assert!(!missing.status.success() && stderr_text(&missing).contains("/nowhere"));
    assert_eq!(json_output(&database, &["user", "list"]).await.len(), 1);
    database.serve().await.sign_in("wren").await;
}

async fn the_status_shows_the_administrators_settings_with_and_without_a_running_server(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (name, registration) = (Some("Workshop".into()), Some(Registration::Closed));
    let change = ServerChange { name, registration, ..ServerChange::default() };
    crate::about::change(&wren, &change).await;
    let name_and_registration = async || {
        let status = json_output(&database, &["status"]).await.remove(0);
        (status["name"].clone(), status["registration"].clone())
    };
    assert_eq!(name_and_registration().await.0, "Workshop");
    server.running.stop().await.unwrap();
    let (name, registration) = name_and_registration().await;
    assert_eq!(name, "Workshop");
    // On PostgreSQL the registration is unknown if no server is running.
    assert!(database.url.is_some() || registration == "closed", "{registration}");
    if let DatabaseAddress::Sqlite(file) = &database.address {
        // No files are left next to a database that was only read.
        let remaining =
            file.with_extension("db-wal").exists() || file.with_extension("db-shm").exists();
        assert!(!remaining);
    }
}
