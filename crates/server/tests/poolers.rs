//! A pooler between the servers and their PostgreSQL.

use crate::common::{Database, Server};
use crate::socket::Socket;
use parlour_headless::Pgbouncer;
use parlour_protocol::{Frame, StreamId};
use parlour_server::{Config, serve};
use std::error::Error;
use std::io::ErrorKind;

/// A pooler in front of the tests' PostgreSQL, and what reaches a database through it.
async fn behind(pool_mode: &str) -> Option<(Pgbouncer, Database, Config)> {
    let database = Database::postgres().await?;
    let (server, name) = database.url.as_ref().unwrap().rsplit_once('/').unwrap();
    let port = server.rsplit_once(':').unwrap().1.parse().unwrap();
    let pooler = match Pgbouncer::start(port, pool_mode) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("SKIPPED behind a pooler: pgbouncer is not installed");
            return None;
        }
        pooler => pooler.unwrap(),
    };
    let config = Config { database: pooler.url(name).parse().unwrap(), ..database.config() };
    Some((pooler, database, config))
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_with_a_connection_for_each_client_servers_work_and_tell_each_other() {
    let Some((_pooler, _database, config)) = behind("session").await else { return };
    let (one, two) = (Server::start(&config).await, Server::start(&config).await);
    let wren = one.register("wren").await;
    let there = two.again(&wren);
    let mut socket = Socket::open(&there).await;
    let room = wren.group(&[]).await;
    for n in 0..50 {
        let user = if n % 2 == 0 { &wren } else { &there };
        user.say(room, "through the pooler").await;
    }
    assert_eq!(there.bootstrap(room).await.last_seq, 50);
    // Said at the other server after all that this one pushed by itself.
    wren.say(room, "the last").await;
    let stream = StreamId::Conversation(room);
    let is_told = |frame: Frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream && head.head == 52),
        _ => false,
    };
    while !is_told(socket.next().await) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_changes_connections_between_transactions_is_refused_in_words() {
    for pool_mode in ["transaction", "statement"] {
        let Some((_pooler, database, config)) = behind(pool_mode).await else { return };
        let refused = serve(&config).await.err().expect("it is refused");
        let why = refused.source().expect("a cause").to_string();
        assert!(why.contains("pool_mode = session"), "{pool_mode}: {why}");
        let made = "SELECT count(*)::text FROM pg_class WHERE relname = 'users'";
        assert_eq!(database.text(made).await, "0", "before anything is done");
    }
}
