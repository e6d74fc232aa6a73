//! What a message of Telegram says.

use crate::import::form::body::{person, without_marks};
use crate::import::form::{Sink, Stop};
use crate::import::input::json::Parts;
use crate::import::text::markdown::{block, code, escaped, link, marked, quoted};
use serde_json::Value;

pub fn files(one: &Value) -> Vec<String> {
    let path = ["file", "photo", "contact_vcard"].iter().find_map(|key| one.text(key));
    let Some(path) = path else { return Vec::new() };
    let kind =
        one.text("media_type").unwrap_or(if one.get("photo").is_some() { "photo" } else { "file" });
    let name = one.text("file_name");
    let by_path =
        Some(path).filter(|path| !path.starts_with('(')).and_then(|path| path.rsplit('/').next());
    vec![name.or(by_path).unwrap_or(kind).to_owned()]
}

/// Everything that a message says.
pub fn message_text(one: &Value, sink: &mut Sink<'_>) -> Result<String, Stop> {
    let entities = one.list("text_entities");
    let mut parts = Vec::new();
    let text = match one.get("text") {
        _ if !entities.is_empty() => all(entities, sink)?,
        Some(Value::String(text)) => escaped(&without_marks(text)),
        Some(Value::Array(list)) => all(list, sink)?,
        _ => String::new(),
    };
    parts.push(text);
    if let Some(poll) = one.get("poll").filter(|poll| poll.is_object()) {
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
    if let Some(place) = one.get("location_information") {
        let part = |key| place.get(key).map(Value::to_string).unwrap_or_default();
        let names = [one.text("place_name"), one.text("address")];
        let names = names.into_iter().flatten().map(escaped).collect::<Vec<_>>().join(", ");
        parts.push(
            format!("📍 {}, {} {names}", part("latitude"), part("longitude")).trim().to_owned(),
        );
    }
    if let Some(contact) = one.get("contact_information") {
        let words =
            ["first_name", "last_name", "phone_number"].iter().filter_map(|key| contact.text(key));
        parts.push(format!("👤 {}", escaped(&words.collect::<Vec<_>>().join(" "))));
    }
    for key in ["game_title", "game_description", "sticker_emoji"] {
        parts.extend(one.text(key).map(escaped));
    }
    if let Some(invoice) = one.get("invoice_information") {
        parts.extend(invoice.text("title").map(escaped));
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n"))
}

pub fn all(list: &[Value], sink: &mut Sink<'_>) -> Result<String, Stop> {
    let mut body = String::new();
    // Parts of plain text that touch are one text: what escapes it looks at its lines.
    let mut plain = String::new();
    for one in list {
        let text = one.as_str().or_else(|| one.text("text")).unwrap_or_default();
        let text = without_marks(text);
        let kind = one.text("type").unwrap_or("plain");
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
                    "pre" => block(&text, one.text("language").unwrap_or_default()),
                    _ => format!("{}\n", quoted(&escaped(&text))),
                }
            }
            "text_link" => link(&escaped(&text), one.text("href").unwrap_or_default()),
            "mention_name" => match one.key("user_id") {
                Some(id) => {
                    let key = format!("user{id}");
                    sink.stranger(&key, &text)?;
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

/// Appends to a body; what follows a block of code begins a line of its own.
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
    fn entities_are_markdown() {
        let mut give = |_| Ok(());
        let mut sink = Sink::new(&mut give);
        let one = json!({"text": [
            "a*b ", {"type": "bold", "text": "bold "}, {"type": "text_link", "text": "x", "href": "https://x.org"},
            {"type": "mention_name", "text": "Ada", "user_id": 7}, "\n", {"type": "pre", "text": "f(*)", "language": "c"},
            {"type": "spoiler", "text": "s"}]});
        let message_text = message_text(&one, &mut sink).unwrap();
        let expected =
            format!("a\\*b **bold** [x](https://x.org){}\n```c\nf(*)\n```\ns", person("user7"));
        assert_eq!(message_text, expected);
        let both = json!({"text": "x", "text_entities": [{"type": "italic", "text": "y"}]});
        assert_eq!(super::message_text(&both, &mut sink).unwrap(), "*y*");
    }
}
