//! Runs as plain text: what markup would have hidden, the addresses of links, is written out.

use super::run::{Kind, Run};

/// The text of `runs`.
pub(super) fn render(runs: &[Run]) -> String {
    let mut text = String::new();
    let mut link: Option<(&str, usize)> = None;
    for run in runs {
        let address = match &run.style.kind {
            Kind::Link(address) => Some(address.as_str()),
            _ => None,
        };
        if link.map(|(open, _)| open) != address {
            close(&mut text, link);
            link = address.map(|address| (address, text.len()));
        }
        text.push_str(&run.text);
    }
    close(&mut text, link);
    text
}

/// Writes the address after its label, unless the label is the address.
fn close(text: &mut String, link: Option<(&str, usize)>) {
    if let Some((address, start)) = link
        && text[start..].trim() != address
    {
        text.push_str(&format!(" ({address})"));
    }
}
