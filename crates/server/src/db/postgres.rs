//! The engine for large servers: a pool reads, one connection writes.
//!
//! Several servers may share a database. One transaction writes at a time, over all of them: each
//! begins by taking one lock. So the watermark is in commit order, no two can
//! deadlock, nothing has to be tried again, and the SQL above can think as it does on SQLite. What
//! it costs is one lock handed over per commit, and a commit holds up to 256 requests and all messages
//! that wait.

use super::value::{Row, Value};
use super::{BoxFuture, DbError, Each, lock};
use bytes::{BufMut, BytesMut};
use deadpool_postgres::{
    Client, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use futures_util::future::try_join;
use futures_util::stream::{Stream, StreamExt, poll_fn};
use parlour_protocol::Millis;
use std::collections::BTreeSet;
use std::error::Error;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, Config, NoTls, SimpleQueryMessage, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

/// What brings an empty database to version 1, and each version to the next.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_initial.sql"),
    include_str!("../../migrations/postgres/0002_audit.sql"),
    include_str!("../../migrations/postgres/0003_sessions.sql"),
    include_str!("../../migrations/postgres/0004_ops.sql"),
    include_str!("../../migrations/postgres/0005_made_ids.sql"),
    include_str!("../../migrations/postgres/0006_restores.sql"),
    include_str!("../../migrations/postgres/0007_removed.sql"),
    include_str!("../../migrations/postgres/0008_looks.sql"),
    include_str!("../../migrations/postgres/0009_audit_end.sql"),
    include_str!("../../migrations/postgres/0010_collation.sql"),
    include_str!("../../migrations/postgres/0011_owners.sql"),
];
/// Connections that read at the same time.
pub const READERS: usize = 16;
/// Nothing that the server asks takes longer, unless something is wrong. What is committed is on the
/// disk before it is told, and each statement of a writer sees what was committed before its turn,
/// whatever the database or the address says. Said once a connection is there: poolers do not pass on what is
/// asked for as it begins.
const SETTINGS: &str = "SET synchronous_commit = on;
    SET default_transaction_isolation = 'read committed';
    SET statement_timeout = '30s'; SET lock_timeout = '20s';
    SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning";
/// The writer's statements find rows by their keys, however many there are: no plan but that one is
/// good, also for tables that PostgreSQL has not counted yet, and none has to be made anew.
const WRITER_SETTINGS: &str = "SET plan_cache_mode = force_generic_plan;
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off;
    SET enable_bitmapscan = off; SET enable_material = off";
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long what was sent may stay unacknowledged, and how long a silent connection is left unasked, before
/// the database's computer counts as gone.
const ACKNOWLEDGED: Duration = Duration::from_secs(20);
const COMMIT: &str = "SELECT wm, run FROM instance WHERE only_row = 1; COMMIT";
/// Takes the turn to write: a lock that is no row's, because it costs no write of its own.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7205759403792794)";
/// What tells this database from one restored into its place: the cluster, how often it was
/// recovered to a point in time, the database in it, and the table itself, which a dump makes anew.
/// The checkpoint knows a new timeline a minute late; the name of the file that is written to, at once.
const ORIGIN: &str = "SELECT s.system_identifier::text || ':'
        || ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int::text || ':'
        || d.oid::text || ':' || 'instance'::regclass::oid::text AS origin
    FROM pg_control_system() AS s, pg_database AS d
    WHERE d.datname = current_database()";

/// Whether an origin is that of a standby of the other which was promoted since: the same cluster, database
/// and table, on a later timeline.
pub fn is_promoted(was: &str, now: &str) -> bool {
    let parts = |origin: &str| -> Option<(String, u32, String)> {
        let (cluster, rest) = origin.split_once(':')?;
        let (timeline, rest) = rest.split_once(':')?;
        Some((cluster.into(), timeline.parse().ok()?, rest.into()))
    };
    parts(was)
        .zip(parts(now))
        .is_some_and(|(was, now)| (&was.0, &was.2) == (&now.0, &now.2) && was.1 < now.1)
}

