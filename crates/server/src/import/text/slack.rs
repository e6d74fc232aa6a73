//! Converts Slack's mrkdwn and blocks to Markdown.

use super::super::input::json::Fields;
use super::super::records::body::{person, without_marks};
use super::emoji;
use super::markdown::{block, code, escaped, link, marked, quoted};
use super::starred::{Rules, markdown as starred};
use serde_json::Value;
use std::collections::HashMap;

/// Names of channels by their ids.
pub type Channels = HashMap<String, String>;

/// Converts mrkdwn to Markdown.
pub fn markdown(text: &str, channels: &Channels) -> String {
    let plain = |text: &str| convert_references(text, channels);
    let rules = Rules { has_quotes: true, plain: &plain, literal: &|text| literal(text) };
    starred(&without_marks(text), &rules)
}

/// Returns text without Slack's escapes; references in angle brackets are replaced by their text.
fn literal(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&unescaped(before));
        let Some((inside, remaining)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            continue;
        };
        out.push_str(&unescaped(inside.split('|').next_back().unwrap_or(inside)));
        rest = remaining;
    }
    out + &unescaped(rest)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Converts references in angle brackets to people, links and names, and escapes the rest.
fn convert_references(text: &str, channels: &Channels) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        match after.split_once('>') {
            Some((inside, remaining)) if !inside.is_empty() && !inside.contains('\n') => {
                out.push_str(&escaped(&emoji::in_text(&unescaped(&std::mem::take(&mut plain)))));
                out.push_str(&convert_reference(inside, channels));
                rest = remaining;
            }
            _ => {
                plain.push('<');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    out + &escaped(&emoji::in_text(&unescaped(&plain)))
}

fn convert_reference(inside: &str, channels: &Channels) -> String {
    let (target, label) = match inside.split_once('|') {
        Some((target, label)) => (target, unescaped(label)),
        None => (inside, String::new()),
    };
    if let Some(user) = target.strip_prefix('@') {
        return person(user);
    }
    if let Some(channel) = target.strip_prefix('#') {
        let name = channels.get(channel).filter(|_| label.is_empty()).cloned().unwrap_or(label);
        let name = if name.is_empty() { channel.to_owned() } else { name };
        return escaped(&format!("#{name}"));
    }
    if let Some(command) = target.strip_prefix('!') {
        return match command {
            "here" | "channel" | "everyone" => {
                format!("@{}", if command == "here" { "here" } else { "all" })
            }
            _ if !label.is_empty() => escaped(&label),
            _ => escaped(&format!("@{command}")),
        };
    }
    let url = unescaped(target);
    if let Some(address) = url.strip_prefix("mailto:") {
        return escaped(if label.is_empty() { address } else { &label });
    }
    link(&escaped(&label), &url)
}

/// Returns whether a text mentions everybody.
pub fn mentions_all(text: &str) -> bool {
    ["<!channel", "<!everyone", "<!here"].iter().any(|mention| text.contains(mention))
}

/// Returns the text of blocks.
pub fn blocks(blocks: &[Value], channels: &Channels) -> String {
    let message_text = blocks.iter().map(|block| block_text(block, channels));
    message_text.filter(|message_text| !message_text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn block_text(item: &Value, channels: &Channels) -> String {
    let text = |value: Option<&Value>| {
        let value = value?;
        let text = value.text("text")?;
        let is_plain = value.text("type") == Some("plain_text");
        Some(if is_plain {
            escaped(&emoji::in_text(&without_marks(text)))
        } else {
            markdown(text, channels)
        })
    };
    match item.text("type").unwrap_or_default() {
        "rich_text" => {
            let parts = item.list("elements").iter().map(|part| rich_text(part, channels));
            parts.collect::<Vec<_>>().join("\n")
        }
        "header" => marked("**", &text(item.get("text")).unwrap_or_default()),
        "divider" => "---".to_owned(),
        "image" | "video" => {
            let title = text(item.get("title")).or_else(|| item.text("alt_text").map(escaped));
            let url = item.text("image_url").or_else(|| item.text("video_url")).unwrap_or_default();
            link(&title.unwrap_or_default(), url)
        }
        "context" | "actions" => {
            let parts = item.list("elements").iter();
            let parts = parts.filter_map(|part| {
                text(Some(part))
                    .or_else(|| text(part.get("text")))
                    .or_else(|| part.text("alt_text").map(escaped))
            });
            parts.collect::<Vec<_>>().join(" ")
        }
        "table" => {
            let row = |row: &Value| {
                let cells = row.as_array().map_or(&[][..], Vec::as_slice).iter();
                let cell = |cell: &Value| block_text(cell, channels).replace('\n', " ");
                cells.map(cell).collect::<Vec<_>>().join(" | ")
            };
            item.list("rows").iter().map(row).collect::<Vec<_>>().join("\n")
        }
        "raw_text" => item.text("text").map(escaped).unwrap_or_default(),
        _ => {
            let fields = item.list("fields").iter().filter_map(|field| text(Some(field)));
            text(item.get("text")).into_iter().chain(fields).collect::<Vec<_>>().join("\n")
        }
    }
}

fn rich_text(part: &Value, channels: &Channels) -> String {
    let inside =
        || part.list("elements").iter().map(|item| inline(item, channels)).collect::<String>();
    match part.text("type").unwrap_or_default() {
        "rich_text_quote" => quoted(&inside()),
        "rich_text_preformatted" => {
            let raw = |item: &Value| {
                item.text("text").or_else(|| item.text("url")).unwrap_or_default().to_owned()
            };
            block(&part.list("elements").iter().map(raw).collect::<String>(), "")
        }
        "rich_text_list" => {
            let indent = "  "
                .repeat(usize::try_from(part.int("indent").unwrap_or(0).clamp(0, 8)).unwrap_or(0));
            let is_ordered = part.text("style") == Some("ordered");
            let item = |(at, item): (usize, &Value)| {
                let delimiter = if is_ordered { format!("{}.", at + 1) } else { "-".to_owned() };
                format!("{indent}{delimiter} {}", rich_text(item, channels).replace('\n', " "))
            };
            part.list("elements").iter().enumerate().map(item).collect::<Vec<_>>().join("\n")
        }
        _ => inside(),
    }
}

fn inline(item: &Value, channels: &Channels) -> String {
    let style = |name| item.get("style").is_some_and(|style| style.is(name));
    let text = without_marks(item.text("text").unwrap_or_default());
    let mut message_text = match item.text("type").unwrap_or_default() {
        "text" if style("code") => code(&text),
        "text" => escaped(&text),
        "link" => link(&escaped(&text), item.text("url").unwrap_or_default()),
        "user" => person(item.text("user_id").unwrap_or_default()),
        "channel" => {
            let id = item.text("channel_id").unwrap_or_default();
            escaped(&format!("#{}", channels.get(id).map_or(id, String::as_str)))
        }
        "broadcast" => {
            format!("@{}", if item.text("range") == Some("here") { "here" } else { "all" })
        }
        "emoji" => {
            let name = item.text("name").unwrap_or_default();
            emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned)
        }
        "date" => item.text("fallback").map(escaped).unwrap_or_default(),
        _ => escaped(&text),
    };
    for (name, mark) in [("bold", "**"), ("italic", "*"), ("strike", "~~")] {
        if style(name) {
            message_text = marked(mark, &message_text);
        }
    }
    message_text
}

/// Returns the text of old-style attachments other than link previews, and the number of link previews.
pub fn attachments(list: &[Value], channels: &Channels) -> (String, u64) {
    let (mut message_text, mut previews) = (Vec::new(), 0);
    for item in list {
        if item.get("from_url").is_some()
            || item.get("original_url").is_some()
            || item.is("is_msg_unfurl")
        {
            previews += 1;
            continue;
        }
        let mut lines = Vec::new();
        let text = |key| item.text(key).map(|text| markdown(text, channels));
        lines.extend(text("pretext"));
        let title = item.text("title").map(|title| markdown(title, channels));
        lines.extend(match (title, item.text("title_link")) {
            (Some(title), Some(url)) => Some(marked("**", &link(&title, url))),
            (title, _) => title.map(|title| marked("**", &title)),
        });
        lines.extend(text("text"));
        for field in item.list("fields") {
            let (title, value) = (field.text("title"), field.text("value"));
            let title = title.map(|title| format!("{}: ", marked("**", &escaped(title))));
            lines.push(title.unwrap_or_default() + &markdown(value.unwrap_or_default(), channels));
        }
        let inner = blocks(item.list("blocks"), channels);
        lines.extend(Some(inner).filter(|inner| !inner.is_empty()));
        if lines.is_empty() {
            lines.extend(text("fallback"));
            lines.extend(item.text("image_url").map(str::to_owned));
        }
        lines.extend(text("footer"));
        message_text.push(quoted(&lines.join("\n")));
    }
    (message_text.join("\n"), previews)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn channels() -> Channels {
        HashMap::from([("C1".into(), "general".into())])
    }

    #[test]
    fn mrkdwn_becomes_markdown() {
        for (text, expected) in [
            (
                "*b* <https://x.org|the *x*> &amp; &lt;i&gt;",
                "**b** [the \\*x\\*](https://x.org) & <i>".to_owned(),
            ),
            (
                "<@U1> in <#C1|> and <#C2|dev> <!here>",
                format!("{} in #general and #dev @here", person("U1")),
            ),
            ("&gt; q\nnext <mailto:a@b.c|a@b.c>", "> q\n\nnext a@b.c".to_owned()),
            ("`a &lt; b` :+1: :our_own:", "`a < b` 👍 :our_own:".to_owned()),
            ("<!subteam^S1|@ops> <!date^1^{date}|noon>", "@ops noon".to_owned()),
            (
                "https://a.b/c_d_e <https://f.g/h_i_>",
                "https://a.b/c_d_e https://f.g/h_i_".to_owned(),
            ),
        ] {
            assert_eq!(markdown(text, &channels()), expected, "{text:?}");
        }
    }

    #[test]
    fn blocks_become_markdown() {
        let list = json!([{"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [
                {"type": "text", "text": "hi ", "style": {"bold": true}}, {"type": "user", "user_id": "U1"},
                {"type": "emoji", "name": "+1"}]},
            {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a*b"}]}]}]);
        let message_text = blocks(list.as_array().unwrap(), &channels());
        assert_eq!(message_text, format!("**hi** {}👍\n  1. one\n```\na*b\n```", person("U1")));
    }
}
