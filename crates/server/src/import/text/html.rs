//! Converts the HTML of chat programs to Markdown. Unknown tags are removed, their text remains.

use super::super::records::body::{person, without_marks};
use super::markdown::{block, code, escaped, link, marked, quoted};

/// Maximum number of nested tags.
const MAX_DEPTH: usize = 64;

struct OpenTag {
    tag: String,
    attributes: String,
    output: String,
}

/// Converts HTML to Markdown. `user` returns the key of the person to whom a link refers, if it does.
pub fn markdown(html: &str, user: &dyn Fn(&str) -> Option<String>) -> String {
    let html = without_marks(html);
    let mut open =
        vec![OpenTag { tag: String::new(), attributes: String::new(), output: String::new() }];
    let mut rest = html.as_str();
    while !rest.is_empty() {
        let Some(start) = rest.find('<') else {
            text(rest, &mut open);
            break;
        };
        text(&rest[..start], &mut open);
        rest = &rest[start..];
        let Some(end) = rest.find('>') else {
            text(rest, &mut open);
            break;
        };
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        if inside.starts_with('!') {
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            close(&name.trim().to_lowercase(), &mut open, user);
            continue;
        }
        let inside = inside.trim_end_matches('/');
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let name = name.to_lowercase();
        match name.as_str() {
            "br" => output(&mut open).push('\n'),
            "hr" => output(&mut open).push_str("\n---\n"),
            "img" => {
                let alt = attribute(attributes, "alt").or_else(|| attribute(attributes, "title"));
                let alt = escaped(&alt.unwrap_or_default());
                output(&mut open).push_str(&alt);
            }
            _ if open.len() < MAX_DEPTH => {
                let (tag, attributes) = (name, attributes.to_owned());
                open.push(OpenTag { tag, attributes, output: String::new() });
            }
            _ => {}
        }
    }
    while open.len() > 1 {
        let tag = open.last().map(|open_tag| open_tag.tag.clone()).unwrap_or_default();
        close(&tag, &mut open, user);
    }
    let all = std::mem::take(output(&mut open));
    all.trim().replace("\n\n\n", "\n\n")
}

fn output(open: &mut [OpenTag]) -> &mut String {
    let last = open.len() - 1;
    &mut open[last].output
}

fn text(raw: &str, open: &mut [OpenTag]) {
    let decoded = decode_entities(raw);
    let is_literal = open.iter().any(|open_tag| open_tag.tag == "code" || open_tag.tag == "pre");
    if is_literal {
        return output(open).push_str(&decoded);
    }
    output(open).push_str(&escaped(&decoded));
}

fn close(name: &str, open: &mut Vec<OpenTag>, user: &dyn Fn(&str) -> Option<String>) {
    let Some(at) = open.iter().rposition(|open_tag| open_tag.tag == name).filter(|at| *at > 0)
    else {
        return;
    };
    while open.len() > at + 1 {
        let inner = open.last().map(|open_tag| open_tag.tag.clone()).unwrap_or_default();
        close(&inner, open, user);
    }
    let Some(OpenTag { tag, attributes, output: inner }) = open.pop() else { return };
    let is_in_pre = open.iter().any(|open_tag| open_tag.tag == "pre");
    let outer = output(open);
    let start_new_line = |outer: &mut String| {
        if !outer.is_empty() && !outer.ends_with('\n') {
            outer.push('\n');
        }
    };
    match tag.as_str() {
        "b" | "strong" => outer.push_str(&marked("**", &inner)),
        "i" | "em" => outer.push_str(&marked("*", &inner)),
        "s" | "del" | "strike" => outer.push_str(&marked("~~", &inner)),
        "code" if is_in_pre => outer.push_str(&inner),
        "code" => outer.push_str(&code(&inner)),
        "pre" => {
            start_new_line(outer);
            outer.push_str(&block(&inner, ""));
            outer.push('\n');
        }
        "blockquote" => {
            start_new_line(outer);
            outer.push_str(&quoted(inner.trim()));
            outer.push_str("\n\n");
        }
        "a" => {
            let url = attribute(&attributes, "href").unwrap_or_default();
            match user(&url) {
                Some(key) => outer.push_str(&person(&key)),
                None => outer.push_str(&link(&inner, &url)),
            }
        }
        "li" => {
            start_new_line(outer);
            outer.push_str("- ");
            outer.push_str(&inner.trim().replace('\n', "\n  "));
            outer.push('\n');
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            start_new_line(outer);
            let level = usize::from(tag.as_bytes()[1] - b'0');
            outer.push_str(&format!("{} {}\n", "#".repeat(level), inner.trim()));
        }
        "p" | "div" | "ul" | "ol" | "table" | "tr" => {
            start_new_line(outer);
            outer.push_str(inner.trim_end());
            outer.push_str(if tag == "p" { "\n\n" } else { "\n" });
        }
        "mx-reply" | "script" | "style" => {}
        _ => outer.push_str(&inner),
    }
}

/// Returns an attribute's value.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_lowercase();
    let at = lower.find(&format!("{name}="))?;
    let rest = attributes.get(at + name.len() + 1..)?;
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split_whitespace().next()?,
    };
    Some(decode_entities(value))
}

fn decode_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let named = end.and_then(|end| match &rest[1..end] {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            number => {
                let number = number.strip_prefix('#')?;
                let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
                char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?)
            }
        });
        match (named, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
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
    fn html_becomes_markdown() {
        let user =
            |url: &str| url.strip_prefix("https://matrix.to/#/@").map(|user| format!("@{user}"));
        for (html, expected) in [
            ("<p>a <strong>b</strong> <em>c</em></p><p>d</p>", "a **b** *c*\n\nd".to_owned()),
            ("<pre><code class=\"x\">a &lt; b\n*</code></pre>", "```\na < b\n*\n```".to_owned()),
            ("<ul><li>one</li><li>two</li></ul>", "- one\n- two".to_owned()),
            ("<mx-reply>old</mx-reply>new *x*", "new \\*x\\*".to_owned()),
            (
                "<a href=\"https://matrix.to/#/@a:b.c\">A</a>: hi",
                format!("{}: hi", person("@a:b.c")),
            ),
            ("a<br/>b &amp;amp; <unknown>c", "a\nb \\&amp; c".to_owned()),
            ("<b>x", "**x**".to_owned()),
            ("a < b", "a < b".to_owned()),
        ] {
            assert_eq!(markdown(html, &user), expected, "{html}");
        }
    }
}
