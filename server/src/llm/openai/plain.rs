//! Words of others, made safe to show: no addresses, no keys, no pages, of bounded length.

use crate::config::Secret;

/// Longer messages are cut.
const MOST_CHARACTERS: usize = 300;

/// A body that is not JSON: its text, or that it is a page.
pub(super) fn of_text(text: &str, key: Option<&Secret>) -> String {
    if text.trim_start().starts_with('<') { "a web page".to_owned() } else { clean(text, key) }
}

/// Words of others, safe to show: on one line, of bounded length, without addresses and keys.
pub(super) fn clean(text: &str, key: Option<&Secret>) -> String {
    let secret = key.map(|key| key.expose().trim()).filter(|key| !key.is_empty());
    let text = secret.map_or_else(|| text.to_owned(), |secret| text.replace(secret, "***"));
    let words: Vec<&str> = text.split_whitespace().map(clean_word).collect();
    let line = words.join(" ");
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

fn clean_word(word: &str) -> &str {
    let bare = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    if word.contains("://") {
        "(address)"
    } else if bare.starts_with("sk-") {
        "***"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_said_is_shown_without_addresses_and_keys() {
        let key = Secret::new("abc-123-very-secret");
        let said = format!(
            "Bad key abc-123-very-secret (like \"sk-proj-12\"),\nsee https://example.org/keys?x=1 {}",
            "and more ".repeat(60)
        );
        let shown = clean(&said, Some(&key));
        assert!(shown.starts_with("Bad key *** (like *** see (address) and more"), "{shown}");
        assert!(shown.ends_with('…') && shown.chars().count() <= MOST_CHARACTERS + 1, "{shown}");
    }

    #[test]
    fn a_page_is_only_named() {
        assert_eq!(of_text("\n<html><title>Bad gateway</title></html>", None), "a web page");
        assert_eq!(of_text("upstream\nerror", None), "upstream error");
    }
}
