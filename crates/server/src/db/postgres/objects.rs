//! The objects of the file store that a database refers to.

use crate::db::error::DbError;
use crate::db::pages::ObjectRow;
use tokio_postgres::{Client, Row};

/// In the order of [`crate::db::read_objects`].
const OBJECTS: &str =
    "SELECT files.hash, files.id::text AS file_id, files.uses > 0 AS is_used, file_parts.object, file_parts.bytes
    FROM files JOIN file_parts ON file_parts.file_id = files.id
    ORDER BY files.hash, files.id, file_parts.object COLLATE \"C\"";

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
