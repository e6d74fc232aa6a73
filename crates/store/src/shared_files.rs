//! The files that were shared in conversations, if their messages are on this computer.

use crate::error::Result;
use crate::mirror::{conversations, messages};
use crate::store::Store;
use parlour_protocol::{
    Action, ConversationId, Count, FileHash, FileKind, MessageFile, MessageId, Millis, OpId, Seq,
    UserId,
};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 time, $2 key, $3 limit. Begins after a message.
    EVERYWHERE = concat!("SELECT ", listed_message!(), "
        FROM messages INDEXED BY messages_files_at
            CROSS JOIN users ON users.number = messages.sender
            CROSS JOIN conversations ON conversations.number = messages.key >> 32
        WHERE messages.files IS NOT NULL AND (messages.sent_at, messages.key) < ($1, $2)
        ORDER BY messages.sent_at DESC, messages.key DESC LIMIT $3");
    /// $1 first key, $2 the key before which they are, $3 limit.
    IN_ONE = concat!("SELECT ", listed_message!(), "
        FROM messages INDEXED BY messages_files
            CROSS JOIN users ON users.number = messages.sender
            CROSS JOIN conversations ON conversations.number = messages.key >> 32
        WHERE messages.files IS NOT NULL AND messages.key >= $1 AND messages.key < $2
        ORDER BY messages.key DESC LIMIT $3");
}

/// Number of files on a page.
const PAGE_FILES: usize = 50;
/// Number of messages that are read for a page: with a filter, a page may have fewer files.
const MESSAGES_READ: i64 = 500;

/// The filter of a list of files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FilesQuery {
    /// Only files of this conversation.
    pub conversation_id: Option<ConversationId>,
    /// Only files of this kind: `picture`, `film`, `sound` or `file`.
    pub kind: Option<String>,
    /// Only files that this person sent.
    pub sender_id: Option<UserId>,
    /// Only files that were sent before this time.
    pub before: Option<Millis>,
    /// The end of the previous page.
    pub after: Option<FilePosition>,
}

/// The end of a page of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FilePosition {
    /// The time at which its last message was sent.
    pub sent_at: Millis,
    /// Its key in the mirror.
    pub key: Count,
}

/// A page of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FilePage {
    /// The files, newest first. There may be none although there are more.
    pub files: Vec<ListedFile>,
    /// The end of this page, to request the next one; `None` if there is none.
    pub next: Option<FilePosition>,
}

/// A file that was shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ListedFile {
    /// The message.
    pub message_id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The position of the message.
    pub seq: Seq,
    /// The position of the file in the message, from 0.
    pub index: u32,
    /// The sender.
    pub sender_id: UserId,
    /// The sender's name.
    pub sender: String,
    /// The time at which it was sent.
    pub sent_at: Millis,
    /// The file.
    pub file: MessageFile,
    /// Whether its bytes are on this computer.
    pub is_here: bool,
}

/// A file of a message that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToFetch {
    /// The message.
    pub message: MessageId,
    /// The position of the file in the message, from 0.
    pub index: usize,
    /// The file.
    pub file: MessageFile,
}

impl Store {
    /// Returns a page of the files that were shared.
    pub fn files(&self, query: &FilesQuery) -> Result<FilePage> {
        let mut page = self.read_files(query, MESSAGES_READ)?;
        for listed in &mut page.files {
            listed.is_here = self.has_file(listed.file.hash)?;
        }
        Ok(page)
    }

    /// Returns the files after a position that are fetched in the background and not on this computer yet: those with a
    /// thumbnail, and pictures of at most `max_bytes`. Also returns the position of the next page.
    pub fn files_to_fetch(
        &self,
        after: Option<FilePosition>,
        max_bytes: i64,
    ) -> Result<(Vec<FileToFetch>, Option<FilePosition>)> {
        let query = FilesQuery { after, ..FilesQuery::default() };
        let FilePage { files, next } = self.read_files(&query, MESSAGES_READ)?;
        let mut to_fetch = Vec::new();
        for listed in files {
            let is_small = listed.file.bytes.0 <= max_bytes
                && matches!(listed.file.kind, FileKind::Picture { .. });
            let is_missing =
                |hash: FileHash| Ok::<_, crate::error::Error>(!self.has_thumbnail(hash)?);
            let thumbnail =
                listed.file.thumbnail.map(|small| is_missing(small.hash)).transpose()?;
            if thumbnail == Some(true) || (is_small && !self.has_file(listed.file.hash)?) {
                let index = listed.index as usize;
                to_fetch.push(FileToFetch { message: listed.message_id, index, file: listed.file });
            }
        }
        Ok((to_fetch, next))
    }