/// Connections for reading.
pub fn readers(url: &str) -> Result<Pool, DbError> {
    pool(config(url)?, READERS, &[SETTINGS])
}

fn pool(config: Config, size: usize, settings: &'static [&'static str]) -> Result<Pool, DbError> {
    let recycle = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match tls(&config)? {
        Some(tls) => Manager::from_config(config, tls, recycle),
        None => Manager::from_config(config, NoTls, recycle),
    };
    Pool::builder(manager)
        .max_size(size)
        .post_create(Hook::async_fn(move |client, _| {
            Box::pin(async move { set(client, settings).await.map_err(HookError::message) })
        }))
        .wait_timeout(Some(CONNECT))
        .create_timeout(Some(CONNECT))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| DbError::Address(error.to_string()))
}

/// Says what holds for a connection.
async fn set(client: &tokio_postgres::Client, settings: &[&str]) -> Result<(), String> {
    for some in settings {
        let asked = timeout(CONNECT, client.batch_execute(some)).await;
        let done =
            asked.map_err(|_| "no answer: a pooler may have no connection left".to_owned())?;
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn config(url: &str) -> Result<Config, DbError> {
    let mut config = Config::from_str(url).map_err(|error| DbError::Address(error.to_string()))?;
    config.application_name("parlour-server");
    if !url.contains("keepalives") && config.get_tcp_user_timeout().is_none() {
        config.keepalives_idle(ACKNOWLEDGED).tcp_user_timeout(ACKNOWLEDGED);
    }
    // Never a standby, which may be behind.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    Ok(config)
}

/// TLS with the system's trusted certificates where the address asks for it; none to this machine.
/// Elsewhere one must say which, because the password goes there.
fn tls(config: &Config) -> Result<Option<MakeRustlsConnect>, DbError> {
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name == "127.0.0.1" || name == "::1",
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    match config.get_ssl_mode() {
        SslMode::Disable => Ok(None),
        SslMode::Prefer if config.get_hosts().iter().all(is_here) => Ok(None),
        SslMode::Prefer => {
            Err(DbError::Address("add sslmode=require, or sslmode=disable to go without".into()))
        }
        _ => {
            use rustls_platform_verifier::ConfigVerifierExt;
            let tls = rustls::ClientConfig::with_platform_verifier()
                .map_err(|error| DbError::Address(error.to_string()))?;
            Ok(Some(MakeRustlsConnect::new(tls)))
        }
    }
}

type Connecting<T> = Result<(tokio_postgres::Client, T), DbError>;

/// A connection outside of every transaction, and what has to run for it.
pub async fn connect(url: &str) -> Connecting<BoxFuture<'static, ()>> {
    let (client, mut messages) = connect_to_listen(url).await?;
    Ok((client, Box::pin(async move { while let Some(Ok(_)) = messages.next().await {} })))
}

/// Which of the database's processes works for a connection.
const PROCESS: &str = "SELECT pg_backend_pid()";
/// Times that [`require_session`] asks each of two connections in turn. The second is asked once more each
/// time, so that a pooler that hands its connections out in turn cannot meet the same ones by chance.
const TURNS: usize = 4;

/// Refuses a pooler that gives a connection to several of its clients in turn, a transaction each: what is
/// set, prepared or listened for on one would be on another's, and not there when it is needed.
async fn require_session(client: &tokio_postgres::Client, url: &str) -> Result<(), DbError> {
    let (other, connection) = connect(url).await?;
    tokio::spawn(connection);
    let processes = async {
        let (mut ours, mut others) = (BTreeSet::new(), BTreeSet::new());
        for turn in 0..TURNS {
            ours.extend(process(client).await?);
            for _ in 0..=turn {
                others.extend(process(&other).await?);
            }
        }
        Ok::<_, DbError>((ours, others))
    };
    let message = "a pooler in front of it has no second connection to give";
    let processes = timeout(CONNECT, processes).await;
    let (ours, others) = processes.map_err(|_| DbError::Address(message.into()))??;
    if ours.len() == 1 && others.len() == 1 && ours != others {
        return Ok(());
    }
    Err(DbError::Address(
        "a pooler stands there that changes connections between transactions. Let it keep one for each \
         client (pgbouncer's pool_mode = session), or name PostgreSQL's own address"
            .into(),
    ))
}

async fn process(client: &tokio_postgres::Client) -> Result<Option<String>, DbError> {
    let messages = client.simple_query(PROCESS).await?;
    Ok(messages.iter().find_map(first_text).map(String::from))
}

fn first_text(message: &SimpleQueryMessage) -> Option<&str> {
    match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    }
}

