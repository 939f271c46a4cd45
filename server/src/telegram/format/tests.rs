use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};

use super::*;

const TAGS: [&str; 8] = ["blockquote", "a", "b", "i", "s", "code", "pre", "br-is-not-one"];

fn html(markdown: &str) -> String {
    parts(markdown).iter().map(Part::html).collect::<Vec<_>>().join("\n---\n")
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What Telegram would show for `html`; panics where it would refuse it.
fn visible(html: &str) -> String {
    let mut open: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let end = rest[at..].find('>').map(|end| at + end).expect("every tag is closed");
        let tag = &rest[at + 1..end];
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "tags are balanced in {html}"),
            None => {
                let name = tag.split(' ').next().unwrap_or_default().to_owned();
                assert!(TAGS.contains(&name.as_str()), "{name} is a tag of Telegram's");
                assert!(open.last().is_none_or(|outer| outer != "code" && (outer != "pre" || name == "code")));
                open.push(name);
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "every tag is closed in {html}");
    text.push_str(rest);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Every character a reader of `markdown` must see, white space aside.
fn must_see(markdown: &str) -> Vec<char> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let texts = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::InlineHtml(html) if html.to_ascii_lowercase().contains("br") => None,
        Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => Some(text.into_string()),
        _ => None,
    });
    texts.collect::<String>().chars().filter(|c| !c.is_whitespace()).collect()
}

fn shows_all(shown: &str, wanted: &[char]) -> bool {
    let mut shown = shown.chars();
    wanted.iter().all(|c| shown.any(|other| other == *c))
}

/// The entities of one message: tags that open, but the language of a code block is none of its own.
fn entities(html: &str) -> usize {
    let opened = |tag: &str| html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
    TAGS.iter().map(|tag| opened(tag)).sum::<usize>() - html.matches("<pre><code ").count()
}

#[test]
fn no_message_has_more_entities_than_telegram_shows_and_nothing_is_lost_by_that() {
    let dense: String =
        (0..450).map(|n| format!("**b{n}** *i{n}* ~~s{n}~~ [l{n}](https://example.org/{n})\n")).collect();
    let list: String = (0..300).map(|n| format!("- **[~~*x{n}*~~](https://example.org/{n})**: `code {n}`\n")).collect();
    for markdown in [dense, list] {
        let parts = parts(&markdown);
        let wrong = parts.iter().map(Part::html).map(|html| entities(&html)).find(|count| *count > ENTITIES);
        assert_eq!(wrong, None);
        let shown: String = parts.iter().map(|part| visible(&part.html())).collect();
        assert!(shows_all(&shown, &must_see(&markdown)));
        assert!(parts.len() < 60, "{} messages", parts.len());
    }
    assert_eq!(parts(&"**b** ".repeat(100)).len(), 1);
}

