//! The files that people upload, and their parts. Which messages refer to them is in `file_uses.rs`.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{Count, FileHash, Millis, Upload, UserId, counted_bytes};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 user, $2 hash.
    FIND = "SELECT id, bytes, received, sha256, is_complete, is_thumbnail, is_charged
        FROM files WHERE user_id = $1 AND hash = $2";
    /// $1 id, $2 user, $3 hash, $4 bytes, $5 unused_since, $6 is_charged.
    INSERT = "INSERT INTO files (id, user_id, hash, bytes, received, sha256, is_complete, is_thumbnail, uses,
            unused_since, is_charged)
        VALUES ($1, $2, $3, $4, 0, NULL, 0, 0, 0, $5, $6)";
    /// $1 received, $2 sha256, $3 is_complete, $4 is_thumbnail, $5 id, $6 received before.
    ADVANCE = "UPDATE files SET received = $1, sha256 = $2, is_complete = $3, is_thumbnail = $4
        WHERE id = $5 AND received = $6 AND is_complete = 0";
    /// $1 id, $2 received before.
    RESET = "UPDATE files SET received = 0, sha256 = NULL, is_complete = 0, is_thumbnail = 0
        WHERE id = $1 AND received = $2";
    /// $1 unused_since, $2 id.
    TOUCH = "UPDATE files SET unused_since = $1 WHERE id = $2 AND unused_since IS NOT NULL";
    /// $1 user.
    EXPIRE_UNUSED = "UPDATE files SET unused_since = 0
        WHERE user_id = $1 AND unused_since IS NOT NULL";
    /// $1 id.
    DELETE = "DELETE FROM files WHERE id = $1";
    /// $1 id, $2 unused_since.
    IS_UNUSED = "SELECT id FROM files WHERE id = $1 AND unused_since <= $2";
    /// $1 id.
    EXISTS = "SELECT id FROM files WHERE id = $1";
    /// $1 after this id, $2 limit.
    COMPLETE = "SELECT id, hash, bytes FROM files WHERE id > $1 AND is_complete = 1
        ORDER BY id LIMIT $2";
    /// $1 unused_since, $2 limit.
    UNUSED = "SELECT id, user_id, hash, bytes, received, is_charged FROM files WHERE unused_since <= $1
        ORDER BY unused_since LIMIT $2";
    /// $1 file, $2 start, $3 bytes, $4 object.
    ADD_PART = "INSERT INTO file_parts (file_id, start, bytes, object) VALUES ($1, $2, $3, $4)";
    /// $1 file.
    FORGET_PARTS = "DELETE FROM file_parts WHERE file_id = $1";
    /// $1 file, $2 position.
    PART_AT = "SELECT start, bytes, object FROM file_parts WHERE file_id = $1 AND start <= $2
        ORDER BY start DESC LIMIT 1";
    /// $1 file, $2 start, $3 limit.
    PARTS_FROM = "SELECT start, bytes, object FROM file_parts WHERE file_id = $1 AND start >= $2
        ORDER BY start LIMIT $3";
    /// $1 owner, $2 bytes more.
    ADD_USAGE = "INSERT INTO file_usage (owner, bytes) VALUES ($1, $2)
        ON CONFLICT (owner) DO UPDATE SET bytes = file_usage.bytes + excluded.bytes";
    /// $1 owner.
    USAGE = "SELECT bytes FROM file_usage WHERE owner = $1";
}

/// The largest number of parts that one query reads.
const PARTS_PER_QUERY: i64 = 1000;
/// The owner under whom the bytes of the whole server are counted.
const WHOLE_SERVER: UserId = UserId(Uuid::nil());

/// A file of a user.
pub struct StoredFile {
    /// Its id, which only the server knows.
    pub id: Uuid,
    /// The state of its upload, as its owner sees it.
    pub upload: Upload,
    /// The state of the SHA-256 after the received bytes.
    pub sha256: Option<Vec<u8>>,
    /// Whether it is complete and can be used as a thumbnail.
    pub is_thumbnail: bool,
    /// Whether it counts for its owner; false if an import stored it.
    pub is_charged: bool,
}

impl StoredFile {
    /// Returns the file as [`delete`] needs it.
    pub fn unused(&self, owner: UserId) -> UnusedFile {
        let Upload { hash, bytes, received, .. } = self.upload;
        let is_charged = self.is_charged;
        UnusedFile { id: self.id, owner, hash, bytes: bytes.0, received: received.0, is_charged }
    }
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The position of its first byte in the file.
    pub start: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// The name of its object in the store.
    pub object: String,
}

