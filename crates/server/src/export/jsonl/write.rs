//! Writes every conversation into a folder of its own, and a file of all people.

use super::super::error::ExportError;
use super::super::file_copies::FileCopies;
use super::super::output::Output;
use super::super::report::ExportReport;
use super::super::snapshot::Snapshot;
use super::super::source::Source;
use super::title::title;
use super::writer::ConversationWriter;
use crate::queries::conversations::StoredConversation;
use parlour_protocol::export_lines::{CONVERSATIONS_FOLDER, ExportLine, PersonLine, TITLE_BYTES};
use parlour_protocol::{UniqueNames, folder_name};

/// The name of the file of all people.
const PEOPLE: &str = "people.jsonl";

/// Writes an export.
///
/// # Errors
/// Fails if the database or the file store cannot be read, if a file cannot be written, or if it is cancelled.
pub fn write(
    source: &Source<'_>,
    output: &mut Output<'_>,
    files: &mut FileCopies,
    report: &mut ExportReport,
) -> Result<(), ExportError> {
    let mut names = UniqueNames::default();
    output.create_folder(&output.folder.join(CONVERSATIONS_FOLDER))?;
    report.left_out = source.snapshot.conversations(source.scope, |stored| {
        report.messages += conversation(source, &stored, &mut names, output, files)?;
        report.conversations += 1;
        Ok(())
    })?;
    people(source, output)
}

/// Writes all people, also those who are in no conversation.
fn people(source: &Source<'_>, output: &mut Output<'_>) -> Result<(), ExportError> {
    let mut file = output.create(&output.folder.join(PEOPLE))?;
    output.line(&mut file, &ExportLine::Header(source.origin.header()))?;
    source.snapshot.users(|row| {
        output.progress.check()?;
        output.line(&mut file, &ExportLine::Person(PersonLine::new(&row, row.shown_name())))
    })?;
    output.line(&mut file, &ExportLine::End { messages: 0 })?;
    output.finish(file)
}

/// Writes a conversation; returns the number of its messages.
fn conversation(
    source: &Source<'_>,
    stored: &StoredConversation,
    names: &mut UniqueNames,
    output: &mut Output<'_>,
    files: &mut FileCopies,
) -> Result<u64, ExportError> {
    let snapshot: &Snapshot = source.snapshot;
    let members = snapshot.members(stored.row.id)?;
    let title = title(snapshot, stored, &members)?;
    let name = match title.trim() {
        "" => stored.row.id.to_string(),
        title => folder_name(title, TITLE_BYTES),
    };
    let folder = output.folder.join(CONVERSATIONS_FOLDER).join(names.give(&name, TITLE_BYTES));
    output.create_folder(&folder)?;
    let mut writer = ConversationWriter::create(snapshot, folder, output, files)?;
    writer.begin(source.origin, (stored, &title), &members)?;
    let mut next = 1;
    loop {
        writer.output.progress.check()?;
        let rows = snapshot.messages(stored.row.id, next, stored.last_seq)?;
        let Some(last) = rows.last() else { break };
        next = last.seq.0 + 1;
        for row in &rows {
            writer.message(row)?;
        }
    }
    writer.finish()
}
