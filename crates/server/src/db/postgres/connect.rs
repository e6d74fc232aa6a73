//! Connections to PostgreSQL, and the settings of each.

use crate::db::error::DbError;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::future::BoxFuture;
use futures_util::stream::{Stream, StreamExt, poll_fn};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The number of connections that read at the same time.
pub const READERS: usize = 16;
/// The settings of every connection. No statement of the server takes longer than these limits unless something is
/// wrong. What is committed is on the disk before it is announced, and each statement of a writer sees everything
/// that was committed before it, regardless of the settings in the database or the address. They are applied after
/// connecting, because poolers do not pass on connection options.
const SETTINGS: &str = "SET synchronous_commit = on;
    SET default_transaction_isolation = 'read committed';
    SET statement_timeout = '30s'; SET lock_timeout = '20s';
    SET idle_in_transaction_session_timeout = '30s'; SET client_min_messages = warning";
/// The planner settings of the writer. Its statements find rows by their keys, which is the only fast plan however
/// many rows there are. PostgreSQL might choose another one for tables without statistics. A generic plan also does
/// not have to be computed again.
const WRITER_SETTINGS: &str = "SET plan_cache_mode = force_generic_plan;
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off;
    SET enable_bitmapscan = off; SET enable_material = off";
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long data may stay unacknowledged, and how long a silent connection goes without a keepalive probe, before the
/// database's host counts as unreachable.
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(20);

/// Creates the pool of connections for reading.
pub fn readers(url: &str) -> Result<Pool, DbError> {
    pool(config(url)?, READERS, &[SETTINGS])
}

