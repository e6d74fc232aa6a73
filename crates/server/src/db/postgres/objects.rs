//! The objects of the file store that a database refers to, and the server to which the store belongs.

use crate::db::error::DbError;
use crate::db::pages::ObjectRow;
use crate::db::server_id::ServerId;
use tokio_postgres::{Client, Row};

/// In the order of [`crate::db::read_objects`].
const OBJECTS: &str =
    "SELECT files.hash, files.id::text AS file_id, files.uses > 0 AS is_used, file_parts.object, file_parts.bytes
    FROM files JOIN file_parts ON file_parts.file_id = files.id
    ORDER BY files.hash, files.id, file_parts.object COLLATE \"C\"";

const SECRET: &str = "SELECT secret FROM instance WHERE only_row = 1";

/// Returns the identity of a database's server; `None` if it has no key.
///
/// # Errors
/// Fails if the database cannot be read.
pub async fn server_id(client: &Client) -> Result<Option<ServerId>, DbError> {
    let secret: String = client.query_one(SECRET, &[]).await?.try_get("secret")?;
    Ok(ServerId::of_secret(&secret))
}

/// Returns the objects of the file store that a database refers to, sorted.
///
/// # Errors
/// Fails if the database cannot be read.
pub async fn objects(client: &Client) -> Result<Vec<ObjectRow>, DbError> {
    client.query(OBJECTS, &[]).await?.iter().map(object).collect()
}

fn object(row: &Row) -> Result<ObjectRow, DbError> {
    Ok(ObjectRow {
        hash: row.try_get("hash")?,
        file_id: row.try_get("file_id")?,
        object: row.try_get("object")?,
        bytes: row.try_get::<_, i64>("bytes")?.unsigned_abs(),
        is_used: row.try_get("is_used")?,
    })
}