#[test]
fn what_models_write_becomes_telegrams_html() {
    let cases = [
        ("Hello **bold** *it* ~~no~~ `x<y`", "Hello <b>bold</b> <i>it</i> <s>no</s> <code>x&lt;y</code>"),
        ("# Title\n\nText", "<b>Title</b>\n\nText"),
        ("one\ntwo", "one\ntwo"),
        ("- a\n- b\n  - c\n- d", "• a\n• b\n  • c\n• d"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- [x] done\n- [ ] open", "☑ done\n☐ open"),
        ("- a\n\n  more\n- b", "• a\n\n  more\n\n• b"),
        ("> said **so**\n>\n> again\n\nreply", "<blockquote>said <b>so</b>\n\nagain</blockquote>\n\nreply"),
        ("```rust\nfn a() {}\n\nlet b;\n```", "<pre><code class=\"language-rust\">fn a() {}\n\nlet b;</code></pre>"),
        ("```\nplain\n```", "<pre>plain</pre>"),
        ("[a](https://x.org/?a=1&b=\"2\")", "<a href=\"https://x.org/?a=1&amp;b=&quot;2&quot;\">a</a>"),
        ("<https://x.org/?a=1&b=_2_>", "https://x.org/?a=1&amp;b=_2_"),
        ("[a](javascript:x) [b](./c)", "a (javascript:x) b (./c)"),
        ("![a cat](https://x.org/c.png)", "<a href=\"https://x.org/c.png\">a cat</a>"),
        ("![](https://x.org/c.png)", "https://x.org/c.png"),
        ("**`a`** [`b`](https://x.org)", "<code>a</code> <a href=\"https://x.org\">b</a>"),
        ("a<br>b <u>c</u> Vec<String> & co", "a\nb &lt;u&gt;c&lt;/u&gt; Vec&lt;String&gt; &amp; co"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("| n | sum |\n|---|--:|\n| a | 1 |\n| bcd | 20 |", "<pre>n   | sum\n----+----\na   |   1\nbcd |  20</pre>"),
    ];
    for (markdown, expected) in cases {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn a_row_with_more_cells_than_the_head_loses_none() {
    let shown = plain("| a | b |\n|---|---|\n| 1 | 2 | 3 | `4` |\n| 5 |");
    assert!(shown.contains("1 | 2 | 3 | `4`") && shown.contains('5'), "{shown}");
}

#[test]
fn plain_text_writes_addresses_out() {
    assert_eq!(plain("see [*the* docs](https://x.org), **now**"), "see the docs (https://x.org), now");
    assert_eq!(plain("<https://x.org>"), "https://x.org");
}

#[test]
fn escaped_text_is_shown_as_it_stands() {
    let odd = "a*b_c [d](e) `f` <g> # 1. \\ ~~h~~ | &amp;";
    assert_eq!(plain(&escape(odd)), odd);
}

#[test]
fn nothing_to_see_is_no_message() {
    for empty in ["", "  \n\n ", "```\n\n```", "[]()"] {
        assert!(parts(empty).is_empty(), "{empty:?}");
    }
}

#[test]
fn a_long_code_block_closes_and_reopens_at_a_line() {
    let code: String = (0..400).map(|n| format!("let line_{n} = {n};\n")).collect();
    let parts = parts(&format!("Here:\n\n```rust\n{code}```\n\nDone."));
    assert!(parts.len() > 1);
    for part in &parts {
        let shown = visible(&part.html());
        assert!(units(&shown) <= LIMIT);
        assert!(shown.lines().all(|line| line.ends_with([';', ':', '.']) || line.is_empty()), "{shown}");
    }
    assert!(parts[1].html().starts_with("<pre><code class=\"language-rust\">let"));
}

#[test]
fn cuts_prefer_paragraphs_then_lines_then_sentences_then_words() {
    let filler = "word ".repeat(500);
    let paragraphs = parts(&format!("{filler}.\n\n{filler}"));
    assert_eq!(paragraphs.len(), 2);
    assert!(paragraphs[0].html().ends_with('.'));

    let sentences = parts(&"This is a sentence of some length. ".repeat(200));
    assert!(sentences.iter().all(|part| part.html().ends_with('.')));

    let words = parts(&"word ".repeat(2000));
    assert!(words.iter().all(|part| part.html().split(' ').all(|word| word == "word")));
}

#[test]
fn a_cut_parts_no_emoji() {
    let families = "👨‍👩‍👧‍👦".repeat(1000);
    let parts = parts(&families);
    assert!(parts.len() > 1);
    for part in parts {
        assert_eq!(units(&part.html()) % units("👨‍👩‍👧‍👦"), 0);
    }
}

fn markdown_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Zа-яé 0-9.,!?]{0,60}",
        2 => "\\PC{0,30}",
        1 => Just("\n\n".to_owned()),
        1 => Just("\n".to_owned()),
        1 => "(\\*\\*|\\*|_|~~|`|```|\\||>|#|- |1\\. |    |\n> |\n- |\n  - |\n```\n|<b>|</b>|<br>|&lt;|&|<|\\[|\\]\\(https://a\\.b\\)|!\\[|\n\\| a \\| b \\|\n\\|---\\|---\\|\n\\| c \\| d \\|\n)",
        1 => ("[a-z👍🏽é\n ]{1,4}", 1usize..3000).prop_map(|(word, times)| word.repeat(times)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_markdown_loses_text_or_breaks_the_html(pieces in proptest::collection::vec(markdown_piece(), 0..25)) {
        let markdown = pieces.concat();
        let wanted = must_see(&markdown);
        let parts = parts(&markdown);
        let shown: Vec<String> = parts.iter().map(|part| visible(&part.html())).collect();
        prop_assert!(shows_all(&shown.concat(), &wanted), "HTML of {markdown:?} shows {shown:?}");
        let plain: Vec<String> = parts.iter().flat_map(Part::plain).collect();
        prop_assert!(shows_all(&plain.concat(), &wanted), "plain text of {markdown:?} shows {plain:?}");
        for text in shown.iter().chain(&plain) {
            prop_assert!(units(text) <= LIMIT);
            prop_assert!(!text.trim().is_empty());
        }
    }
}
