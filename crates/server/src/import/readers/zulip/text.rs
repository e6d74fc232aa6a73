//! Converts Zulip's Markdown to ours.

use crate::import::records::body::{person, without_marks};
use crate::import::text::emoji;
use crate::import::text::markdown::{escaped, outside_code, quoted};
use std::collections::HashMap;

/// The part of a link to a file between its name and its path.
const UPLOADS: &str = "](/user_uploads/";

/// Ids of people by their names; `None` if several have the name.
pub type Names = HashMap<String, Option<i64>>;

/// A file to which a text links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedFile {
    /// Its name.
    pub name: String,
    /// Its path on the server, below `/user_uploads/`.
    pub path: String,
}

/// Converts Zulip's Markdown to ours; also returns its files, and whether it mentions everybody.
pub fn markdown(content: &str, names: &Names) -> (String, Vec<LinkedFile>, bool) {
    let mentions_all = std::cell::Cell::new(false);
    let files = std::cell::RefCell::new(Vec::new());
    let change = |part: &str| {
        let mut out = String::new();
        let mut rest = part;
        while let Some(at) = rest.find(['@', '#', '<', '[']) {
            out.push_str(&emoji::in_text(&rest[..at]));
            rest = &rest[at..];
            let (replacement, length) = replace_reference(rest, names, &mentions_all, &files);
            out.push_str(&replacement);
            rest = &rest[length..];
        }
        out + &emoji::in_text(rest)
    };
    let text = quote_blocks(&without_marks(content));
    (outside_code(&text, &change), files.take(), mentions_all.get())
}

/// Returns the replacement of the syntax at the start of a text, and the syntax's length in bytes.
pub fn replace_reference(
    text: &str,
    names: &Names,
    mentions_all: &std::cell::Cell<bool>,
    files: &std::cell::RefCell<Vec<LinkedFile>>,
) -> (String, usize) {
    let between = |start: &str, end: &str| {
        let rest = text.strip_prefix(start)?;
        let inside = &rest[..rest.find(end)?];
        (!inside.contains('\n')).then(|| (inside, start.len() + inside.len() + end.len()))
    };
    if let Some((inside, length)) = between("@_**", "**").or_else(|| between("@**", "**")) {
        let (name, id) = inside.rsplit_once('|').unwrap_or((inside, ""));
        if ["all", "everyone", "channel", "stream", "topic"].contains(&inside) {
            mentions_all.set(true);
            return ("@all".to_owned(), length);
        }
        let id = id.parse().ok().or_else(|| names.get(name).copied().flatten());
        let message_text =
            id.map_or_else(|| escaped(&format!("@{name}")), |id: i64| person(&id.to_string()));
        return (message_text, length);
    }
    if let Some((group, length)) = between("@*", "*").or_else(|| between("@_*", "*")) {
        return (escaped(&format!("@{group}")), length);
    }
    if let Some((inside, length)) = between("#**", "**") {
        let name = inside.split('@').next().unwrap_or(inside).replace('>', " › ");
        return (escaped(&format!("#{name}")), length);
    }
    if let Some((time, length)) = between("<time:", ">") {
        return (escaped(time), length);
    }
    if text.starts_with('[')
        && let Some(middle) = text.find(UPLOADS)
        && !text[..middle].contains('\n')
        && let Some(end) = text[middle..].find(')')
    {
        let path = &text[middle + UPLOADS.len()..middle + end];
        let name = Some(&text[1..middle]).filter(|name| !name.is_empty());
        let name = name.or_else(|| path.rsplit('/').next()).unwrap_or("?");
        files.borrow_mut().push(LinkedFile { name: name.to_owned(), path: decoded(path) });
        return (String::new(), middle + end + 1);
    }
    let length = text.chars().next().map_or(0, char::len_utf8);
    (text[..length].to_owned(), length)
}

/// Returns a path of a URL without percent-encoding.
fn decoded(path: &str) -> String {
    let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        match after.get(..2).filter(|_| *first == b'%').and_then(hex) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Converts Zulip's quote blocks.
pub fn quote_blocks(text: &str) -> String {
    let Some((before, rest)) = text.split_once("```quote\n") else { return text.to_owned() };
    let (inside, after) = rest.split_once("\n```").unwrap_or((rest, ""));
    let rest_of_text =
        if after.trim().is_empty() { String::new() } else { format!("\n{}", quote_blocks(after)) };
    format!("{before}{}{rest_of_text}", quoted(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zulips_markdown_is_converted() {
        let names = HashMap::from([("Ada".to_owned(), Some(3)), ("Two".to_owned(), None)]);
        for (text, expected) in [
            (
                "@**Ada** @_**Bo|7** @**Two** @*ops*",
                format!("{} {} @Two @ops", person("3"), person("7")),
            ),
            (
                "#**dev>one two@5** <time:2026-01-01T10:00Z> :+1:",
                "#dev › one two 2026-01-01T10:00Z 👍".to_owned(),
            ),
            ("```quote\na\nb\n```\nc", "> a\n> b\n\nc".to_owned()),
            ("`@**Ada**` [x](https://a.b)", "`@**Ada**` [x](https://a.b)".to_owned()),
        ] {
            assert_eq!(markdown(text, &names).0, expected, "{text}");
        }
        let (body, files, mentions_everybody) =
            markdown("@**all** [a.png](/user_uploads/2/x/a%20b%.png)", &names);
        let file = LinkedFile { name: "a.png".into(), path: "2/x/a b%.png".into() };
        assert_eq!((&*body, files, mentions_everybody), ("@all ", vec![file], true));
    }
}
