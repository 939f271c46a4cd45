//! The dashboard's texts stand in `frontend/src/words` and nowhere else: this looks for others in the rest of its sources.
//!
//! It does not understand Rust, it recognises literals. What people read has a capital followed by small letters, or two
//! words beside each other, or stands in a view between tags, or is the value of an attribute that is read out. What looks
//! like that and is not read by people is told apart by where it stands, by the stylesheet, which knows the names of
//! classes, or by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::fingerprint::files_below;
use crate::named_paths::is_code;
use crate::workspace::Workspace;

/// Attributes that people read or hear.
const READ: [&str; 5] = ["aria-label", "title", "placeholder", "alt", "data-l"];
/// Attributes and variables whose values only programs read.
const SILENT: [&str; 6] = ["class", "content", "data-on", "href", "reason", "style"];
/// Selectors and names of keys that look like words.
const KNOWN: [&str; 12] = [
    "Escape",
    "Enter",
    "Control+Enter",
    "ArrowUp",
    "PageUp",
    "Home",
    "SELECT",
    "BODY",
    "main {selector}",
    "input, textarea, select",
    "tier whole_history",
    "{kind} {id}",
];

/// Fails where a text stands in a view.
pub(crate) fn check_texts(workspace: &Workspace) -> anyhow::Result<()> {
    let sources = workspace.path("frontend/src");
    let classes = classes(&workspace.path("style"))?;
    let mut found = Vec::new();
    for file in files_below(&sources)? {
        if !is_code(&file) || file.starts_with(sources.join("words")) {
            continue;
        }
        let source = fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
        let texts = literals(&source).into_iter().filter(|literal| is_text(literal, &classes));
        found.extend(texts.map(|literal| format!("  {}:{}: {:?}", file.display(), literal.line, literal.text)));
    }
    if found.is_empty() {
        return Ok(());
    }
    bail!("these texts belong in frontend/src/words:\n{}", found.join("\n"))
}

/// A string literal, and the code around it.
struct Literal<'a> {
    text: &'a str,
    before: &'a str,
    after: &'a str,
    line: usize,
}

/// The string literals of a file up to its module of tests, without those in comments.
fn literals(source: &str) -> Vec<Literal<'_>> {
    let code = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(source);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let end = end_of_string(quoted);
            let line = code[..at].matches('\n').count() + 1;
            let after = quoted.get(end + 1..).unwrap_or_default().trim_start();
            found.push(Literal { text: &quoted[..end], before: code[..at].trim_end(), after, line });
            at += end + 2;
        } else {
            at += length_of_character(rest);
        }
    }
    found
}

/// How long a string is whose opening quote has been read.
fn end_of_string(quoted: &str) -> usize {
    let mut escaped = false;
    let closing = quoted.char_indices().find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    closing.map_or(quoted.len(), |(place, _)| place)
}

/// How long the next thing is: a character literal such as `'"'`, or a character of the code.
fn length_of_character(rest: &str) -> usize {
    for literal in ["'\"'", "'\\\"'"] {
        if rest.starts_with(literal) {
            return literal.len();
        }
    }
    rest.chars().next().map_or(1, char::len_utf8)
}

fn is_text(literal: &Literal<'_>, classes: &BTreeSet<String>) -> bool {
    let attribute = attribute(literal.before);
    let words = words(literal.text);
    let is_pattern = literal.after.starts_with("=>");
    if words.is_empty() || is_pattern || SILENT.contains(&attribute) || KNOWN.contains(&literal.text) {
        return false;
    }
    // A letter by itself is a key, or the beginning of an anchor.
    if (READ.contains(&attribute) || is_child(literal.before)) && words.iter().any(|word| word.len() > 1) {
        return true;
    }
    looks_like_text(literal.text) && !is_for_programs(literal.text) && !words.iter().all(|word| classes.contains(word))
}

