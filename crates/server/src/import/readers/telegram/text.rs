//! Converts Telegram's messages to Markdown.

use crate::import::input::json::Fields;
use crate::import::input::{Entry, Files, Wanted};
use crate::import::records::body::{person, without_marks};
use crate::import::records::{AttachedFile, Sink, StopReason};
use crate::import::text::markdown::{block, code, escaped, link, marked, quoted};
use serde_json::Value;

/// Returns the file of a message in an export's file, if it has one.
pub fn attached(item: &Value, files: &Files, entry: &Entry) -> Option<AttachedFile> {
    let keys = [
        ("file", "file_size"),
        ("photo", "photo_file_size"),
        ("contact_vcard", "contact_vcard_file_size"),
    ];
    let (path, size) =
        keys.iter().find_map(|(key, size)| Some((item.text(key)?, item.int(size))))?;
    let kind = item.text("media_type").unwrap_or(if item.get("photo").is_some() {
        "photo"
    } else {
        "file"
    });
    let name = item.text("file_name");
    // Instead of a path, there can be a reason in brackets.
    let path = Some(path).filter(|path| !path.starts_with('('));
    let by_path = path.and_then(|path| path.rsplit('/').next());
    Some(files.attached(&Wanted {
        name: name.or(by_path).unwrap_or(kind).to_owned(),
        paths: path.map(|path| entry.beside(path)).into_iter().collect(),
        id: None,
        bytes: path.and(size).and_then(|size| u64::try_from(size).ok()),
    }))
}

/// Returns the text of a message, including its polls, places and contacts.
pub fn message_text(item: &Value, sink: &mut Sink<'_>) -> Result<String, StopReason> {
    let entities = item.list("text_entities");
    let mut parts = Vec::new();
    let text = match item.get("text") {
        _ if !entities.is_empty() => entities_text(entities, sink)?,
        Some(Value::String(text)) => escaped(&without_marks(text)),
        Some(Value::Array(list)) => entities_text(list, sink)?,
        _ => String::new(),
    };
    parts.push(text);
    if let Some(poll) = item.get("poll").filter(|poll| poll.is_object()) {
        let mut message_text = marked("**", &escaped(poll.text("question").unwrap_or_default()));
        for answer in poll.list("answers") {
            let voters = answer.int("voters").unwrap_or(0);
            message_text.push_str(&format!(
                "\n- {} ({voters})",
                escaped(answer.text("text").unwrap_or_default())
            ));
        }
        parts.push(message_text);
    }
    if let Some(location) = item.get("location_information") {
        let part = |key| location.get(key).map(Value::to_string).unwrap_or_default();
        let names = [item.text("place_name"), item.text("address")];
        let names = names.into_iter().flatten().map(escaped).collect::<Vec<_>>().join(", ");
        parts.push(
            format!("📍 {}, {} {names}", part("latitude"), part("longitude")).trim().to_owned(),
        );
    }
    if let Some(contact) = item.get("contact_information") {
        let words =
            ["first_name", "last_name", "phone_number"].iter().filter_map(|key| contact.text(key));
        parts.push(format!("👤 {}", escaped(&words.collect::<Vec<_>>().join(" "))));
    }
    for key in ["game_title", "game_description", "sticker_emoji"] {
        parts.extend(item.text(key).map(escaped));
    }
    if let Some(invoice) = item.get("invoice_information") {
        parts.extend(invoice.text("title").map(escaped));
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n"))
}

pub fn entities_text(list: &[Value], sink: &mut Sink<'_>) -> Result<String, StopReason> {
    let mut body = String::new();
    // Adjacent plain parts are joined, because escaping depends on whole lines.
    let mut plain = String::new();
    for item in list {
        let text = item.as_str().or_else(|| item.text("text")).unwrap_or_default();
        let text = without_marks(text);
        let kind = item.text("type").unwrap_or("plain");
        let is_plain = matches!(
            kind,
            "plain"
                | "link"
                | "email"
                | "phone"
                | "hashtag"
                | "cashtag"
                | "bot_command"
                | "bank_card"
                | "mention"
                | "underline"
                | "spoiler"
                | "custom_emoji"
                | "unknown"
        );
        if is_plain {
            plain.push_str(&text);
            continue;
        }
        push(&mut body, &escaped(&std::mem::take(&mut plain)));
        let message_text = match kind {
            "bold" => marked("**", &escaped(&text)),
            "italic" => marked("*", &escaped(&text)),
            "strikethrough" => marked("~~", &escaped(&text)),
            "code" => code(&text),
            "pre" | "blockquote" => {
                if !body.is_empty() && !body.ends_with('\n') {
                    body.push('\n');
                }
                match kind {
                    "pre" => block(&text, item.text("language").unwrap_or_default()),
                    _ => format!("{}\n", quoted(&escaped(&text))),
                }
            }
            "text_link" => link(&escaped(&text), item.text("href").unwrap_or_default()),
            "mention_name" => match item.key("user_id") {
                Some(id) => {
                    let key = format!("user{id}");
                    sink.unlisted_person(&key, &text)?;
                    person(&key)
                }
                None => escaped(&text),
            },
            _ => escaped(&text),
        };
        push(&mut body, &message_text);
    }
    push(&mut body, &escaped(&plain));
    Ok(body)
}

/// Appends to a body. Text after a code block starts on a new line.
pub fn push(body: &mut String, more: &str) {
    if body.ends_with("```") && !more.is_empty() && !more.starts_with('\n') {
        body.push('\n');
    }
    body.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entities_become_markdown() {
        let mut emit = |_| Ok(());
        let mut sink = Sink::new(&mut emit);
        let item = json!({"text": [
            "a*b ", {"type": "bold", "text": "bold "}, {"type": "text_link", "text": "x", "href": "https://x.org"},
            {"type": "mention_name", "text": "Ada", "user_id": 7}, "\n", {"type": "pre", "text": "f(*)", "language": "c"},
            {"type": "spoiler", "text": "s"}]});
        let message_text = message_text(&item, &mut sink).unwrap();
        let expected =
            format!("a\\*b **bold** [x](https://x.org){}\n```c\nf(*)\n```\ns", person("user7"));
        assert_eq!(message_text, expected);
        let both = json!({"text": "x", "text_entities": [{"type": "italic", "text": "y"}]});
        assert_eq!(super::message_text(&both, &mut sink).unwrap(), "*y*");
    }
}
