//! One connection to PostgreSQL with a transaction open, or the writer's.

use super::connect::{require_session, writer_pool};
use super::migrate::migrate;
use super::origin::{BYTES, ORIGIN};
use crate::db::each::Each;
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
/// Takes the turn to write: a lock that is no row's, because it costs no write of its own.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7205759403792794)";
/// A connection with a transaction open, or the writer's.
pub struct Handle {
    client: Option<Client>,
    /// The writer's own, to connect again.
    pool: Option<Pool>,
    /// Said with the next statement, for nobody has to wait for it.
    ahead: Mutex<Vec<Deferred>>,
}

/// What is said with the next statement.
enum Deferred {
    /// Statements that take and answer nothing.
    Text(String),
    /// One with its parameters' lists.
    Each(Statement, Vec<Vec<Value>>),
}

impl Deferred {
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
        let pool = writer_pool(url)?;
        let mut client = pool.get().await?;
        require_session(&client, url).await?;
        migrate(&mut client).await?;
        Ok(Self { client: Some(client), pool: Some(pool), ahead: Mutex::default() })
    }

    /// A snapshot to read from.
    pub fn snapshot(client: Client) -> Self {
        let begin = Deferred::Text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into());
        Self { client: Some(client), pool: None, ahead: Mutex::new(vec![begin]) }
    }

    /// See [`ORIGIN`].
    pub async fn origin(&self) -> Result<String, DbError> {
        let rows = self.query(ORIGIN, &[]).await?;
        rows.first().ok_or(DbError::Missing)?.get("origin")
    }

    /// Bytes of the database on its disk.
    pub async fn bytes(&self) -> Result<u64, DbError> {
        let rows = self.query(BYTES, &[]).await?;
        let bytes: i64 = rows.first().ok_or(DbError::Missing)?.get("bytes")?;
        Ok(bytes.unsigned_abs())
    }

    /// Commits, and answers how far the database is then: its watermark, and the run in which that is.
    pub async fn commit(&self) -> Result<(i64, String), DbError> {
        let client = self.client()?;
        let ahead = self.flush_deferred(client);
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

    /// All rows of a query.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.ask(sql, params).await
    }

    /// See [`crate::db::tx::Tx::query_within`]. Rows come as they are taken.
    pub async fn query_within(
        &self,
        sql: &str,
        params: &[Value],
        bytes: usize,
    ) -> Result<(Vec<Row>, bool), DbError> {
        let client = self.client()?;
        let ahead = self.flush_deferred(client);
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

    /// The rows that a statement answers for all of `rows`.
    pub async fn query_each(
        &self,
        each: &Each,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        self.ask(&each.of_lists(), &each.lists(rows)).await
    }

    async fn ask<T: ToSql + Sync>(&self, sql: &str, params: &[T]) -> Result<Vec<Row>, DbError> {
        let client = self.client()?;
        let ahead = self.flush_deferred(client);
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            let found = client.query(&statement, &dynamic(params)).await?;
            Ok::<_, DbError>((statement, found))
        };
        let ((), (statement, found)) = try_join(ahead, asked).await?;
        let names = names(&statement);
        found.iter().map(|row| of_names(&names, row)).collect()
    }

    /// Writes; answers how many rows it touched.
    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        let client = self.client()?;
        let ahead = self.flush_deferred(client);
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            Ok::<_, DbError>(client.execute(&statement, &dynamic(params)).await?)
        };
        Ok(try_join(ahead, asked).await?.1)
    }

    /// Lets a statement go with the next one.
    pub async fn write_each(&self, each: &Each, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let statement = self.client()?.prepare_cached(&each.of_lists()).await?;
        lock(&self.ahead).push(Deferred::Each(statement, each.lists(rows)));
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
            Some(Deferred::Text(text)) => {
                text.push(';');
                text.push_str(sql);
            }
            _ => ahead.push(Deferred::Text(sql.into())),
        }
    }

    /// Says what was deferred. The connection keeps the order in which things are first polled.
    async fn flush_deferred(&self, client: &Client) -> Result<(), DbError> {
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

    /// Runs what takes and answers nothing, with what was deferred.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the database itself says of them.
    #[tokio::test]
    async fn what_must_hold_for_a_connection_holds() {
        let Ok(server) = std::env::var("PARLOUR_TEST_POSTGRES") else { return };
        let pool = writer_pool(&server).unwrap();
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
