//! The database as a whole: moved, restored, gone for a while.

use crate::common::{Database, Server, connect};
use crate::socket::Socket;
use parlour_protocol::{ErrorCode, Frame, Heads, StreamId};
use parlour_server::{DatabaseAddress, copy_database};

/// Some of everything.
async fn furnish(server: &Server) -> String {
    let wren = server.register_administrator("wren").await;
    let oak = server.register("Öak").await;
    let room = wren.group(&[&oak]).await;
    let id = wren.say(room, "日本語 and \"quotes\"").await;
    use parlour_protocol::{Action, ConversationId, Seq};
    oak.act(room, Action::React { message_id: id, emoji: "👍".into(), on: true }).await;
    wren.act(room, Action::edit(id, "edited")).await;
    oak.act(room, Action::Read { seq: Seq(1) }).await;
    oak.act(room, Action::Draft { body: "draft".into(), reply_to: Some(id) }).await;
    oak.act(room, Action::Save { message_id: id, on: true }).await;
    let setting = Action::Setting { name: "theme".into(), value: "dark".into() };
    oak.act(ConversationId(uuid::Uuid::nil()), setting).await;
    for number in 0..20 {
        wren.say(room, &format!("message {number}")).await;
    }
    let everything = (
        oak.bootstrap(room).await,
        oak.changes(StreamId::Account(oak.id)).await,
        oak.changes(StreamId::Directory).await,
    );
    serde_json::to_string(&everything).unwrap()
}

async fn view(server: &Server) -> String {
    // Signing in is itself a change of the account; the view is of what was there before.
    let oak = server.sign_in("Öak").await;
    let heads: Heads = oak.get("heads").await;
    let room = heads.heads.iter().find_map(|head| match head.stream {
        StreamId::Conversation(id) => Some(id),
        _ => None,
    });
    let mut account = oak.changes(StreamId::Account(oak.id)).await;
    let own = account.rows.pop();
    assert!(matches!(own, Some(parlour_protocol::Row::Session(_))));
    account.to -= 1;
    account.head -= 1;
    let everything =
        (oak.bootstrap(room.unwrap()).await, account, oak.changes(StreamId::Directory).await);
    serde_json::to_string(&everything).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_moves_to_postgres_and_back_and_nothing_is_lost() {
    let (from, back) = (Database::sqlite(), Database::sqlite());
    let Some(to) = Database::postgres().await else { return };
    let server = from.serve().await;
    let before = furnish(&server).await;
    server.running.stop().await.unwrap();
    let mut there = Vec::new();
    copy_database(&from.address, &to.address, |copied| there.push(copied.clone())).await.unwrap();
    assert!(there.iter().any(|copied| copied.table == "messages" && copied.rows == 21));
    let mut again = Vec::new();
    copy_database(&to.address, &back.address, |copied| again.push(copied.clone())).await.unwrap();
    assert_eq!(there, again);
    for database in [&to, &back] {
        assert_eq!(view(&database.serve().await).await, before);
    }
    let twice = copy_database(&from.address, &to.address, |_| ()).await;
    assert!(twice.is_err(), "a database that is not empty is not written over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_backup_is_noticed_by_itself() {
    let database = Database::sqlite();
    let DatabaseAddress::Sqlite(file) = database.address.clone() else { unreachable!() };
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let before: Heads = wren.get("heads").await;
    server.running.stop().await.unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.get::<Heads>("heads").await.epoch, before.epoch, "a mere restart");
    server.running.stop().await.unwrap();

    let backup = std::fs::read(&file).unwrap();
    let server = database.serve().await;
    server.sign_in("wren").await.group(&[]).await;
    server.running.stop().await.unwrap();
    // Written over, in the same place: only the witness beside it can tell.
    std::fs::write(&file, &backup).unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    let restored: Heads = wren.get("heads").await;
    assert_ne!(restored.epoch, before.epoch);
    let old = format!("changes?stream=directory&epoch={}&since=0", before.epoch);
    assert_eq!(wren.refused(&old).await, ErrorCode::Epoch);
    server.running.stop().await.unwrap();

    // Put in its place as another file.
    std::fs::copy(&file, file.with_extension("bak")).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(file.with_extension("bak"), &file).unwrap();
    let server = database.serve().await;
    let wren = server.sign_in("wren").await;
    assert_ne!(wren.get::<Heads>("heads").await.epoch, restored.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_restored_into_postgres_is_noticed_by_itself() {
    let Some(database) = Database::postgres().await else { return };
    let server = database.serve().await;
    let before: Heads = server.register("wren").await.get("heads").await;
    server.running.stop().await.unwrap();
    // What pg_restore --clean does to the table: drops it and makes it anew with the same rows.
    database
        .execute(
            "CREATE TABLE dumped AS SELECT * FROM instance;
             DROP TABLE instance;
             ALTER TABLE dumped RENAME TO instance",
        )
        .await;
    let server = database.serve().await;
    let after: Heads = server.sign_in("wren").await.get("heads").await;
    assert_ne!(before.epoch, after.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_to_postgres_is_made_anew_and_the_op_is_told_to_try_again() {
    let Some(database) = Database::postgres().await else { return };
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
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
        conversation_id: room,
        action: parlour_protocol::Action::send("once"),
    };
    let mut tries = 0;
    while !wren.send_op(&op).await.status().is_success() {
        tries += 1;
        assert!(tries < 50, "it never came back");
    }
    assert_eq!(wren.bootstrap(room).await.last_seq, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_share_a_database_keep_positions_dense() {
    let Some(database) = Database::postgres().await else { return };
    let (one, two) = (database.serve().await, database.serve().await);
    let wren = one.register("wren").await;
    let room = wren.group(&[]).await;
    let there = crate::common::User { url: two.url.clone(), ..wren.clone() };
    let sends =
        (0..100).map(|n| if n % 2 == 0 { wren.say(room, "one") } else { there.say(room, "two") });
    futures_util::future::join_all(sends).await;
    assert_eq!(there.bootstrap(room).await.last_seq, 100);
    assert_eq!(wren.changes(StreamId::Conversation(room)).await.rows.len(), 102);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_share_a_database_tell_each_other_what_moved_and_who_was_signed_out() {
    let Some(database) = Database::postgres().await else { return };
    let (one, two) = (database.serve().await, database.serve().await);
    let wren = one.register("wren").await;
    let other = one.sign_in("wren").await;
    let there = crate::common::User { url: two.url.clone(), ..other };
    let mut socket = Socket::open(&there).await;
    let room = wren.group(&[]).await;
    wren.say(room, "heard over there").await;
    let stream = StreamId::Conversation(room);
    // The socket follows a conversation that was begun on the other server, and hears of it.
    loop {
        if let Frame::Hint { heads } = socket.next().await
            && heads.iter().any(|head| head.stream == stream && head.head == 2)
        {
            break;
        }
    }
    wren.request(reqwest::Method::DELETE, "sessions/others").await;
    let ended = tokio::time::timeout(std::time::Duration::from_secs(1), async {
        while !matches!(socket.next().await, Frame::Bye { code: ErrorCode::Token, .. }) {}
    });
    ended.await.expect("within a second");
}
