//! Rich messages (Bot API 10.1): one source of three, and its limits in characters, blocks and columns.
//!
//! Telegram documents the limits but not the words of its refusals: those here are made up in its manner.

use serde_json::Value;

use super::params::structure;
use super::refusal::Refusal;

const CHARACTERS: usize = 32_768;
const BLOCKS: usize = 500;
const COLUMNS: usize = 20;

/// The source of a rich message; none when the call brings none.
pub(super) fn source(params: &Value) -> Result<Option<String>, Refusal> {
    let Some(message) = structure(params, "rich_message")? else { return Ok(None) };
    let fields: Vec<_> = ["markdown", "html", "blocks"].into_iter().filter(|name| !message[*name].is_null()).collect();
    let [field] = fields[..] else {
        return Err(Refusal::bad("Bad Request: exactly one of the fields html, markdown, blocks must be used"));
    };
    let source = message[field].as_str().map_or_else(|| message[field].to_string(), str::to_owned);
    if source.trim().is_empty() {
        return Err(Refusal::bad("Bad Request: rich message is empty"));
    }
    if source.chars().count() > CHARACTERS {
        return Err(Refusal::bad("Bad Request: rich message is too long"));
    }
    let (blocks, columns) = match (field, message[field].as_array()) {
        ("markdown", _) => measure(&source),
        (_, list) => (list.map_or(0, Vec::len), 0),
    };
    if blocks > BLOCKS {
        return Err(Refusal::bad("Bad Request: rich message has too many blocks"));
    }
    if columns > COLUMNS {
        return Err(Refusal::bad("Bad Request: rich message has a table with too many columns"));
    }
    Ok(Some(source))
}

/// Blocks and the widest table of a Markdown text, roughly: paragraphs, headings, list items, tables, code, quotes.
fn measure(markdown: &str) -> (usize, usize) {
    let (mut blocks, mut columns) = (0, 0);
    let (mut fenced, mut before) = (false, Line::Blank);
    for line in markdown.lines().map(str::trim) {
        let fence = line.starts_with("```") || line.starts_with("~~~");
        if fence {
            blocks += usize::from(!fenced);
            fenced = !fenced;
        }
        if fenced || fence {
            before = Line::Blank;
            continue;
        }
        let kind = Line::of(line);
        let begins = match kind {
            Line::Blank => false,
            Line::Heading | Line::Item => true,
            Line::Table | Line::Quote => kind != before,
            Line::Text => matches!(before, Line::Blank | Line::Heading | Line::Table),
        };
        blocks += usize::from(begins);
        if kind == Line::Table {
            columns = columns.max(cells(line));
        }
        before = kind;
    }
    (blocks, columns)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    /// A heading or a rule.
    Heading,
    /// A list's item; lines of text that follow belong to it.
    Item,
    Table,
    Quote,
    Text,
}

impl Line {
    fn of(line: &str) -> Self {
        let numbered = line.split_once(['.', ')']).is_some_and(|(number, rest)| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with(' ')
        });
        match line.chars().next() {
            None => Self::Blank,
            Some('|') => Self::Table,
            Some('>') => Self::Quote,
            Some('#') => Self::Heading,
            _ if line == "---" => Self::Heading,
            Some('-' | '*' | '+') if line.get(1..2).is_none_or(|next| next == " ") => Self::Item,
            _ if numbered => Self::Item,
            _ => Self::Text,
        }
    }
}

fn cells(line: &str) -> usize {
    let row = line.strip_prefix('|').unwrap_or(line);
    let row = row.strip_suffix('|').unwrap_or(row);
    row.replace("\\|", "").matches('|').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_columns_are_counted() {
        let markdown = "# Title\nA paragraph\nof two lines.\n\n- one\n- two\n\n| a | b \\| c |\n|---|---|\n| 1 | 2 |\n\n```\n\n- no item\n```\n> quoted\n> still";
        assert_eq!(measure(markdown), (7, 2));
        assert_eq!(measure(&"- item\n".repeat(501)).0, 501);
        assert_eq!(measure(&format!("|{}", " x |".repeat(21))).1, 21);
    }
}
