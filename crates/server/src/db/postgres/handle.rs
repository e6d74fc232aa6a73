//! A connection to PostgreSQL with an open transaction, or the writer's connection.

use super::connect::{require_session, writer_pool};
use super::migrate::migrate;
use super::origin::{BYTES, ORIGIN};
use crate::db::batch_statement::BatchStatement;
use crate::db::error::DbError;
use crate::db::value::{Row, Value};
use crate::lock::lock;
use deadpool_postgres::{Client, Pool};
use futures_util::future::try_join;
use futures_util::stream::StreamExt;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tokio_postgres::types::ToSql;
use tokio_postgres::{SimpleQueryMessage, Statement};

const COMMIT: &str = "SELECT wm, run FROM instance WHERE only_row = 1; COMMIT";
/// Begins a transaction once no other server writes. Uses an advisory lock, because that needs no write.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7205759403792794)";
/// A connection with an open transaction, or the writer's connection.
pub struct Handle {
    client: Option<Client>,
    /// The pool from which the writer reconnects.
    pool: Option<Pool>,
    /// Statements that are sent together with the next one, because their results are not needed.
    deferred: Mutex<Vec<Deferred>>,
}

/// A statement that is sent together with the next one.
enum Deferred {
    /// Statements without parameters and result, separated by semicolons.
    Text(String),
    /// A statement with a list of values for each parameter.
    BatchStatement(Statement, Vec<Vec<Value>>),
}

impl Deferred {
    async fn run(&self, client: &Client) -> Result<(), DbError> {
        match self {
            Self::Text(sql) => client.batch_execute(sql).await?,
            Self::BatchStatement(statement, lists) => {
                client.execute(statement, &as_dyn(lists)).await?;
            }
        }
        Ok(())
    }
}

impl Handle {
    /// Opens the connection for writing, and brings the tables up to date.
    pub async fn writer(url: &str) -> Result<Self, DbError> {
        let pool = writer_pool(url)?;
        let mut client = pool.get().await?;
        require_session(&client, url).await?;
        migrate(&mut client).await?;
        Ok(Self { client: Some(client), pool: Some(pool), deferred: Mutex::default() })
    }

