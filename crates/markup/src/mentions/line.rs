//! The mentions in the inline nodes of one block.

use super::marker::Marker;
use crate::bare_links;
use crate::nodes::Inline;
use parlour_protocol::reserved::is_mention_sign;
use parlour_protocol::text::{is_in_word, is_mark, is_written_without_spaces};
use parlour_protocol::{UserId, limits};
use std::ops::Range;

/// The concatenated text of a line's nodes.
#[derive(Default)]
struct Line {
    text: String,
    /// The ranges of the nodes of text in it, ascending.
    nodes: Vec<Range<usize>>,
    /// The ranges of links and e-mail addresses in it, ascending.
    addresses: Vec<Range<usize>>,
}

/// A mention: its range in the line's text, and the person; `None` for everybody.
type Found = (Range<usize>, Option<UserId>);

/// Returns the nodes with a node for each mention. A mention is within one node of text.
pub(super) fn mark_line(nodes: Vec<Inline>, marker: &mut Marker<'_>) -> Vec<Inline> {
    let mut line = Line::default();
    line.push(&nodes);
    let found = line.find(marker);
    if found.is_empty() {
        return nodes;
    }
    split(nodes, &mut line.nodes.iter().map(|node| node.start), &found)
}

impl Line {
    fn push(&mut self, nodes: &[Inline]) {
        for node in nodes {
            match node {
                Inline::Text { text } => {
                    let start = self.text.len();
                    let addresses = bare_links::all(text).into_iter().map(|link| link.range);
                    self.addresses
                        .extend(addresses.map(|found| start + found.start..start + found.end));
                    self.text.push_str(text);
                    self.nodes.push(start..self.text.len());
                }
                Inline::Code { .. } | Inline::Mention { .. } | Inline::MentionAll { .. } => {
                    self.text.push('\n');
                }
                Inline::Strong { children }
                | Inline::Emphasis { children }
                | Inline::Delete { children }
                | Inline::Link { children, .. } => self.push(children),
            }
        }
    }

    fn find(&self, marker: &mut Marker<'_>) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let mut before = Preceding::default();
        for (at, c) in self.text.char_indices() {
            if marker.is_done() {
                break;
            }
            let may_start = is_mention_sign(c) && before.may_mention() && !self.is_in_address(at);
            let follows_letter = before.last.is_some_and(char::is_alphanumeric);
            before.push(c);
            let start = at + c.len_utf8();
            let is_inside = found.last().is_some_and(|(last, _)| at < last.end);
            if !may_start || is_inside {
                continue;
            }
            let end = self.nodes.partition_point(|node| node.end <= at);
            let Some(node) = self.nodes.get(end) else { continue };
            let next = self.addresses.partition_point(|address| address.end <= at);
            let until = self.addresses.get(next).map_or(node.end, |next| next.start.min(node.end));
            let Some((length, user)) = marker.resolve(name_candidate(&self.text[start..until]))
            else {
                continue;
            };
            let end = start + length;
            // An address whose first part is in a script without spaces.
            if follows_letter && starts_domain(&self.text[end..]) {
                continue;
            }
            // The name may continue in the next node.
            if end < until || ends_word(&self.text, end) {
                found.push((at..end, user));
                marker.found.push(user);
            }
        }
        found
    }

    fn is_in_address(&self, at: usize) -> bool {
        let address = self.addresses.partition_point(|address| address.end <= at);
        self.addresses.get(address).is_some_and(|address| address.start <= at)
    }
}

/// Longest part of an address that is examined, in characters.
const MAX_ADDRESS: usize = 300;

/// The text before a character: the last character, and whether it is the beginning of an address, such as
/// `mastodon.social/` or `ftp://host/`, which may contain an `@`. Each character is read once.
#[derive(Default)]
struct Preceding {
    last: Option<char>,
    /// The number of characters since white space or a bracket, of which an address has none.
    length: usize,
    is_name: bool,
    has_host: bool,
    has_path: bool,
}

