//! Which files messages refer to. Each file has a count of its uses, so that unused files are found without reading
//! messages.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{MessageId, Millis};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 message, $2 number, $3 file, $4 thumbnail.
    INSERT = "INSERT INTO message_files (message_id, number, file_id, thumbnail_id)
        VALUES ($1, $2, $3, $4)";
    /// $1 message.
    FILES_OF_MESSAGE = "SELECT file_id, thumbnail_id FROM message_files WHERE message_id = $1
        ORDER BY number";
    /// $1 message, $2 number.
    FIND = "SELECT file_id, thumbnail_id FROM message_files WHERE message_id = $1 AND number = $2";
    /// $1 message.
    DELETE = "DELETE FROM message_files WHERE message_id = $1";
    /// $1 file.
    USE = "UPDATE files SET uses = uses + 1, unused_since = NULL WHERE id = $1";
    /// $1 unused_since, $2 file.
    UNUSE = "UPDATE files SET uses = uses - 1,
            unused_since = CASE WHEN uses <= 1 THEN $1 ELSE unused_since END
        WHERE id = $2";
}

/// A file of a message, by the ids that only the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileUse {
    /// The file.
    pub file: Uuid,
    /// Its thumbnail.
    pub thumbnail: Option<Uuid>,
}

impl FileUse {
    fn ids(self) -> impl Iterator<Item = Uuid> {
        [self.file].into_iter().chain(self.thumbnail)
    }
}

/// Stores the files of a new message.
pub async fn insert(tx: &Tx, message: MessageId, uses: &[FileUse]) -> Result<(), DbError> {
    for (number, file_use) in (0_i64..).zip(uses) {
        let params =
            [message.into(), number.into(), file_use.file.into(), file_use.thumbnail.into()];
        tx.execute(INSERT, &params).await?;
        for id in file_use.ids() {
            tx.execute(USE, &[id.into()]).await?;
        }
    }
    Ok(())
}

/// Returns the file at this position of a message, from 0.
pub async fn find(tx: &Tx, message: MessageId, number: i64) -> Result<Option<FileUse>, DbError> {
    tx.optional(FIND, &[message.into(), number.into()]).await?.map(from_row).transpose()
}

/// Returns the files of a message, in the order of `messages.files`.
pub async fn of_message(tx: &Tx, message: MessageId) -> Result<Vec<FileUse>, DbError> {
    let rows = tx.query(FILES_OF_MESSAGE, &[message.into()]).await?;
    rows.into_iter().map(from_row).collect()
}

/// Removes the files of a message. Those to which no other message refers are unused from `now` on.
pub async fn delete(tx: &Tx, message: MessageId, now: Millis) -> Result<(), DbError> {
    let rows = tx.query(FILES_OF_MESSAGE, &[message.into()]).await?;
    tx.execute(DELETE, &[message.into()]).await?;
    for row in rows {
        for id in from_row(row)?.ids() {
            tx.execute(UNUSE, &[now.0.into(), id.into()]).await?;
        }
    }
    Ok(())
}

fn from_row(row: Row) -> Result<FileUse, DbError> {
    Ok(FileUse { file: row.get("file_id")?, thumbnail: row.get("thumbnail_id")? })
}
