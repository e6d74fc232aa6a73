//! Writes the pages of one conversation.

use super::escape::{escaped, isolated};
use super::message::{MessageView, NamedReaction, Quote, anchor, message};
use super::pages::Pages;
use crate::clock::Clock;
use crate::error::Result;
use crate::files::ExportedFile;
use crate::people::People;
use crate::source::{Period, Wanted};
use crate::texts::ExportTexts;
use parlour_markup::{Block, Names};
use parlour_protocol::{MessageId, MessageRow, Reaction, UserId};
use parlour_store::{Store, StoredConversation};
use std::path::Path;

/// The pages of one conversation.
pub(crate) struct HtmlConversation<'a> {
    store: &'a Store,
    texts: &'a ExportTexts,
    clock: &'a Clock,
    conversation: &'a StoredConversation,
    wanted: &'a Wanted,
    period: Period,
    pages: Pages<'a>,
}

impl<'a> HtmlConversation<'a> {
    /// Creates the first page in a folder, of a conversation with this title. The wanted messages in the period are
    /// those that will be added.
    ///
    /// # Errors
    /// Fails if it cannot be written, or if the mirror cannot be read.
    pub fn create(
        (store, texts, clock): (&'a Store, &'a ExportTexts, &'a Clock),
        folder: &Path,
        (conversation, title): (&'a StoredConversation, &str),
        (wanted, period): (&'a Wanted, Period),
        people: &mut People<'_>,
    ) -> Result<Self> {
        let intro = intro(conversation, texts, people)?;
        let pages = Pages::create(texts, folder, title, &intro)?;
        Ok(Self { store, texts, clock, conversation, wanted, period, pages })
    }

    /// Adds a message.
    ///
    /// # Errors
    /// Same as [`Self::create`].
    pub fn message(
        &mut self,
        row: &MessageRow,
        files: &[ExportedFile<'_>],
        people: &mut People<'_>,
    ) -> Result<()> {
        let sent = self.clock.moment(row.sent_at);
        let author = name(row.sender_id, self.texts, people)?;
        let reactions = row.reactions.iter().map(|reaction| named(reaction, self.texts, people));
        let view = MessageView {
            row,
            author: &author,
            sent: &sent,
            edited: row.edited_at.map(|at| self.clock.moment(at)),
            reactions: reactions.collect::<Result<_>>()?,
            quote: match row.reply_to {
                Some(id) => self.quote(id)?,
                None => None,
            },
            blocks: marked(row, people)?,
            files,
        };
        let html = message(&view, self.texts);
        self.pages.add(row.seq, &sent, &html)
    }

    /// Ends the last page.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(self) -> Result<()> {
        self.pages.finish()
    }

    /// Returns the message that another one replies to, if it is on this computer.
    fn quote(&self, id: MessageId) -> Result<Option<Quote>> {
        let Some(found) = self.store.message_details(id)? else { return Ok(None) };
        let is_exported = found.conversation == self.conversation.row.id
            && self.wanted.contains(found.seq)
            && self.period.contains(found.sent_at);
        let page = if is_exported { self.pages.page_of(found.seq) } else { None };
        let (author, line) = if found.is_deleted {
            (found.sender_name, self.texts.deleted.clone())
        } else {
            (found.sender_name, found.line)
        };
        let link = page.map(|page| format!("{page}#{}", anchor(found.seq.0)));
        Ok(Some(Quote { author, line, link }))
    }
}

/// Returns the name under which a person is shown.
pub(super) fn name(id: UserId, texts: &ExportTexts, people: &mut People<'_>) -> Result<String> {
    let person = people.get(id)?;
    Ok(if person.name.is_empty() { texts.unknown_person.clone() } else { person.name.clone() })
}

fn named<'r>(
    reaction: &'r Reaction,
    texts: &ExportTexts,
    people: &mut People<'_>,
) -> Result<NamedReaction<'r>> {
    let names = reaction.users.iter().map(|id| name(*id, texts, people));
    let names: Vec<String> = names.collect::<Result<_>>()?;
    let named = i64::try_from(names.len()).unwrap_or(i64::MAX);
    let others = reaction.count.0.saturating_sub(named).max(0);
    Ok(NamedReaction { emoji: &reaction.emoji, names, others })
}

/// Returns the parsed markup of a message, with its mentions; `None` if it has none.
fn marked(row: &MessageRow, people: &mut People<'_>) -> Result<Option<Vec<Block>>> {
    let blocks = parlour_markup::parse(&row.body);
    if row.mentions.is_empty() && !row.mentions_all {
        return Ok(blocks);
    }
    let mut names = Names::new(row.mentions_all);
    for id in &row.mentions {
        let person = people.get(*id)?;
        if !person.row.username.is_empty() {
            names.add(&person.row.username, &person.row.profile.display_name, *id);
        }
    }
    Ok(parlour_markup::mark_mentions(&row.body, blocks, &names))
}

/// Returns what precedes the messages: the topic, what is missing, and the members.
fn intro(
    conversation: &StoredConversation,
    texts: &ExportTexts,
    people: &mut People<'_>,
) -> Result<String> {
    let mut html = String::new();
    let topic = &conversation.row.topic;
    if !topic.is_empty() {
        html.push_str(&format!(
            "<p class=\"about\" dir=\"auto\" lang=\"\">{}</p>\n",
            escaped(topic)
        ));
    }
    let notes = [
        (conversation.missing_older, &texts.missing_older),
        (conversation.missing_newer, &texts.missing_newer),
    ];
    for (_, note) in notes.into_iter().filter(|(applies, _)| *applies) {
        html.push_str(&format!("<p class=\"about\">{}</p>\n", escaped(note)));
    }
    if conversation.members.is_empty() {
        return Ok(html);
    }
    let mut members = Vec::with_capacity(conversation.members.len());
    for member in &conversation.members {
        members.push((name(member.user_id, texts, people)?, member.left_at.is_some()));
    }
    members.sort_by_cached_key(|(name, has_left)| (*has_left, name.to_lowercase()));
    let (label, left, count) = (escaped(&texts.members), escaped(&texts.left), members.len());
    html.push_str(&format!("<details>\n<summary>{label}: {count}</summary>\n<ul>\n"));
    for (name, has_left) in members {
        let after = if has_left { format!(" · {left}") } else { String::new() };
        html.push_str(&format!("<li>{}{after}</li>\n", isolated(&name)));
    }
    html.push_str("</ul>\n</details>\n");
    Ok(html)
}
