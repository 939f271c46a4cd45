//! Replies as safe HTML: Markdown with no raw HTML in it, and links that lead only to the web and to mail.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// Renders Markdown that a model or a person wrote.
///
/// Raw HTML becomes visible text, pictures become links to them (nothing is loaded from elsewhere), and a link with
/// another scheme than http, https or mailto keeps its text only.
pub(super) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut links = Vec::new();
    let events = Parser::new_ext(markdown, options).flat_map(|event| tame(event, &mut links));
    let mut rendered = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut rendered, events);
    rendered
}

/// The words of Markdown without its marks, for where there is room for a line of them only.
pub(super) fn to_text(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                text.push_str(&words)
            }
            Event::Start(Tag::Item) => text.push_str("– "),
            Event::SoftBreak | Event::HardBreak | Event::Rule => text.push('\n'),
            Event::End(TagEnd::TableCell) => text.push_str("  "),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableRow
                | TagEnd::TableHead,
            ) if !text.ends_with('\n') => text.push('\n'),
            _ => {}
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What an event becomes. `links` remembers for each open link whether it is shown as one.
fn tame<'a>(event: Event<'a>, links: &mut Vec<bool>) -> Vec<Event<'a>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::SoftBreak => vec![Event::HardBreak],
        Event::Start(Tag::Link { link_type, dest_url, .. }) => open(link_type, &dest_url, links),
        Event::Start(Tag::Image { link_type, dest_url, .. }) => open(link_type, &dest_url, links),
        Event::End(TagEnd::Link | TagEnd::Image) => {
            if links.pop().unwrap_or(false) {
                vec![Event::InlineHtml(CowStr::Borrowed("</a>"))]
            } else {
                Vec::new()
            }
        }
        other => vec![other],
    }
}

fn open<'a>(link_type: LinkType, url: &str, links: &mut Vec<bool>) -> Vec<Event<'a>> {
    let is_mail = link_type == LinkType::Email;
    let url = if is_mail { format!("mailto:{url}") } else { url.to_owned() };
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let shown = matches!(scheme.as_deref(), Some("http" | "https" | "mailto"));
    // Links cannot nest: a picture within a link is the link's text.
    let shown = shown && !links.contains(&true);
    links.push(shown);
    if !shown {
        return Vec::new();
    }
    let mut tag = String::from("<a rel=\"noopener noreferrer\" target=\"_blank\" href=\"");
    push_href(&mut tag, &url);
    tag.push_str("\">");
    vec![Event::InlineHtml(tag.into())]
}

fn push_href(tag: &mut String, url: &str) {
    for character in url.chars() {
        match character {
            '&' => tag.push_str("&amp;"),
            '"' => tag.push_str("%22"),
            '<' => tag.push_str("%3C"),
            '>' => tag.push_str("%3E"),
            '\'' => tag.push_str("%27"),
            other if other.is_control() || other.is_whitespace() => {}
            other => tag.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_markdown_is_rendered() {
        assert_eq!(to_html("**bold** and `code`"), "<p><strong>bold</strong> and <code>code</code></p>\n");
        assert_eq!(to_html("one\ntwo"), "<p>one<br />\ntwo</p>\n", "a line break in a chat is one");
    }

    #[test]
    fn words_stand_without_their_marks() {
        let markdown = "By **Thursday**: `two` coats.\n\n- one\n- *two*\n\n| a | b |\n|---|---|\n| c | d |";
        assert_eq!(to_text(markdown), "By Thursday: two coats.\n– one\n– two\na  b  \nc  d");
        assert_eq!(to_text("2 * 3 < 7 & [a](https://example.org)"), "2 * 3 < 7 & a");
    }

    #[test]
    fn raw_html_is_shown_and_not_run() {
        let html = to_html("<script>alert(1)</script>\n\nand <img src=x onerror=alert(1)> inline");
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("&lt;img"), "{html}");
    }

    #[test]
    fn links_lead_to_the_web_and_to_mail_only() {
        let html =
            to_html("[a](https://example.org/?q=\"x\"&b) [b](javascript:alert(1)) [c](JaVaScRiPt:x) <m@example.org>");
        assert!(html.contains("href=\"https://example.org/?q=%22x%22&amp;b\""), "{html}");
        assert!(!html.to_ascii_lowercase().contains("javascript"), "{html}");
        assert!(html.contains("href=\"mailto:m@example.org\""), "{html}");
    }

    #[test]
    fn pictures_become_links_to_them() {
        let html = to_html("![a cat](https://example.org/cat.png) [![x](https://a.example/1)](https://b.example/2)");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains(">a cat</a>") && !html.contains("a.example"), "{html}");
    }
}
