//! A text prepared for the parser: bare links are replaced by placeholders, so that no character in
//! them counts as markup, and the beginnings of the three disabled features of CommonMark are
//! broken up. The parser's output is converted back to what was written.

use crate::bare_links::{self, BareLink};
use crate::links::is_openable;
use crate::nodes::Inline;

/// The placeholder that separates two characters.
pub(crate) const SEPARATOR: char = '\u{fdd0}';
/// The characters around the number of a link.
const OPEN: char = '\u{fdd1}';
const CLOSE: char = '\u{fdd2}';

/// A text prepared for the parser.
pub(crate) struct PreparedText<'a> {
    body: &'a str,
    links: Vec<BareLink>,
    /// The text that the parser gets.
    pub prepared: String,
}

impl<'a> PreparedText<'a> {
    /// Prepares a text; returns `None` if it contains one of the placeholders. Unicode reserves
    /// these characters for internal use of programs: nobody writes them.
    pub fn new(body: &'a str) -> Option<Self> {
        if body.contains([SEPARATOR, OPEN, CLOSE]) {
            return None;
        }
        let links = bare_links::all(body);
        let mut prepared = String::with_capacity(body.len() + body.len() / 8);
        let mut end = 0;
        for (number, link) in links.iter().enumerate() {
            push_separated(&mut prepared, &body[end..link.range.start]);
            prepared.push(OPEN);
            prepared.push_str(&number.to_string());
            prepared.push(CLOSE);
            end = link.range.end;
        }
        push_separated(&mut prepared, &body[end..]);
        Some(Self { body, links, prepared })
    }

    /// Returns the text as it was written.
    pub fn restored(&self, text: &str) -> String {
        let original = |link: &BareLink| &self.body[link.range.clone()];
        self.pieces(text).map(|piece| piece.unwrap_or_else(original)).collect()
    }

    /// Returns the text with its links.
    pub fn inlines(&self, text: &str) -> Vec<Inline> {
        let mut found: Vec<Inline> = Vec::new();
        for piece in self.pieces(text) {
            match piece {
                Err(link) if is_openable(&link.url) => {
                    let text = self.body[link.shown.clone()].to_owned();
                    let children = vec![Inline::Text { text }];
                    found.push(Inline::Link { url: link.url.clone(), children });
                }
                Err(link) => push_text(&mut found, &self.body[link.shown.clone()]),
                Ok(text) => push_text(&mut found, text),
            }
        }
        found
    }

    /// Splits the text into plain pieces and links.
    fn pieces<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Result<&'t str, &'t BareLink>> {
        text.split(SEPARATOR).flat_map(|text| text.split(OPEN).enumerate()).flat_map(
            |(at, text)| {
                let (link, text) = match text.split_once(CLOSE).filter(|_| at > 0) {
                    Some((number, text)) => {
                        (number.parse().ok().and_then(|number: usize| self.links.get(number)), text)
                    }
                    None => (None, text),
                };
                link.map(Err).into_iter().chain((!text.is_empty()).then_some(Ok(text)))
            },
        )
    }
}

/// Appends text, merging it with preceding text.
pub(crate) fn push_text(nodes: &mut Vec<Inline>, more: &str) {
    match nodes.last_mut() {
        Some(Inline::Text { text }) => text.push_str(more),
        _ => nodes.push(Inline::Text { text: more.to_owned() }),
    }
}

/// Appends text, separating the characters that would start HTML or a link definition.
fn push_separated(prepared: &mut String, text: &str) {
    let mut previous = ' ';
    for c in text.chars() {
        let is_html = previous == '<' && (c.is_ascii_alphabetic() || "/!?".contains(c));
        if is_html || (previous == ']' && c == ':') {
            prepared.push(SEPARATOR);
        }
        prepared.push(c);
        previous = c;
    }
}