/// The name before an equals sign: `title` of `title="…"`, of `title=format!("…")` and of `let title = "…"`.
fn attribute(before: &str) -> &str {
    let Some(name) = before.strip_suffix("format!(").unwrap_or(before).trim_end().strip_suffix('=') else { return "" };
    let name = name.trim_end();
    let start =
        name.rfind(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | ':')).map_or(0, |place| place + 1);
    &name[start..]
}

/// Whether a literal stands in a view, after a tag or what else is in it.
fn is_child(before: &str) -> bool {
    let after_tag = before.ends_with('>') && !before.ends_with("=>") && !before.ends_with("->");
    after_tag || before.ends_with(['"', '}'])
}

/// The words of a text without what is filled in.
fn words(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let bare = text.chars().map(|c| match c {
        '{' => {
            depth += 1;
            ' '
        }
        '}' => {
            depth = depth.saturating_sub(1);
            ' '
        }
        c if depth > 0 || !(c.is_alphanumeric() || matches!(c, '-' | '_')) => ' ',
        c => c,
    });
    let bare: String = bare.collect();
    bare.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).map(str::to_owned).collect()
}

/// Whether there is a capital followed by a small letter, or there are two words beside each other.
fn looks_like_text(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let capital = letters.windows(2).any(|pair| pair[0].is_uppercase() && pair[1].is_lowercase());
    let ends_word = |c: char| c.is_alphanumeric() || matches!(c, ',' | '}' | ';' | ':');
    let two = letters
        .windows(3)
        .any(|three| ends_word(three[0]) && three[1] == ' ' && (three[2].is_alphabetic() || three[2] == '{'));
    capital || two
}

/// Addresses, selectors and what else is written with marks that no sentence has.
fn is_for_programs(text: &str) -> bool {
    text.starts_with(['/', '#', '.', '[']) || text.contains("[") || text.contains("'none'") || text.contains("--")
}

/// The names of classes that the stylesheet knows.
fn classes(style: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut classes = BTreeSet::new();
    for file in files_below(style)? {
        if file.extension().is_none_or(|kind| kind != "css") {
            continue;
        }
        let sheet = fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
        let names = sheet.split('.').skip(1).map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_')).next().unwrap_or_default().to_owned()
        });
        classes.extend(names.filter(|name| name.starts_with(char::is_alphabetic)));
    }
    Ok(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        let classes = ["btn", "btn-primary", "state", "on"].map(str::to_owned).into();
        literals(source).into_iter().filter(|literal| is_text(literal, &classes)).map(|literal| literal.text).collect()
    }

    #[test]
    fn sentences_and_labels_are_found_wherever_they_stand() {
        assert_eq!(texts(r#"let why = "It is being done.";"#), ["It is being done."]);
        assert_eq!(texts(r#"format!("{} of {} done", 1, 2)"#), ["{} of {} done"]);
        assert_eq!(texts(r#"view! { <b>"days"</b> }"#), ["days"]);
        assert_eq!(texts(r#"view! { <a aria-label="menu">{icon}"more"</a> }"#), ["menu", "more"]);
        assert_eq!(texts(r#"match x { _ => ("state on", "taken back") }"#), ["taken back"]);
    }

    #[test]
    fn what_programs_read_is_no_text() {
        assert_eq!(texts(r#"view! { <i class="sw sec Big">{words::MENU}" "</i> }"#), [""; 0]);
        assert_eq!(texts(r#"view! { <i class=format!("{kind} of it")></i> } "delta" => 1"#), [""; 0]);
        assert_eq!(texts(r#"match x { "queued" => "btn btn-primary", _ => "/chats/{chat}/facts?a=b" }"#), [""; 0]);
        assert_eq!(texts(r##"let rows = ".part input, .part select"; "#messages > h2.day""##), [""; 0]);
    }

    #[test]
    fn comments_and_tests_may_say_what_they_like() {
        assert_eq!(texts("/// The \"Whole page\".\nlet quote = '\"'; // a \"Word here\"\n"), [""; 0]);
        assert_eq!(texts("let a = 1;\n#[cfg(test)]\nmod tests {\n \"Two words\"\n}"), [""; 0]);
    }
}
