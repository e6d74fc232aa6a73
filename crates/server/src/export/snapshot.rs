//! Reads the state of the database at one moment, from a thread that may block.

use super::error::ExportError;
use super::scope::Scope;
use crate::db::{DbError, Tx};
use crate::queries::conversations::{self, StoredConversation};
use crate::queries::file_uses::{self, FileUse};
use crate::queries::files::{self, Part};
use crate::queries::history::{self, ThreadPosition};
use crate::queries::reactions::{self, GivenReaction};
use crate::queries::{edits, members, messages, users};
use parlour_protocol::{
    ConversationId, EarlierBody, MemberRole, MemberRow, MessageId, MessageRow, UserId, UserRow,
};
use tokio::runtime::Handle;
use uuid::Uuid;

/// Number of rows that are read at once.
const PAGE_ROWS: i64 = 1000;
/// Number of bytes of messages that are read at once, about.
const PAGE_BYTES: usize = 1024 * 1024;

/// A snapshot of the database. Its methods block, and fail if the database does.
pub struct Snapshot {
    tx: Tx,
    runtime: Handle,
}

type Result<T, E = DbError> = std::result::Result<T, E>;

impl Snapshot {
    /// Creates a reader of a snapshot, on the current runtime.
    pub fn new(tx: Tx) -> Self {
        Self { tx, runtime: Handle::current() }
    }

    /// Ends the snapshot.
    pub fn end(self) {
        let Self { tx, runtime } = self;
        let _entered = runtime.enter();
        drop(tx);
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Calls `each` with every conversation of a scope, in the order of their ids. Returns the number of others.
    pub fn conversations(
        &self,
        scope: &Scope,
        mut each: impl FnMut(StoredConversation) -> Result<(), ExportError>,
    ) -> Result<u64, ExportError> {
        let (mut after, mut left_out) = (ConversationId(Uuid::nil()), 0);
        loop {
            let page = self.wait(conversations::all_after(&self.tx, after, PAGE_ROWS))?;
            let Some(last) = page.last() else { return Ok(left_out) };
            after = last.row.id;
            for conversation in page {
                if scope.includes(&conversation) {
                    each(conversation)?;
                } else {
                    left_out += 1;
                }
            }
        }
    }

    /// Returns the current and former members of a conversation, by id.
    pub fn members(&self, id: ConversationId) -> Result<Vec<MemberRow>> {
        let mut all: Vec<MemberRow> = Vec::new();
        loop {
            let after = all.last().map_or(UserId(Uuid::nil()), |last| last.user_id);
            let page = self.wait(members::listed::after(&self.tx, id, after, PAGE_ROWS))?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// Returns a user; `None` if there is no such user.
    pub fn user(&self, id: UserId) -> Result<Option<UserRow>> {
        Ok(self.wait(users::find(&self.tx, id))?.map(|account| account.row))
    }

    /// Calls `each` with every user, in the order of their ids.
    pub fn users(
        &self,
        mut each: impl FnMut(UserRow) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut after = UserId(Uuid::nil());
        loop {
            let page = self.wait(users::page(&self.tx, after, PAGE_ROWS))?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = last.row.id;
            for (account, _) in page {
                each(account.row)?;
            }
        }
    }

    /// Returns the conversations that a user is in, and the user's role in each.
    pub fn roles(&self, user: UserId) -> Result<Vec<(ConversationId, MemberRole)>> {
        self.wait(members::listed::roles_of(&self.tx, user))
    }

    /// Returns the messages at the next positions from `first`, oldest first; none above `last`.
    pub fn messages(&self, id: ConversationId, first: i64, last: i64) -> Result<Vec<MessageRow>> {
        if first > last {
            return Ok(Vec::new());
        }
        let range = (first, last.min(first.saturating_add(PAGE_ROWS - 1)));
        Ok(self.wait(messages::between(&self.tx, id, range, PAGE_BYTES))?.0)
    }

    /// Returns the message at a position.
    pub fn message_at(&self, id: ConversationId, seq: i64) -> Result<Option<MessageRow>> {
        Ok(self.wait(messages::between(&self.tx, id, (seq, seq), PAGE_BYTES))?.0.pop())
    }

    /// Returns whether a message of a conversation exists, was not deleted, and is no reply.
    pub fn is_root(&self, conversation: ConversationId, id: MessageId) -> Result<bool> {
        let found = self.wait(messages::find(&self.tx, id))?;
        Ok(found.is_some_and(|found| {
            found.conversation_id == conversation
                && found.row.deleted_at.is_none()
                && found.row.reply_to.is_none()
        }))
    }

    /// Returns what the messages at the next positions above `after` reply to; none at the end.
    pub fn thread_positions(&self, id: ConversationId, after: i64) -> Result<Vec<ThreadPosition>> {
        self.wait(history::thread_positions(&self.tx, id, after))
    }

    /// Returns the earlier texts of a message, oldest first: at most [`edits::EXPORTED`].
    pub fn earlier_texts(&self, message: &MessageRow) -> Result<Vec<EarlierBody>> {
        if message.edited_at.is_none() || message.deleted_at.is_some() {
            return Ok(Vec::new());
        }
        let (number, bytes) = edits::EXPORTED;
        self.wait(edits::list(&self.tx, message.id, number, bytes))
    }

    /// Returns all reactions to a message.
    pub fn reactions(&self, message: &MessageRow) -> Result<Vec<GivenReaction>> {
        if message.reactions.is_empty() {
            return Ok(Vec::new());
        }
        self.wait(reactions::all(&self.tx, message.id))
    }

    /// Returns the ids of a message's files, in their order.
    pub fn file_uses(&self, message: &MessageRow) -> Result<Vec<FileUse>> {
        if message.files.is_empty() {
            return Ok(Vec::new());
        }
        self.wait(file_uses::of_message(&self.tx, message.id))
    }

    /// Returns the part of a file that begins at a position.
    pub fn part_at(&self, file: Uuid, position: u64) -> Result<Option<Part>> {
        let parts = self.wait(files::parts(&self.tx, file, position, 1))?;
        Ok(parts.into_iter().next().filter(|part| part.start == position && part.bytes > 0))
    }

    /// Returns the number of bytes of all files on the server.
    pub fn file_bytes(&self) -> Result<u64> {
        Ok(self.wait(files::total_usage(&self.tx))?.unsigned_abs())
    }
}
