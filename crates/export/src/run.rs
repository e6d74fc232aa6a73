//! Runs an export.

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::files::FileCopies;
use crate::folder::NewFolder;
use crate::html::{Entry, HtmlConversation, Index};
use crate::jsonl::{JsonlWriter, Origin};
use crate::people::People;
use crate::plan::{Planned, plan};
use crate::progress::{Progress, Reporter};
use crate::request::ExportRequest;
use crate::source::{Page, Period, Source, Wanted};
use crate::texts::ExportTexts;
use jiff::tz::TimeZone;
use parlour_protocol::export_lines::{CONVERSATIONS_FOLDER, TITLE_BYTES};
use parlour_protocol::{ConversationType, MessageRow, Millis, UniqueNames, folder_name};
use parlour_store::{SearchContext, Store, StoredConversation, private};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What an export needs besides the account's files and the request.
#[derive(Debug, Clone)]
pub struct ExportContext {
    /// The current time.
    pub now: Millis,
    /// The user's time zone.
    pub zone: TimeZone,
    /// The words on the pages.
    pub texts: ExportTexts,
}

/// What was exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Number of conversations.
    pub conversations: u64,
    /// Number of messages.
    pub messages: u64,
    /// Number of files that were copied.
    pub files: u64,
    /// Number of files that were not on this computer.
    pub missing_files: u64,
}

/// Writes messages of an account into a new folder `target`, which only its owner can read. What waits in the outbox is
/// left out. `report` receives the progress, also in the middle of large files, and may cancel by breaking.
///
/// # Errors
/// Fails with [`Error::Exists`] if anything is at `target`, with [`Error::Cancelled`] if `report` breaks, and if a file
/// cannot be read or written. The folder does not exist then.
pub fn export(
    store: &Store,
    request: &ExportRequest,
    context: &ExportContext,
    target: &Path,
    report: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Exported> {
    let mut reporter = Reporter::new(report);
    let search = SearchContext { zone: context.zone.clone(), now: context.now.0 };
    let planned = plan(store, request, &search, &mut reporter)?;
    reporter.set_total(total(store, &planned)?);
    reporter.check()?;
    let folder = NewFolder::create(target)?;
    let account = store.account()?;
    let origin = Origin {
        server: account.server,
        user: account.user_id,
        at: context.now,
        selection: request.selection.word(),
        from: request.from,
        until: request.until,
    };
    let clock = Clock::new(context.zone.clone());
    let mut run = Run {
        store,
        request,
        texts: &context.texts,
        clock: &clock,
        origin,
        folder: folder.path(),
        people: People::new(store),
        names: UniqueNames::default(),
        index: Index::default(),
        exported: Exported::default(),
    };
    for planned in &planned {
        run.conversation(planned, &mut reporter)?;
    }
    let exported = run.finish()?;
    folder.finish()?;
    Ok(exported)
}

/// Returns the number of messages that will be read, about.
fn total(store: &Store, planned: &[Planned]) -> Result<u64> {
    let mut total: u64 = 0;
    for planned in planned {
        total = total.saturating_add(match &planned.wanted {
            Wanted::All => store.mirror.stored_count(planned.id)?,
            Wanted::At(positions) => positions.len() as u64,
        });
    }
    Ok(total)
}

/// An export that is being written.
struct Run<'a> {
    store: &'a Store,
    request: &'a ExportRequest,
    texts: &'a ExportTexts,
    clock: &'a Clock,
    origin: Origin,
    folder: &'a Path,
    people: People<'a>,
    names: UniqueNames,
    index: Index,
    exported: Exported,
}

