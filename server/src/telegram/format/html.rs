//! Runs as Telegram's HTML: only its tags, always balanced.

use super::run::{Kind, Run};

/// A tag that may stand open, outermost first in the order of the variants.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tag {
    Quote,
    Link(String),
    Bold,
    Italic,
    Strike,
    Code,
    Block(Option<String>),
}

/// The HTML of `runs`.
pub(super) fn render(runs: &[Run]) -> String {
    let mut html = String::new();
    let mut open: Vec<Tag> = Vec::new();
    for run in runs {
        let wanted = tags(run);
        let shared = open.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        close(&mut html, &mut open, shared);
        for tag in wanted.into_iter().skip(shared) {
            html.push_str(&start(&tag));
            open.push(tag);
        }
        escape_into(&mut html, &run.text);
    }
    close(&mut html, &mut open, 0);
    html
}

/// How many entities `run` opens after `before`, or after nothing; an address is one that Telegram makes itself.
pub(super) fn opened(before: Option<&Run>, run: &Run) -> usize {
    let (open, wanted) = (before.map(tags).unwrap_or_default(), tags(run));
    let shared = open.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    let address = matches!(&run.style.kind, Kind::Link(address) if run.text.trim() == address);
    wanted.len() - shared + usize::from(address)
}

fn close(html: &mut String, open: &mut Vec<Tag>, keep: usize) {
    for tag in open.drain(keep..).rev() {
        html.push_str(end(&tag));
    }
}

/// The tags of a run. Code takes no other entity beside it but a quotation; an address needs no link to itself.
fn tags(run: &Run) -> Vec<Tag> {
    let Run { text, style } = run;
    let mut tags = Vec::new();
    if style.quote && !style.is_block() {
        tags.push(Tag::Quote);
    }
    match &style.kind {
        Kind::Code => {
            tags.push(Tag::Code);
            return tags;
        }
        Kind::Block(language) => {
            tags.push(Tag::Block(language.clone()));
            return tags;
        }
        Kind::Link(address) if text.trim() != address => tags.push(Tag::Link(address.clone())),
        Kind::Link(_) | Kind::Text => {}
    }
    let toggles = [(style.bold, Tag::Bold), (style.italic, Tag::Italic), (style.strike, Tag::Strike)];
    tags.extend(toggles.into_iter().filter_map(|(on, tag)| on.then_some(tag)));
    tags
}

fn start(tag: &Tag) -> String {
    match tag {
        Tag::Quote => "<blockquote>".to_owned(),
        Tag::Link(address) => {
            let mut html = "<a href=\"".to_owned();
            escape_into(&mut html, address);
            html.push_str("\">");
            html
        }
        Tag::Bold => "<b>".to_owned(),
        Tag::Italic => "<i>".to_owned(),
        Tag::Strike => "<s>".to_owned(),
        Tag::Code => "<code>".to_owned(),
        Tag::Block(None) => "<pre>".to_owned(),
        Tag::Block(Some(language)) => format!("<pre><code class=\"language-{language}\">"),
    }
}

fn end(tag: &Tag) -> &'static str {
    match tag {
        Tag::Quote => "</blockquote>",
        Tag::Link(_) => "</a>",
        Tag::Bold => "</b>",
        Tag::Italic => "</i>",
        Tag::Strike => "</s>",
        Tag::Code => "</code>",
        Tag::Block(None) => "</pre>",
        Tag::Block(Some(_)) => "</code></pre>",
    }
}

fn escape_into(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}
