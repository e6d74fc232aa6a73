//! The text of a message as HTML, from its parsed markup.

use super::escape::{escaped, isolated};
use crate::texts::ExportTexts;
use parlour_markup::{Align, Block, Inline, ListItem, TableCell, is_openable};

/// The attribute that takes the direction of a text from the text.
const AUTO: &str = " dir=\"auto\"";

/// Returns the text of a message as HTML. `blocks` is its parsed markup, or `None` if it has none.
pub(super) fn body(text: &str, blocks: Option<&[Block]>, texts: &ExportTexts) -> String {
    let mut html = String::new();
    match blocks {
        Some(blocks) => {
            let mut writer = BodyWriter { html: &mut html, texts };
            writer.blocks(blocks, AUTO);
        }
        None => html.push_str(&format!("<p{AUTO}>{}</p>\n", escaped(text))),
    }
    html
}

struct BodyWriter<'a> {
    html: &'a mut String,
    texts: &'a ExportTexts,
}

impl BodyWriter<'_> {
    /// Writes blocks. Lines in a quote or a list get no direction of their own, because that decides the side of the
    /// quote's bar and of the bullet.
    fn blocks(&mut self, blocks: &[Block], direction: &str) {
        for block in blocks {
            self.block(block, direction);
        }
    }

    fn block(&mut self, block: &Block, direction: &str) {
        match block {
            Block::Paragraph { children } => self.line(&format!("p{direction}"), "p", children),
            // Not a heading element, since messages are not part of the page's outline.
            Block::Heading { children, .. } => {
                self.line(&format!("p class=\"heading\"{direction}"), "p", children);
            }
            Block::Code { text, .. } => {
                let code = escaped(text);
                self.html.push_str(&format!("<pre dir=\"ltr\"><code>{code}</code></pre>\n"));
            }
            Block::Quote { children } => {
                self.html.push_str(&format!("<blockquote{AUTO}>\n"));
                self.blocks(children, "");
                self.html.push_str("</blockquote>\n");
            }
            Block::List { start, items } => self.list(*start, items),
            Block::Table { rows } => self.table(rows),
            Block::Rule => self.html.push_str("<hr>\n"),
        }
    }

    fn line(&mut self, start: &str, end: &str, children: &[Inline]) {
        self.html.push_str(&format!("<{start}>"));
        self.inlines(children);
        self.html.push_str(&format!("</{end}>\n"));
    }

    fn list(&mut self, start: Option<u32>, items: &[ListItem]) {
        let (open, end) = match start {
            Some(start) => (format!("<ol start=\"{start}\">\n"), "</ol>\n"),
            None => ("<ul>\n".to_owned(), "</ul>\n"),
        };
        self.html.push_str(&open);
        for item in items {
            let class = if item.checked.is_some() { " class=\"task\"" } else { "" };
            self.html.push_str(&format!("<li{class}{AUTO}>"));
            if let Some(is_done) = item.checked {
                let (label, sign) =
                    if is_done { (&self.texts.done, "☑") } else { (&self.texts.to_do, "☐") };
                let label = escaped(label);
                let mark = format!("<span role=\"img\" aria-label=\"{label}\">{sign}</span> ");
                self.html.push_str(&mark);
            }
            self.blocks(&item.children, "");
            self.html.push_str("</li>\n");
        }
        self.html.push_str(end);
    }

    fn table(&mut self, rows: &[Vec<TableCell>]) {
        self.html.push_str("<div class=\"table\" tabindex=\"0\"><table>\n");
        for (index, row) in rows.iter().enumerate() {
            let (start, end) = if index == 0 { ("th scope=\"col\"", "th") } else { ("td", "td") };
            self.html.push_str("<tr>");
            for cell in row {
                let class = match cell.align {
                    Some(Align::Left) => " class=\"left\"",
                    Some(Align::Right) => " class=\"right\"",
                    Some(Align::Center) => " class=\"center\"",
                    None => "",
                };
                self.html.push_str(&format!("<{start}{class}{AUTO}>"));
                self.inlines(&cell.children);
                self.html.push_str(&format!("</{end}>"));
            }
            self.html.push_str("</tr>\n");
        }
        self.html.push_str("</table></div>\n");
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text { text } => self.html.push_str(&escaped(text)),
            Inline::Mention { text, .. } | Inline::MentionAll { text } => {
                let mention = isolated(text);
                self.html.push_str(&format!("<span class=\"mention\">{mention}</span>"));
            }
            Inline::Code { text } => {
                self.html.push_str(&format!("<code{AUTO}>{}</code>", escaped(text)));
            }
            Inline::Strong { children } => self.wrapped("strong", children),
            Inline::Emphasis { children } => self.wrapped("em", children),
            Inline::Delete { children } => self.wrapped("del", children),
            Inline::Link { url, children } if is_openable(url) => {
                let url = escaped(url);
                self.html.push_str(&format!(
                    "<a class=\"link\" href=\"{url}\" title=\"{url}\" rel=\"noopener noreferrer\">"
                ));
                self.inlines(children);
                self.html.push_str("</a>");
            }
            Inline::Link { children, .. } => self.inlines(children),
        }
    }

    fn wrapped(&mut self, element: &str, children: &[Inline]) {
        self.html.push_str(&format!("<{element}>"));
        self.inlines(children);
        self.html.push_str(&format!("</{element}>"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let texts = ExportTexts { done: "Done".into(), ..ExportTexts::default() };
        body(text, parlour_markup::parse(text).as_deref(), &texts).replace('\n', "")
    }

    #[test]
    fn markup_becomes_elements_and_html_stays_text() {
        assert_eq!(
            shown("**a** <img src=x onerror=alert(1)>"),
            "<p dir=\"auto\"><strong>a</strong> &lt;img src=x onerror=alert(1)&gt;</p>"
        );
        assert_eq!(
            shown("```\n</code><script>\n```"),
            "<pre dir=\"ltr\"><code>&lt;/code&gt;&lt;script&gt;</code></pre>"
        );
        assert_eq!(
            shown("> - [x] a"),
            "<blockquote dir=\"auto\"><ul><li class=\"task\" dir=\"auto\">\
             <span role=\"img\" aria-label=\"Done\">☑</span> <p>a</p></li></ul></blockquote>"
        );
        assert!(shown("|a|b|\n|-|-:|\n|1|2|").contains("<td class=\"right\" dir=\"auto\">2</td>"));
    }

    #[test]
    fn only_links_to_the_web_and_to_mail_are_links() {
        let link = shown("[a](https://example.org/?a=\"b\"&c=d)");
        assert!(link.contains("href=\"https://example.org/?a=&quot;b&quot;&amp;c=d\""), "{link}");
        assert!(link.contains("rel=\"noopener noreferrer\""), "{link}");
        assert!(shown("[a](mailto:wren@example.org)").contains("<a "));
        for hostile in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"] {
            let link = shown(&format!("**x** [a]({hostile})"));
            assert!(!link.contains("<a "), "{link}");
        }
    }
}
