//! A connection pooler between the servers and PostgreSQL.

use crate::common::{Database, Server, connect};
use crate::socket::Socket;
use futures_util::future::join_all;
use parlour_headless::Pgbouncer;
use parlour_protocol::{Frame, StreamId};
use parlour_server::{Config, serve};
use std::error::Error;
use std::io::ErrorKind;

/// Starts a pooler in front of the tests' PostgreSQL, and returns it with a database and the configuration of
/// a server that uses the database through the pooler.
async fn start_behind_pooler(settings: &str) -> Option<(Pgbouncer, Database, Config)> {
    let database = Database::postgres().await?;
    let (server, name) = database.url.as_ref().unwrap().rsplit_once('/').unwrap();
    let port = server.rsplit_once(':').unwrap().1.parse().unwrap();
    let pooler = match Pgbouncer::start(port, settings) {
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
async fn servers_work_and_notify_each_other_behind_a_session_pooler() {
    let Some((_pooler, _database, config)) = start_behind_pooler("pool_mode = session").await
    else {
        return;
    };
    let (one, two) = (Server::start(&config).await, Server::start(&config).await);
    let wren = one.register("wren").await;
    let wren_at_two = two.with_session_of(&wren);
    let mut socket = Socket::open(&wren_at_two).await;
    let group = wren.group(&[]).await;
    for n in 0..50 {
        let user = if n % 2 == 0 { &wren } else { &wren_at_two };
        user.say(group, "through the pooler").await;
    }
    assert_eq!(wren_at_two.bootstrap(group).await.last_seq, 50);
    // This is sent to the other server after everything that this server pushes by itself.
    wren.say(group, "the last").await;
    let stream = StreamId::Conversation(group);
    let is_expected = |frame: Frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream && head.head == 52),
        _ => false,
    };
    while !is_expected(socket.next().await) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_pooler_is_refused_with_the_required_setting() {
    for settings in [
        "pool_mode = transaction",
        "pool_mode = statement",
        "pool_mode = transaction\nserver_round_robin = 1",
    ] {
        for idle in 1..4 {
            assert_refused(settings, idle).await;
        }
    }
}

/// Checks that the server refuses a pooler with these settings and with `idle` connections that wait for clients.
async fn assert_refused(settings: &str, idle: usize) {
    let Some((pooler, database, config)) = start_behind_pooler(settings).await else { return };
    let (_, name) = database.url.as_ref().unwrap().rsplit_once('/').unwrap();
    let mut clients = Vec::new();
    for _ in 0..idle {
        clients.push(connect(&pooler.url(name)).await);
    }
    let at_once = clients.iter().map(|client| client.simple_query("SELECT pg_sleep(0.1)"));
    assert!(join_all(at_once).await.iter().all(Result::is_ok));
    let refused = serve(&config).await.err().expect("the pooler is refused");
    let error = refused.source().expect("a cause").to_string();
    assert!(error.contains("pool_mode = session"), "{settings}: {error}");
    let table_count = "SELECT count(*)::text FROM pg_class WHERE relname = 'users'";
    assert_eq!(database.query_string(table_count).await, "0", "before anything is done");
}
