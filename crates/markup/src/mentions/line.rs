//! The mentions in the inline nodes of one block.

use super::marker::Marker;
use crate::bare_links;
use crate::nodes::Inline;
use parlour_protocol::text::is_written_without_spaces;
use parlour_protocol::{UserId, limits};
use std::ops::Range;

/// The text of a line's nodes, in a row.
#[derive(Default)]
struct Line {
    text: String,
    /// Where the nodes of text are in it, ascending.
    nodes: Vec<Range<usize>>,
    /// Where addresses are in it, ascending: links and e-mail addresses.
    addresses: Vec<Range<usize>>,
}

/// A mention: where it is in the line's text, and whom it means; `None` for everybody.
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
        for (at, _) in self.text.match_indices('@') {
            let is_inside = found.last().is_some_and(|(last, _)| at < last.end);
            if is_inside || !self.may_start(at) {
                continue;
            }
            let end = self.nodes.partition_point(|node| node.end <= at);
            let Some(node) = self.nodes.get(end) else { continue };
            let next = self.addresses.partition_point(|address| address.end <= at);
            let until = self.addresses.get(next).map_or(node.end, |next| next.start.min(node.end));
            let Some((length, who)) = marker.resolve(beginning(&self.text[at + 1..until])) else {
                continue;
            };
            let end = at + 1 + length;
            // The name may go on in the next node.
            if end < until || ends_word(&self.text, end) {
                found.push((at..end, who));
                marker.found.push(who);
            }
        }
        found
    }

    /// Returns whether an `@` starts a word, and is not part of an address.
    fn may_start(&self, at: usize) -> bool {
        let address = self.addresses.partition_point(|address| address.end <= at);
        let is_in_address = self.addresses.get(address).is_some_and(|address| address.start <= at);
        let before = &self.text[..at];
        !is_in_address && !before.ends_with(is_in_word) && !ends_as_address(before)
    }
}

/// Longest part of an address that is looked at, in characters.
const MAX_ADDRESS: usize = 300;

/// Returns whether a text ends with the beginning of an address, such as `mastodon.social/` or `ftp://host/`, which
/// may go on with an `@`.
fn ends_as_address(text: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || "()<>[]{}\"'`,;".contains(c);
    let ends = text.chars().rev().take(MAX_ADDRESS).take_while(|c| !is_end(*c));
    let length: usize = ends.map(char::len_utf8).sum();
    let word = &text[text.len() - length..];
    let Some((host, _)) = word.split_once('/') else { return false };
    !host.starts_with('@') && host.contains(['.', ':'])
}

/// Returns the beginning of a text that may be a name: to the end of the line, but at most as long as a name can be.
fn beginning(text: &str) -> &str {
    let end =
        text.char_indices().nth(limits::DISPLAY_NAME_CHARS).map_or(text.len(), |(end, _)| end);
    text[..end].lines().next().unwrap_or_default()
}

/// Returns whether a character is part of a word that is written with spaces around it.
pub(super) fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() && !is_written_without_spaces(c)
}

/// Returns whether a name may end at `end`: no letter of the same word follows.
pub(super) fn ends_word(text: &str, end: usize) -> bool {
    let is_dense = |c: Option<char>| c.is_some_and(is_written_without_spaces);
    let (before, next) = (text[..end].chars().next_back(), text[end..].chars().next());
    is_dense(before) || !next.is_some_and(|next| is_in_word(next) || next == '_')
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

fn split_text(text: &str, start: usize, found: &[Found], to: &mut Vec<Inline>) {
    let mut at = 0;
    for (range, user) in found {
        let (from, end) = (range.start - start, range.end - start);
        if from > at {
            to.push(Inline::Text { text: text[at..from].into() });
        }
        let mention = text[from..end].into();
        to.push(match *user {
            Some(user) => Inline::Mention { text: mention, user },
            None => Inline::MentionAll { text: mention },
        });
        at = end;
    }
    if at < text.len() {
        to.push(Inline::Text { text: text[at..].into() });
    }
}
