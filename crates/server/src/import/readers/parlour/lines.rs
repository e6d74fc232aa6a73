//! Reads the lines of files.

use super::super::super::input::json::{Fields, parse};
use super::super::super::input::{Entry, Files, Lines};
use super::super::super::records::{Sink, StopReason};
use super::super::time::Clock;
use super::header::Header;
use super::message::{Context, message};
use super::people::{conversation, person, time};
use super::section::Section;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A file of the export, and what its first line says.
pub struct Part<'a> {
    /// The file.
    pub entry: &'a Entry,
    /// Its header, if it is not damaged.
    pub header: Option<Header>,
    /// Its server; empty if `--source` stands for it.
    pub server: String,
}

impl Part<'_> {
    fn section(&self) -> Section {
        Section::new(self.server.clone(), self.header.as_ref())
    }
}

/// What was read so far.
pub struct Reader<'a> {
    files: &'a Files,
    /// Whether `--source` stands for the servers.
    has_source: bool,
    conversations: HashSet<String>,
    usernames: HashMap<String, String>,
    clock: Clock,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub fn new(files: &'a Files, has_source: bool) -> Self {
        let (conversations, usernames) = (HashSet::new(), HashMap::new());
        Self { files, has_source, conversations, usernames, clock: Clock::default() }
    }

    /// Reads what precedes the messages of a file.
    pub fn read_beginning(
        &mut self,
        part: &Part<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), StopReason> {
        let (mut section, mut lines) = (part.section(), Lines::open(part.entry)?);
        while let Some(line) = lines.next()? {
            // What is damaged is reported when the whole file is read.
            let value = parse(&line.bytes).unwrap_or_default();
            match value.text("type") {
                // A person whose name this exporter did not know may have one in another file.
                Some("person") if value.text("username").is_some() => {
                    self.person(&value, &section, sink)?;
                }
                Some("conversation") => {
                    self.conversation(&value, &mut section, sink)?;
                    return Ok(());
                }
                Some("message" | "end") => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads all of a file.
    pub fn read_all(&mut self, part: &Part<'_>, sink: &mut Sink<'_>) -> Result<(), StopReason> {
        if part.header.is_none() {
            let reason = "a file that does not begin with a header, taken to be of the same server as another one";
            sink.warn(reason, part.entry.name.clone())?;
        }
        let (mut section, mut lines) = (part.section(), Lines::open(part.entry)?);
        while let Some(line) = lines.next()? {
            sink.read(line.length)?;
            if line.bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let location = format!("{}:{}", part.entry.name, line.number);
            let broken = match parse(&line.bytes) {
                Some(value) if line.number > 1 && value.text("type") == Some("header") => {
                    let header = Header::of(&value)?;
                    if let Some(header) = &header {
                        end(&section, part, sink)?;
                        let server = if self.has_source { "" } else { header.server.as_str() };
                        section = Section::new(server.to_owned(), Some(header));
                    }
                    header.is_none().then_some("a header that could not be parsed")
                }
                Some(value) => {
                    self.line(&value, &mut section, (part.entry, location.as_str()), sink)?
                }
                None => Some("not JSON"),
            };
            if let Some(reason) = broken {
                sink.broken(location, reason, &line.bytes)?;
            }
        }
        end(&section, part, sink)
    }

    /// Reads a line; returns the reason if it could not be parsed.
    fn line(
        &mut self,
        value: &Value,
        section: &mut Section,
        (entry, location): (&Entry, &str),
        sink: &mut Sink<'_>,
    ) -> Result<Option<&'static str>, StopReason> {
        let is_valid = match value.text("type") {
            Some("header") => Header::of(value)?.is_some(),
            Some("person") => self.person(value, section, sink)?,
            Some("conversation") => self.conversation(value, section, sink)?,
            Some("message") => return self.message(value, section, (entry, location), sink),
            Some("end") => {
                section.is_ended = true;
                if value.int("messages").and_then(|many| u64::try_from(many).ok())
                    != Some(section.messages)
                {
                    let reason = "a file with another number of messages than its last line states";
                    sink.warn(reason, location)?;
                }
                true
            }
            Some(_) => {
                sink.warn("a line of a type that this version does not know, left out", location)?;
                true
            }
            None => false,
        };
        Ok((!is_valid).then_some("a line that could not be parsed"))
    }

    fn person(
        &mut self,
        value: &Value,
        section: &Section,
        sink: &mut Sink<'_>,
    ) -> Result<bool, StopReason> {
        let Some(person) = person(value, section) else { return Ok(false) };
        if !person.username.is_empty() && !self.usernames.contains_key(&person.key) {
            self.usernames.insert(person.key.clone(), person.username.clone());
        }
        sink.person(person)?;
        Ok(true)
    }

    fn conversation(
        &mut self,
        value: &Value,
        section: &mut Section,
        sink: &mut Sink<'_>,
    ) -> Result<bool, StopReason> {
        let Some(conversation) = conversation(value, section) else { return Ok(false) };
        section.conversation = Some(conversation.key.clone());
        // The same conversation may be in several exports; that of the newest one comes first.
        if self.conversations.insert(conversation.key.clone()) {
            sink.conversation(conversation)?;
        }
        Ok(true)
    }

    fn message(
        &mut self,
        value: &Value,
        section: &mut Section,
        (entry, location): (&Entry, &str),
        sink: &mut Sink<'_>,
    ) -> Result<Option<&'static str>, StopReason> {
        section.messages += 1;
        let Some(conversation) = &section.conversation else {
            return Ok(Some("a message before the line of its conversation"));
        };
        let context = Context { files: self.files, entry, usernames: &self.usernames };
        let Some(mut message) = message(value, conversation, section, &context) else {
            return Ok(Some("a message without a valid id, author or text"));
        };
        let sent_at = time(value, "sentAt");
        message.at = self.clock.time_or_previous(sent_at, sink, || location.to_owned())?;
        sink.unlisted_person(&message.sender, "")?;
        sink.message(message)?;
        Ok(None)
    }
}

/// Reports a section without its last line.
fn end(section: &Section, part: &Part<'_>, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    if section.is_ended {
        return Ok(());
    }
    let reason = "an incomplete file, without its last line, imported as far as it goes";
    sink.warn(reason, part.entry.name.clone())
}
