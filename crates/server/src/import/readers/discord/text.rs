//! Converts Discord's Markdown to ours.

use crate::import::input::json::Fields;
use crate::import::records::body::{person, without_marks};
use crate::import::records::{Sink, StopReason};
use crate::import::text::markdown::{escaped, link, outside_code, quoted};
use serde_json::Value;
use std::collections::HashMap;

use super::people::sender;

pub fn embed_text(embed: &Value) -> String {
    let title = embed.text("title").map(escaped);
    let title = match embed.text("url") {
        Some(url) => Some(link(&title.unwrap_or_default(), url)),
        None => title,
    };
    let fields = embed.list("fields").iter();
    let field = |field: &Value| {
        format!(
            "{}: {}",
            field.text("name").unwrap_or_default(),
            field.text("value").unwrap_or_default()
        )
    };
    let author = embed.get("author").and_then(|author| author.text("name")).map(escaped);
    let description = embed.text("description").map(without_marks);
    let lines = author.into_iter().chain(title).chain(description).chain(fields.map(field));
    let lines = lines.collect::<Vec<_>>().join("\n");
    if lines.is_empty() { lines } else { quoted(&lines) }
}

pub fn poll_text(poll: &Value) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.text("text").unwrap_or_default().to_owned(),
        None => String::new(),
    };
    let mut message_text = escaped(&text(poll.get("question")));
    for answer in poll.list("answers") {
        message_text.push_str("\n- ");
        message_text.push_str(&escaped(&text(answer.get("text").or_else(|| answer.get("answer")))));
    }
    message_text
}

/// Converts Discord's Markdown to ours. Its syntax for people, channels, times and emoji becomes text.
pub fn markdown(
    text: &str,
    mentions: &[Value],
    names: &HashMap<String, String>,
    sink: &mut Sink<'_>,
) -> Result<String, StopReason> {
    let mut people = Vec::new();
    for item in mentions {
        let key = sender(sink, item)?;
        for name in [item.text("nickname"), item.text("name")].into_iter().flatten() {
            people.push((format!("@{name}"), key.clone()));
        }
    }
    // Longest first, because a name may be the beginning of another.
    people.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let change = |part: &str| {
        let mut part = replace_references(part, names);
        for (name, key) in &people {
            part = part.replace(name.as_str(), &person(key));
        }
        part.replace("@everyone", "@all")
    };
    let text = expand_quotes(&without_marks(text));
    let body = outside_code(&text, &change);
    let keys: Vec<String> =
        crate::import::records::body::people(&body).map(str::to_owned).collect();
    for key in keys {
        sink.unlisted_person(&key, "")?;
    }
    Ok(body)
}

/// Converts `>>> `, which quotes all the following lines.
pub fn expand_quotes(text: &str) -> String {
    let mut is_rest_quoted = false;
    let line = |line: &str| {
        if let Some(rest) = line.strip_prefix(">>> ") {
            is_rest_quoted = true;
            return format!("> {rest}");
        }
        if is_rest_quoted { format!("> {line}") } else { line.to_owned() }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Replaces `<@id>`, `<#id>`, `<:name:id>` and `<t:seconds>` with their meaning.
pub fn replace_references(text: &str, names: &HashMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let inside = rest[1..].split('>').next().unwrap_or_default();
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let replacement = if let Some(id) = inside.strip_prefix("@&").filter(|id| is_id(id)) {
            Some(format!("@{id}"))
        } else if let Some(id) = inside.strip_prefix('@') {
            let id = id.trim_start_matches('!');
            is_id(id).then(|| person(id))
        } else if let Some(id) = inside.strip_prefix('#').filter(|id| is_id(id)) {
            Some(format!("#{}", names.get(id).map_or(id, String::as_str)))
        } else if let Some(time) = inside.strip_prefix("t:") {
            let at = time.split(':').next().and_then(super::super::time::decimal);
            let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at.0).ok());
            at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        } else {
            let parts: Vec<&str> = inside.trim_start_matches('a').split(':').collect();
            matches!(parts.as_slice(), ["", name, id] if is_id(id) && !name.is_empty())
                .then(|| format!(":{}:", parts[1]))
        };
        match replacement {
            Some(replacement) if rest.len() > inside.len() + 1 => {
                out.push_str(&replacement);
                rest = &rest[inside.len() + 2..];
            }
            _ => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discords_references_become_text() {
        let names = HashMap::from([("7".to_owned(), "general".to_owned())]);
        let mut emit = |_| Ok(());
        let mut sink = Sink::new(&mut emit);
        for (text, expected) in [
            (
                "<@1> <@!2> <#7> <:wave:3> <a:dance:4> a<b>",
                format!("{} {} #general :wave: :dance: a<b>", person("1"), person("2")),
            ),
            ("<t:0:R> `<@1>`", "1970-01-01 00:00 UTC `<@1>`".to_owned()),
            ("a\n>>> b\nc", "a\n> b\n> c".to_owned()),
            ("@everyone", "@all".to_owned()),
        ] {
            assert_eq!(markdown(text, &[], &names, &mut sink).unwrap(), expected, "{text}");
        }
        let mentions = [serde_json::json!({"id": "9", "name": "petter", "nickname": "Petter P"})];
        let message_text = markdown("hi @Petter P!", &mentions, &names, &mut sink).unwrap();
        assert_eq!(message_text, format!("hi {}!", person("9")));
    }
}
