//! Messages.

use super::super::super::input::json::Fields;
use super::super::super::input::{Entry, Files, Wanted};
use super::super::super::records::body::{person, without_marks};
use super::super::super::records::{AttachedFile, Message, MessageDetails, Reaction};
use super::super::super::text::markdown::outside_code;
use super::ids::{id, ids};
use super::people::{has, time};
use super::section::Section;
use parlour_protocol::{FileKind, Millis};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// Maximum number of people who reacted with the same emoji, beyond what any message has.
const MAX_REACTIONS: u64 = 1_000_000_000;
/// Maximum number of earlier texts of a message, the newest ones: as many as an export has.
const MAX_EARLIER: usize = 10_000;

/// What the lines of messages refer to.
pub struct Context<'a> {
    /// The files of the export.
    pub files: &'a Files,
    /// The file in which the line is.
    pub entry: &'a Entry,
    /// The usernames of people, by their keys.
    pub usernames: &'a HashMap<String, String>,
}

/// Returns the message in a line, sent at a time that the caller adds. `None` if it has no valid id, author or text.
pub fn message(
    line: &Value,
    conversation: &str,
    section: &Section,
    context: &Context<'_>,
) -> Option<Message> {
    let (key, sender) = (id(line, "id")?.to_string(), section.key(id(line, "author")?));
    let text = line.get("text")?.as_str()?;
    let mentions: Vec<String> =
        ids(line, "mentions").into_iter().map(|id| section.key(id)).collect();
    let is_deleted = has(line, "deletedAt");
    let earlier = if is_deleted { Vec::new() } else { earlier(line, &mentions, context.usernames) };
    let files = line.list("files").iter().filter_map(|item| file(item, context));
    let details = MessageDetails {
        deleted_at: time(line, "deletedAt"),
        pinned_at: time(line, "pinnedAt"),
        mentions: mentions.clone(),
    };
    Some(Message {
        conversation: conversation.to_owned(),
        key,
        sender,
        at: Millis::default(),
        body: with_people(text, &mentions, context.usernames),
        reply_to: id(line, "replyTo").map(|id| id.to_string()),
        edited_at: time(line, "editedAt"),
        earlier,
        is_deleted,
        is_pinned: has(line, "pinnedAt"),
        mentions_all: line.is("mentionsAll"),
        reactions: line
            .list("reactions")
            .iter()
            .filter_map(|item| reaction(item, section))
            .collect(),
        files: if is_deleted { Vec::new() } else { files.collect() },
        details: Some(Box::new(details)),
        ..Message::default()
    })
}

/// Returns the earlier texts, which only the server's own export contains. One without a time was replaced by the last
/// edit at the latest.
fn earlier(
    line: &Value,
    mentions: &[String],
    usernames: &HashMap<String, String>,
) -> Vec<(String, Millis)> {
    let list = line.list("earlierTexts");
    let newest = list.iter().skip(list.len().saturating_sub(MAX_EARLIER));
    let earlier = |item: &Value| {
        let until = time(item, "until").or_else(|| time(line, "editedAt"))?;
        Some((with_people(item.get("text")?.as_str()?, mentions, usernames), until))
    };
    newest.filter_map(earlier).collect()
}

fn reaction(item: &Value, section: &Section) -> Option<Reaction> {
    let emoji = item.text("emoji")?.to_owned();
    let mut people: Vec<String> =
        ids(item, "people").into_iter().map(|id| section.key(id)).collect();
    // In a large conversation, only the exporter's own reaction is known by name.
    let own = section.exported_by.filter(|_| item.is("own")).map(|id| section.key(id));
    if let Some(own) = own.filter(|own| !people.contains(own)) {
        people.push(own);
    }
    let count = item.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let count = count.min(MAX_REACTIONS).max(people.len() as u64);
    Some(Reaction { emoji, people, count })
}

fn file(item: &Value, context: &Context<'_>) -> Option<AttachedFile> {
    let name = item.text("name")?.to_owned();
    let bytes = item.int("bytes").and_then(|bytes| u64::try_from(bytes).ok());
    let paths = item.text("path").map(|path| context.entry.beside(path)).into_iter().collect();
    let file = context.files.attached(&Wanted { name, paths, id: None, bytes });
    let kind = item.get("shownAs").and_then(|kind| FileKind::deserialize(kind).ok());
    let hash = item.text("sha256").and_then(|hash| hash.parse().ok());
    Some(context.files.as_stated(file, hash, (item.text("mediaType"), kind)))
}

/// Returns a text in which the mentions of these people refer to them, whatever their usernames here.
fn with_people(text: &str, mentions: &[String], usernames: &HashMap<String, String>) -> String {
    let text = without_marks(text);
    let mut names: Vec<(&str, &str)> = mentions
        .iter()
        .filter_map(|key| Some((usernames.get(key)?.as_str(), key.as_str())))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    if names.is_empty() {
        return text;
    }
    // Of names with the same beginning, the longest one is meant.
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    outside_code(&text, &|part| {
        let mut with_people = String::with_capacity(part.len());
        let mut rest = part;
        while let Some(at) = rest.find('@') {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            with_people.push_str(before);
            let is_start = with_people.chars().next_back().is_none_or(may_precede);
            let found = names.iter().find(|(name, _)| is_start && begins_with(after, name));
            match found {
                Some((name, key)) => {
                    with_people.push_str(&person(key));
                    rest = &after[name.len()..];
                }
                None => {
                    with_people.push('@');
                    rest = after;
                }
            }
        }
        with_people + rest
    })
}

/// Returns whether a mention may follow a character, unlike in an address or a URL.
fn may_precede(c: char) -> bool {
    !c.is_alphanumeric() && !"/._-+%=&?#:@".contains(c)
}

/// Returns whether a text begins with a whole name.
fn begins_with(text: &str, name: &str) -> bool {
    let after = text.strip_prefix(name).and_then(|rest| rest.chars().next());
    text.starts_with(name) && after.is_none_or(|c| !c.is_alphanumeric() && !"_-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_refer_to_people_and_other_text_stays_as_it_is() {
        let usernames =
            [("1", "oak"), ("2", "oak_b")].map(|(key, name)| (key.to_owned(), name.to_owned()));
        let with = |text: &str, mentions: &[&str]| {
            let mentions: Vec<String> = mentions.iter().map(|key| (*key).to_owned()).collect();
            with_people(text, &mentions, &HashMap::from(usernames.clone()))
        };
        let (oak, oak_b) = (person("1"), person("2"));
        assert_eq!(with("@oak, (@oak_b)!", &["1", "2"]), format!("{oak}, ({oak_b})!"));
        for text in ["@oak", "**a**\\*"] {
            assert_eq!(with(text, &[]), text);
        }
        for text in ["x@oak https://x.org/@oak `@oak` @oaks @Oak @oak_b", "@", "@@", "é@oak"] {
            assert_eq!(with(text, &["1", "unknown"]), text);
        }
        assert_eq!(with("a\u{fdd3}1\u{fdd4}b", &["1"]), "a\u{fffd}1\u{fffd}b", "no forged mention");
    }
}
