//! Checks whether PostgreSQL responds, verifies checksums of its pages, and has a known schema.

use super::finding::{Check, Finding};
use super::{clock, versions};
use crate::db::{ObjectRow, ServerId, connect, postgres};
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::Client;

/// The longest time for all checks.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Examines a database.
pub async fn check(url: &str) -> Vec<Finding> {
    let to_do = "check whether PostgreSQL is running and accepts connections from here, and whether `database` is \
                 right";
    match timeout(TIMEOUT, examine(url)).await {
        Ok(Ok(findings)) => findings,
        Ok(Err(reason)) => {
            let found = format!("PostgreSQL does not respond: {reason}");
            vec![Finding::error(Check::Integrity, found, to_do)]
        }
        Err(_) => {
            let found = format!("PostgreSQL does not respond within {} seconds", TIMEOUT.as_secs());
            vec![Finding::error(Check::Integrity, found, to_do)]
        }
    }
}

/// Returns the objects of the file store that a database refers to, sorted, and the identity of its server; `None` if
/// they cannot be read, as before the first start of a server. [`check`] reports a database that does not respond.
pub async fn objects(url: &str) -> Option<(Vec<ObjectRow>, Option<ServerId>)> {
    let read = async {
        let (client, connection) = connect(url).await.ok()?;
        let connection_task = tokio::spawn(connection);
        let objects = postgres::objects(&client).await.ok();
        let server = postgres::server_id(&client).await.ok().flatten();
        connection_task.abort();
        Some((objects?, server))
    };
    timeout(TIMEOUT, read).await.ok()?
}

async fn examine(url: &str) -> Result<Vec<Finding>, String> {
    let connected = connect(url).await.map_err(|error| error.cause().unwrap_or(error.to_string()));
    let (client, connection) = connected?;
    let connection_task = tokio::spawn(connection);
    let mut findings = vec![integrity(&client).await?];
    // Without this table the database is new.
    if let Ok(row) = client.query_one(postgres::VERSION, &[]).await {
        findings.push(versions::compare(row.get("version"), postgres::MIGRATIONS.len() as i64));
    }
    let sql = "SELECT clock FROM instance WHERE only_row = 1";
    if let Ok(row) = client.query_one(sql, &[]).await {
        findings.push(clock::compare(row.get("clock")));
    }
    connection_task.abort();
    Ok(findings)
}

async fn integrity(client: &Client) -> Result<Finding, String> {
    let response = client.query_one("SHOW data_checksums", &[]).await;
    let checksums: String = response.map_err(|error| error.to_string())?.get(0);
    Ok(match checksums.as_str() {
        "on" => Finding::ok(Check::Integrity, "PostgreSQL responds, and detects disk corruption"),
        _ => Finding::warning(
            Check::Integrity,
            "PostgreSQL responds, but does not detect disk corruption: it has no checksums",
            "stop PostgreSQL and run `pg_checksums --enable`",
        ),
    })
}
