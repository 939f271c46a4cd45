//! Markdown to runs: walks the parser's events and keeps the style that is in force.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::run::{Kind, Run, Style, push};
use super::table::Table;

/// Lists nested deeper than this are indented no further.
const DEEPEST_INDENT: usize = 8;

/// The runs of `markdown`, blocks parted by empty lines.
pub(super) fn runs(markdown: &str) -> Vec<Run> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        match event {
            Event::End(TagEnd::TableCell) => writer.cell_end = range.end,
            Event::End(TagEnd::TableRow) => writer.excess(markdown, range.end),
            _ => {}
        }
        writer.event(event);
    }
    writer.runs
}

#[derive(Debug, Default)]
struct Writer {
    runs: Vec<Run>,
    quotes: u32,
    bold: u32,
    italic: u32,
    strike: u32,
    links: Vec<Link>,
    /// The open lists; a number where they are numbered.
    lists: Vec<Option<u64>>,
    /// What the next text of a list item begins with.
    marker: Option<String>,
    /// Line breaks due before the next text.
    gap: usize,
    block: Option<Block>,
    table: Option<Table>,
    /// Where the last cell of a table ended.
    cell_end: usize,
}

/// A link or an image whose label is being written.
#[derive(Debug)]
struct Link {
    address: String,
    label: String,
}