/// Creates a pool for the writer's single connection and those that replace it.
pub fn writer_pool(url: &str) -> Result<Pool, DbError> {
    pool(config(url)?, 1, &[SETTINGS, WRITER_SETTINGS])
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
        .wait_timeout(Some(CONNECT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| DbError::Address(error.to_string()))
}

/// Applies the settings to a connection.
async fn set(client: &tokio_postgres::Client, settings: &[&str]) -> Result<(), String> {
    for sql in settings {
        let response = timeout(CONNECT_TIMEOUT, client.batch_execute(sql)).await;
        let result =
            response.map_err(|_| "no response: a pooler may have no connection left".to_owned())?;
        result.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn config(url: &str) -> Result<Config, DbError> {
    let mut config = Config::from_str(url).map_err(|error| DbError::Address(error.to_string()))?;
    config.application_name("parlour-server");
    if !url.contains("keepalives") && config.get_tcp_user_timeout().is_none() {
        config.keepalives_idle(UNACKNOWLEDGED_TIMEOUT).tcp_user_timeout(UNACKNOWLEDGED_TIMEOUT);
    }
    // Never connects to a standby, which may be behind.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    Ok(config)
}

/// Checks an address without connecting to it. The error contains no part of it.
///
/// # Errors
/// Fails if it is not an address of PostgreSQL, or if that of another machine does not specify whether to use TLS.
pub fn check_address(url: &str) -> Result<(), DbError> {
    let config = Config::from_str(url).map_err(|_| {
        let reason = "use postgres://USER:PASSWORD@HOST/NAME, with %XX for special characters of the password";
        DbError::Address(reason.into())
    })?;
    uses_tls(&config).map(drop)
}

/// Returns TLS with the system's trusted certificates if the address requests it.
fn tls(config: &Config) -> Result<Option<MakeRustlsConnect>, DbError> {
    use rustls_platform_verifier::ConfigVerifierExt;
    if !uses_tls(config)? {
        return Ok(None);
    }
    let tls = rustls::ClientConfig::with_platform_verifier()
        .map_err(|error| DbError::Address(error.to_string()))?;
    Ok(Some(MakeRustlsConnect::new(tls)))
}

/// Returns whether the address requests TLS. That of another machine must specify it, because the password is sent
/// there.
fn uses_tls(config: &Config) -> Result<bool, DbError> {
    let is_local = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name == "127.0.0.1" || name == "::1",
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    // If the address also contains `hostaddr`, that is where the connection goes, whatever the name of the host is.
    let is_this_machine = config.get_hosts().iter().all(is_local)
        && config.get_hostaddrs().iter().all(|address| address.to_canonical().is_loopback());
    match config.get_ssl_mode() {
        SslMode::Disable => Ok(false),
        SslMode::Prefer if is_this_machine => Ok(false),
        SslMode::Prefer => {
            Err(DbError::Address("add sslmode=require, or sslmode=disable to go without".into()))
        }
        _ => Ok(true),
    }
}

type ConnectResult<T> = Result<(tokio_postgres::Client, T), DbError>;

/// Opens a connection that is not part of any transaction; returns it with the future that must run for it.
pub async fn connect(url: &str) -> ConnectResult<BoxFuture<'static, ()>> {
    let (client, mut messages) = connect_to_listen(url).await?;
    Ok((client, Box::pin(async move { while let Some(Ok(_)) = messages.next().await {} })))
}

/// Returns the id of the database process that serves a connection.
const PROCESS: &str = "SELECT pg_backend_pid()";
/// The number of rounds in which [`require_session`] queries its two connections. In each round the second
/// one is queried one more time than in the previous one, so that a pooler that hands out its connections in
/// rotation cannot give them the same ones by chance.
const ROUNDS: usize = 4;

/// Refuses a pooler that shares a connection among several clients, one transaction at a time. What is set,
/// prepared or listened for on one connection would then be on another, and missing when it is needed.
pub async fn require_session(client: &tokio_postgres::Client, url: &str) -> Result<(), DbError> {
    let (other, connection) = connect(url).await?;
    tokio::spawn(connection);
    let processes = async {
        let (mut ours, mut others) = (BTreeSet::new(), BTreeSet::new());
        for round in 0..ROUNDS {
            ours.extend(process(client).await?);
            for _ in 0..=round {
                others.extend(process(&other).await?);
            }
        }
        Ok::<_, DbError>((ours, others))
    };
    let message = "a pooler in front of PostgreSQL has no second connection available";
    let processes = timeout(CONNECT_TIMEOUT, processes).await;
    let (ours, others) = processes.map_err(|_| DbError::Address(message.into()))??;
    if ours.len() == 1 && others.len() == 1 && ours != others {
        return Ok(());
    }
    Err(DbError::Address(
        "it leads to a pooler that changes connections between transactions. Let it keep one for each \
         client (pgbouncer's pool_mode = session), or use PostgreSQL's own address"
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

/// Applies the common settings to a connection that is not from a pool.
pub async fn apply_settings(client: &tokio_postgres::Client) -> Result<(), DbError> {
    Ok(client.batch_execute(SETTINGS).await?)
}

/// The messages that a connection receives.
pub type Messages = Pin<Box<dyn Stream<Item = Result<AsyncMessage, tokio_postgres::Error>> + Send>>;

/// Opens a connection whose messages the caller reads.
pub async fn connect_to_listen(url: &str) -> ConnectResult<Messages> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_this_machine_may_leave_open_whether_to_use_tls() {
        let tls_of = |host: &str| tls(&config(&format!("postgres://u:secret@{host}")).unwrap());
        for local in [
            "localhost/n",
            "127.0.0.1/n",
            "[::1]/n",
            "localhost/n?hostaddr=127.0.0.1",
            "/n?hostaddr=::1",
            "db.example.org/n?sslmode=disable",
            "localhost/n?hostaddr=192.0.2.7&sslmode=disable",
        ] {
            assert!(matches!(tls_of(local), Ok(None)), "{local}");
            check_address(&format!("postgres://u:secret@{local}")).unwrap();
        }
        for remote in [
            "db.example.org/n",
            "192.0.2.7/n",
            "localhost/n?hostaddr=192.0.2.7",
            "localhost,localhost/n?hostaddr=127.0.0.1,192.0.2.7",
            "/n?hostaddr=2001:db8::7",
            "127.0.0.1/n?hostaddr=192.0.2.7&sslmode=prefer",
        ] {
            assert!(matches!(tls_of(remote), Err(DbError::Address(_))), "{remote}");
            check_address(&format!("postgres://u:secret@{remote}")).unwrap_err();
        }
        for invalid in ["h:port/n", "h/n?secret=1"] {
            let error = check_address(&format!("postgres://u:secret@{invalid}")).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