/// Says to a connection of one's own what holds for all.
pub async fn settle(client: &tokio_postgres::Client) -> Result<(), DbError> {
    Ok(client.batch_execute(SETTINGS).await?)
}

/// What a connection hears.
pub type Messages = Pin<Box<dyn Stream<Item = Result<AsyncMessage, tokio_postgres::Error>> + Send>>;

/// A connection whose messages one reads oneself.
pub async fn connect_to_listen(url: &str) -> Connecting<Messages> {
    let config = config(url)?;
    Ok(match tls(&config)? {
        Some(tls) => {
            let (client, mut connection) = config.connect(tls).await?;
            (client, Box::pin(poll_fn(move |cx| connection.poll_message(cx))))
        }
        None => {
            let (client, mut connection) = config.connect(NoTls).await?;
            (client, Box::pin(poll_fn(move |cx| connection.poll_message(cx))))
        }
    })
}

/// A connection with a transaction open, or the writer's.
pub struct Handle {
    client: Option<Client>,
    /// The writer's own, to connect again.
    pool: Option<Pool>,
    /// Said with the next statement, for nobody has to wait for it.
    ahead: Mutex<Vec<Ahead>>,
}

/// What is said with the next statement.
enum Ahead {
    /// Statements that take and answer nothing.
    Text(String),
    /// One with its parameters' lists.
    Each(Statement, Vec<Vec<Value>>),
}

impl Ahead {
    async fn say(&self, client: &Client) -> Result<(), DbError> {
        match self {
            Self::Text(sql) => client.batch_execute(sql).await?,
            Self::Each(statement, lists) => {
                client.execute(statement, &dynamic(lists)).await?;
            }
        }
        Ok(())
    }
}

impl Handle {
    /// A connection to write with, to a database that has its tables.
    pub async fn writer(url: &str) -> Result<Self, DbError> {
        let pool = pool(config(url)?, 1, &[SETTINGS, WRITER_SETTINGS])?;
        let mut client = pool.get().await?;
        require_session(&client, url).await?;
        migrate(&mut client).await?;
        Ok(Self { client: Some(client), pool: Some(pool), ahead: Mutex::default() })
    }

