//! The database as a whole: copied, restored, and unavailable for a while.

use crate::common::{Database, Server, connect, message};
use parlour_protocol::{Action, ErrorCode, Heads, Op, OpId, Profile, StreamId, example_picture};
use parlour_server::{DatabaseAddress, copy_database};
use reqwest::StatusCode;
use std::io::Write;
use std::process::{Command, Stdio};

/// Creates some rows of every kind.
async fn create_sample_rows(server: &Server) -> String {
    let wren = server.register_administrator("wren").await;
    let oak = server.register("Öak").await;
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "日本語 and \"quotes\"").await;
    use parlour_protocol::{ConversationId, Seq};
    oak.act(group, Action::React { message_id: id, emoji: "👍".into(), on: true }).await;
    wren.act(group, Action::edit(id, "edited")).await;
    oak.act(group, Action::Read { seq: Seq(1), without_receipt: false }).await;
    oak.act(group, Action::Draft { body: "draft".into(), reply_to: Some(id), based_on: None })
        .await;
    oak.act(group, Action::Save { message_id: id, on: true }).await;
    let setting = Action::Setting { name: "theme".into(), value: "dark".into() };
    oak.act(ConversationId(uuid::Uuid::nil()), setting).await;
    let profile = Profile { display_name: "Oak Nakamura".into(), ..Profile::default() };
    let profile = Action::SetProfile { profile: profile.into() };
    oak.act(ConversationId(uuid::Uuid::nil()), profile).await;
    assert_eq!(oak.put_picture(example_picture::png(8, 8, 1)).await.status(), StatusCode::OK);
    let server_picture = wren.http.put(format!("{}/administration/server/picture", wren.url));
    let server_picture =
        server_picture.body(example_picture::png(8, 8, 2)).bearer_auth(&wren.token);
    assert_eq!(server_picture.send().await.unwrap().status(), StatusCode::OK);
    for number in 0..20 {
        wren.say(group, &format!("message {number}")).await;
    }
    let everything = (
        oak.bootstrap(group).await,
        oak.changes(StreamId::Account(oak.id)).await,
        oak.changes(StreamId::Directory).await,
    );
    serde_json::to_string(&everything).unwrap()
}

