//! Telegram's HTML parse mode, as strict as Telegram's own: a reply it would refuse is refused here, in its words.
//!
//! The result is the visible text, whose length is what Telegram limits. Entities are not kept: no test needs them.

const TAGS: [&str; 17] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// What came of an HTML text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) visible: String,
    /// How many entities its markup makes.
    pub(super) entities: usize,
}

/// Reads `source`.
///
/// # Errors
/// The description that follows "can't parse entities: ".
pub(super) fn parse(source: &str) -> Result<Parsed, String> {
    let mut parser = Parser { source, at: 0, visible: String::new(), open: Vec::new(), entities: 0 };
    parser.run()?;
    match parser.open.last() {
        Some(tag) => Err(format!("Can't find end tag corresponding to start tag \"{tag}\"")),
        None => Ok(Parsed { visible: parser.visible, entities: parser.entities }),
    }
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    visible: String,
    open: Vec<String>,
    entities: usize,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(next) = self.peek() {
            match next {
                '&' => self.reference()?,
                '<' if self.source[self.at + 1..].starts_with('/') => self.end_tag()?,
                '<' => self.start_tag()?,
                other => {
                    self.visible.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let rest = &self.source[self.at..];
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }

    /// Four named references and numeric ones are decoded, with or without a semicolon; anything else stays as it
    /// stands.
    fn reference(&mut self) -> Result<(), String> {
        let rest = &self.source[self.at + 1..];
        let numeric = |c: char| c.is_ascii_alphanumeric() || c == '#';
        let name = &rest[..rest.find(|c| !numeric(c)).unwrap_or(rest.len())];
        let Some(code) = code_of(name) else {
            self.visible.push('&');
            self.at += 1;
            return Ok(());
        };
        let character = char::from_u32(code).ok_or(
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
        )?;
        self.visible.push(character);
        self.at += 1 + name.len() + usize::from(rest[name.len()..].starts_with(';'));
        Ok(())
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        self.at += 1;
        let tag = self.take_while(|c| !c.is_ascii_whitespace() && c != '>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut class = None;
        loop {
            self.take_while(|c| c.is_ascii_whitespace());
            match self.peek() {
                None => return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}")),
                Some('>') => break,
                Some(_) => {
                    let (name, value) = self.attribute(&tag, begin)?;
                    if name == "class" {
                        class = Some(value);
                    }
                }
            }
        }
        self.at += 1;
        if tag == "span" && class.as_deref() != Some("tg-spoiler") {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(tag);
        Ok(())
    }

    fn attribute(&mut self, tag: &str, begin: usize) -> Result<(String, String), String> {
        let name = self.take_while(|c| !c.is_ascii_whitespace() && c != '=' && c != '>');
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        self.take_while(|c| c.is_ascii_whitespace());
        if self.peek() != Some('=') {
            // "expandable" is the one attribute without a value.
            return if name == "expandable" {
                Ok((name, String::new()))
            } else {
                Err(format!(
                    "Expected equal sign in declaration of an attribute of the tag \"{tag}\" at byte offset {begin}"
                ))
            };
        }
        self.at += 1;
        self.take_while(|c| c.is_ascii_whitespace());
        let quote = self.peek();
        if quote.is_none() {
            return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
        }
        if !matches!(quote, Some('"' | '\'')) {
            let token = self.at;
            let value = self.take_while(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
            return match self.peek() {
                Some(c) if c.is_ascii_whitespace() || c == '>' => Ok((name, value)),
                _ => Err(format!("Unexpected end of name token at byte offset {token}")),
            };
        }
        self.at += 1;
        let value = self.take_while(|c| Some(c) != quote);
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        self.at += 1;
        Ok((name, value))
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(open) = self.open.pop() else { return Err(format!("Unexpected end tag at byte offset {begin}")) };
        self.at += 2;
        let tag = self.take_while(|c| !c.is_ascii_whitespace() && c != '>').to_ascii_lowercase();
        self.take_while(|c| c.is_ascii_whitespace());
        if self.peek() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if open != tag && !tag.is_empty() {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{open}>\", found \"</{tag}>\""
            ));
        }
        self.entities += 1;
        Ok(())
    }
}

/// The code point that a reference names: any up to the last, surrogates among them.
fn code_of(name: &str) -> Option<u32> {
    let code = match name {
        "lt" => u32::from('<'),
        "gt" => u32::from('>'),
        "amp" => u32::from('&'),
        "quot" => u32::from('"'),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            }
        }
    };
    (1..=0x0010_FFFF).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn visible_text(source: &str) -> Result<String, String> {
        parse(source).map(|parsed| parsed.visible)
    }

    #[test]
    fn markup_is_not_visible_and_references_are_decoded() {
        let source = "<b>a &lt; <i>b</i></b> &amp; <a href=\"https://x.org/?a=1&amp;b=2\">c</a> &copy; &#9731;<pre><code class=\"language-rust\">x</code></pre>";
        assert_eq!(visible_text(source).as_deref(), Ok("a < b & c &copy; ☃x"));
        assert_eq!(visible_text("<blockquote expandable>q</blockquote>").as_deref(), Ok("q"));
    }

    #[test]
    fn numeric_references_need_no_semicolon_and_make_no_half_characters() {
        assert_eq!(visible_text("&lt&#9731 &#12345678; &#0;").as_deref(), Ok("<☃ &#12345678; &#0;"));
        for half in ["&#57311;", "&#xDFDF"] {
            assert!(visible_text(half).unwrap_err().contains("unmatched surrogate code units"));
        }
        assert_eq!(parse("<b>x</b><i>y</i>").unwrap().entities, 2);
    }

    #[test]
    fn what_telegram_refuses_is_refused_in_its_words() {
        for (source, description) in [
            ("a<br>b", "Unsupported start tag \"br\" at byte offset 1"),
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
            ("x <b", "Unclosed start tag at byte offset 2"),
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("<p>x</p>", "Unsupported start tag \"p\" at byte offset 0"),
            ("🏟 🏟&lt;<abac aba>", "Unsupported start tag \"abac\" at byte offset 13"),
            ("🏟 🏟&lt;<i   =aba>", "Empty attribute name in the tag \"i\" at byte offset 13"),
            ("<i aba  =  ", "Unclosed start tag \"i\" at byte offset 0"),
            ("<i aba = 19-.,", "Unexpected end of name token at byte offset 9"),
            ("<i aba = \"&lt;>", "Unclosed start tag at byte offset 0"),
            ("x</", "Unexpected end tag at byte offset 1"),
            ("<i>a</i   ", "Unclosed end tag at byte offset 4"),
        ] {
            assert_eq!(visible_text(source).unwrap_err(), description, "{source}");
        }
    }
}
