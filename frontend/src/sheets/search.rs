//! Search: the field above a chat's history, and what was found, each message with why.

use leptos::prelude::*;

use super::{evidence::in_history, time};
use crate::{
    api::{HistoryAsk, HitView, SearchView, StretchView},
    components::{Icon, icon},
    words,
};

/// Which ways to search there are: what the address says, and the name.
const MODES: [(&str, &str); 3] = [
    ("", words::search::BY_WORDS_AND_MEANING),
    ("lexical", words::search::BY_WORDS),
    ("semantic", words::search::BY_MEANING),
];

/// A plain GET form: the address says what is searched for, so that it can be shared. `modes` are offered where there is more
/// than one way.
pub(super) fn field(chat: i64, ask: &HistoryAsk, modes: bool) -> AnyView {
    let modes = modes.then(|| {
        let options: Vec<_> = MODES
            .iter()
            .map(|(value, name)| view! { <option value=*value selected=*value == ask.mode>{*name}</option> })
            .collect();
        view! { <select class="field" name="mode" aria-label=words::search::HOW_TO_SEARCH>{options}</select> }
    });
    view! {
        <form class="tools" role="search" method="get" action=format!("/chats/{chat}/history") aria-label=words::search::SEARCH_THIS_CHAT>
            <div class="search">
                {icon(Icon::Search)}
                <input class="field" type="search" name="q" id="search" value=ask.q.clone() maxlength="500"
                    placeholder=words::search::SEARCH_WHAT_WAS_SAID aria-label=words::search::SEARCH_WHAT_WAS_SAID aria-keyshortcuts="/"/>
            </div>
            {modes}
            <button class="btn" type="submit">{words::search::SEARCH}</button>
        </form>
    }
    .into_any()
}

/// The field, and what was found.
pub(crate) fn results(chat: i64, ask: &HistoryAsk, found: &SearchView) -> AnyView {
    let how = if found.by_meaning { words::search::WORDS_INCLUDE } else { words::search::BY_WORDS_ONLY };
    let list = if found.hits.is_empty() {
        nothing(chat, ask, found.by_meaning)
    } else {
        view! { <ol class="hits">{found.hits.iter().map(|each| hit(chat, each)).collect_view()}</ol> }.into_any()
    };
    let count = match found.hits.len() {
        0 => words::search::NONE.to_owned(),
        some => words::search::best(some),
    };
    view! {
        {field(chat, ask, found.by_meaning)}
        <div class="sh">
            <h2>{words::quoted(ask.q.trim())}</h2>
            <span class="note">{count}</span>
            <a class="right" href=format!("/chats/{chat}/history")>{words::search::BACK_TO_THE_HISTORY}</a>
        </div>
        <p class="note">{how}</p>
        {list}
    }
    .into_any()
}

fn nothing(chat: i64, ask: &HistoryAsk, by_meaning: bool) -> AnyView {
    let why = match (by_meaning, ask.mode.as_str()) {
        (false, "semantic") => words::search::NO_MEANING_WITHOUT_ENDPOINT,
        (false, _) | (true, "lexical") => words::search::NONE_BY_WORDS,
        (true, _) => words::search::NONE_AT_ALL,
    };
    view! {
        <div class="empty">
            <h2>{words::NOTHING_FOUND}</h2>
            <p>{why}" "{words::search::NOT_YET}</p>
            <a class="btn" href=format!("/chats/{chat}/history")>{words::search::SEE_THE_HISTORY}</a>
        </div>
    }
    .into_any()
}

fn hit(chat: i64, hit: &HitView) -> AnyView {
    let piece: Vec<_> = hit.piece.iter().map(stretch).collect();
    let archived = hit.archived.then(|| view! { <span class="stamp">{words::ARCHIVED}</span> });
    view! {
        <li class="msg" class:me=hit.person>
            <span class="when">{time(&hit.at)}</span>
            <div>
                <span class="who">{words::search::said_by(&hit.who, hit.id)}{archived}</span>
                <p class="pre" lang=hit.lang.clone()>{piece}</p>
                <p class="note why">
                    <span>{why(hit)}</span>
                    {in_history(chat, hit.id, words::OPEN_IN_HISTORY.to_owned())}
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
    let words = hit.word_rank.map(|rank| words::search::by_words(&hit.words, rank));
    let meaning = hit.meaning_rank.map(words::search::by_meaning);
    let beside = hit.beside.map(words::search::beside);
    let score = Some(words::search::score(hit.score));
    [words, meaning, beside, score].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
