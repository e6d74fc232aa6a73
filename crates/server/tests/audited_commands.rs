//! The audit log contains the actions of commands.
#![cfg(unix)]

use crate::common::{Database, PASSWORD};
use crate::program::{PROGRAM, command_on, objects, output};
use parlour_server::DatabaseAddress;
use std::process::Command;
use tokio::task::spawn_blocking;

on_both_databases! {
    the_audit_contains_the_actions_of_commands_but_not_reads,
}

/// `src/cli/tests.rs` lists all commands with their actions in the audit log.
async fn the_audit_contains_the_actions_of_commands_but_not_reads(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("logs/town/2026");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(logs.join("2026-11-19"), "[10:00] <thrush> a first message\n").unwrap();
    let [logs, export, one, two, copy] = ["logs", "export", "one", "two", "copy"]
        .map(|name| dir.path().join(name).to_str().unwrap().to_owned());
    let server = database.serve().await;
    let mut expected = Vec::new();
    let mut run = async |args: &[&str], new_actions: &[&str]| {
        let command = command_on(&database, &[args, &["--json"]].concat());
        let done = spawn_blocking(move || output(command, PASSWORD)).await.unwrap();
        let done = objects(&done);
        expected.extend(new_actions.iter().map(|action| (*action).to_owned()));
        let audit = command_on(&database, &["audit", "--json"]);
        let audit = objects(&spawn_blocking(move || output(audit, "")).await.unwrap());
        let actions = audit.iter().map(|entry| entry["action"].as_str().unwrap().to_owned());
        // The first one is the invitation of the first administrator.
        assert_eq!(actions.skip(1).collect::<Vec<_>>(), expected, "{args:?}");
        done
    };
    run(&["user", "add", "wren", "--admin"], &["registered"]).await;
    run(&["user", "add", "oak"], &["registered"]).await;
    run(&["user", "role", "oak", "administrator"], &["role_changed"]).await;
    run(&["user", "password", "oak"], &["password_reset"]).await;
    run(&["user", "deactivate", "oak"], &["deactivated"]).await;
    run(&["user", "reactivate", "oak"], &["reactivated"]).await;
    run(&["invite", "--server", "https://chat.example.org"], &["invited"]).await;
    run(&["import", "irc", logs.as_str()], &["imported"]).await;
    run(&["imports", "list"], &[]).await;
    let groups = run(&["group", "list"], &[]).await;
    let group = groups[0]["id"].as_str().unwrap();
    run(&["group", "ownerless"], &[]).await;
    run(&["group", "give", group, "wren"], &["group_taken"]).await;
    run(&["imports", "undo", "1"], &["import_undone"]).await;
    run(&["user", "erase", "oak"], &["erased"]).await;
    for reading_command in
        [&["user", "list"][..], &["user", "sessions", "wren"], &["status"], &["verify"]]
    {
        run(reading_command, &[]).await;
    }
    run(&["export", "jsonl", export.as_str()], &["export_begun", "exported"]).await;
    run(&["backup", one.as_str()], &["backed_up"]).await;
    run(&["verify", one.as_str()], &[]).await;
    server.running.stop().await.unwrap();
    run(&["backup", two.as_str()], &["backed_up"]).await;
    run(&["restored"], &["epoch_begun"]).await;
    run(&["database", "clock"], &["clock_reset"]).await;
    let from = match &database.address {
        DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
        _ => database.url.clone().unwrap(),
    };
    let to = format!("sqlite:{copy}");
    let mut copying = Command::new(PROGRAM);
    copying.args(["database", "copy", "--from", &from, "--to", &to]);
    assert!(copying.output().unwrap().status.success());
    run(&["status"], &["database_copied"]).await;
    let last = "SELECT network FROM audit WHERE action = 'backed_up' ORDER BY number DESC LIMIT 1";
    assert_eq!(database.query_string(last).await, "command line");
}
