//! Texts as exports have them: a string, or pieces of which some are marked.
//!
//! What comes out is what a reader sees, which is what quotes are looked up in. Of the marks only those stay that carry words or
//! tell code from prose, as Markdown: hidden links, code, quotations. Bold and the like go: a quote with asterisks in it would
//! be found nowhere.

use serde_json::Value;

/// The words of a `text` (or of `text_entities`).
pub(super) fn plain(text: &Value) -> String {
    let mut words = String::new();
    match text {
        Value::String(text) => words.push_str(text),
        Value::Array(pieces) => pieces.iter().for_each(|piece| write(&mut words, piece)),
        Value::Object(_) => write(&mut words, text),
        _ => {}
    }
    // SQLite's texts end at a zero.
    words.retain(|c| c != '\0');
    words
}

fn write(words: &mut String, piece: &Value) {
    if let Some(text) = piece.as_str() {
        words.push_str(text);
        return;
    }
    let Some(text) = piece["text"].as_str() else { return };
    match piece["type"].as_str().unwrap_or_default() {
        "text_link" => match piece["href"].as_str().filter(|href| *href != text && !href.is_empty()) {
            Some(href) => words.push_str(&format!("[{text}]({href})")),
            None => words.push_str(text),
        },
        "code" => words.push_str(&format!("`{text}`")),
        "pre" => {
            let language = piece["language"].as_str().unwrap_or_default();
            words.push_str(&format!("```{language}\n{}\n```", text.trim_end_matches('\n')));
        }
        "blockquote" => {
            let quoted: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
            words.push_str(&quoted.join("\n"));
        }
        _ => words.push_str(text),
    }
}
