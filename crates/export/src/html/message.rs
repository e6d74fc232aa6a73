//! One message as HTML.

use super::body::body;
use super::escape::{escaped, isolated, url_path};
use super::frame::size;
use crate::clock::Moment;
use crate::files::{ExportedFile, FilePlace};
use crate::texts::ExportTexts;
use parlour_markup::Block;
use parlour_protocol::{FileKind, MessageRow, may_run};

/// A message with everything that its row refers to.
pub(super) struct MessageView<'a> {
    pub row: &'a MessageRow,
    pub author: &'a str,
    pub sent: &'a Moment,
    pub edited: Option<Moment>,
    pub quote: Option<Quote>,
    /// The parsed markup and mentions of the text, or `None` if it has none.
    pub blocks: Option<Vec<Block>>,
    pub files: &'a [ExportedFile<'a>],
    pub reactions: Vec<NamedReaction<'a>>,
}

/// The message that a message replies to.
pub(super) struct Quote {
    pub author: String,
    /// One line of its text; empty if it was deleted.
    pub line: String,
    /// The link to it, if it was exported.
    pub link: Option<String>,
}

/// One kind of reaction.
pub(super) struct NamedReaction<'a> {
    pub emoji: &'a str,
    pub names: Vec<String>,
    /// Number of people who are not named.
    pub others: i64,
}

/// Returns the id of a message's element.
pub(super) fn anchor(position: i64) -> String {
    format!("m-{position}")
}

/// Returns a time as an element for people and programs.
pub(super) fn time(moment: &Moment, shown: &str) -> String {
    let (utc, shown) = (escaped(&moment.utc), escaped(shown));
    if utc.is_empty() { shown } else { format!("<time datetime=\"{utc}\">{shown}</time>") }
}

/// Returns a message.
pub(super) fn message(view: &MessageView<'_>, texts: &ExportTexts) -> String {
    let (row, seq) = (view.row, view.row.seq.0);
    let (id, author) = (anchor(seq), isolated(view.author));
    let sent = time(view.sent, &view.sent.time);
    let mut html = format!(
        "<article class=\"message\" id=\"{id}\" aria-labelledby=\"h-{seq}\">\n\
         <h3 id=\"h-{seq}\"><span class=\"sender\">{author}</span> \
         <a class=\"at\" href=\"#{id}\">{sent}</a></h3>\n"
    );
    if row.deleted_at.is_some() {
        html.push_str(&format!("<p class=\"removed\">{}</p>\n", escaped(&texts.deleted)));
    } else {
        html.push_str(&quote(view, texts));
        html.push_str(&text(view, texts));
        html.push_str(&files(view.files, texts));
        html.push_str(&labels(view, texts));
        html.push_str(&reactions(&view.reactions, texts));
    }
    html.push_str("</article>\n");
    html
}

fn quote(view: &MessageView<'_>, texts: &ExportTexts) -> String {
    if view.row.reply_to.is_none() {
        return String::new();
    }
    let label = escaped(&texts.in_reply_to);
    let Some(quote) = &view.quote else {
        let unknown = escaped(&texts.unknown_message);
        return format!("<p class=\"quote\">{label} {unknown}</p>\n");
    };
    let author = isolated(&quote.author);
    let author = match &quote.link {
        Some(link) => format!("<a href=\"{}\">{author}</a>", escaped(link)),
        None => author,
    };
    format!("<p class=\"quote\">{label} {author} {}</p>\n", isolated(&quote.line))
}

/// Returns the text of a message, whose language is not known.
fn text(view: &MessageView<'_>, texts: &ExportTexts) -> String {
    let text = &view.row.body;
    let html = match text.strip_prefix("/me ") {
        _ if text.is_empty() => return String::new(),
        Some(rest) => {
            format!("<p dir=\"auto\">{} {}</p>\n", isolated(view.author), escaped(rest))
        }
        None => body(text, view.blocks.as_deref(), texts),
    };
    format!("<div class=\"body\" lang=\"\">\n{html}</div>\n")
}

fn files(files: &[ExportedFile<'_>], texts: &ExportTexts) -> String {
    if files.is_empty() {
        return String::new();
    }
    let items: String = files.iter().map(|file| file_item(file, texts)).collect();
    format!("<ul class=\"files\" aria-label=\"{}\">\n{items}</ul>\n", escaped(&texts.files))
}

fn file_item(exported: &ExportedFile<'_>, texts: &ExportTexts) -> String {
    let file = exported.file;
    let (name, size) = (isolated(&file.name), size(file.bytes.0));
    let without_link =
        |reason: &str| format!("<li class=\"file\">{name} · {size} · {}</li>\n", escaped(reason));
    match &exported.place {
        FilePlace::NotHere => without_link(&texts.not_downloaded),
        FilePlace::LeftOut => without_link(&texts.left_out),
        // A browser would run it.
        FilePlace::Here(path) if may_run(path) => without_link(&texts.may_run),
        FilePlace::Here(path) => {
            let (url, label) = (url_path(path), escaped(&file.name));
            let media = match file.kind {
                FileKind::Picture { width, height, .. } => format!(
                    "<a href=\"{url}\"><img src=\"{url}\" alt=\"{label}\" width=\"{width}\" \
                     height=\"{height}\" loading=\"lazy\"></a>\n"
                ),
                FileKind::Sound { .. } => format!(
                    "<audio controls preload=\"none\" src=\"{url}\" aria-label=\"{label}\"></audio>\n"
                ),
                FileKind::Film { width, height, .. } => format!(
                    "<video controls preload=\"none\" src=\"{url}\" aria-label=\"{label}\" \
                     width=\"{width}\" height=\"{height}\"></video>\n"
                ),
                FileKind::File => String::new(),
            };
            format!("<li class=\"file\">{media}<a href=\"{url}\">{name}</a> · {size}</li>\n")
        }
    }
}

fn labels(view: &MessageView<'_>, texts: &ExportTexts) -> String {
    let mut labels = Vec::new();
    if let Some(moment) = &view.edited {
        let shown = format!("{} {}", moment.day, moment.time);
        labels.push(format!("{} {}", escaped(&texts.edited), time(moment, shown.trim_end())));
    }
    if view.row.pinned_at.is_some() {
        labels.push(escaped(&texts.pinned));
    }
    if labels.is_empty() {
        return String::new();
    }
    format!("<p class=\"labels\">{}</p>\n", labels.join(" · "))
}

fn reactions(reactions: &[NamedReaction<'_>], texts: &ExportTexts) -> String {
    if reactions.is_empty() {
        return String::new();
    }
    let item = |reaction: &NamedReaction<'_>| {
        let mut names: Vec<String> = reaction.names.iter().map(|name| isolated(name)).collect();
        if reaction.others > 0 {
            names.push(format!("+{}", reaction.others));
        }
        format!("<li>{} {}</li>\n", escaped(reaction.emoji), names.join(", "))
    };
    let items: String = reactions.iter().map(item).collect();
    let label = escaped(&texts.reactions);
    format!("<ul class=\"reactions\" aria-label=\"{label}\">\n{items}</ul>\n")
}