    /// Starts a snapshot to read from.
    pub fn snapshot(client: Client) -> Self {
        let begin = Deferred::Text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into());
        Self { client: Some(client), pool: None, deferred: Mutex::new(vec![begin]) }
    }

    /// Returns the origin; see [`ORIGIN`].
    pub async fn origin(&self) -> Result<String, DbError> {
        let rows = self.query(ORIGIN, &[]).await?;
        rows.first().ok_or(DbError::Missing)?.get("origin")
    }

    /// Returns the size of the database on the disk in bytes.
    pub async fn bytes(&self) -> Result<u64, DbError> {
        let rows = self.query(BYTES, &[]).await?;
        let bytes: i64 = rows.first().ok_or(DbError::Missing)?.get("bytes")?;
        Ok(bytes.unsigned_abs())
    }

    /// Commits. Returns the database's watermark after the commit, and the run in which it was reached.
    pub async fn commit(&self) -> Result<(i64, String), DbError> {
        let client = self.client()?;
        let flush = self.flush_deferred(client);
        let query = async { Ok::<_, DbError>(client.simple_query(COMMIT).await?) };
        let ((), messages) = try_join(flush, query).await?;
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok().zip(row.get(1)),
            _ => None,
        });
        row.map(|(watermark, run)| (watermark, run.to_owned())).ok_or(DbError::Missing)
    }

    /// Reconnects if the connection was lost, and returns whether it was.
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

    /// Begins a transaction that writes. The lock is taken together with the first statement.
    pub fn begin(&self) {
        self.defer(BEGIN);
    }

    fn client(&self) -> Result<&Client, DbError> {
        self.client.as_ref().ok_or(DbError::Missing)
    }

    /// Returns all rows of a query.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.query_values(sql, params).await
    }

    /// See [`crate::db::tx::Tx::query_within`]. The rows are streamed, not buffered.
    pub async fn query_within(
        &self,
        sql: &str,
        params: &[Value],
        max_bytes: usize,
    ) -> Result<(Vec<Row>, bool), DbError> {
        let client = self.client()?;
        let flush = self.flush_deferred(client);
        let query = async {
            let statement = client.prepare_cached(sql).await?;
            let found = client.query_raw(&statement, params).await?;
            Ok::<_, DbError>((statement, found))
        };
        let ((), (statement, found)) = try_join(flush, query).await?;
        let names = names(&statement);
        let mut found = std::pin::pin!(found);
        let (mut rows, mut bytes_read) = (Vec::new(), 0);
        while let Some(row) = found.next().await {
            let row = to_row(&names, &row?)?;
            if bytes_read > max_bytes {
                return Ok((rows, true));
            }
            bytes_read += row.bytes();
            rows.push(row);
        }
        Ok((rows, false))
    }

    /// Runs a statement once for all of `rows`, and returns the resulting rows.
    pub async fn query_batch(
        &self,
        batch: &BatchStatement,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        self.query_values(&batch.sql_for_arrays(), &batch.transpose(rows)).await
    }

    async fn query_values<T: ToSql + Sync>(
        &self,
        sql: &str,
        params: &[T],
    ) -> Result<Vec<Row>, DbError> {
        let client = self.client()?;
        let flush = self.flush_deferred(client);
        let query = async {
            let statement = client.prepare_cached(sql).await?;
            let found = client.query(&statement, &as_dyn(params)).await?;
            Ok::<_, DbError>((statement, found))
        };
        let ((), (statement, found)) = try_join(flush, query).await?;
        let names = names(&statement);
        found.iter().map(|row| to_row(&names, row)).collect()
    }

    /// Runs a statement that writes, and returns the number of rows that it touched.
    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        let client = self.client()?;
        let flush = self.flush_deferred(client);
        let query = async {
            let statement = client.prepare_cached(sql).await?;
            Ok::<_, DbError>(client.execute(&statement, &as_dyn(params)).await?)
        };
        Ok(try_join(flush, query).await?.1)
    }

    /// Sends a statement with the next one.
    pub async fn write_batch(
        &self,
        batch: &BatchStatement,
        rows: Vec<Vec<Value>>,
    ) -> Result<(), DbError> {
        let statement = self.client()?.prepare_cached(&batch.sql_for_arrays()).await?;
        lock(&self.deferred).push(Deferred::BatchStatement(statement, batch.transpose(rows)));
        Ok(())
    }

    /// Discards the deferred statements, because the transaction has failed.
    pub fn discard_deferred(&self) {
        lock(&self.deferred).clear();
    }

    /// Sends a statement with the next one, in the same round trip.
    pub fn defer(&self, sql: &str) {
        let mut deferred = lock(&self.deferred);
        match deferred.last_mut() {
            Some(Deferred::Text(text)) => {
                text.push(';');
                text.push_str(sql);
            }
            _ => deferred.push(Deferred::Text(sql.into())),
        }
    }

    /// Sends the deferred statements. The connection sends requests in the order in which their futures are first
    /// polled.
    async fn flush_deferred(&self, client: &Client) -> Result<(), DbError> {
        let deferred = std::mem::take(&mut *lock(&self.deferred));
        let mut started = Vec::with_capacity(deferred.len());
        for statement in &deferred {
            let mut future = Box::pin(statement.run(client));
            match std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
                Poll::Ready(done) => done?,
                Poll::Pending => started.push(future),
            }
        }
        for future in started {
            future.await?;
        }
        Ok(())
    }

    /// Runs SQL without parameters and result, after the deferred statements.
    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        self.defer(sql);
        self.flush_deferred(self.client()?).await
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.pool.is_none()
            && let Some(client) = self.client.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // The connection returns to the pool once the snapshot has ended; the pool discards a broken
            // one.
            runtime.spawn(async move {
                let _ = client.batch_execute("ROLLBACK").await;
            });
        }
    }
}

fn names(statement: &Statement) -> Arc<[String]> {
    statement.columns().iter().map(|column| column.name().into()).collect()
}

fn to_row(names: &Arc<[String]>, row: &tokio_postgres::Row) -> Result<Row, DbError> {
    let values = (0..names.len()).map(|index| row.try_get(index)).collect::<Result<_, _>>()?;
    Ok(Row { names: names.clone(), values })
}

fn as_dyn<T: ToSql + Sync>(params: &[T]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings of a connection apply, whatever the database's own settings are. Does nothing without
    /// PostgreSQL.
    #[tokio::test]
    async fn connections_use_the_required_settings() {
        let Ok(server) = std::env::var("PARLOUR_TEST_POSTGRES") else { return };
        let pool = writer_pool(&server).unwrap();
        let handle = Handle::snapshot(pool.get().await.unwrap());
        for (name, expected) in [
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
            assert_eq!(rows[0].text("setting").unwrap(), expected, "{name}");
        }
    }
}