    /// A snapshot to read from.
    pub fn snapshot(client: Client) -> Self {
        let begin = Ahead::Text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into());
        Self { client: Some(client), pool: None, ahead: Mutex::new(vec![begin]) }
    }

    /// See [`ORIGIN`].
    pub async fn origin(&self) -> Result<String, DbError> {
        let rows = self.query(ORIGIN, &[]).await?;
        rows.first().ok_or(DbError::Missing)?.get("origin")
    }

    /// Commits, and answers how far the database is then: its watermark, and the run in which that is.
    pub async fn commit(&self) -> Result<(i64, String), DbError> {
        let client = self.client()?;
        let ahead = self.say_ahead(client);
        let asked = async { Ok::<_, DbError>(client.simple_query(COMMIT).await?) };
        let ((), messages) = try_join(ahead, asked).await?;
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok().zip(row.get(1)),
            _ => None,
        });
        row.map(|(wm, run)| (wm, run.to_owned())).ok_or(DbError::Missing)
    }

    /// Connects again if the connection was lost; answers whether it was.
    pub async fn reconnect(&mut self) -> Result<bool, DbError> {
        if let Some(pool) = &self.pool
            && self.client.as_ref().is_none_or(|client| client.is_closed())
        {
            self.client = None;
            self.client = Some(pool.get().await?);
            return Ok(true);
        }
        Ok(false)
    }

    /// Begins to write, once it is this server's turn: with the first statement.
    pub fn begin(&self) {
        self.defer(BEGIN);
    }

    fn client(&self) -> Result<&Client, DbError> {
        self.client.as_ref().ok_or(DbError::Missing)
    }

    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.ask(sql, params).await
    }

    /// See [`super::Tx::query_within`]. Rows come as they are taken.
    pub async fn query_within(
        &self,
        sql: &str,
        params: &[Value],
        bytes: usize,
    ) -> Result<(Vec<Row>, bool), DbError> {
        let client = self.client()?;
        let ahead = self.say_ahead(client);
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            let found = client.query_raw(&statement, params).await?;
            Ok::<_, DbError>((statement, found))
        };
        let ((), (statement, found)) = try_join(ahead, asked).await?;
        let names = names(&statement);
        let mut found = std::pin::pin!(found);
        let (mut rows, mut held) = (Vec::new(), 0);
        while let Some(row) = found.next().await {
            let row = of_names(&names, &row?)?;
            if held > bytes {
                return Ok((rows, true));
            }
            held += row.bytes();
            rows.push(row);
        }
        Ok((rows, false))
    }

    pub async fn query_each(
        &self,
        each: &Each,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        self.ask(&each.of_lists(), &each.lists(rows)).await
    }

    async fn ask<T: ToSql + Sync>(&self, sql: &str, params: &[T]) -> Result<Vec<Row>, DbError> {
        let client = self.client()?;
        let ahead = self.say_ahead(client);
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            let found = client.query(&statement, &dynamic(params)).await?;
            Ok::<_, DbError>((statement, found))
        };
        let ((), (statement, found)) = try_join(ahead, asked).await?;
        let names = names(&statement);
        found.iter().map(|row| of_names(&names, row)).collect()
    }

    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        let client = self.client()?;
        let ahead = self.say_ahead(client);
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            Ok::<_, DbError>(client.execute(&statement, &dynamic(params)).await?)
        };
        Ok(try_join(ahead, asked).await?.1)
    }

    /// Lets a statement go with the next one.
    pub async fn write_each(&self, each: &Each, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let statement = self.client()?.prepare_cached(&each.of_lists()).await?;
        lock(&self.ahead).push(Ahead::Each(statement, each.lists(rows)));
        Ok(())
    }

    /// Forgets what was deferred: what it was for has failed.
    pub fn forget(&self) {
        lock(&self.ahead).clear();
    }

    /// Lets a statement go with the next one, in the same round trip.
    pub fn defer(&self, sql: &str) {
        let mut ahead = lock(&self.ahead);
        match ahead.last_mut() {
            Some(Ahead::Text(text)) => {
                text.push(';');
                text.push_str(sql);
            }
            _ => ahead.push(Ahead::Text(sql.into())),
        }
    }

    /// Says what was deferred. The connection keeps the order in which things are first polled.
    async fn say_ahead(&self, client: &Client) -> Result<(), DbError> {
        let ahead = std::mem::take(&mut *lock(&self.ahead));
        let mut said = Vec::with_capacity(ahead.len());
        for what in &ahead {
            let mut saying = Box::pin(what.say(client));
            match std::future::poll_fn(|cx| Poll::Ready(saying.as_mut().poll(cx))).await {
                Poll::Ready(done) => done?,
                Poll::Pending => said.push(saying),
            }
        }
        for saying in said {
            saying.await?;
        }
        Ok(())
    }

    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        self.defer(sql);
        self.say_ahead(self.client()?).await
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.pool.is_none()
            && let Some(client) = self.client.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Back to the pool once the snapshot is over; a connection that fails is dropped by it.
            runtime.spawn(async move {
                let _ = client.batch_execute("ROLLBACK").await;
            });
        }
    }
}

fn names(statement: &Statement) -> Arc<[String]> {
    statement.columns().iter().map(|column| column.name().into()).collect()
}

