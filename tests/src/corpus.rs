//! Nasty Markdown: what models write when they are cut off, confused, or asked to be difficult.
//!
//! Words of the form `mark17` are what a reader must see, in order, however it is sent; [`Nasty::verbatim`] must be seen as
//! it stands.

/// One text.
#[derive(Clone, Debug)]
pub struct Nasty {
    /// What is nasty about it.
    pub name: &'static str,
    /// The text.
    pub markdown: String,
    /// What must be seen as it stands.
    pub verbatim: Vec<String>,
}

impl Nasty {
    fn new(name: &'static str, markdown: impl Into<String>) -> Self {
        Self { name, markdown: markdown.into(), verbatim: Vec::new() }
    }

    fn seen(self, verbatim: &[&str]) -> Self {
        Self { verbatim: verbatim.iter().map(|text| (*text).to_owned()).collect(), ..self }
    }

    /// The marks, in order.
    #[must_use]
    pub fn marks(&self) -> Vec<String> {
        marks(&self.markdown)
    }

    /// What of it cannot be seen in `shown`; nothing when all of it can.
    #[must_use]
    pub fn missing(&self, shown: &str) -> Vec<String> {
        let (wanted, found) = (self.marks(), marks(shown));
        let mut found = found.into_iter();
        let lost = wanted.into_iter().filter(|mark| !found.any(|other| other == *mark));
        let verbatim = self.verbatim.iter().filter(|text| !shown.contains(text.as_str())).cloned();
        lost.chain(verbatim).collect()
    }
}

fn marks(text: &str) -> Vec<String> {
    let found = text.match_indices("mark").map(|(at, _)| {
        let digits = text[at + 4..].bytes().take_while(u8::is_ascii_digit).count();
        text[at..at + 4 + digits].to_owned()
    });
    found.filter(|mark| mark.len() > 4).collect()
}

/// All of them.
#[must_use]
pub fn nasty() -> Vec<Nasty> {
    let mut all = inline();
    all.extend(blocks());
    all.extend(long());
    all
}

fn inline() -> Vec<Nasty> {
    let punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    vec![
        Nasty::new("unclosed", "**mark1 *mark2 __mark3 ~~mark4 `mark5 [mark6](http://x mark7 ![mark8 <mark9"),
        Nasty::new("nested", "***mark1** mark2* **_mark3 ~~mark4 `mark5`~~_** **a*b**mark6*c** ~mark7~ ~~~~mark8"),
        Nasty::new("right to left", "שלום **mark1** עולם `mark2` مرحبا _mark3_ \u{202e}mark4\u{202c} ١٢٣ mark5")
            .seen(&["שלום", "עולם", "مرحبا", "١٢٣"]),
        Nasty::new("emoji sequences", "👨‍👩‍👧‍👦 mark1 🇫🇷🇺🇦 **mark2** 👍🏽 _👩🏿‍🚀_ mark3 1️⃣ ❤️‍🔥 `🏴󠁧󠁢󠁥󠁮󠁧󠁿` mark4").seen(&[
            "👨‍👩‍👧‍👦",
            "🇫🇷🇺🇦",
            "👍🏽",
            "👩🏿‍🚀",
            "❤️‍🔥",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        ]),
        Nasty::new(
            "every special character",
            format!("mark1\n\n```\n{punctuation}\n```\n\nmark2 \\{punctuation} mark3"),
        )
        .seen(&[punctuation]),
        Nasty::new(
            "invisible characters",
            "mark1\u{feff}\u{200b}\u{ad}mark2 e\u{301}\u{327} mark3\u{2028}mark4\u{85}mark5\r\nmark6",
        ),
        Nasty::new(
            "tags",
            "<script>mark1</script> <b>mark2 <u attr='\"'>mark3</u> &lt;mark4&gt; &#x6d;ark0 <br>mark5 Vec<mark6> a<b>c mark7 </p></code>",
        ),
        Nasty::new(
            "odd links",
            "[mark1](javascript:alert(1)) [mark2](<http://a b>) ![mark3](x) [mark4][ref] [](http://y) [**mark5**](https://a.example/?q=\"&b=<c>) mark6\n\n[ref]: http://z.example",
        ),
        Nasty::new(
            "maths",
            "$$mark1 \\frac{a_1}{b^2} < 3$$ and $mark2$ and \\(mark3\\) \\[mark4\\] costs $5 or $6 mark5",
        ),
        Nasty::new("only markup and a word", "****\n\n[]()\n\n``\n\n> \n\n- \n\n| |\n|-|\n\n# \n\nmark1"),
        Nasty::new("backslashes", "mark1\\\nmark2\\*mark3\\\\*mark4* \\`mark5\\` \\"),
        Nasty::new("half of a surrogate pair's neighbours", "𝄞mark1𝄞 \u{10ffff}mark2\u{fffd} \u{e000}mark3"),
    ]
}

