//! Slack's mrkdwn and blocks as Markdown.

use super::super::form::body::{person, without_marks};
use super::super::input::json::Parts;
use super::emoji;
use super::markdown::{block, code, escaped, link, marked, quoted};
use super::starred::{Rules, markdown as starred};
use serde_json::Value;
use std::collections::HashMap;

/// Channels' names by their ids.
pub type Channels = HashMap<String, String>;

/// Returns mrkdwn as Markdown.
pub fn markdown(text: &str, channels: &Channels) -> String {
    let plain = |text: &str| marks(text, channels);
    let rules = Rules { has_quotes: true, plain: &plain, literal: &|text| literal(text) };
    starred(&without_marks(text), &rules)
}

/// Returns text without Slack's escapes; what stands in angle brackets is shown by its address.
fn literal(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&unescaped(before));
        let Some((inside, behind)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            continue;
        };
        out.push_str(&unescaped(inside.split('|').next_back().unwrap_or(inside)));
        rest = behind;
    }
    out + &unescaped(rest)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Turns what stands in angle brackets into people, links and names, and the rest into plain text.
fn marks(text: &str, channels: &Channels) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        match after.split_once('>') {
            Some((inside, behind)) if !inside.is_empty() && !inside.contains('\n') => {
                out.push_str(&escaped(&emoji::in_text(&unescaped(&std::mem::take(&mut plain)))));
                out.push_str(&mark(inside, channels));
                rest = behind;
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

fn mark(inside: &str, channels: &Channels) -> String {
    let (what, label) = match inside.split_once('|') {
        Some((what, label)) => (what, unescaped(label)),
        None => (inside, String::new()),
    };
    if let Some(user) = what.strip_prefix('@') {
        return person(user);
    }
    if let Some(channel) = what.strip_prefix('#') {
        let name = channels.get(channel).filter(|_| label.is_empty()).cloned().unwrap_or(label);
        let name = if name.is_empty() { channel.to_owned() } else { name };
        return escaped(&format!("#{name}"));
    }
    if let Some(command) = what.strip_prefix('!') {
        return match command {
            "here" | "channel" | "everyone" => {
                format!("@{}", if command == "here" { "here" } else { "all" })
            }
            _ if !label.is_empty() => escaped(&label),
            _ => escaped(&format!("@{command}")),
        };
    }
    let url = unescaped(what);
    if let Some(address) = url.strip_prefix("mailto:") {
        return escaped(if label.is_empty() { address } else { &label });
    }
    link(&escaped(&label), &url)
}

/// Returns whether a text calls everybody.
pub fn calls_all(text: &str) -> bool {
    ["<!channel", "<!everyone", "<!here"].iter().any(|call| text.contains(call))
}

/// Returns what blocks say.
pub fn blocks(blocks: &[Value], channels: &Channels) -> String {
    let message_text = blocks.iter().map(|block| one_block(block, channels));
    message_text.filter(|message_text| !message_text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn one_block(one: &Value, channels: &Channels) -> String {
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
    match one.text("type").unwrap_or_default() {
        "rich_text" => {
            let parts = one.list("elements").iter().map(|part| rich(part, channels));
            parts.collect::<Vec<_>>().join("\n")
        }
        "header" => marked("**", &text(one.get("text")).unwrap_or_default()),
        "divider" => "---".to_owned(),
        "image" | "video" => {
            let title = text(one.get("title")).or_else(|| one.text("alt_text").map(escaped));
            let url = one.text("image_url").or_else(|| one.text("video_url")).unwrap_or_default();
            link(&title.unwrap_or_default(), url)
        }
        "context" | "actions" => {
            let parts = one.list("elements").iter();
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
                let cell = |cell: &Value| one_block(cell, channels).replace('\n', " ");
                cells.map(cell).collect::<Vec<_>>().join(" | ")
            };
            one.list("rows").iter().map(row).collect::<Vec<_>>().join("\n")
        }
        "raw_text" => one.text("text").map(escaped).unwrap_or_default(),
        _ => {
            let fields = one.list("fields").iter().filter_map(|field| text(Some(field)));
            text(one.get("text")).into_iter().chain(fields).collect::<Vec<_>>().join("\n")
        }
    }
}

fn rich(part: &Value, channels: &Channels) -> String {
    let inside =
        || part.list("elements").iter().map(|one| inline(one, channels)).collect::<String>();
    match part.text("type").unwrap_or_default() {
        "rich_text_quote" => quoted(&inside()),
        "rich_text_preformatted" => {
            let raw = |one: &Value| {
                one.text("text").or_else(|| one.text("url")).unwrap_or_default().to_owned()
            };
            block(&part.list("elements").iter().map(raw).collect::<String>(), "")
        }
        "rich_text_list" => {
            let indent = "  "
                .repeat(usize::try_from(part.int("indent").unwrap_or(0).clamp(0, 8)).unwrap_or(0));
            let is_ordered = part.text("style") == Some("ordered");
            let item = |(at, item): (usize, &Value)| {
                let sign = if is_ordered { format!("{}.", at + 1) } else { "-".to_owned() };
                format!("{indent}{sign} {}", rich(item, channels).replace('\n', " "))
            };
            part.list("elements").iter().enumerate().map(item).collect::<Vec<_>>().join("\n")
        }
        _ => inside(),
    }
}

fn inline(one: &Value, channels: &Channels) -> String {
    let style = |name| one.get("style").is_some_and(|style| style.is(name));
    let text = without_marks(one.text("text").unwrap_or_default());
    let mut message_text = match one.text("type").unwrap_or_default() {
        "text" if style("code") => code(&text),
        "text" => escaped(&text),
        "link" => link(&escaped(&text), one.text("url").unwrap_or_default()),
        "user" => person(one.text("user_id").unwrap_or_default()),
        "channel" => {
            let id = one.text("channel_id").unwrap_or_default();
            escaped(&format!("#{}", channels.get(id).map_or(id, String::as_str)))
        }
        "broadcast" => {
            format!("@{}", if one.text("range") == Some("here") { "here" } else { "all" })
        }
        "emoji" => {
            let name = one.text("name").unwrap_or_default();
            emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned)
        }
        "date" => one.text("fallback").map(escaped).unwrap_or_default(),
        _ => escaped(&text),
    };
    for (name, mark) in [("bold", "**"), ("italic", "*"), ("strike", "~~")] {
        if style(name) {
            message_text = marked(mark, &message_text);
        }
    }
    message_text
}

/// Returns what old-style attachments say, but for previews of links, and how many of those there are.
pub fn attachments(list: &[Value], channels: &Channels) -> (String, u64) {
    let (mut message_text, mut previews) = (Vec::new(), 0);
    for one in list {
        if one.get("from_url").is_some()
            || one.get("original_url").is_some()
            || one.is("is_msg_unfurl")
        {
            previews += 1;
            continue;
        }
        let mut lines = Vec::new();
        let text = |key| one.text(key).map(|text| markdown(text, channels));
        lines.extend(text("pretext"));
        let title = one.text("title").map(|title| markdown(title, channels));
        lines.extend(match (title, one.text("title_link")) {
            (Some(title), Some(url)) => Some(marked("**", &link(&title, url))),
            (title, _) => title.map(|title| marked("**", &title)),
        });
        lines.extend(text("text"));
        for field in one.list("fields") {
            let (title, value) = (field.text("title"), field.text("value"));
            let title = title.map(|title| format!("{}: ", marked("**", &escaped(title))));
            lines.push(title.unwrap_or_default() + &markdown(value.unwrap_or_default(), channels));
        }
        let inner = blocks(one.list("blocks"), channels);
        lines.extend(Some(inner).filter(|inner| !inner.is_empty()));
        if lines.is_empty() {
            lines.extend(text("fallback"));
            lines.extend(one.text("image_url").map(str::to_owned));
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
    fn mrkdwn_is_markdown() {
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
    fn blocks_are_markdown() {
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