impl<'a> Run<'a> {
    /// Exports a conversation, if it is still there and has wanted messages, or is wanted without any.
    fn conversation(&mut self, planned: &Planned, reporter: &mut Reporter<'_>) -> Result<()> {
        let Some(conversation) = self.store.mirror.stored_conversation(planned.id)? else {
            return Ok(());
        };
        let period = Period { from: self.request.from, until: self.request.until };
        let mut source = Source::new(self.store, planned.id, &planned.wanted, period);
        let mut page = next(&mut source, reporter)?;
        if page.is_none() && !planned.keeps_empty {
            return Ok(());
        }
        let (folder, path) = self.new_folder(&planned.title, &conversation)?;
        let mut outputs = self.outputs(&folder, planned, &conversation, period)?;
        let mut entry = Entry {
            title: planned.title.clone(),
            is_group: conversation.row.kind == ConversationType::Group,
            path,
            messages: 0,
            period: None,
        };
        while let Some(rows) = page {
            for row in &rows {
                outputs.message(row, &mut self.people, reporter)?;
                entry.messages += 1;
                let (first, last) = entry.period.unwrap_or((row.sent_at, row.sent_at));
                entry.period = Some((first.min(row.sent_at), last.max(row.sent_at)));
                *self.index.authors.entry(row.sender_id).or_default() += 1;
            }
            page = next(&mut source, reporter)?;
        }
        let (files, missing_files) = outputs.finish()?;
        self.exported.conversations += 1;
        self.exported.messages += entry.messages;
        self.exported.files += files;
        self.exported.missing_files += missing_files;
        self.index.entries.push(entry);
        Ok(())
    }

    /// Creates the folder of a conversation; returns its path, and the path from the index.
    fn new_folder(
        &mut self,
        title: &str,
        conversation: &StoredConversation,
    ) -> Result<(PathBuf, String)> {
        let name = match title.trim() {
            "" => conversation.row.id.to_string(),
            title => folder_name(title, TITLE_BYTES),
        };
        let name = self.names.give(&name, TITLE_BYTES);
        let folder = self.folder.join(CONVERSATIONS_FOLDER).join(&name);
        private::ensure_folder(&folder).map_err(Error::write(&folder))?;
        Ok((folder, format!("{CONVERSATIONS_FOLDER}/{name}")))
    }

    fn outputs<'o>(
        &mut self,
        folder: &Path,
        planned: &'o Planned,
        conversation: &'o StoredConversation,
        period: Period,
    ) -> Result<Outputs<'o>>
    where
        'a: 'o,
    {
        let named = (conversation, planned.title.as_str());
        let tools = (self.store, self.texts, self.clock);
        let wanted = (&planned.wanted, period);
        let format = self.request.format;
        let html = match format.has_html() {
            true => Some(HtmlConversation::create(tools, folder, named, wanted, &mut self.people)?),
            false => None,
        };
        let jsonl = match format.has_jsonl() {
            true => Some(JsonlWriter::create(folder, &self.origin, named, &mut self.people)?),
            false => None,
        };
        let files = FileCopies::new(self.store, self.request.with_files.then_some(folder));
        Ok(Outputs { html, jsonl, files })
    }

    /// Writes what lists the conversations.
    fn finish(mut self) -> Result<Exported> {
        if self.request.format.has_html() {
            let about = (&self.origin, self.texts, self.clock);
            self.index.write(self.folder, about, &mut self.people)?;
        }
        Ok(self.exported)
    }
}

/// Returns the next wanted messages, at least one; `None` at the end.
fn next(source: &mut Source<'_>, reporter: &mut Reporter<'_>) -> Result<Option<Vec<MessageRow>>> {
    while let Some(Page { rows, read }) = source.next_page()? {
        reporter.advance(read)?;
        if !rows.is_empty() {
            return Ok(Some(rows));
        }
    }
    Ok(None)
}

/// The files of one conversation.
struct Outputs<'a> {
    html: Option<HtmlConversation<'a>>,
    jsonl: Option<JsonlWriter>,
    files: FileCopies<'a>,
}

impl Outputs<'_> {
    fn message(
        &mut self,
        row: &MessageRow,
        people: &mut People<'_>,
        reporter: &mut Reporter<'_>,
    ) -> Result<()> {
        let files = self.files.copy_all(&row.files, reporter)?;
        if let Some(html) = &mut self.html {
            html.message(row, &files, people)?;
        }
        if let Some(jsonl) = &mut self.jsonl {
            jsonl.message(row, &files, people)?;
        }
        Ok(())
    }

    /// Ends the files; returns how many files of messages were copied, and how many were not on this computer.
    fn finish(self) -> Result<(u64, u64)> {
        if let Some(html) = self.html {
            html.finish()?;
        }
        if let Some(jsonl) = self.jsonl {
            jsonl.finish()?;
        }
        Ok((self.files.copied, self.files.missing))
    }
}
