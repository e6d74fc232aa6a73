//! The page that lists the conversations and the people.

use super::conversation::name;
use super::escape::{escaped, isolated, url_path};
use super::frame::{END, start};
use super::message::time;
use crate::clock::Clock;
use crate::error::Result;
use crate::jsonl::Origin;
use crate::output::OutputFile;
use crate::people::People;
use crate::texts::ExportTexts;
use parlour_protocol::{Millis, UserId};
use std::collections::BTreeMap;
use std::path::Path;

/// The name of the page.
const NAME: &str = "index.html";

/// An exported conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub title: String,
    pub is_group: bool,
    /// The path of its folder, with `/` on every system.
    pub path: String,
    pub messages: u64,
    /// The times of its first and last message.
    pub period: Option<(Millis, Millis)>,
}

/// What was exported.
#[derive(Default)]
pub(crate) struct Index {
    pub entries: Vec<Entry>,
    /// The number of messages of each author.
    pub authors: BTreeMap<UserId, u64>,
}

impl Index {
    /// Writes the page into the folder of the export.
    ///
    /// # Errors
    /// Fails if it cannot be written, or if the mirror cannot be read.
    pub fn write(
        &self,
        folder: &Path,
        (origin, texts, clock): (&Origin, &ExportTexts, &Clock),
        people: &mut People<'_>,
    ) -> Result<()> {
        let mut output = OutputFile::create(&folder.join(NAME))?;
        let (head, title) = (start(texts, &texts.title), isolated(&texts.title));
        let about = about(origin, (texts, clock), people)?;
        let head = format!("{head}<header>\n<h1>{title}</h1>\n{about}</header>\n<main>\n");
        output.write(head.as_bytes())?;
        output.write(table_start("c", &texts.conversations, &columns(texts)).as_bytes())?;
        for entry in &self.entries {
            output.write(conversation(entry, texts, clock).as_bytes())?;
        }
        let names = [(&texts.name, false), (&texts.username, false), (&texts.messages, true)];
        output.write(TABLE_END.as_bytes())?;
        output.write(table_start("p", &texts.people, &names).as_bytes())?;
        for row in self.people(texts, people)? {
            output.write(row.as_bytes())?;
        }
        output.write(format!("{TABLE_END}</main>\n{END}").as_bytes())?;
        output.finish()
    }

    /// Returns the rows of the authors, in the order of their names.
    fn people(&self, texts: &ExportTexts, people: &mut People<'_>) -> Result<Vec<String>> {
        let mut rows = Vec::with_capacity(self.authors.len());
        for (id, messages) in &self.authors {
            let (name, username) = (name(*id, texts, people)?, people.get(*id)?);
            let username = isolated(&username.row.username);
            let row = format!(
                "<tr><td>{}</td><td>{username}</td><td class=\"number\">{messages}</td></tr>\n",
                isolated(&name)
            );
            rows.push((name.to_lowercase(), *id, row));
        }
        rows.sort_unstable();
        Ok(rows.into_iter().map(|(_, _, row)| row).collect())
    }
}

const TABLE_END: &str = "</tbody>\n</table>\n</section>\n";

/// Returns the start of a section with a table. Each column has a heading, and may contain numbers.
fn table_start(id: &str, title: &str, columns: &[(&String, bool)]) -> String {
    let heading = |(heading, is_number): &(&String, bool)| {
        let class = if *is_number { " class=\"number\"" } else { "" };
        format!("<th scope=\"col\"{class}>{}</th>", escaped(heading))
    };
    let (title, headings) = (escaped(title), columns.iter().map(heading).collect::<String>());
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n<table>\n\
         <thead><tr>{headings}</tr></thead>\n<tbody>\n"
    )
}

fn columns(texts: &ExportTexts) -> [(&String, bool); 5] {
    [
        (&texts.conversation, false),
        (&texts.kind, false),
        (&texts.messages, true),
        (&texts.first_day, false),
        (&texts.last_day, false),
    ]
}

fn conversation(entry: &Entry, texts: &ExportTexts, clock: &Clock) -> String {
    let day = |at: Millis| {
        let moment = clock.moment(at);
        time(&moment, &moment.day)
    };
    let (first, last) = entry
        .period
        .map_or_else(|| (String::new(), String::new()), |(first, last)| (day(first), day(last)));
    let kind = escaped(if entry.is_group { &texts.group } else { &texts.direct });
    let (path, title, messages) = (url_path(&entry.path), isolated(&entry.title), entry.messages);
    format!(
        "<tr><td><a href=\"{path}/index.html\">{title}</a></td><td>{kind}</td>\
         <td class=\"number\">{messages}</td><td>{first}</td><td>{last}</td></tr>\n"
    )
}

fn about(
    origin: &Origin,
    (texts, clock): (&ExportTexts, &Clock),
    people: &mut People<'_>,
) -> Result<String> {
    let at = clock.moment(origin.at);
    let at = time(&at, &format!("{} {}", at.day, at.time));
    let user = isolated(&name(origin.user, texts, people)?);
    let server = isolated(&origin.server);
    let item = |label: &str, value: &str| format!("<dt>{}</dt><dd>{value}</dd>\n", escaped(label));
    Ok(format!(
        "<dl>\n{}{}{}</dl>\n",
        item(&texts.exported_at, &at),
        item(&texts.account, &user),
        item(&texts.server, &server)
    ))
}