impl Preceding {
    fn push(&mut self, c: char) {
        // A mark belongs to the letter before it.
        if is_mark(c) {
            return;
        }
        if c.is_whitespace() || "()<>[]{}\"'`,;".contains(c) {
            *self = Self { last: Some(c), ..Self::default() };
            return;
        }
        self.is_name |= self.length == 0 && is_mention_sign(c);
        self.has_path |= c == '/';
        self.has_host |= !self.has_path && matches!(c, '.' | ':');
        self.length += 1;
        self.last = Some(c);
    }

    /// Returns whether a mention may follow: its sign would start a word, and is not part of an address.
    fn may_mention(&self) -> bool {
        let is_address =
            self.has_host && self.has_path && !self.is_name && self.length <= MAX_ADDRESS;
        !is_address && !self.last.is_some_and(is_in_word)
    }
}

/// Returns the beginning of a text that may be a name: to the end of the line, but at most as long as a name can be.
fn name_candidate(text: &str) -> &str {
    let end =
        text.char_indices().nth(limits::DISPLAY_NAME_CHARS).map_or(text.len(), |(end, _)| end);
    text[..end].lines().next().unwrap_or_default()
}

/// Returns whether a text starts with the rest of a domain, such as `.example`, `-mail.example` or `.公司`: a dot of
/// ASCII is directly followed by a letter of any script. Text in a script without spaces may follow a name directly.
fn starts_domain(text: &str) -> bool {
    if text.starts_with(is_written_without_spaces) {
        return false;
    }
    let is_in_domain = |c: char| c.is_alphanumeric() || is_mark(c) || "-_.".contains(c);
    let end = text.find(|c| !is_in_domain(c)).unwrap_or(text.len());
    let mut dots = text[..end].match_indices('.');
    dots.any(|(dot, _)| text[dot + 1..].starts_with(char::is_alphanumeric))
}

/// Returns whether a name may end at `end`: no letter of the same word follows, and no mark on its last letter.
pub(super) fn ends_word(text: &str, end: usize) -> bool {
    let (before, next) = (text[..end].chars().next_back(), text[end..].chars().next());
    let is_word_part = |c: char| is_in_word(c) || c == '_';
    !next.is_some_and(is_mark)
        && (before.is_some_and(is_written_without_spaces) || !next.is_some_and(is_word_part))
}

/// Splits the nodes of text at the mentions. `starts` are the positions of these nodes.
fn split(
    nodes: Vec<Inline>,
    starts: &mut dyn Iterator<Item = usize>,
    found: &[Found],
) -> Vec<Inline> {
    let mut all = Vec::with_capacity(nodes.len() + 2);
    for node in nodes {
        match node {
            Inline::Text { text } => {
                let start = starts.next().unwrap_or_default();
                let from = found.partition_point(|(range, _)| range.start < start);
                let to = found.partition_point(|(range, _)| range.start < start + text.len());
                split_text(&text, start, &found[from..to], &mut all);
            }
            Inline::Strong { children } => {
                all.push(Inline::Strong { children: split(children, starts, found) });
            }
            Inline::Emphasis { children } => {
                all.push(Inline::Emphasis { children: split(children, starts, found) });
            }
            Inline::Delete { children } => {
                all.push(Inline::Delete { children: split(children, starts, found) });
            }
            Inline::Link { url, children } => {
                all.push(Inline::Link { url, children: split(children, starts, found) });
            }
            other @ (Inline::Code { .. } | Inline::Mention { .. } | Inline::MentionAll { .. }) => {
                all.push(other);
            }
        }
    }
    all
}

fn split_text(text: &str, start: usize, found: &[Found], nodes: &mut Vec<Inline>) {
    let mut at = 0;
    for (range, user) in found {
        let (from, end) = (range.start - start, range.end - start);
        if from > at {
            nodes.push(Inline::Text { text: text[at..from].into() });
        }
        let mention = text[from..end].into();
        nodes.push(match *user {
            Some(user) => Inline::Mention { text: mention, user },
            None => Inline::MentionAll { text: mention },
        });
        at = end;
    }
    if at < text.len() {
        nodes.push(Inline::Text { text: text[at..].into() });
    }
}
