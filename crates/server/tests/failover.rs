//! PostgreSQL is lost, and a real standby of it, made from a base backup, is promoted.

use crate::common::{Database, Server, TIMEOUT, User, connect, message};
use crate::socket::Socket;
use parlour_headless::Postgres;
use parlour_protocol::{Action, ConversationId, Frame, Heads, MessageRow, Op, OpDone, OpId};
use parlour_server::Config;
use std::time::{Duration, Instant};

/// A PostgreSQL server with a standby, and a Parlour server on whichever of the two accepts writes.
struct Pair {
    primary: Postgres,
    standby: Postgres,
    config: Config,
    server: Server,
}

impl Pair {
    async fn start() -> Option<Self> {
        if std::env::var("PARLOUR_TEST_POSTGRES").is_err() {
            eprintln!("SKIPPED: PARLOUR_TEST_POSTGRES is not set; run `cargo xtask test`");
            return None;
        }
        let start = || {
            let primary = Postgres::start(false).unwrap();
            let standby = primary.standby().unwrap();
            (primary, standby)
        };
        let (primary, standby) = tokio::task::spawn_blocking(start).await.unwrap();
        let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
        let url = format!("postgres://parlour@{hosts}/postgres?sslmode=disable");
        let config = Config {
            database: url.parse().unwrap(),
            heartbeat: Duration::from_millis(100),
            ..Database::sqlite().config()
        };
        let server = Server::start(&config).await;
        Some(Self { primary, standby, config, server })
    }

    /// Kills the primary and promotes the standby.
    fn fail_over(&self) {
        self.primary.kill().unwrap();
        self.standby.promote().unwrap();
    }

    /// Restarts the Parlour server.
    async fn restart(&mut self) {
        let server = Server::start(&self.config).await;
        std::mem::replace(&mut self.server, server).running.stop().await.unwrap();
    }
}

/// Sends a message, and retries until it is accepted.
async fn send_with_retries(user: &User, conversation: ConversationId, body: &str) -> MessageRow {
    let op = Op { id: OpId::new(), conversation_id: conversation, action: Action::send(body) };
    let began = Instant::now();
    loop {
        let response = user.send_op(&op).await;
        if response.status().is_success() {
            return message(&response.json::<OpDone>().await.unwrap());
        }
        assert!(began.elapsed() < TIMEOUT, "the server does not recover: {}", response.status());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until a query returns `expected`.
async fn wait_until(url: &str, sql: &str, expected: &str) {
    let client = connect(url).await;
    let began = Instant::now();
    loop {
        let found: String = client.query_one(sql, &[]).await.unwrap().get(0);
        if found == expected {
            return;
        }
        assert!(began.elapsed() < TIMEOUT, "{sql}: {found}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for several heartbeats: at each, the server compares the database's timeline.
async fn pass_heartbeats(user: &User) {
    let mut socket = Socket::open(user).await;
    let mut count = 0;
    while count < 5 {
        count += usize::from(matches!(socket.next().await, Frame::Heartbeat { .. }));
    }
}

async fn execute(postgres: &Postgres, statements: &[&str]) {
    let client = connect(&postgres.url("postgres")).await;
    for statement in statements {
        client.batch_execute(statement).await.unwrap();
    }
}

const TIMELINE: &str = "SELECT split_part(origin, ':', 2) FROM instance";

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_that_was_caught_up_continues_in_the_same_epoch() {
    let Some(mut pair) = Pair::start().await else { return };
    // Commits are on the standby before they are announced.
    let synchronous_replication =
        ["ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"];
    execute(&pair.primary, &synchronous_replication).await;
    let synchronous = "SELECT coalesce(max(sync_state), '') FROM pg_stat_replication";
    wait_until(&pair.primary.url("postgres"), synchronous, "sync").await;
    let wren = pair.server.register("wren").await;
    let group = wren.group(&[]).await;
    for n in 1..=5 {
        assert_eq!(send_with_retries(&wren, group, "before").await.seq.0, n);
    }
    let before: Heads = wren.get("heads").await;
    pair.fail_over();
    assert_eq!(send_with_retries(&wren, group, "after").await.seq.0, 6);
    wait_until(&pair.standby.url("postgres"), TIMELINE, "2").await;
    // This is still true after more comparisons of the timelines.
    pass_heartbeats(&wren).await;
    let after: Heads = wren.get(&format!("heads?wm=0&proof={}", before.proof)).await;
    assert_eq!(after.epoch, before.epoch);
    assert_eq!(wren.bootstrap(group).await.last_seq, 6);
    pair.restart().await;
    let wren = pair.server.sign_in("wren").await;
    assert_eq!(wren.get::<Heads>("heads").await.epoch, before.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_that_was_lagging_continues_in_a_new_epoch() {
    let Some(mut pair) = Pair::start().await else { return };
    let wren = pair.server.register("wren").await;
    let group = wren.group(&[]).await;
    send_with_retries(&wren, group, "replicated").await;
    let standby = pair.standby.url("postgres");
    wait_until(&standby, "SELECT count(*)::text FROM messages", "1").await;
    // The standby receives nothing more.
    let stop_replication = ["ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"];
    execute(&pair.standby, &stop_replication).await;
    wait_until(&standby, "SELECT count(*)::text FROM pg_stat_wal_receiver", "0").await;
    // Nobody requests heads, so no client can prove that anything was lost.
    let before = wren.bootstrap(group).await.epoch;
    for n in 2..=4 {
        assert_eq!(send_with_retries(&wren, group, "lost").await.seq.0, n);
    }
    pair.fail_over();
    // Other messages replace the lost ones, and the watermark is soon where it was.
    for n in 2..=9 {
        assert_eq!(send_with_retries(&wren, group, "instead").await.seq.0, n);
    }
    let after: Heads = wren.get("heads").await;
    assert_ne!(after.epoch, before, "every client starts from the beginning");
    wait_until(&standby, TIMELINE, "2").await;
    pass_heartbeats(&wren).await;
    assert_eq!(wren.get::<Heads>("heads").await.epoch, after.epoch, "the epoch changes once");
    pair.restart().await;
    let wren = pair.server.sign_in("wren").await;
    assert_eq!(
        wren.get::<Heads>("heads").await.epoch,
        after.epoch,
        "the epoch does not change again at the next start"
    );
}
