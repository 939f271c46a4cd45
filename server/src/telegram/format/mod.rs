//! Markdown as models write it, made into messages that Telegram takes.
//!
//! Strategy: Markdown → a flat list of [`run::Run`]s (text and its style) → chunks of at most [`LIMIT`] units and [`ENTITIES`] →
//! balanced HTML for each chunk. Because splitting happens between runs and each chunk is rendered by itself, tags
//! cannot be left open, code blocks close and reopen at a split, and no visible character is lost on the way. The same
//! runs give the plain text that is sent when Telegram refuses the HTML.

mod html;
mod markdown;
mod plain;
mod run;
mod split;
mod table;

use run::Run;

/// UTF-16 units that a plain or HTML message may have after its entities are parsed.
const LIMIT: usize = 4_096;
/// The entities that Telegram shows of a message; it passes over the others.
const ENTITIES: usize = 100;

/// One message's worth of a longer text.
#[derive(Clone, Debug)]
pub(super) struct Part {
    runs: Vec<Run>,
}

impl Part {
    /// For `parse_mode` HTML.
    pub(super) fn html(&self) -> String {
        html::render(&self.runs)
    }

    /// Without any markup; more than one message where addresses that HTML hides make it longer than the limit.
    pub(super) fn plain(&self) -> Vec<String> {
        let runs = [Run::plain(plain::render(&self.runs))];
        split::split(&runs, LIMIT, ENTITIES).into_iter().map(|chunk| plain::render(&chunk)).collect()
    }
}

/// The messages that `markdown` becomes; none when there is nothing to see in it.
pub(super) fn parts(markdown: &str) -> Vec<Part> {
    split::split(&markdown::runs(markdown), LIMIT, ENTITIES).into_iter().map(|runs| Part { runs }).collect()
}

/// `markdown` as plain text, however long.
pub(super) fn plain(markdown: &str) -> String {
    plain::render(&markdown::runs(markdown)).trim().to_owned()
}

/// `markdown` that may have been cut off anywhere, with a code block that was left open closed: what follows is no code.
pub(super) fn closed(markdown: &str) -> String {
    let mut open: Option<(char, usize)> = None;
    for line in markdown.lines() {
        let line = line.trim_start();
        let Some(mark) = line.chars().next().filter(|c| matches!(c, '`' | '~')) else { continue };
        let length = line.chars().take_while(|c| *c == mark).count();
        let rest = &line[length..];
        open = match open {
            None if length >= 3 && !(mark == '`' && rest.contains('`')) => Some((mark, length)),
            Some(fence) if fence.0 == mark && length >= fence.1 && rest.trim().is_empty() => None,
            other => other,
        };
    }
    let end = open.map(|(mark, length)| format!("\n{}", mark.to_string().repeat(length)));
    format!("{}{}", markdown.trim_end(), end.unwrap_or_default())
}

/// `text` with every character escaped that Markdown could take for markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(if c == '\n' || c == '\r' { ' ' } else { c });
    }
    escaped
}

#[cfg(test)]
mod tests;
