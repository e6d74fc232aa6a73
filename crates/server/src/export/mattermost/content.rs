//! Turns messages into posts.

use super::super::error::ExportError;
use super::super::file_copies::FileCopies;
use super::super::output::Output;
use super::super::snapshot::Snapshot;
use super::emoji;
use super::mentions::renamed;
use super::records::{Attachment, Content, Reaction};
use super::split::parts;
use parlour_protocol::{MessageFile, MessageRow, Millis, UserId, saved_file_name};
use std::collections::HashMap;
use uuid::Uuid;

/// The folder of all files.
const DATA: &str = "data";
/// The folder below it for the files of messages.
const FILES: &str = "files";
/// The author of a message whose author does not exist.
const NOBODY: &str = "nobody";

/// The names of all users: here and in Mattermost.
#[derive(Default)]
pub struct People {
    names: HashMap<UserId, (String, String)>,
}

impl People {
    /// Adds a user.
    pub fn add(&mut self, id: UserId, username: String, name: String) {
        self.names.insert(id, (username, name));
    }

    /// Returns a user's name in Mattermost.
    pub fn name(&self, id: UserId) -> &str {
        self.names.get(&id).map_or(NOBODY, |(_, name)| name.as_str())
    }

    /// Returns the names of these users here and in Mattermost.
    fn pairs(&self, ids: &[UserId]) -> Vec<(&str, &str)> {
        let known = ids.iter().filter_map(|id| self.names.get(id));
        known.map(|(username, name)| (username.as_str(), name.as_str())).collect()
    }
}

/// What is needed to turn messages into posts.
pub struct Contents<'a, 'o> {
    /// The database.
    pub snapshot: &'a Snapshot,
    /// The users.
    pub people: &'a People,
    /// Where the export is written.
    pub output: &'a mut Output<'o>,
    /// Copies the files.
    pub files: &'a mut FileCopies,
}

impl<'a> Contents<'a, '_> {
    /// Returns a message as a post, and copies its files. A text that is too long is continued in further posts, one
    /// millisecond apart.
    ///
    /// # Errors
    /// Fails if the database or the file store does, if a file cannot be written, or if the export is cancelled.
    pub fn of(&mut self, row: &MessageRow) -> Result<Vec<Content<'a>>, ExportError> {
        let people = self.people;
        let text = renamed(&row.body, &people.pairs(&row.mentions));
        let mut contents = Vec::new();
        for (number, part) in (0..).zip(parts(&text)) {
            contents.push(Content {
                user: people.name(row.sender_id),
                message: part.to_owned(),
                create_at: Millis(row.sent_at.0.saturating_add(number)),
                edit_at: row.edited_at,
                is_pinned: row.pinned_at.is_some() && number == 0,
                reactions: Vec::new(),
                attachments: Vec::new(),
            });
        }
        if let Some(first) = contents.first_mut() {
            first.reactions = self.reactions(row)?;
            first.attachments = self.attachments(row)?;
        }
        Ok(contents)
    }

    fn reactions(&self, row: &MessageRow) -> Result<Vec<Reaction<'a>>, ExportError> {
        let people = self.people;
        let mut reactions = Vec::new();
        for (emoji, given) in self.snapshot.reactions(row)? {
            let name = emoji::name(&emoji);
            reactions.extend(given.into_iter().map(|(at, person)| Reaction {
                user: people.name(person),
                // Mattermost refuses reactions that are older than the post.
                create_at: Millis(at.max(row.sent_at.0)),
                emoji_name: name.clone(),
            }));
        }
        Ok(reactions)
    }

    fn attachments(&mut self, row: &MessageRow) -> Result<Vec<Attachment>, ExportError> {
        if self.files.are_left_out() {
            return Ok(Vec::new());
        }
        let mut attachments = Vec::new();
        for (file_use, file) in self.snapshot.file_uses(row)?.iter().zip(&row.files) {
            if let Some(path) = self.copy(file_use.file, file)? {
                attachments.push(Attachment { path });
            }
        }
        Ok(attachments)
    }

    /// Copies a file, unless it is there already; returns its path below the folder of all files.
    fn copy(&mut self, id: Uuid, file: &MessageFile) -> Result<Option<String>, ExportError> {
        let (folder, name) = (format!("{FILES}/{}", file.hash), saved_file_name(&file.name));
        let path = format!("{folder}/{name}");
        let to = self.output.folder.join(DATA).join(&path);
        if to.symlink_metadata().is_ok() {
            return Ok(Some(path));
        }
        self.output.create_folder(&self.output.folder.join(DATA).join(folder))?;
        let is_copied = self.files.copy(self.snapshot, (id, file), &to, self.output)?;
        Ok(is_copied.then_some(path))
    }
}
