//! Words in the place where they were said: the quote marked in its message, with the messages around it.

use leptos::prelude::*;

use crate::{
    api::{EvidenceView, NeighbourView},
    words,
};

/// A quote in its place. `version` is the version of the fact that is in force; a quote of another one says so.
pub(super) fn place(chat: i64, evidence: &EvidenceView, version: u32) -> AnyView {
    let who = words::facts::quoted_from(&evidence.who, evidence.message, &evidence.at.day);
    let of_another = (evidence.version != 0 && evidence.version != version)
        .then(|| view! { {words::facts::for_version(evidence.version)}" " });
    let edited = evidence.edited.then(|| view! { {words::facts::EDITED_SINCE}" " });
    view! {
        <div class="place">
            {evidence.previous.iter().map(neighbour).collect_view()}
            <div class="msg hit">
                <span class="when">{evidence.at.time.clone()}</span>
                <div>
                    <span class="who">{who}</span>
                    <p class="pre">{words_or_none(&evidence.before)}<mark>{evidence.quote.clone()}</mark>{words_or_none(&evidence.after)}</p>
                </div>
            </div>
            {evidence.next.iter().map(neighbour).collect_view()}
            <p class="note">{of_another}{edited}{in_history(chat, evidence.message, words::OPEN_IN_HISTORY.to_owned())}</p>
        </div>
    }
    .into_any()
}

/// Words, where there are any: an empty text would be drawn as a space.
fn words_or_none(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A link to a message among those around it. The browser goes there by itself, so that it finds the place on the page.
pub(super) fn in_history(chat: i64, message: i64, words: String) -> AnyView {
    view! { <a href=format!("/chats/{chat}/history?at={message}#m{message}") rel="external">{words}</a> }.into_any()
}

fn neighbour(message: &NeighbourView) -> AnyView {
    view! {
        <div class="msg">
            <span class="when">{message.at.time.clone()}</span>
            <div><span class="who">{message.who.clone()}</span><p class="pre">{message.text.clone()}</p></div>
        </div>
    }
    .into_any()
}