/// A file to which no message refers.
pub struct UnusedFile {
    /// Its id.
    pub id: Uuid,
    /// Its owner.
    pub owner: UserId,
    /// Its hash.
    pub hash: FileHash,
    /// Its announced size, which counts for its owner if it is charged.
    pub bytes: i64,
    /// How much of it was received, which counts for the whole server ([`counted_received`]).
    pub received: i64,
    /// Whether it counts for its owner.
    pub is_charged: bool,
}

/// Returns a user's file with this hash.
pub async fn find(tx: &Tx, user: UserId, hash: FileHash) -> Result<Option<StoredFile>, DbError> {
    let Some(row) = tx.optional(FIND, &[user.into(), hash.into()]).await? else { return Ok(None) };
    let flag = |name| Ok::<_, DbError>(row.get::<i64>(name)? != 0);
    let (bytes, received) = (Count(row.get("bytes")?), Count(row.get("received")?));
    let upload = Upload { hash, bytes, received, is_complete: flag("is_complete")? };
    Ok(Some(StoredFile {
        id: row.get("id")?,
        upload,
        sha256: row.get("sha256")?,
        is_thumbnail: flag("is_thumbnail")?,
        is_charged: flag("is_charged")?,
    }))
}

/// Adds a file without any bytes yet, and counts its announced size ([`counted_bytes`]) for its owner. For the whole
/// server only received bytes count ([`counted_received`]), so nobody can use up its quota by announcing files.
pub async fn insert(
    tx: &Tx,
    (id, user): (Uuid, UserId),
    (hash, bytes): (FileHash, i64),
    now: Millis,
) -> Result<(), DbError> {
    let params = [id.into(), user.into(), hash.into(), bytes.into(), now.0.into(), 1.into()];
    tx.execute(INSERT, &params).await?;
    add_usage(tx, user, counted_bytes(bytes)).await
}

/// Adds a file without any bytes yet, as [`insert`] does, but which does not count for its owner. It counts for the
/// whole server like any other.
pub async fn insert_uncharged(
    tx: &Tx,
    (id, user): (Uuid, UserId),
    (hash, bytes): (FileHash, i64),
    now: Millis,
) -> Result<(), DbError> {
    let params = [id.into(), user.into(), hash.into(), bytes.into(), now.0.into(), 0.into()];
    tx.execute(INSERT, &params).await.map(drop)
}

/// Returns for how many bytes a file counts for the whole server of which this many were received: for none before its
/// first part, and then at least for what a small file takes on the disk.
fn counted_received(received: i64) -> i64 {
    if received == 0 { 0 } else { counted_bytes(received) }
}

async fn add_usage(tx: &Tx, owner: UserId, size: i64) -> Result<(), DbError> {
    tx.execute(ADD_USAGE, &[owner.into(), size.into()]).await.map(drop)
}

/// Returns the total announced size of a user's files, in bytes, as [`counted_bytes`] counts each, without those that
/// imports stored.
pub async fn usage(tx: &Tx, user: UserId) -> Result<i64, DbError> {
    match tx.optional(USAGE, &[user.into()]).await? {
        Some(row) => row.get("bytes"),
        None => Ok(0),
    }
}

/// Returns the number of received bytes of all files, as [`counted_received`] counts each.
pub async fn total_usage(tx: &Tx) -> Result<i64, DbError> {
    usage(tx, WHOLE_SERVER).await
}

/// Sets the number of received bytes of a file and the state of its hash. Returns false, and changes nothing, if the
/// file is not as it was read.
pub async fn advance(
    tx: &Tx,
    file: &StoredFile,
    received: i64,
    sha256: Option<Vec<u8>>,
    (is_complete, is_thumbnail): (bool, bool),
) -> Result<bool, DbError> {
    let params = [
        received.into(),
        sha256.into(),
        i64::from(is_complete).into(),
        i64::from(is_thumbnail).into(),
        file.id.into(),
        file.upload.received.0.into(),
    ];
    if tx.execute(ADVANCE, &params).await? != 1 {
        return Ok(false);
    }
    let more = counted_received(received) - counted_received(file.upload.received.0);
    add_usage(tx, WHOLE_SERVER, more).await?;
    Ok(true)
}

/// Starts a file from its beginning, because some of its bytes are lost; messages may refer to it. Its remaining
/// objects are then unknown. Returns false, and changes nothing, if the file is not as it was read.
pub async fn reset(tx: &Tx, file: &StoredFile) -> Result<bool, DbError> {
    let received = file.upload.received.0;
    if tx.execute(RESET, &[file.id.into(), received.into()]).await? != 1 {
        return Ok(false);
    }
    tx.execute(FORGET_PARTS, &[file.id.into()]).await?;
    add_usage(tx, WHOLE_SERVER, -counted_received(received)).await?;
    Ok(true)
}

