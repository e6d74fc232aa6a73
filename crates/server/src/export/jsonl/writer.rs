//! Writes the lines and the files of one conversation.

use super::super::error::ExportError;
use super::super::file_copies::FileCopies;
use super::super::output::{Output, OutputFile};
use super::super::snapshot::Snapshot;
use super::super::source::Origin;
use crate::queries::conversations::StoredConversation;
use crate::queries::reactions::GivenReaction;
use parlour_protocol::export_lines::{
    ConversationLine, EarlierText, ExportLine, ExportedFile, ExportedMember, ExportedReaction,
    FILE_NAME_BYTES, FILES_FOLDER, MESSAGES_FILE, MessageLine, PersonLine,
};
use parlour_protocol::{
    Count, FileHash, MemberRow, MessageFile, MessageRow, UniqueNames, UserId, UserRole, UserRow,
};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use uuid::Uuid;

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
        let file = output.create(&folder.join(MESSAGES_FILE))?;
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
        self.line(&ExportLine::Header(origin.header()))?;
        self.name(members.iter().map(|member| member.user_id))?;
        let shows_reads = conversation.shows_reads();
        let member = |row: &MemberRow| {
            let mut member = ExportedMember::from(row);
            member.read_to = member.read_to.filter(|_| shows_reads);
            member
        };
        let members = members.iter().map(member).collect();
        self.line(&ExportLine::Conversation(ConversationLine::new(
            &conversation.row,
            title,
            members,
        )))
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
        let files = row.files.iter().zip(&paths);
        let files = files.map(|(file, path)| ExportedFile::new(file, path.as_deref())).collect();
        let reactions = reactions.iter().map(exported_reaction).collect();
        let mut line = MessageLine::new(row, reactions, files);
        line.earlier_texts = earlier.iter().map(EarlierText::from).collect();
        self.line(&ExportLine::Message(line))?;
        self.messages += 1;
        self.output.progress.add_message();
        Ok(())
    }

    /// Writes the last line; returns the number of messages.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(mut self) -> Result<u64, ExportError> {
        self.line(&ExportLine::End { messages: self.messages })?;
        self.output.finish(self.file)?;
        Ok(self.messages)
    }

    /// Writes the lines of people who have none yet.
    fn name(&mut self, ids: impl IntoIterator<Item = UserId>) -> Result<(), ExportError> {
        for id in ids {
            if self.named.insert(id) {
                let user = self.snapshot.user(id)?;
                let user = user.unwrap_or_else(|| UserRow::new(id, "", UserRole::Member, 0));
                self.line(&ExportLine::Person(PersonLine::new(&user, user.shown_name())))?;
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
        let folder = self.folder.join(FILES_FOLDER);
        self.output.create_folder(&folder)?;
        let name = self.file_names.give(&file.name, FILE_NAME_BYTES);
        let to = folder.join(&name);
        let is_copied = self.files.copy(self.snapshot, (id, file), &to, self.output)?;
        let path = is_copied.then(|| format!("{FILES_FOLDER}/{name}"));
        self.paths.insert(file.hash, path.clone());
        Ok(path)
    }

    fn line(&mut self, line: &ExportLine<'_>) -> Result<(), ExportError> {
        self.output.line(&mut self.file, line)
    }
}

fn exported_reaction((emoji, people): &GivenReaction) -> ExportedReaction<'_> {
    let count = Count(i64::try_from(people.len()).unwrap_or(i64::MAX));
    let people = people.iter().map(|(_, person)| *person).collect();
    ExportedReaction { emoji, count, people, own: None }
}
