//! A table as lines of text, its columns aligned: Telegram's HTML has no tables, so it goes into a code block.

use pulldown_cmark::Alignment;
use unicode_segmentation::UnicodeSegmentation;

/// A column is padded to at most this many characters; longer cells stick out rather than be cut.
const WIDEST_PADDING: usize = 40;

/// Rows of cells, the head first.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) alignments: Vec<Alignment>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Begins a row.
    pub(super) fn start_row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Begins a cell.
    pub(super) fn start_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(String::new());
        }
    }

    /// Adds to the cell begun last; a line break there becomes a space.
    pub(super) fn push(&mut self, text: &str) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            cell.push_str(&text.replace(['\n', '\r'], " "));
        }
    }

    /// The aligned lines.
    pub(super) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let mut lines: Vec<String> = self.rows.iter().map(|row| self.line(row, &widths)).collect();
        if lines.len() > 1 {
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            lines.insert(1, rule.join("-+-"));
        }
        lines.join("\n")
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell.trim())).max().unwrap_or_default().min(WIDEST_PADDING)
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cell = |(column, full): (usize, &usize)| {
            let text = row.get(column).map_or("", |cell| cell.trim());
            let missing = full.saturating_sub(width(text));
            let before = match self.alignments.get(column) {
                Some(Alignment::Right) => missing,
                Some(Alignment::Center) => missing / 2,
                _ => 0,
            };
            format!("{}{text}{}", " ".repeat(before), " ".repeat(missing - before))
        };
        let cells: Vec<String> = widths.iter().enumerate().map(cell).collect();
        cells.join(" | ").trim_end().to_owned()
    }
}

/// Characters as people count them.
fn width(text: &str) -> usize {
    text.graphemes(true).count()
}