    /// Returns a file of a message that is on this computer, or waits in the outbox.
    pub fn file_of(&self, message: MessageId, index: usize) -> Result<Option<MessageFile>> {
        let pending = self.pending_op(OpId(message.0))?;
        if let Some(Action::Send { files, .. }) = pending.map(|pending| pending.op.action) {
            return Ok(files.into_iter().nth(index));
        }
        self.mirror.read(|conn| {
            let Some(key) = messages::find(conn, message)? else { return Ok(None) };
            Ok(messages::files_at(conn, key)?.into_iter().nth(index))
        })
    }

    fn read_files(&self, query: &FilesQuery, max_rows: i64) -> Result<FilePage> {
        self.mirror.read(|conn| {
            let rows = messages_with_files(conn, query, max_rows)?;
            let is_end = i64::try_from(rows.len()).is_ok_and(|read| read < max_rows);
            let mut files = Vec::new();
            let mut next = None;
            for (position, listed) in rows {
                next = Some(position);
                files.extend(listed.into_iter().filter(|file| matches(query, file)));
                if files.len() >= PAGE_FILES {
                    return Ok(FilePage { files, next });
                }
            }
            Ok(FilePage { files, next: next.filter(|_| !is_end) })
        })
    }
}

fn matches(query: &FilesQuery, listed: &ListedFile) -> bool {
    query.kind.as_ref().is_none_or(|kind| listed.file.kind.word() == kind)
        && query.sender_id.is_none_or(|sender| listed.sender_id == sender)
}

fn messages_with_files(
    conn: &Connection,
    query: &FilesQuery,
    max_rows: i64,
) -> Result<Vec<(FilePosition, Vec<ListedFile>)>> {
    let position = query.after.map_or((i64::MAX, i64::MAX), |after| (after.sent_at.0, after.key.0));
    let sent_before = query.before.map_or(i64::MAX, |before| before.0);
    let mut found = Vec::new();
    match query.conversation_id {
        None => {
            let mut statement = conn.prepare_cached(EVERYWHERE)?;
            let start = position.min((sent_before, i64::MIN));
            for row in statement.query_map((start.0, start.1, max_rows), read)? {
                found.push(row?);
            }
        }
        Some(id) => {
            let Some(number) = conversations::find(conn, id)? else { return Ok(found) };
            let (first, last) = messages::range(number);
            let mut statement = conn.prepare_cached(IN_ONE)?;
            let before = position.1.min(last.saturating_add(1));
            for row in statement.query_map((first, before, max_rows), read)? {
                found.push(row?);
            }
            for (position, files) in &mut found {
                if position.sent_at.0 >= sent_before {
                    files.clear();
                }
            }
        }
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(FilePosition, Vec<ListedFile>)> {
    let key: i64 = row.get("key")?;
    let sent_at = Millis(row.get("sent_at")?);
    let (message_id, sender_id) = (MessageId(row.get("id")?), UserId(row.get("sender_id")?));
    let conversation_id = ConversationId(row.get("conversation_id")?);
    let sender: String = row.get("sender_name")?;
    let listed = |(file, index)| ListedFile {
        message_id,
        conversation_id,
        seq: Seq(messages::seq_of(key)),
        index,
        sender_id,
        sender: sender.clone(),
        sent_at,
        file,
        is_here: false,
    };
    let files = messages::files(row)?.into_iter().zip(0..).map(listed).collect();
    Ok((FilePosition { sent_at, key: Count(key) }, files))
}
