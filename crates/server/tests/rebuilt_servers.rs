//! Servers that are made again from exports of their members.
#![cfg(unix)]

use crate::common::{Database, PASSWORD};
use crate::imported_exports::{
    Lines, OAK, START, WREN, assert_union, counts, id, messages, of_two_members,
};
use crate::program::{command_on, objects, output, stderr_text};
use parlour_protocol::{ConversationId, MessageId, Seq, UserId};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use tokio::task::spawn_blocking;

on_both_databases! {
    a_lost_server_is_made_again_from_exports_of_its_members,
    a_server_with_users_is_not_made_again,
}

async fn run(database: &Database, args: &[&str]) -> Output {
    let mut command = command_on(database, &[args, &["--json"]].concat());
    command.env("PARLOUR_FILES", database.config().files.folder.unwrap());
    spawn_blocking(move || output(command, PASSWORD)).await.unwrap()
}

async fn rebuild(database: &Database, exports: &[&Path]) -> Value {
    let mut args = vec!["rebuild"];
    for export in exports {
        args.extend(["--from", export.to_str().unwrap()]);
    }
    objects(&run(database, &args).await).pop().unwrap()
}

async fn a_lost_server_is_made_again_from_exports_of_its_members(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    database.serve().await.running.stop().await.unwrap();
    let epoch = || database.query_string("SELECT epoch FROM instance");
    let first_epoch = epoch().await;
    let [of_wren, of_oak] = of_two_members();
    let [of_wren, of_oak] = [of_wren.write(dir.path(), "wren"), of_oak.write(dir.path(), "oak")];
    let report = rebuild(&database, &[&of_wren, &of_oak]).await;
    assert_eq!(counts(&report), [3, 0, 1], "{report}");
    assert_ne!(epoch().await, first_epoch, "clients begin again");
    objects(&run(&database, &["user", "password", "wren"]).await);
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.id, UserId(id(WREN)));
    let plans = ConversationId(id(10));
    assert_union(&wren, plans).await;
    let found = messages(&wren, plans).await;
    let ids: Vec<_> = found.iter().map(|row| (row.id, row.seq, row.sender_id)).collect();
    let [w, o] = [WREN, OAK].map(|number| UserId(id(number)));
    let message = |number: u128| MessageId(id(100 + number));
    assert_eq!(ids, [(message(1), Seq(1), w), (message(2), Seq(2), w), (message(3), Seq(3), o)]);
    // A further export, also of a running server, adds what it has besides.
    let later = Lines::new(OAK, START + 100_000)
        .say(3, OAK, 3, "third", json!({}))
        .say(4, WREN, 4, "fourth", json!({}))
        .write(dir.path(), "later");
    let epoch_before = epoch().await;
    let report = rebuild(&database, &[&later]).await;
    assert_eq!(counts(&report), [1, 1, 0], "{report}");
    let again = rebuild(&database, &[&of_wren, &of_oak, &later]).await;
    assert_eq!(counts(&again), [0, 6, 0], "{again}");
    assert_eq!(epoch().await, epoch_before);
    assert_eq!(messages(&wren, plans).await.len(), 4);
    server.running.stop().await.unwrap();
}

async fn a_server_with_users_is_not_made_again(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let server = database.serve().await;
    server.register("wren").await;
    let [export, _] = of_two_members();
    let export = export.write(dir.path(), "a");
    for dry_run in [&[][..], &["--dry-run"]] {
        let args = [&["rebuild", "--from", export.to_str().unwrap()], dry_run].concat();
        let refused = run(&database, &args).await;
        let error = stderr_text(&refused);
        assert!(!refused.status.success() && error.contains("empty database"), "{error}");
    }
    let groups = run(&database, &["group", "list"]).await;
    assert!(objects(&groups).is_empty());
    server.running.stop().await.unwrap();
}
