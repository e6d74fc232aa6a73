//! The engine for large servers: a pool reads, one connection writes.
//!
//! Several servers may share a database. One transaction writes at a time, over all of them: each
//! begins by taking one lock. So the watermark is in commit order, no two can
//! deadlock, nothing has to be tried again, and the SQL above can think as it does on SQLite. What
//! it costs is one lock handed over per commit, and a commit holds up to 256 requests.

use super::value::{Row, Value};
use super::{BoxFuture, DbError, lock};
use bytes::{BufMut, BytesMut};
use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::future::try_join;
use futures_util::stream::{Stream, StreamExt, poll_fn};
use parlour_protocol::Millis;
use std::error::Error;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

/// What brings an empty database to version 1, and each version to the next.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/postgres/0001_initial.sql")];
/// Connections that read at the same time.
const READERS: usize = 16;
/// Nothing that the server asks takes longer, unless something is wrong.
const SETTINGS: &str = "-c statement_timeout=30s -c lock_timeout=20s \
    -c idle_in_transaction_session_timeout=30s -c client_min_messages=warning";
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// Takes the turn to write: a lock that is no row's, because it costs no write of its own.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7205759403792794)";
/// What tells this database from one restored into its place: the cluster, how often it was
/// recovered to a point in time, the database in it, and the table itself, which a dump makes anew.
const ORIGIN: &str = "SELECT s.system_identifier::text || ':' || c.timeline_id::text || ':'
        || d.oid::text || ':' || 'instance'::regclass::oid::text AS origin
    FROM pg_control_system() AS s, pg_control_checkpoint() AS c, pg_database AS d
    WHERE d.datname = current_database()";

/// Connections for reading.
pub fn readers(url: &str) -> Result<Pool, DbError> {
    pool(url, READERS)
}

fn pool(url: &str, size: usize) -> Result<Pool, DbError> {
    let config = config(url)?;
    let recycle = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match tls(&config)? {
        Some(tls) => Manager::from_config(config, tls, recycle),
        None => Manager::from_config(config, NoTls, recycle),
    };
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(CONNECT))
        .create_timeout(Some(CONNECT))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| DbError::Address(error.to_string()))
}

fn config(url: &str) -> Result<Config, DbError> {
    let mut config = Config::from_str(url).map_err(|error| DbError::Address(error.to_string()))?;
    config.application_name("parlour-server").options(SETTINGS);
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
    /// Said with the next statement, for which nobody has to wait.
    ahead: Mutex<String>,
}

impl Handle {
    /// A connection to write with, to a database that has its tables.
    pub async fn writer(url: &str) -> Result<Self, DbError> {
        let pool = pool(url, 1)?;
        let mut client = pool.get().await?;
        migrate(&mut client).await?;
        Ok(Self { client: Some(client), pool: Some(pool), ahead: Mutex::default() })
    }

    /// A snapshot to read from.
    pub fn snapshot(client: Client) -> Self {
        let ahead = Mutex::new("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into());
        Self { client: Some(client), pool: None, ahead }
    }

    /// See [`ORIGIN`].
    pub async fn origin(&self) -> Result<String, DbError> {
        let rows = self.query(ORIGIN, &[]).await?;
        rows.first().ok_or(DbError::Missing)?.get("origin")
    }

    /// Begins to write, once it is this server's turn: with the first statement.
    pub async fn begin(&mut self) -> Result<(), DbError> {
        if let Some(pool) = &self.pool
            && self.client.as_ref().is_none_or(|client| client.is_closed())
        {
            self.client = None;
            self.client = Some(pool.get().await?);
        }
        self.defer(BEGIN);
        Ok(())
    }

    fn client(&self) -> Result<&Client, DbError> {
        self.client.as_ref().ok_or(DbError::Missing)
    }

    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let client = self.client()?;
        let ahead = self.say_ahead(client);
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            let found = client.query(&statement, &dynamic(params)).await?;
            Ok::<_, DbError>((statement, found))
        };
        let ((), (statement, found)) = try_join(ahead, asked).await?;
        let names: Arc<[String]> =
            statement.columns().iter().map(|column| column.name().into()).collect();
        let row = |row: tokio_postgres::Row| {
            let values = (0..names.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>()?;
            Ok(Row { names: names.clone(), values })
        };
        found.into_iter().map(row).collect()
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

    /// Forgets what was deferred: what it was for has failed.
    pub fn forget(&self) {
        lock(&self.ahead).clear();
    }

    /// Lets a statement go with the next one, in the same round trip.
    pub fn defer(&self, sql: &str) {
        let mut ahead = lock(&self.ahead);
        ahead.push_str(sql);
        ahead.push(';');
    }

    /// Says what was deferred. The connection keeps the order in which things are first polled.
    async fn say_ahead(&self, client: &Client) -> Result<(), DbError> {
        let ahead = std::mem::take(&mut *lock(&self.ahead));
        if ahead.is_empty() {
            return Ok(());
        }
        Ok(client.batch_execute(&ahead).await?)
    }

    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        let mut all = std::mem::take(&mut *lock(&self.ahead));
        all.push_str(sql);
        Ok(self.client()?.batch_execute(&all).await?)
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

fn dynamic(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Brings the database to the newest version. Of several servers that start, one does it.
async fn migrate(client: &mut Client) -> Result<(), DbError> {
    let tx = client.transaction().await?;
    // Any number will do, as long as it is always the same.
    tx.batch_execute(
        "SELECT pg_advisory_xact_lock(7205759403792793);
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
            // PostgreSQL's text holds no NUL, which SQLite's does; nobody can tell it from nothing.
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) if text.contains('\0') => {
                out.put_slice(text.replace('\0', "").as_bytes());
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
