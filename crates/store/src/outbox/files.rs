//! Files that were attached on this device: the outbox's tables `files` and `staged`.

use crate::blobs::Secret;
use crate::error::Result;
use parlour_protocol::{Action, ConversationId, FileHash, MessageFile};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;

parlour_sqlite::statements! {
    /// $1 hash, $2 bytes, $3 secret.
    INSERT = concat!("INSERT INTO files (", own_files!(list), ") VALUES (", own_files!(values), ")");
    /// $1 hash.
    FIND = "SELECT bytes, secret FROM files WHERE hash = $1";
    /// $1 hash.
    DELETE = "DELETE FROM files WHERE hash = $1";
    /// Reads the ops with files.
    WITH_FILES = "SELECT action FROM ops INDEXED BY ops_files
        WHERE json_extract(action, '$.files') IS NOT NULL ORDER BY id";
    /// $1 conversation.
    STAGED = concat!("SELECT ", staged!(list), " FROM staged WHERE conversation_id = $1 ORDER BY place");
    /// $1 id.
    STAGED_ONE = concat!("SELECT ", staged!(list), " FROM staged WHERE id = $1");
    /// $1 conversation, $2 file, $3 picture.
    STAGE = "INSERT INTO staged (conversation_id, place, file, picture)
        VALUES ($1, (SELECT coalesce(max(place), 0) + 1 FROM staged WHERE conversation_id = $1), $2, $3)";
    /// $1 id.
    UNSTAGE = "DELETE FROM staged WHERE id = $1";
    /// $1 whether it is sent as a file, $2 id.
    SET_AS_FILE = "UPDATE staged SET as_file = $1 WHERE id = $2";
    /// $1 place, $2 id.
    SET_POSITION = "UPDATE staged SET place = $1 WHERE id = $2";
}

// Read all files that were attached in the last 30 days or wait to be sent, and all that are in composers: at the start,
// daily, and when one was removed.
const EVERY: &str = "SELECT hash, secret FROM files";
const ALL_STAGED: &str = concat!("SELECT ", staged!(list), " FROM staged");

/// A file in the composer of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Its number, which is the same until it is sent or removed.
    pub id: i64,
    /// The conversation.
    pub conversation: ConversationId,
    /// Its description as a file, unchanged.
    pub file: MessageFile,
    /// Its description as a picture, without metadata; `None` if it cannot be one.
    pub picture: Option<MessageFile>,
    /// Whether it is sent as a file although it can be a picture.
    pub as_file: bool,
}

impl Staged {
    /// Returns the description with which it will be sent.
    pub fn sent(&self) -> &MessageFile {
        self.picture.as_ref().filter(|_| !self.as_file).unwrap_or(&self.file)
    }

    fn hashes(&self) -> impl Iterator<Item = FileHash> {
        [Some(&self.file), self.picture.as_ref()].into_iter().flatten().flat_map(hashes)
    }
}

/// Returns the hashes of a file and of its thumbnail.
pub(crate) fn hashes(file: &MessageFile) -> impl Iterator<Item = FileHash> + use<> {
    [Some(file.hash), file.thumbnail.map(|thumbnail| thumbnail.hash)].into_iter().flatten()
}

/// Stores the secret of a file.
pub(crate) fn insert(conn: &Connection, hash: FileHash, size: i64, secret: &Secret) -> Result<()> {
    conn.prepare_cached(INSERT)?.execute((hash.to_string(), size, &secret.expose()[..]))?;
    Ok(())
}

/// Returns the size and the secret of a file, if it was attached here.
pub(crate) fn find(conn: &Connection, hash: FileHash) -> Result<Option<(i64, Secret)>> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?));
    let found = conn.prepare_cached(FIND)?.query_row([hash.to_string()], read).optional()?;
    Ok(found.and_then(|(bytes, secret)| Some((bytes, Secret::from_slice(&secret)?))))
}

/// Deletes the secrets of the files that neither a composer nor an op uses; returns the names of the others.
pub(crate) fn delete_unused(conn: &Connection) -> Result<HashSet<String>> {
    let used = used(conn)?;
    let mut names = HashSet::new();
    let mut unused = Vec::new();
    let mut statement = conn.prepare_cached(EVERY)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let hash: String = row.get(0)?;
        let secret = Secret::from_slice(&row.get::<_, Vec<u8>>(1)?);
        match secret.filter(|_| hash.parse().is_ok_and(|hash| used.contains(&hash))) {
            Some(secret) => drop(names.insert(secret.name())),
            None => unused.push(hash),
        }
    }
    for hash in unused {
        conn.prepare_cached(DELETE)?.execute([hash])?;
    }
    Ok(names)
}

/// Returns the hashes of the files and thumbnails that a composer or an op uses.
pub(crate) fn used(conn: &Connection) -> Result<HashSet<FileHash>> {
    let mut used: HashSet<FileHash> = HashSet::new();
    let mut statement = conn.prepare_cached(WITH_FILES)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let action = serde_json::from_str(&row.get::<_, String>(0)?)?;
        if let Action::Send { files, .. } = action {
            used.extend(files.iter().flat_map(hashes));
        }
    }
    let mut statement = conn.prepare_cached(ALL_STAGED)?;
    for staged in statement.query_map([], read)? {
        used.extend(staged?.hashes());
    }
    Ok(used)
}

/// Returns the files in the composer of a conversation, in their order.
pub(crate) fn staged(conn: &Connection, id: ConversationId) -> Result<Vec<Staged>> {
    let mut statement = conn.prepare_cached(STAGED)?;
    Ok(statement.query_map([id.0], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns a file in a composer.
pub(crate) fn find_staged(conn: &Connection, id: i64) -> Result<Option<Staged>> {
    Ok(conn.prepare_cached(STAGED_ONE)?.query_row([id], read).optional()?)
}

/// Puts a file at the end of those in a composer; returns its number.
pub(crate) fn stage(
    conn: &Connection,
    id: ConversationId,
    file: &MessageFile,
    picture: Option<&MessageFile>,
) -> Result<i64> {
    let picture = picture.map(serde_json::to_string).transpose()?;
    let file = serde_json::to_string(file)?;
    conn.prepare_cached(STAGE)?.execute((id.0, file, picture))?;
    Ok(conn.last_insert_rowid())
}

/// Removes a file from a composer.
pub(crate) fn unstage(conn: &Connection, id: i64) -> Result<()> {
    conn.prepare_cached(UNSTAGE)?.execute([id])?;
    Ok(())
}

/// Sets whether a picture is sent as a file.
pub(crate) fn set_as_file(conn: &Connection, id: i64, as_file: bool) -> Result<()> {
    conn.prepare_cached(SET_AS_FILE)?.execute((as_file, id))?;
    Ok(())
}

/// Sets the position of a file in its composer.
pub(crate) fn set_position(conn: &Connection, id: i64, position: i64) -> Result<()> {
    conn.prepare_cached(SET_POSITION)?.execute((position, id))?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Staged> {
    let json = |name: &str, text: Option<String>| {
        let parsed = text.map(|text| serde_json::from_str::<MessageFile>(&text)).transpose();
        parsed.map_err(|error| {
            let column = row.as_ref().column_index(name).unwrap_or(0);
            rusqlite::Error::FromSqlConversionFailure(
                column,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })
    };
    let file = json("file", row.get("file")?)?;
    Ok(Staged {
        id: row.get("id")?,
        conversation: ConversationId(row.get("conversation_id")?),
        file: file.ok_or(rusqlite::Error::QueryReturnedNoRows)?,
        picture: json("picture", row.get("picture")?)?,
        as_file: row.get("as_file")?,
    })
}