/// Text that is taken verbatim until its block ends.
#[derive(Debug)]
struct Block {
    style: Style,
    text: String,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) | Event::InlineMath(code) | Event::DisplayMath(code) => self.code(&code),
            Event::Html(html) => self.text(&html),
            Event::InlineHtml(html) if is_line_break(&html) => self.line_break(),
            Event::InlineHtml(html) => self.text(&html),
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.part(2);
                self.text("———");
                self.part(2);
            }
            Event::TaskListMarker(done) => self.marker = Some(if done { "☑ " } else { "☐ " }.to_owned()),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]")),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.part(2);
                self.bold += 1;
            }
            Tag::BlockQuote(_) => {
                self.part(2);
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => self.start_block(Style::block(language(&kind))),
            Tag::HtmlBlock => self.start_block(self.style()),
            Tag::List(first) => {
                self.flush_marker();
                self.part(if self.lists.is_empty() { 2 } else { 1 });
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::Table(alignments) => self.table = Some(Table { alignments, rows: Vec::new() }),
            Tag::TableHead | Tag::TableRow => self.in_table(Table::start_row),
            Tag::TableCell => self.in_table(Table::start_cell),
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push(Link { address: dest_url.into_string(), label: String::new() });
            }
            _ => self.part(2),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.bold -= 1;
                self.part(2);
            }
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                self.part(2);
            }
            TagEnd::CodeBlock | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.part(if self.lists.is_empty() { 2 } else { 1 });
            }
            TagEnd::Item => {
                self.flush_marker();
                self.part(1);
            }
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell => {}
            TagEnd::Emphasis => self.italic -= 1,
            TagEnd::Strong => self.bold -= 1,
            TagEnd::Strikethrough => self.strike -= 1,
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => self.part(2),
        }
    }

    fn style(&self) -> Style {
        let kind = self.outer_link().map_or(Kind::Text, |address| Kind::Link(address.to_owned()));
        Style { quote: self.quotes > 0, bold: self.bold > 0, italic: self.italic > 0, strike: self.strike > 0, kind }
    }

    /// The address that text leads to: of links within links the outer one that Telegram takes.
    fn outer_link(&self) -> Option<&str> {
        self.links.iter().map(|link| link.address.as_str()).find(|address| is_linkable(address))
    }

    /// Asks for `breaks` line breaks before the next text; a list item's own first text stays on its line.
    fn part(&mut self, breaks: usize) {
        if self.marker.is_none() {
            self.gap = self.gap.max(breaks);
        }
    }

    fn text(&mut self, text: &str) {
        let style = self.style();
        self.styled(text, &style);
    }

    fn code(&mut self, code: &str) {
        let mut style = self.style();
        if style.kind == Kind::Text {
            style = Style { kind: Kind::Code, ..Style::frame(style.quote) };
        }
        self.styled(code, &style);
    }

    fn styled(&mut self, text: &str, style: &Style) {
        for link in &mut self.links {
            link.label.push_str(text);
        }
        if let Some(table) = &mut self.table {
            table.push(text);
        } else if let Some(block) = &mut self.block {
            block.text.push_str(text);
        } else if !text.is_empty() {
            self.open_line(style.quote);
            push(&mut self.runs, text, style);
        }
    }

    /// Writes the line breaks and the list marker that are due.
    fn open_line(&mut self, quote: bool) {
        let depth = self.lists.len().min(DEEPEST_INDENT);
        let breaks = std::mem::take(&mut self.gap);
        if let Some(last) = self.runs.last().filter(|_| breaks > 0) {
            let frame = Style::frame(quote && last.style.quote);
            push(&mut self.runs, &"\n".repeat(breaks), &frame);
        }
        let frame = Style::frame(quote);
        match self.marker.take() {
            Some(marker) => push(&mut self.runs, &format!("{}{marker}", "  ".repeat(depth.saturating_sub(1))), &frame),
            None if breaks > 0 => push(&mut self.runs, &"  ".repeat(depth), &frame),
            None => {}
        }
    }

    fn line_break(&mut self) {
        if let Some(table) = &mut self.table {
            table.push(" ");
        } else {
            self.open_line(self.quotes > 0);
            self.gap = 1;
        }
    }

    fn start_item(&mut self) {
        self.flush_marker();
        self.part(1);
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "• ".to_owned(),
        };
        self.marker = Some(marker);
    }

    /// Writes the marker of an item that has no text of its own.
    fn flush_marker(&mut self) {
        if self.marker.is_some() {
            self.open_line(self.quotes > 0);
        }
    }

    fn start_block(&mut self, style: Style) {
        self.flush_marker();
        self.part(2);
        self.block = Some(Block { style, text: String::new() });
    }

    fn end_block(&mut self) {
        if let Some(block) = self.block.take() {
            self.whole_block(block.text.trim_end_matches(['\n', '\r']), &block.style);
        }
    }

    fn whole_block(&mut self, text: &str, style: &Style) {
        if !text.trim().is_empty() {
            let breaks = std::mem::take(&mut self.gap);
            if !self.runs.is_empty() {
                push(&mut self.runs, &"\n".repeat(breaks), &Style::default());
            }
            push(&mut self.runs, text, style);
        }
        self.part(2);
    }

    /// Cells beyond the columns of the head, which the parser passes over, are shown as they were written.
    fn excess(&mut self, markdown: &str, row_end: usize) {
        let rest = markdown.get(self.cell_end..row_end).unwrap_or_default().trim();
        let rest = rest.strip_prefix('|').unwrap_or(rest).trim_end_matches('|');
        for cell in rest.split('|').map(str::trim).filter(|cell| !cell.is_empty()) {
            self.in_table(|table| {
                table.start_cell();
                table.push(cell);
            });
        }
    }

    fn in_table(&mut self, change: impl FnOnce(&mut Table)) {
        if let Some(table) = &mut self.table {
            change(table);
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            self.flush_marker();
            self.part(2);
            self.whole_block(&table.render(), &Style::block(None));
        }
    }

    /// A label that is empty is replaced by the address; an address that cannot be a link is written beside it.
    fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let Link { address, label } = link;
        let inner = self.outer_link().is_some();
        let label = label.trim();
        if address.is_empty() || label == address {
            return;
        }
        if label.is_empty() {
            self.links.push(Link { address: address.clone(), label: String::new() });
            self.text(&address);
            self.links.pop();
        } else if !inner && !address.starts_with('#') && (self.table.is_some() || !is_linkable(&address)) {
            self.text(&format!(" ({address})"));
        }
    }
}

/// Telegram drops links with other schemes, and their address with them.
fn is_linkable(address: &str) -> bool {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "tg" | "mailto"))
}

fn is_line_break(html: &str) -> bool {
    let inner = html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    inner.eq_ignore_ascii_case("br")
}

/// The language of a fenced block, as far as it is safe within an attribute.
fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    let CodeBlockKind::Fenced(info) = kind else { return None };
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.');
    let name: String = info.split([' ', ',']).next()?.chars().take_while(|c| safe(*c)).take(30).collect();
    (!name.is_empty()).then_some(name)
}
