//! Search: the field above a chat's history, and what was found, each message with why.

use leptos::prelude::*;

use super::{evidence::in_history, time};
use crate::{
    api::{HistoryAsk, HitView, SearchView, StretchView},
    components::{Icon, icon},
    words,
};

/// Which ways to search there are: what the address says, and the name.
const MODES: [(&str, &str); 3] = [("", "By words and meaning"), ("lexical", "By words"), ("semantic", "By meaning")];

/// A plain GET form: the address says what is searched for, so that it can be shared. `modes` are offered where there is more
/// than one way.
pub(super) fn field(chat: i64, ask: &HistoryAsk, modes: bool) -> AnyView {
    let modes = modes.then(|| {
        let options: Vec<_> = MODES
            .iter()
            .map(|(value, name)| view! { <option value=*value selected=*value == ask.mode>{*name}</option> })
            .collect();
        view! { <select class="field" name="mode" aria-label="How to search">{options}</select> }
    });
    view! {
        <form class="tools" role="search" method="get" action=format!("/chats/{chat}/history") aria-label="Search this chat">
            <div class="search">
                {icon(Icon::Search)}
                <input class="field" type="search" name="q" id="search" value=ask.q.clone() maxlength="500"
                    placeholder="Search what was said" aria-label="Search what was said" aria-keyshortcuts="/"/>
            </div>
            {modes}
            <button class="btn" type="submit">"Search"</button>
        </form>
    }
    .into_any()
}

/// The field, and what was found.
pub(crate) fn results(chat: i64, ask: &HistoryAsk, found: &SearchView) -> AnyView {
    let how = if found.by_meaning {
        "Names of speakers and dates are words, too."
    } else {
        "Search is by words: there is no embedding endpoint to find by meaning. Names of speakers and dates are words, too."
    };
    let list = if found.hits.is_empty() {
        nothing(chat, ask, found.by_meaning)
    } else {
        view! { <ol class="hits">{found.hits.iter().map(|each| hit(chat, each)).collect_view()}</ol> }.into_any()
    };
    let count = match found.hits.len() {
        0 => "nothing found".to_owned(),
        some => format!("the best {}", words::plural(some, "match", "matches")),
    };
    view! {
        {field(chat, ask, found.by_meaning)}
        <div class="sh">
            <h2>{format!("“{}”", ask.q.trim())}</h2>
            <span class="note">{count}</span>
            <a class="right" href=format!("/chats/{chat}/history")>"Back to the history"</a>
        </div>
        <p class="note">{how}</p>
        {list}
    }
    .into_any()
}

fn nothing(chat: i64, ask: &HistoryAsk, by_meaning: bool) -> AnyView {
    let why = match (by_meaning, ask.mode.as_str()) {
        (false, "semantic") => "Without an embedding endpoint nothing is found by meaning. Search by words instead.",
        (false, _) | (true, "lexical") => {
            "No message holds these words in any of their forms. Words that mean the same are not looked for."
        }
        (true, _) => "No message holds these words, or means nearly the same.",
    };
    view! {
        <div class="empty">
            <h2>"Nothing found"</h2>
            <p>{why}" What was said in the last moments may not be found yet; it stands at the top of the history."</p>
            <a class="btn" href=format!("/chats/{chat}/history")>"See the history"</a>
        </div>
    }
    .into_any()
}

fn hit(chat: i64, hit: &HitView) -> AnyView {
    let piece: Vec<_> = hit.piece.iter().map(stretch).collect();
    let archived = hit.archived.then(|| view! { <span class="stamp">"archived"</span> });
    view! {
        <li class="msg" class:me=hit.person>
            <span class="when">{time(&hit.at)}</span>
            <div>
                <span class="who">{format!("{} · message {}", hit.who, words::message(hit.id))}{archived}</span>
                <p class="pre" lang=hit.lang.clone()>{piece}</p>
                <p class="note why">
                    <span>{why(hit)}</span>
                    {in_history(chat, hit.id, "Open in history".to_owned())}
                </p>
            </div>
        </li>
    }
    .into_any()
}

pub(super) fn stretch(stretch: &StretchView) -> AnyView {
    let text = stretch.text.clone();
    if stretch.marked { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
}

/// Why a message was found: by which words, by meaning, by its neighbour; and its score.
fn why(hit: &HitView) -> String {
    let words = hit.word_rank.map(|rank| match hit.words.is_empty() {
        true => format!("words: {} of all", ordinal(rank)),
        false => format!("words: {} ({} of all)", hit.words.join(", "), ordinal(rank)),
    });
    let meaning = hit.meaning_rank.map(|rank| format!("meaning: {} of all", ordinal(rank)));
    let beside = hit.beside.map(|id| format!("beside message {}, which matches", words::message(id)));
    let score = Some(format!("score {:.2}", hit.score));
    [words, meaning, beside, score].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn ordinal(rank: u32) -> String {
    let ending = match (rank % 10, rank % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}