async fn view(server: &Server) -> String {
    // Signing in is itself a change of the account, which is removed from the view.
    let oak = server.sign_in("Öak").await;
    let heads: Heads = oak.get("heads").await;
    let group = heads.heads.iter().find_map(|head| match head.stream {
        StreamId::Conversation(id) => Some(id),
        _ => None,
    });
    let mut account = oak.changes(StreamId::Account(oak.id)).await;
    let session = account.rows.pop();
    assert!(matches!(session, Some(parlour_protocol::Row::Session(_))));
    account.to -= 1;
    account.head -= 1;
    let everything =
        (oak.bootstrap(group.unwrap()).await, account, oak.changes(StreamId::Directory).await);
    serde_json::to_string(&everything).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_copied_to_postgres_and_back_without_loss() {
    let (from, back) = (Database::sqlite(), Database::sqlite());
    let Some(to) = Database::postgres().await else { return };
    let server = from.serve().await;
    let before = create_sample_rows(&server).await;
    server.running.stop().await.unwrap();
    let mut copied_tables = Vec::new();
    copy_database(&from.address, &to.address, |copied| copied_tables.push(copied.clone()))
        .await
        .unwrap();
    assert!(copied_tables.iter().any(|copied| copied.table == "messages" && copied.rows == 21));
    let mut copied_back = Vec::new();
    copy_database(&to.address, &back.address, |copied| copied_back.push(copied.clone()))
        .await
        .unwrap();
    assert_eq!(copied_tables, copied_back);
    for database in [&to, &back] {
        assert_eq!(view(&database.serve().await).await, before);
    }
    for table in ["profiles", "pictures", "server_pictures"] {
        assert!(
            copied_tables.iter().any(|copied| copied.table == table && copied.rows == 1),
            "{table}"
        );
    }
    let last_action =
        from.query_string("SELECT action FROM audit ORDER BY number DESC LIMIT 1").await;
    assert_eq!(last_action, "database_copied");
    let second_copy = copy_database(&from.address, &to.address, |_| ()).await;
    assert!(second_copy.is_err(), "a database that is not empty is not overwritten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_backup_is_detected_automatically() {
    let database = Database::sqlite();
    let DatabaseAddress::Sqlite(file) = database.address.clone() else { unreachable!() };
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let before: Heads = wren.get("heads").await;
    server.running.stop().await.unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.get::<Heads>("heads").await.epoch, before.epoch, "only a restart");
    server.running.stop().await.unwrap();

    let backup = std::fs::read(&file).unwrap();
    let server = database.serve().await;
    server.sign_in("wren").await.group(&[]).await;
    server.running.stop().await.unwrap();
    // The file is overwritten in place: only the file next to it shows that.
    std::fs::write(&file, &backup).unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    let restored: Heads = wren.get("heads").await;
    assert_ne!(restored.epoch, before.epoch);
    let old = format!("changes?stream=directory&epoch={}&since=0", before.epoch);
    assert_eq!(wren.get_error(&old).await, ErrorCode::Epoch);
    server.running.stop().await.unwrap();

    // The file is replaced by a copy.
    std::fs::copy(&file, file.with_extension("bak")).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(file.with_extension("bak"), &file).unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    assert_ne!(wren.get::<Heads>("heads").await.epoch, restored.epoch);
}

/// The effect of pg_restore --clean on the table: it is dropped, and created again with the same rows.
const REPLACE_INSTANCE: &str = "CREATE TABLE dumped AS SELECT * FROM instance;
     DROP TABLE instance;
     ALTER TABLE dumped RENAME TO instance";

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_restored_into_postgres_is_detected_automatically() {
    let Some(database) = Database::postgres().await else { return };
    let server = database.serve().await;
    let before: Heads = server.register("wren").await.get("heads").await;
    server.running.stop().await.unwrap();
    database.execute(REPLACE_INSTANCE).await;
    let server = database.serve().await;
    let after: Heads = server.sign_in("wren").await.get("heads").await;
    assert_ne!(before.epoch, after.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_is_replaced_exits_with_an_error() {
    let database = Database::sqlite();
    let DatabaseAddress::Sqlite(file) = database.address.clone() else { unreachable!() };
    let serve = async |database: &Database| {
        let heartbeat = std::time::Duration::from_millis(50);
        Server::start(&parlour_server::Config { heartbeat, ..database.config() }).await
    };
    let mut server = serve(&database).await;
    std::fs::copy(&file, file.with_extension("bak")).unwrap();
    std::fs::rename(file.with_extension("bak"), &file).unwrap();
    let ended = server.running.wait().await.unwrap_err();
    assert!(ended.to_string().contains("replaced by another one"), "{ended}");

    let Some(database) = Database::postgres().await else { return };
    let mut server = serve(&database).await;
    database.execute(REPLACE_INSTANCE).await;
    let ended = server.running.wait().await.unwrap_err();
    assert!(ended.to_string().contains("replaced by another one"), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_to_postgres_is_reopened_and_the_op_is_retried() {
    let Some(database) = Database::postgres().await else { return };
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let client = connect(database.url.as_ref().unwrap()).await;
    client
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    let op = parlour_protocol::Op {
        id: parlour_protocol::OpId::new(),
        conversation_id: group,
        action: parlour_protocol::Action::send("once"),
    };
    let mut attempts = 0;
    while !wren.send_op(&op).await.status().is_success() {
        attempts += 1;
        assert!(attempts < 50, "the connection does not recover");
    }
    assert_eq!(wren.bootstrap(group).await.last_seq, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_used_over_tls_only_with_a_trusted_certificate() {
    let Some(database) = Database::postgres().await else { return };
    let certificate = std::env::var("PARLOUR_TEST_POSTGRES_CERTIFICATE").unwrap();
    let add = |name: &str, mode: &str, trusted: &str| {
        let mut add = Command::new(env!("CARGO_BIN_EXE_parlour-server"));
        let url = format!("{}?sslmode={mode}", database.url.as_ref().unwrap());
        add.args(["user", "add", name]).env("PARLOUR_DATABASE", url);
        add.env("SSL_CERT_FILE", trusted).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut adding = add.spawn().unwrap();
        // A program that refuses to connect does not read the password.
        let _ = adding.stdin.take().unwrap().write_all(b"correct horse\n");
        adding.wait().unwrap().success()
    };
    assert!(add("wren", "require", &certificate));
    assert!(!add("oak", "require", "/dev/null"), "the certificate is not trusted");
    assert!(add("oak", "disable", "/dev/null"), "PostgreSQL itself works");
    let names =
        database.query_string("SELECT string_agg(username, ',' ORDER BY username) FROM users");
    assert_eq!(names.await, "oak,wren");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_op_is_remembered_for_90_days_and_a_message_for_ever() {
    let Some(database) = Database::postgres().await else { return };
    check_op_expires(database).await;
    check_op_expires(Database::sqlite()).await;
}

async fn check_op_expires(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let send = Op { id: OpId::new(), conversation_id: group, action: Action::send("once") };
    wren.send_op(&send).await;
    let rename = Action::Rename { title: "old".into() };
    let renamed = Op { id: OpId::new(), conversation_id: group, action: rename };
    wren.send_op(&renamed).await;
    server.running.stop().await.unwrap();
    let (day, now) = (24 * 3600 * 1000, jiff::Timestamp::now().as_millisecond());
    let (old, young) = (now - 91 * day, now - 89 * day);
    database
        .execute(&format!(
            "UPDATE ops SET created_at = {old} WHERE id = '{0}';
             UPDATE ops SET created_at = {young} WHERE id <> '{0}'",
            renamed.id
        ))
        .await;
    let count = "SELECT CAST(count(*) AS TEXT) FROM ops";
    assert_eq!(database.query_string(count).await, "2");
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    let mut attempts = 0;
    while database.query_string(count).await != "1" {
        attempts += 1;
        assert!(attempts < 1000, "the record of the op is not deleted");
        wren.get::<Heads>("heads").await;
    }
    assert_eq!(message(&wren.send_op(&send).await.json().await.unwrap()).seq.0, 1);
}
