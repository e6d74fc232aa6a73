//! Counts the contents of an export without storing them.

use super::records::{Message, Person, Record};
use super::report::Report;
use super::text::emoji;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};

/// Number of bytes that a message takes in the database besides its text: for its row and its entries in indexes.
const ROW_BYTES: u64 = 420;

/// The counts so far.
#[derive(Default)]
pub struct Tally {
    /// The report.
    pub report: Report,
    /// All people of the export, in a dry run.
    pub people: BTreeMap<String, Person>,
    collects_people: bool,
    threads: HashSet<u64>,
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
        for file in &message.files {
            report.add(
                "the content of a file, left out: its name is in the message",
                file.clone(),
                1,
            );
        }
    }
}
