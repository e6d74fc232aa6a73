//! The pages of one conversation, each with a limited number of messages.

use super::escape::{escaped, isolated};
use super::frame::{END, start};
use super::message::time;
use crate::clock::Moment;
use crate::error::Result;
use crate::output::OutputFile;
use crate::texts::ExportTexts;
use parlour_protocol::Seq;
use std::path::{Path, PathBuf};

/// Maximum number of messages on a page.
const PAGE_MESSAGES: usize = 1000;
/// Size of a page after which no message is added, in bytes.
const PAGE_BYTES: usize = 4 << 20;
/// The index of the export, from a page of a conversation.
const INDEX: &str = "../../index.html";

/// The pages of a conversation, of which the last one is being written.
pub(super) struct Pages<'a> {
    texts: &'a ExportTexts,
    folder: PathBuf,
    title: String,
    output: OutputFile,
    /// The position of the first message on each page that has one.
    firsts: Vec<Seq>,
    number: usize,
    /// Number of messages on the last page.
    messages: usize,
    /// The day under which the last message is.
    day: Option<String>,
}

impl<'a> Pages<'a> {
    /// Creates the first page in a folder. `intro` is HTML that precedes the messages.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn create(texts: &'a ExportTexts, folder: &Path, title: &str, intro: &str) -> Result<Self> {
        let output = OutputFile::create(&folder.join(file_name(1)))?;
        let (folder, title) = (folder.to_owned(), title.to_owned());
        let (firsts, number, messages, day) = (Vec::new(), 1, 0, None);
        let mut pages = Self { texts, folder, title, output, firsts, number, messages, day };
        pages.begin()?;
        pages.output.write(intro.as_bytes())?;
        Ok(pages)
    }

    /// Returns the name of the page with the message at this position, if it was added.
    pub fn page_of(&self, position: Seq) -> Option<String> {
        let number = self.firsts.partition_point(|first| *first <= position);
        (number > 0).then(|| file_name(number))
    }

    /// Adds a message that was sent at this time, on a new page if the last one is full.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn add(&mut self, position: Seq, sent: &Moment, message: &str) -> Result<()> {
        if self.messages >= PAGE_MESSAGES || self.output.bytes >= PAGE_BYTES {
            self.turn()?;
        }
        if self.messages == 0 {
            self.firsts.push(position);
        }
        self.messages += 1;
        if self.day.as_ref() != Some(&sent.day) {
            self.end_day()?;
            let (id, day) = (position.0, time(sent, &sent.day));
            let heading =
                format!("<section aria-labelledby=\"d-{id}\">\n<h2 id=\"d-{id}\">{day}</h2>\n");
            self.output.write(heading.as_bytes())?;
            self.day = Some(sent.day.clone());
        }
        self.output.write(message.as_bytes())
    }

    /// Ends the last page.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        if self.firsts.is_empty() {
            let none = escaped(&self.texts.no_messages);
            self.output.write(format!("<p>{none}</p>\n").as_bytes())?;
        }
        self.end(false)?;
        self.output.finish()
    }

    /// Ends the page, and begins the next one.
    fn turn(&mut self) -> Result<()> {
        self.end(true)?;
        self.number += 1;
        let next = OutputFile::create(&self.folder.join(file_name(self.number)))?;
        std::mem::replace(&mut self.output, next).finish()?;
        self.messages = 0;
        self.begin()
    }

    fn begin(&mut self) -> Result<()> {
        let texts = self.texts;
        let (title, index, pages) =
            (isolated(&self.title), escaped(&texts.conversations), escaped(&texts.pages));
        let (previous, number) = match self.number {
            1 => (String::new(), String::new()),
            number => {
                let about = format!("<p class=\"about\">{} {number}</p>\n", escaped(&texts.page));
                (self.link_to_previous(), about)
            }
        };
        let head = start(texts, &self.title);
        let html = format!(
            "{head}<header>\n<nav aria-label=\"{pages}\">\n<a href=\"{INDEX}\">{index}</a>\n{previous}</nav>\n\
             <h1>{title}</h1>\n{number}</header>\n<main>\n"
        );
        self.output.write(html.as_bytes())
    }

    fn end(&mut self, has_next: bool) -> Result<()> {
        self.end_day()?;
        let previous = if self.number > 1 { self.link_to_previous() } else { String::new() };
        let next = if has_next { self.link_to_next() } else { String::new() };
        let links = previous + &next;
        let footer = if links.is_empty() {
            String::new()
        } else {
            let pages = escaped(&self.texts.pages);
            format!("<footer>\n<nav aria-label=\"{pages}\">\n{links}</nav>\n</footer>\n")
        };
        self.output.write(format!("</main>\n{footer}{END}").as_bytes())
    }

    fn end_day(&mut self) -> Result<()> {
        match self.day.take() {
            Some(_) => self.output.write(b"</section>\n"),
            None => Ok(()),
        }
    }

    fn link_to_previous(&self) -> String {
        let (page, label) = (file_name(self.number - 1), escaped(&self.texts.previous_page));
        format!("<a rel=\"prev\" href=\"{page}\">{label}</a>\n")
    }

    fn link_to_next(&self) -> String {
        let (page, label) = (file_name(self.number + 1), escaped(&self.texts.next_page));
        format!("<a rel=\"next\" href=\"{page}\">{label}</a>\n")
    }
}

/// Returns the name of a page.
fn file_name(number: usize) -> String {
    match number {
        1 => "index.html".to_owned(),
        number => format!("page-{number}.html"),
    }
}