/// Restarts the time for which a file is kept that no message refers to.
pub async fn touch(tx: &Tx, id: Uuid, now: Millis) -> Result<(), DbError> {
    tx.execute(TOUCH, &[now.0.into(), id.into()]).await.map(drop)
}

/// Lets the files of a user to which no message refers be removed without delay.
pub async fn expire_unused(tx: &Tx, user: UserId) -> Result<(), DbError> {
    tx.execute(EXPIRE_UNUSED, &[user.into()]).await.map(drop)
}

/// Deletes a file to which no message has referred since `before`. Its objects can be removed once this is committed.
/// Returns false, and changes nothing, if there is no such file any more.
pub async fn delete(tx: &Tx, file: &UnusedFile, before: Millis) -> Result<bool, DbError> {
    // A message that refers to it, or another start of the same upload, keeps it.
    if tx.optional(IS_UNUSED, &[file.id.into(), before.0.into()]).await?.is_none() {
        return Ok(false);
    }
    tx.execute(FORGET_PARTS, &[file.id.into()]).await?;
    tx.execute(DELETE, &[file.id.into()]).await?;
    if file.is_charged {
        add_usage(tx, file.owner, -counted_bytes(file.bytes)).await?;
    }
    add_usage(tx, WHOLE_SERVER, -counted_received(file.received)).await?;
    Ok(true)
}

/// Returns whether there is a file with this id.
pub async fn exists(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    Ok(tx.optional(EXISTS, &[id.into()]).await?.is_some())
}

/// Returns at most `limit` files to which no message has referred since `before`, the longest unused first.
pub async fn unused(tx: &Tx, before: Millis, limit: i64) -> Result<Vec<UnusedFile>, DbError> {
    let file = |row: &Row| {
        Ok(UnusedFile {
            id: row.get("id")?,
            owner: row.get("user_id")?,
            hash: row.get("hash")?,
            bytes: row.get("bytes")?,
            received: row.get("received")?,
            is_charged: row.get::<i64>("is_charged")? != 0,
        })
    };
    tx.query(UNUSED, &[before.0.into(), limit.into()]).await?.iter().map(file).collect()
}

/// Returns at most `limit` complete files with ids above `after`, ordered by id: id, hash and size in bytes.
pub async fn complete(
    tx: &Tx,
    after: Uuid,
    limit: i64,
) -> Result<Vec<(Uuid, FileHash, u64)>, DbError> {
    let rows = tx.query(COMPLETE, &[after.into(), limit.into()]).await?;
    let file =
        |row: &Row| Ok((row.get("id")?, row.get("hash")?, row.get::<i64>("bytes")?.unsigned_abs()));
    rows.iter().map(file).collect()
}

/// Adds the next part of a file.
pub async fn add_part(tx: &Tx, file: Uuid, part: &Part) -> Result<(), DbError> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (start, bytes) = (number(part.start), number(part.bytes));
    let params = [file.into(), start.into(), bytes.into(), part.object.as_str().into()];
    tx.execute(ADD_PART, &params).await.map(drop)
}

/// Returns at most `limit` parts of a file in order, starting with the one that contains the byte at `position`.
pub async fn parts(tx: &Tx, file: Uuid, position: u64, limit: i64) -> Result<Vec<Part>, DbError> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    let Some(first) = tx.optional(PART_AT, &[file.into(), position.into()]).await? else {
        return Ok(Vec::new());
    };
    let start: i64 = first.get("start")?;
    let rows = tx.query(PARTS_FROM, &[file.into(), start.into(), limit.into()]).await?;
    rows.iter().map(part).collect()
}

/// Returns all parts of a file in order.
pub async fn all_parts(tx: &Tx, file: Uuid) -> Result<Vec<Part>, DbError> {
    let (mut all, mut position) = (Vec::new(), 0);
    loop {
        let parts = parts(tx, file, position, PARTS_PER_QUERY).await?;
        let Some(last) = parts.last() else { return Ok(all) };
        position = last.start + last.bytes;
        let is_end = i64::try_from(parts.len()).is_ok_and(|count| count < PARTS_PER_QUERY);
        all.extend(parts);
        if is_end {
            return Ok(all);
        }
    }
}

fn part(row: &Row) -> Result<Part, DbError> {
    let number = |name| Ok::<_, DbError>(row.get::<i64>(name)?.unsigned_abs());
    Ok(Part { start: number("start")?, bytes: number("bytes")?, object: row.get("object")? })
}
