//! Resent ops: they are performed once, and the response is the current state, as far as the caller may see
//! it now.

use crate::common::{Database, Server, User, error_body, message};
use parlour_protocol::{Action, ConversationId, ErrorCode, Op, OpDone, OpId, Row};
use parlour_server::{Config, DatabaseAddress};
use reqwest::StatusCode;

on_both_databases! {
    a_repeated_op_does_not_return_a_deleted_message,
    a_former_member_receives_a_confirmation_without_rows,
    the_record_of_an_op_does_not_grow_with_the_message,
    responses_that_an_earlier_version_stored_are_dropped,
    one_account_can_write_only_so_much_a_day,
}

fn op(conversation: ConversationId, action: Action) -> Op {
    Op { id: OpId::new(), conversation_id: conversation, action }
}

async fn perform(user: &User, op: &Op) -> OpDone {
    let response = user.send_op(op).await;
    assert_eq!(response.status(), StatusCode::OK, "{:?}", op.action);
    response.json().await.unwrap()
}

async fn a_repeated_op_does_not_return_a_deleted_message(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "a secret").await;
    let ops = [
        op(group, Action::React { message_id: id, emoji: "👍".into(), on: true }),
        op(group, Action::PinMessage { message_id: id, on: true }),
    ];
    for op in &ops {
        assert_eq!(message(&perform(&oak, op).await).body, "a secret");
        assert_eq!(perform(&oak, op).await, perform(&oak, op).await);
    }
    let deleting = op(group, Action::Delete { message_id: id });
    perform(&wren, &deleting).await;
    for op in ops.iter().map(|op| (&oak, op)).chain([(&wren, &deleting)]) {
        let now = message(&perform(op.0, op.1).await);
        assert!(now.body.is_empty() && now.deleted_at.is_some(), "{now:?}");
    }
}

async fn a_former_member_receives_a_confirmation_without_rows(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "among us").await;
    let message_op = op(group, Action::send("and I"));
    let reacted = op(group, Action::React { message_id: id, emoji: "👍".into(), on: true });
    let added = op(group, Action::AddMember { user_id: wren.id });
    for op in [&message_op, &reacted, &added] {
        assert!(!perform(&oak, op).await.rows.is_empty());
    }
    let removed = op(group, Action::RemoveMember { user_id: oak.id });
    perform(&wren, &removed).await;
    wren.act(group, Action::edit(id, "without them")).await;
    for op in [&message_op, &reacted, &added] {
        assert_eq!(perform(&oak, op).await.rows, [], "{:?}", op.action);
    }
    assert!(
        matches!(&perform(&wren, &removed).await.rows[..], [Row::Member(row)] if row.left_at.is_some())
    );
    // A member whose first response to leaving was lost is told on a retry that they have left.
    wren.act(group, Action::AddMember { user_id: oak.id }).await;
    let leaving = op(group, Action::Leave);
    assert_eq!(perform(&oak, &leaving).await, perform(&oak, &leaving).await);
    let rows = perform(&oak, &leaving).await.rows;
    assert!(matches!(&rows[..], [Row::Membership(row)] if row.left_at.is_some()), "{rows:?}");
    // Neither another op nor another user's op is accepted under the same id.
    let other = Op { action: Action::Leave, ..message_op.clone() };
    assert_eq!(error_body(oak.send_op(&other).await).await.code, ErrorCode::OpConflict);
    assert_eq!(error_body(wren.send_op(&message_op).await).await.code, ErrorCode::OpConflict);
}

async fn the_record_of_an_op_does_not_grow_with_the_message(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let id = wren.say(group, &"\"".repeat(64 * 1024)).await;
    for n in 0..20 {
        let on = n % 2 == 0;
        wren.act(group, Action::React { message_id: id, emoji: "👍".into(), on }).await;
    }
    server.running.stop().await.unwrap();
    let sql = "SELECT CAST(count(*) AS TEXT) || ' ' || CAST(sum(length(digest)) AS TEXT) FROM ops";
    assert_eq!(database.query_string(sql).await, format!("21 {}", 21 * 64));
}

/// Creates the tables of the server version that remembered responses, with one remembered response.
async fn create_tables_of_earlier_version(database: &Database) {
    let engine = match &database.address {
        DatabaseAddress::Sqlite(_) => "sqlite",
        DatabaseAddress::Postgres(_) => "postgres",
    };
    let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files: std::collections::BTreeSet<_> = files.collect();
    let is_before = |file: &&std::path::PathBuf| !file.to_str().unwrap().ends_with("_ops.sql");
    let mut version = 0;
    for file in files.iter().take_while(is_before) {
        database.execute(&std::fs::read_to_string(file).unwrap()).await;
        version += 1;
    }
    let id = "01990000-0000-7000-8000-000000000001";
    database
        .execute(&format!(
            "INSERT INTO users (id, username, password_hash) VALUES ('{id}', 'wren', '!');
             INSERT INTO ops (user_id, id, digest, done, created_at)
             VALUES ('{id}', '{id}', 'of its content', 'a secret', 9000000000000)"
        ))
        .await;
    let set_version = match engine {
        "sqlite" => format!("PRAGMA application_id = 1346458195; PRAGMA user_version = {version}"),
        _ => format!(
            "CREATE TABLE schema_version (version BIGINT PRIMARY KEY);
             INSERT INTO schema_version SELECT generate_series(1, {version})"
        ),
    };
    database.execute(&set_version).await;
}

async fn responses_that_an_earlier_version_stored_are_dropped(database: Database) {
    if let DatabaseAddress::Sqlite(path) = &database.address {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
    create_tables_of_earlier_version(&database).await;
    database.serve().await.running.stop().await.unwrap();
    let digest =
        database.query_string("SELECT digest FROM ops WHERE created_at = 9000000000000").await;
    assert_eq!(digest, "of its content");
    let columns = match &database.address {
        DatabaseAddress::Sqlite(_) => "SELECT group_concat(name) FROM pragma_table_xinfo('ops')",
        DatabaseAddress::Postgres(_) => {
            "SELECT string_agg(attname::text, ',' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = 'ops'::regclass AND attnum > 0"
        }
    };
    assert_eq!(database.query_string(columns).await, "user_id,id,digest,created_at");
}

async fn one_account_can_write_only_so_much_a_day(database: Database) {
    let config = Config { bytes_per_day: 512 * 1024, ..database.config() };
    let server = Server::start(&config).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "small").await;
    let large = "x".repeat(64 * 1024);
    let mut refused = None;
    for _ in 0..10 {
        let response = wren.send_op(&op(group, Action::edit(id, large.clone()))).await;
        if !response.status().is_success() {
            refused = Some(error_body(response).await);
            break;
        }
    }
    let refused = refused.expect("the limit is reached");
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.message.contains("today"), "{}", refused.message);
    assert!(refused.retry_after_ms.unwrap() > 60_000);
    // The quota covers ops of any kind, and does not affect other users.
    let draft = Action::Draft { body: large.clone(), reply_to: None, based_on: None };
    assert_eq!(wren.act_error(group, draft).await, ErrorCode::RateLimited);
    oak.say(group, &large).await;
}
