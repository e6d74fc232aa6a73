//! The files that were shared in conversations, as far as their messages are here.

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
    /// $1 time, $2 key, $3 limit. Begins behind a message.
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
const PAGE: usize = 50;
/// Number of messages that are read for a page: with a filter, a page may have fewer files.
const READ: i64 = 500;

/// Which files are listed, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FilesQuery {
    /// Only those of this conversation.
    pub conversation_id: Option<ConversationId>,
    /// Only those of this kind: `picture`, `film`, `sound` or `file`.
    pub kind: Option<String>,
    /// Only those that this person sent.
    pub sender_id: Option<UserId>,
    /// Only those that were sent before this time.
    pub before: Option<Millis>,
    /// The end of the page before.
    pub after: Option<FilePosition>,
}

/// The end of a page of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FilePosition {
    /// When the last message was sent.
    pub sent_at: Millis,
    /// Where it is in this computer's files.
    pub key: Count,
}

/// A page of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct FilePage {
    /// The files, newest first. There may be none although there are more.
    pub files: Vec<ListedFile>,
    /// Where the next page begins; `None` if there is none.
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
    /// Who sent it.
    pub sender_id: UserId,
    /// Their name.
    pub sender: String,
    /// When it was sent.
    pub sent_at: Millis,
    /// The file.
    pub file: MessageFile,
    /// Whether its bytes are on this computer.
    pub is_here: bool,
}

/// A file of a message, by which it can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedFile {
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
        let mut page = self.read_files(query, READ)?;
        for listed in &mut page.files {
            listed.is_here = self.has_file(listed.file.hash)?;
        }
        Ok(page)
    }

    /// Returns what is not here of the files that are behind a position, as far as it is to be fetched without being
    /// asked for: thumbnails, and pictures of at most `most` bytes. Also returns where to go on.
    pub fn files_to_fetch(
        &self,
        after: Option<FilePosition>,
        most: i64,
    ) -> Result<(Vec<WantedFile>, Option<FilePosition>)> {
        let query = FilesQuery { after, ..FilesQuery::default() };
        let FilePage { files, next } = self.read_files(&query, READ)?;
        let mut wanted = Vec::new();
        for listed in files {
            let is_small =
                listed.file.bytes.0 <= most && matches!(listed.file.kind, FileKind::Picture { .. });
            let lacks = |hash: FileHash| Ok::<_, crate::error::Error>(!self.has_thumbnail(hash)?);
            let thumbnail = listed.file.thumbnail.map(|small| lacks(small.hash)).transpose()?;
            if thumbnail == Some(true) || (is_small && !self.has_file(listed.file.hash)?) {
                let index = listed.index as usize;
                wanted.push(WantedFile { message: listed.message_id, index, file: listed.file });
            }
        }
        Ok((wanted, next))
    }

    /// Returns a file of a message that is on this computer, or waits in the outbox.
    pub fn file_of(&self, message: MessageId, index: usize) -> Result<Option<MessageFile>> {
        let open = self.open_op(OpId(message.0))?;
        if let Some(Action::Send { files, .. }) = open.map(|open| open.op.action) {
            return Ok(files.into_iter().nth(index));
        }
        self.mirror.read(|conn| {
            let Some(key) = messages::find(conn, message)? else { return Ok(None) };
            Ok(messages::files_at(conn, key)?.into_iter().nth(index))
        })
    }

    fn read_files(&self, query: &FilesQuery, most: i64) -> Result<FilePage> {
        self.mirror.read(|conn| {
            let rows = messages_with_files(conn, query, most)?;
            let is_end = i64::try_from(rows.len()).is_ok_and(|read| read < most);
            let mut files = Vec::new();
            let mut next = None;
            for (at, listed) in rows {
                next = Some(at);
                files.extend(listed.into_iter().filter(|file| matches(query, file)));
                if files.len() >= PAGE {
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
    most: i64,
) -> Result<Vec<(FilePosition, Vec<ListedFile>)>> {
    let at = query.after.map_or((i64::MAX, i64::MAX), |after| (after.sent_at.0, after.key.0));
    let sent_before = query.before.map_or(i64::MAX, |before| before.0);
    let mut found = Vec::new();
    match query.conversation_id {
        None => {
            let mut statement = conn.prepare_cached(EVERYWHERE)?;
            let from = at.min((sent_before, i64::MIN));
            for row in statement.query_map((from.0, from.1, most), read)? {
                found.push(row?);
            }
        }
        Some(id) => {
            let Some(number) = conversations::find(conn, id)? else { return Ok(found) };
            let (first, last) = messages::range(number);
            let mut statement = conn.prepare_cached(IN_ONE)?;
            let before = at.1.min(last.saturating_add(1));
            for row in statement.query_map((first, before, most), read)? {
                found.push(row?);
            }
            for (at, files) in &mut found {
                if at.sent_at.0 >= sent_before {
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