fn of_names(names: &Arc<[String]>, row: &tokio_postgres::Row) -> Result<Row, DbError> {
    let values = (0..names.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>()?;
    Ok(Row { names: names.clone(), values })
}

fn dynamic<T: ToSql + Sync>(params: &[T]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

/// Brings the database to the newest version. Of several servers that start, one does it.
async fn migrate(client: &mut Client) -> Result<(), DbError> {
    let tx = client.transaction().await?;
    // Any number will do, as long as it is always the same. An index of millions takes longer to make anew than
    // any other statement may.
    tx.batch_execute(
        "SET LOCAL statement_timeout = 0;
         SELECT pg_advisory_xact_lock(7205759403792793);
         CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)",
    )
    .await?;
    let row = tx.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await?;
    let (found, known): (i64, i64) = (row.get(0), MIGRATIONS.len() as i64);
    if found > known {
        return Err(DbError::Newer { found, known });
    }
    for (version, step) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tx.batch_execute(step).await?;
        tx.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&version]).await?;
    }
    Ok(tx.commit().await?)
}

/// PostgreSQL counts its times from 2000-01-01, in microseconds.
const EPOCH_2000_MS: i64 = 946_684_800_000;

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => out.put_i64(*number),
            (Self::Int(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (Self::At(at), &Type::INT8) => out.put_i64(at.0),
            (Self::At(at), &Type::TIMESTAMPTZ) => {
                out.put_i64(at.0.saturating_sub(EPOCH_2000_MS).saturating_mul(1000));
            }
            (Self::Id(id), &Type::UUID) => out.put_slice(id.as_bytes()),
            // What comes from SQLite, when one database is copied to the other.
            (Self::Text(text), &Type::UUID) => out.put_slice(Uuid::parse_str(text)?.as_bytes()),
            (Self::Text(text), &Type::TIMESTAMPTZ) => {
                let at = text.parse::<jiff::Timestamp>()?.as_millisecond();
                return Self::At(Millis(at)).to_sql(ty, out);
            }
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) => out.put_slice(text.as_bytes()),
            _ => return Err(format!("{self:?} cannot be a {ty}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl FromSql<'_> for Value {
    fn from_sql(ty: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => Self::Int(i32::from_be_bytes(raw.try_into()?).into()),
            Type::TIMESTAMPTZ => {
                let micros = i64::from_be_bytes(raw.try_into()?);
                Self::At(Millis(micros.div_euclid(1000).saturating_add(EPOCH_2000_MS)))
            }
            Type::UUID => Self::Id(Uuid::from_slice(raw)?),
            Type::TEXT | Type::VARCHAR | Type::NAME => Self::Text(String::from_utf8(raw.to_vec())?),
            _ => return Err(format!("no value is a {ty}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promoted_standby_is_told_from_every_other_database() {
        assert!(
            is_promoted("7:1:5:16384", "7:2:5:16384") && is_promoted("7:9:5:16384", "7:10:5:16384")
        );
        for other in
            ["7:1:5:16384", "7:0:5:16384", "8:2:5:16384", "7:2:6:16384", "7:2:5:1", "7:2", ""]
        {
            assert!(!is_promoted("7:1:5:16384", other), "{other}");
        }
        assert!(!is_promoted("", "7:2:5:16384") && !is_promoted("/a/file", "7:2:5:16384"));
    }

    /// Whatever the database itself says of them.
    #[tokio::test]
    async fn what_must_hold_for_a_connection_holds() {
        let Ok(server) = std::env::var("PARLOUR_TEST_POSTGRES") else { return };
        let pool = pool(config(&server).unwrap(), 1, &[SETTINGS, WRITER_SETTINGS]).unwrap();
        let handle = Handle::snapshot(pool.get().await.unwrap());
        for (name, wanted) in [
            ("synchronous_commit", "on"),
            ("default_transaction_isolation", "read committed"),
            ("statement_timeout", "30s"),
            ("lock_timeout", "20s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
        ] {
            let sql = format!("SELECT current_setting('{name}') AS setting");
            let rows = handle.query(&sql, &[]).await.unwrap();
            assert_eq!(rows[0].text("setting").unwrap(), wanted, "{name}");
        }
    }
}
