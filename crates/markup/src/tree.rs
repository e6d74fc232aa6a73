//! Converts the parser's events into our tree.

use crate::links::is_openable;
use crate::nodes::{Align, Block, Inline, ListItem, TableCell, plain_text};
use crate::prepared::{PreparedText, SEPARATOR, push_text};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag};
use std::ops::Range;

/// Maximum depth of nested markup; a text with deeper markup is shown as it was written.
pub(crate) const MAX_DEPTH: usize = 40;
/// Maximum number of the parser's events for a text; nobody writes a text with more.
const MAX_EVENTS: usize = 10_000;

/// Returns the blocks of a text; `None` if it exceeds [`MAX_DEPTH`] or [`MAX_EVENTS`].
pub(crate) fn blocks(prepared_text: &PreparedText<'_>) -> Option<Vec<Block>> {
    let mut event_count = 0;
    read(prepared_text, &prepared_text.prepared, &mut event_count)
}

fn read(
    prepared_text: &PreparedText<'_>,
    source: &str,
    event_count: &mut usize,
) -> Option<Vec<Block>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_SUBSCRIPT
        | Options::ENABLE_TASKLISTS;
    let mut reader =
        Reader { prepared_text, source, open: vec![OpenElement::new(Kind::Root, 0..0)] };
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        *event_count += 1;
        if reader.open.len() > MAX_DEPTH || *event_count > MAX_EVENTS {
            return None;
        }
        reader.handle(event, range, event_count)?;
    }
    Some(reader.open.pop()?.into_blocks())
}

/// The kind of an element that has begun and not ended.
enum Kind {
    Root,
    Paragraph,
    Heading(u8),
    Quote,
    Code {
        language: String,
        is_indented: bool,
    },
    List(Option<u32>),
    Item(Option<bool>),
    Table(Vec<Alignment>),
    Row,
    Cell,
    Strong,
    Emphasis,
    Delete,
    /// One tilde on each side, which is not markup here.
    Tildes,
    Link(String),
    Image(String),
    Other,
}

struct OpenElement {
    kind: Kind,
    range: Range<usize>,
    blocks: Vec<Block>,
    items: Vec<ListItem>,
    rows: Vec<Vec<TableCell>>,
    cells: Vec<TableCell>,
    /// Text that is not in a block yet: a tight list has no paragraphs.
    inlines: Vec<Inline>,
}

impl OpenElement {
    fn new(kind: Kind, range: Range<usize>) -> Self {
        let (blocks, items, rows) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, range, blocks, items, rows, cells: Vec::new(), inlines: Vec::new() }
    }

    fn push_block(&mut self, block: Block) {
        self.close_paragraph();
        self.blocks.push(block);
    }

    fn close_paragraph(&mut self) {
        if !self.inlines.is_empty() {
            let children = std::mem::take(&mut self.inlines);
            self.blocks.push(Block::Paragraph { children });
        }
    }

    fn into_blocks(mut self) -> Vec<Block> {
        self.close_paragraph();
        self.blocks
    }
}

struct Reader<'a, 's> {
    prepared_text: &'a PreparedText<'a>,
    source: &'s str,
    /// The open elements, the outermost first; never empty.
    open: Vec<OpenElement>,
}