fn blocks() -> Vec<Nasty> {
    let cells = |prefix: &str, from: usize| {
        (0..30).map(|column| format!("| {prefix}{} ", from + column)).collect::<String>() + "|"
    };
    let wide = format!("{}\n{}|\n{}\n{}", cells("mark", 1), "|---".repeat(30), cells("mark", 31), cells("mark", 61));
    let deep: String = (1..=20).map(|depth| format!("{}- mark{depth}\n", "  ".repeat(depth - 1))).collect();
    let items: String = (1..=620).map(|number| format!("- mark{number}\n")).collect();
    vec![
        Nasty::new("a table 30 columns wide", wide),
        Nasty::new(
            "a crooked table",
            "| mark1 | mark2 |\n|---|:-:|\n| mark3 |\n| mark4 | `a|b` | mark5 | mark6 |\n|mark7\nmark8",
        )
        .seen(&[]),
        Nasty::new("a list 20 levels deep", deep),
        Nasty::new("more items than blocks may be", items),
        Nasty::new(
            "quotes, lists and code within each other",
            "> > mark1\n> - mark2\n>   ```rust\n>   let mark3 = \"<&>\";\n>   ```\n>\n> 1. mark4\n>    > mark5\nmark6\n\n- ```\n  mark7\n- mark8",
        ),
        Nasty::new(
            "headings and rules",
            "mark1\n=====\n\nmark2\n---\n\n***\n###### mark3 ######\n#mark4\n\n_____\nmark5",
        ),
        Nasty::new("footnotes and definitions", "mark1[^1]\n\n[^1]: mark2\n\nterm\n: mark3[^x]"),
        Nasty::new("details", "<details><summary>mark1</summary>\n\nmark2\n\n</details>\n\n<!-- hidden --> mark3"),
        Nasty::new(
            "fences within fences",
            "````md\n```rust\nmark1\n```\nmark2\n````\n\n~~~\n``` mark3\n~~~\n\n    mark4 indented\n\n```unclosed\nmark5",
        ),
    ]
}

fn long() -> Vec<Nasty> {
    let paragraph = |number: usize| {
        format!("mark{number} **some** words, _more_ words & `code <{number}>`: a paragraph of a long answer.\n\n")
    };
    let hundred_kilobytes: String = (1..=1_100).map(paragraph).collect();
    let lines: String =
        (1..=260).map(|number| format!("    let mark{number} = \"<b>&amp;</b>\"; // 𝄞 {number}\n")).collect();
    let word = "Donaudampfschifffahrtsgesellschaft".repeat(300);
    let emoji = "👨‍👩‍👧‍👦".repeat(700);
    vec![
        Nasty::new("100 KB", hundred_kilobytes),
        Nasty::new("a fence across a split", format!("Before mark0:\n\n```rust\n{lines}```\n\nAfter mark999.")),
        Nasty::new("a word without an end", format!("mark1{word}mark2")),
        Nasty::new("emoji without an end", format!("mark1 {emoji} mark2")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_named() {
        let text = Nasty::new("", "**mark1** mark2 `mark13`").seen(&["<&>"]);
        assert_eq!(text.missing("mark1 and mark2, mark13 <&>"), Vec::<String>::new());
        assert_eq!(text.missing("mark2 mark1 <&>"), ["mark2", "mark13"], "in order");
        assert_eq!(text.missing("mark1 mark2 mark13"), ["<&>"]);
        assert!(nasty().iter().any(|nasty| nasty.markdown.len() > 100_000 - 8_000));
    }
}
