//! Writes the lines of one conversation.

use super::origin::Origin;
use crate::error::{Error, Result};
use crate::files::{ExportedFile, FilePlace};
use crate::output::OutputFile;
use crate::people::People;
use parlour_protocol::export_lines::{
    self, ConversationLine, ExportLine, ExportedMember, ExportedReaction, MESSAGES_FILE,
    MessageLine, PersonLine,
};
use parlour_protocol::{MessageRow, UserId};
use parlour_store::StoredConversation;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The file of one conversation. Each person has a line before the first line that refers to them.
pub(crate) struct JsonlWriter {
    path: PathBuf,
    file: OutputFile,
    named: HashSet<UserId>,
    messages: u64,
}

impl JsonlWriter {
    /// Creates the file in a folder, and writes what precedes the messages.
    ///
    /// # Errors
    /// Fails if it cannot be written, or if the mirror cannot be read.
    pub fn create(
        folder: &Path,
        origin: &Origin,
        (conversation, title): (&StoredConversation, &str),
        people: &mut People<'_>,
    ) -> Result<Self> {
        let path = folder.join(MESSAGES_FILE);
        let file = OutputFile::create(&path)?;
        let mut writer = Self { path, file, named: HashSet::new(), messages: 0 };
        writer.line(&ExportLine::Header(origin.header()))?;
        writer.name([origin.user], people)?;
        writer.name(conversation.members.iter().map(|member| member.user_id), people)?;
        let members = conversation.members.iter().map(ExportedMember::from).collect();
        let mut line = ConversationLine::new(&conversation.row, title, members);
        line.missing_older = conversation.missing_older;
        line.missing_newer = conversation.missing_newer;
        writer.line(&ExportLine::Conversation(line))?;
        Ok(writer)
    }

    /// Writes a message.
    ///
    /// # Errors
    /// Same as [`Self::create`].
    pub fn message(
        &mut self,
        row: &MessageRow,
        files: &[ExportedFile<'_>],
        people: &mut People<'_>,
    ) -> Result<()> {
        let reacted = row.reactions.iter().flat_map(|reaction| reaction.users.iter().copied());
        let named = std::iter::once(row.sender_id).chain(row.mentions.iter().copied());
        self.name(named.chain(reacted), people)?;
        self.messages += 1;
        let reactions = row.reactions.iter().map(ExportedReaction::from).collect();
        let files = files.iter().map(file_of_line).collect();
        self.line(&ExportLine::Message(MessageLine::new(row, reactions, files)))
    }

    /// Writes the last line, by which a reader knows that nothing is missing.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.line(&ExportLine::End { messages: self.messages })?;
        self.file.finish()
    }

    /// Writes the lines of people who have none yet.
    fn name(
        &mut self,
        ids: impl IntoIterator<Item = UserId>,
        people: &mut People<'_>,
    ) -> Result<()> {
        for id in ids {
            if self.named.insert(id) {
                let person = people.get(id)?;
                self.line(&ExportLine::Person(PersonLine::new(&person.row, &person.name)))?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &ExportLine<'_>) -> Result<()> {
        let mut line =
            serde_json::to_vec(line).map_err(|error| Error::write(&self.path)(error.into()))?;
        line.push(b'\n');
        self.file.write(&line)
    }
}

fn file_of_line<'a>(exported: &'a ExportedFile<'_>) -> export_lines::ExportedFile<'a> {
    let path = match &exported.place {
        FilePlace::Here(path) => Some(path.as_str()),
        FilePlace::NotHere | FilePlace::LeftOut => None,
    };
    export_lines::ExportedFile::new(exported.file, path)
}
