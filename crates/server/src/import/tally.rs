//! Counts the contents of an export without storing them.

use super::records::{AttachedFile, FoundFile, Message, Person, Record};
use super::report::Report;
use super::text::emoji;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};

/// Number of bytes that a message takes in the database besides its text: for its row and its entries in indexes.
const ROW_BYTES: u64 = 420;
/// Number of bytes that a file takes in the database.
const FILE_ROW_BYTES: u64 = 900;

/// The counts so far.
#[derive(Default)]
pub struct Tally {
    /// The report.
    pub report: Report,
    /// All people of the export, in a dry run.
    pub people: BTreeMap<String, Person>,
    collects_people: bool,
    threads: HashSet<u64>,
    /// Hashes of the locations of the files that were found.
    locations: HashSet<u64>,
    read: u64,
}

impl Tally {
    /// Starts at zero. Collects the people in a dry run, for the map of people.
    pub fn new(report: Report) -> Self {
        let collects_people = report.dry_run;
        Self { report, collects_people, ..Self::default() }
    }

    /// Returns the number of bytes that were read.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Counts attached files whose contents were read, with the number of their bytes.
    pub fn add_read(&mut self, bytes: u64) {
        self.read += bytes;
    }

    /// Counts a record.
    pub fn add(&mut self, record: &Record) {
        let report = &mut self.report;
        match record {
            Record::Person(person) => {
                report.people += 1;
                report.people_listed += u64::from(person.is_listed);
                report.bots += u64::from(person.is_bot);
                if self.collects_people {
                    self.people.insert(person.key.clone(), person.clone());
                }
            }
            Record::Conversation(conversation) => {
                report.conversations += 1;
                report.threads += u64::from(conversation.is_thread);
            }
            Record::Message(message) => self.message(message),
            Record::Amendment(_) => {}
            Record::Notice { reactions } => {
                report.notices += 1;
                report.reactions += reactions;
                if *reactions > 0 {
                    let reason = "a reaction to a join, a leave or a rename, left out";
                    report.add(reason, String::new(), *reactions);
                }
            }
            Record::Warning { reason, location, count } => {
                report.add(reason, location.clone(), *count)
            }
            Record::Broken(broken) => {
                report.broken += 1;
                report.add(&broken.reason, broken.location.clone(), 1);
            }
            Record::Read(bytes) => self.read += bytes,
        }
    }

    fn message(&mut self, message: &Message) {
        let report = &mut self.report;
        report.messages += 1;
        report.attachments += message.files.len() as u64;
        report.first = Some(report.first.map_or(message.at, |first| first.min(message.at)));
        report.last = Some(report.last.map_or(message.at, |last| last.max(message.at)));
        report.bytes_needed += ROW_BYTES + message.body.len() as u64 * 8 / 5;
        report.replies += u64::from(message.reply_to.is_some());
        if let Some(thread) = &message.thread {
            let mut hash = DefaultHasher::new();
            (&message.conversation, thread).hash(&mut hash);
            report.threads += u64::from(self.threads.insert(hash.finish()));
        }
        let location = || format!("{} {}", message.conversation, message.key);
        for reaction in &message.reactions {
            report.reactions += reaction.count;
            let unnamed = reaction.count.saturating_sub(reaction.people.len() as u64);
            if unnamed > 0 {
                let reason = "a reaction by a person whom the export does not name, left out";
                report.add(reason, location(), unnamed);
            }
            if emoji::emoji(&reaction.emoji).is_none() && !reaction.people.is_empty() {
                let reason = "a reaction with a custom emoji, left out";
                report.add(
                    reason,
                    format!("{} {}", location(), reaction.emoji),
                    reaction.people.len() as u64,
                );
            }
        }
        let prefix = if message.files.is_empty() { String::new() } else { location() };
        for file in &message.files {
            self.file(file, &prefix);
        }
    }

    fn file(&mut self, file: &AttachedFile, location: &str) {
        if let Some(reason) = file.reason() {
            self.report.files_missing += 1;
            self.report.add(reason, file.name.clone(), 1);
        }
        if let Some(found) = file.found() {
            self.found(found, format!("{location} {}", file.name));
        }
    }

    /// Counts a file that was found, but could not be read later.
    pub fn unreadable(&mut self, reason: &str, location: String, bytes: u64) {
        self.report.files_found -= 1;
        self.report.files_found_bytes -= bytes;
        self.report.files_missing += 1;
        self.report.add(reason, location, 1);
    }

    fn found(&mut self, found: &FoundFile, location: String) {
        let report = &mut self.report;
        report.files_found += 1;
        report.files_found_bytes += found.bytes;
        report.bytes_needed += FILE_ROW_BYTES;
        let mut hash = DefaultHasher::new();
        found.location.hash(&mut hash);
        if self.locations.insert(hash.finish()) {
            report.file_bytes_needed += found.bytes;
        }
        if let Some(stated) = found.stated_bytes {
            let reason = "a file with another size than the export states, imported as it is";
            report.add(reason, format!("{location}: {} instead of {stated} bytes", found.bytes), 1);
        }
    }
}
