//! Writes the lines and the files of one conversation.

use super::super::error::ExportError;
use super::super::file_copies::FileCopies;
use super::super::output::{Output, OutputFile};
use super::super::snapshot::Snapshot;
use super::super::source::Origin;
use super::records::{Conversation, End, Header, Message, Person, Record};
use crate::queries::conversations::StoredConversation;
use parlour_protocol::{
    FileHash, MemberRow, MessageFile, MessageRow, UniqueNames, UserId, UserRole, UserRow,
};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use uuid::Uuid;

/// The name of the file of the messages.
const NAME: &str = "messages.jsonl";
/// The folder of the conversation's files, next to it.
const FILES: &str = "files";
/// Longest name of a file, in bytes, so that paths stay short enough for every system.
const NAME_BYTES: usize = 100;

/// The folder of one conversation. Each person has a line before the first line that refers to them.
pub struct ConversationWriter<'a, 'o> {
    snapshot: &'a Snapshot,
    folder: PathBuf,
    /// Where the export is written.
    pub output: &'a mut Output<'o>,
    files: &'a mut FileCopies,
    file: OutputFile,
    named: HashSet<UserId>,
    file_names: UniqueNames,
    /// The paths of the files that were copied, or that are missing.
    paths: HashMap<FileHash, Option<String>>,
    messages: u64,
}

impl<'a, 'o> ConversationWriter<'a, 'o> {
    /// Creates the file in an existing folder.
    ///
    /// # Errors
    /// Fails if it cannot be created.
    pub fn create(
        snapshot: &'a Snapshot,
        folder: PathBuf,
        output: &'a mut Output<'o>,
        files: &'a mut FileCopies,
    ) -> Result<Self, ExportError> {
        let file = output.create(&folder.join(NAME))?;
        Ok(Self {
            snapshot,
            folder,
            output,
            files,
            file,
            named: HashSet::new(),
            file_names: UniqueNames::default(),
            paths: HashMap::new(),
            messages: 0,
        })
    }

    /// Writes what precedes the messages.
    ///
    /// # Errors
    /// Fails if it cannot be written, or if the database fails.
    pub fn begin(
        &mut self,
        origin: &Origin,
        (conversation, title): (&StoredConversation, &str),
        members: &[MemberRow],
    ) -> Result<(), ExportError> {
        self.line(&Record::Header(Header::from(origin)))?;
        self.name(members.iter().map(|member| member.user_id))?;
        self.line(&Record::Conversation(Conversation::new(conversation, title, members)))
    }

    /// Writes a message, and copies its files.
    ///
    /// # Errors
    /// Fails if it cannot be written, if the database or the file store fails, or if the export is cancelled.
    pub fn message(&mut self, row: &MessageRow) -> Result<(), ExportError> {
        let reactions = self.snapshot.reactions(row)?;
        let earlier = self.snapshot.earlier_texts(row)?;
        let paths = self.copy_files(row)?;
        let reacted = reactions.iter().flat_map(|(_, people)| people.iter().map(|(_, id)| *id));
        let named = std::iter::once(row.sender_id).chain(row.mentions.iter().copied());
        self.name(named.chain(reacted))?;
        self.line(&Record::Message(Message::new(row, &earlier, &reactions, &paths)))?;
        self.messages += 1;
        self.output.progress.add_message();
        Ok(())
    }

    /// Writes the last line; returns the number of messages.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(mut self) -> Result<u64, ExportError> {
        self.line(&Record::End(End { messages: self.messages }))?;
        self.output.finish(self.file)?;
        Ok(self.messages)
    }

    /// Writes the lines of people who have none yet.
    fn name(&mut self, ids: impl IntoIterator<Item = UserId>) -> Result<(), ExportError> {
        for id in ids {
            if self.named.insert(id) {
                let user = self.snapshot.user(id)?;
                let user = user.unwrap_or_else(|| UserRow::new(id, "", UserRole::Member, 0));
                self.line(&Record::Person(Person::from(&user)))?;
            }
        }
        Ok(())
    }

    /// Copies the files of a message, each bytes once; returns their paths, `None` for those that are not there.
    fn copy_files(&mut self, row: &MessageRow) -> Result<Vec<Option<String>>, ExportError> {
        if self.files.are_left_out() {
            return Ok(vec![None; row.files.len()]);
        }
        let mut uses = self.snapshot.file_uses(row)?.into_iter();
        let mut paths = Vec::with_capacity(row.files.len());
        for file in &row.files {
            let id = uses.next().map_or(Uuid::nil(), |file_use| file_use.file);
            paths.push(self.copy_file(id, file)?);
        }
        Ok(paths)
    }

    fn copy_file(&mut self, id: Uuid, file: &MessageFile) -> Result<Option<String>, ExportError> {
        if let Some(path) = self.paths.get(&file.hash) {
            return Ok(path.clone());
        }
        let folder = self.folder.join(FILES);
        self.output.create_folder(&folder)?;
        let name = self.file_names.give(&file.name, NAME_BYTES);
        let to = folder.join(&name);
        let is_copied = self.files.copy(self.snapshot, (id, file), &to, self.output)?;
        let path = is_copied.then(|| format!("{FILES}/{name}"));
        self.paths.insert(file.hash, path.clone());
        Ok(path)
    }

    fn line(&mut self, record: &Record<'_>) -> Result<(), ExportError> {
        self.output.line(&mut self.file, record)
    }
}