impl Reader<'_, '_> {
    fn handle(
        &mut self,
        event: Event<'_>,
        range: Range<usize>,
        event_count: &mut usize,
    ) -> Option<()> {
        match event {
            Event::Start(tag) => {
                let kind = self.open_kind(tag);
                self.open.push(OpenElement::new(kind, range));
            }
            Event::End(_) => self.close(event_count)?,
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                let text = self.prepared_text.restored(&text);
                self.top().inlines.push(Inline::Code { text });
            }
            Event::SoftBreak | Event::HardBreak => push_text(&mut self.top().inlines, "\n"),
            Event::Rule => self.top().push_block(Block::Rule),
            Event::TaskListMarker(is_done) => {
                for open in self.open.iter_mut().rev() {
                    if let Kind::Item(checked) = &mut open.kind {
                        *checked = Some(is_done);
                        break;
                    }
                }
            }
            // HTML and the like are off; such events become text.
            _ => {
                let text = self.source[range].to_owned();
                self.text(&text);
            }
        }
        Some(())
    }

    fn top(&mut self) -> &mut OpenElement {
        self.open.last_mut().expect("the outermost is always open")
    }

    /// Adds text. Bare links in it become links, except inside another link.
    fn text(&mut self, text: &str) {
        let is_raw = |open: &OpenElement| {
            matches!(open.kind, Kind::Link(_) | Kind::Image(_) | Kind::Code { .. })
        };
        if let Some(OpenElement { kind: Kind::Code { is_indented: true, .. }, inlines, .. }) =
            self.open.last_mut()
        {
            return push_text(inlines, text);
        }
        if self.open.iter().any(is_raw) {
            let text = self.prepared_text.restored(text);
            return push_text(&mut self.top().inlines, &text);
        }
        for inline in self.prepared_text.inlines(text) {
            self.push_inline(inline);
        }
    }

    fn push_inline(&mut self, inline: Inline) {
        match inline {
            Inline::Text { text } => push_text(&mut self.top().inlines, &text),
            other => self.top().inlines.push(other),
        }
    }

    fn open_kind(&mut self, tag: Tag<'_>) -> Kind {
        match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading(depth(level)),
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::CodeBlock(CodeBlockKind::Indented) => {
                Kind::Code { language: String::new(), is_indented: true }
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                let language = info.split_whitespace().next().unwrap_or_default();
                Kind::Code { language: self.prepared_text.restored(language), is_indented: false }
            }
            Tag::List(start) => {
                Kind::List(start.map(|start| u32::try_from(start).unwrap_or(u32::MAX)))
            }
            Tag::Item => Kind::Item(None),
            Tag::Table(align) => Kind::Table(align),
            Tag::TableHead | Tag::TableRow => Kind::Row,
            Tag::TableCell => Kind::Cell,
            Tag::Strong => Kind::Strong,
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strikethrough => Kind::Delete,
            Tag::Subscript => Kind::Tildes,
            Tag::Link { dest_url, .. } => Kind::Link(self.prepared_text.restored(&dest_url)),
            Tag::Image { dest_url, .. } => Kind::Image(self.prepared_text.restored(&dest_url)),
            _ => Kind::Other,
        }
    }

    /// Closes the innermost element, and adds it to the one that contains it.
    fn close(&mut self, event_count: &mut usize) -> Option<()> {
        let mut closed = self.open.pop()?;
        let inlines = std::mem::take(&mut closed.inlines);
        match closed.kind {
            Kind::Paragraph => self.top().push_block(Block::Paragraph { children: inlines }),
            Kind::Heading(depth) => self.heading(depth, inlines, closed.range),
            Kind::Code { is_indented: true, .. } => {
                let Some(Inline::Text { text }) = inlines.first() else { return Some(()) };
                let blocks = indented(self.prepared_text, text, event_count)?;
                blocks.into_iter().for_each(|block| self.top().push_block(block));
            }
            Kind::Code { language, .. } => {
                let mut text = plain_text(&inlines);
                if text.ends_with('\n') {
                    text.pop();
                }
                self.top().push_block(Block::Code { text, language });
            }
            Kind::Quote => {
                closed.inlines = inlines;
                let children = closed.into_blocks();
                self.top().push_block(Block::Quote { children });
            }
            Kind::Item(checked) => {
                closed.inlines = inlines;
                let children = closed.into_blocks();
                self.top().items.push(ListItem { checked, children });
            }
            Kind::List(start) => self.top().push_block(Block::List { start, items: closed.items }),
            Kind::Cell => self.cell(inlines),
            Kind::Row => self.top().rows.push(closed.cells),
            Kind::Table(_) => self.top().push_block(Block::Table { rows: closed.rows }),
            Kind::Strong => self.top().inlines.push(Inline::Strong { children: inlines }),
            Kind::Emphasis => self.top().inlines.push(Inline::Emphasis { children: inlines }),
            Kind::Delete => self.top().inlines.push(Inline::Delete { children: inlines }),
            Kind::Tildes => {
                push_text(&mut self.top().inlines, "~");
                inlines.into_iter().for_each(|inline| self.push_inline(inline));
                push_text(&mut self.top().inlines, "~");
            }
            Kind::Link(url) => self.link(&url, inlines),
            Kind::Image(url) => {
                let alt = plain_text(&inlines);
                let label = if alt.is_empty() { url.clone() } else { alt };
                self.link(&url, vec![Inline::Text { text: label }]);
            }
            Kind::Root | Kind::Other => {
                inlines.into_iter().for_each(|inline| self.push_inline(inline));
            }
        }
        Some(())
    }

    fn cell(&mut self, children: Vec<Inline>) {
        let column = self.top().cells.len();
        let table = self.open.iter().rev().find_map(|open| match &open.kind {
            Kind::Table(align) => align.get(column).copied(),
            _ => None,
        });
        let align = match table {
            Some(Alignment::Left) => Some(Align::Left),
            Some(Alignment::Right) => Some(Align::Right),
            Some(Alignment::Center) => Some(Align::Center),
            Some(Alignment::None) | None => None,
        };
        self.top().cells.push(TableCell { align, children });
    }

    /// Adds a heading. Underlined headings are off: the text becomes a paragraph, followed by a
    /// rule for dashes; other underlines stay as text.
    fn heading(&mut self, depth: u8, mut children: Vec<Inline>, range: Range<usize>) {
        let source = self.source[range].trim_end();
        let line = source.rsplit('\n').next().unwrap_or_default();
        let line = line.trim_start_matches(|c: char| c == '>' || c.is_whitespace());
        let is_underlined = !source.trim_start().starts_with('#');
        if !is_underlined {
            return self.top().push_block(Block::Heading { depth, children });
        }
        let is_rule = line.starts_with("---");
        if !is_rule {
            push_text(&mut children, &format!("\n{line}"));
        }
        self.top().push_block(Block::Paragraph { children });
        if is_rule {
            self.top().push_block(Block::Rule);
        }
    }

    /// Adds a link. One that cannot be opened becomes text, followed by its address.
    fn link(&mut self, url: &str, children: Vec<Inline>) {
        if is_openable(url) {
            return self.top().inlines.push(Inline::Link { url: url.to_owned(), children });
        }
        let is_shown = url.is_empty() || plain_text(&children) == url;
        children.into_iter().for_each(|inline| self.push_inline(inline));
        if !is_shown {
            push_text(&mut self.top().inlines, &format!(" ({url})"));
        }
    }
}

/// Returns indented text as lines of text with their leading spaces, because indented code is off.
fn indented(
    prepared_text: &PreparedText<'_>,
    text: &str,
    event_count: &mut usize,
) -> Option<Vec<Block>> {
    let lines: Vec<String> =
        text.trim_end().split('\n').map(|line| format!("{SEPARATOR}    {line}")).collect();
    read(prepared_text, &lines.join("\n"), event_count)
}

fn depth(level: HeadingLevel) -> u8 {
    level as u8
}
