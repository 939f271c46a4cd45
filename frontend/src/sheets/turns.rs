//! The turns of a chat, newest first.

use leptos::prelude::*;

use super::time;
use crate::{
    api::{TurnRow, TurnsView},
    words,
};

/// The list.
pub(crate) fn turns(chat: i64, turns: &TurnsView) -> AnyView {
    if turns.turns.is_empty() {
        return view! {
            <div class="empty">
                <h2>"No turns yet"</h2>
                <p>"A turn is a message and its answer. Each will stand here with everything the model saw for it."</p>
            </div>
        }
        .into_any();
    }
    let rows: Vec<_> = turns.turns.iter().map(|turn| row(chat, turn)).collect();
    view! {
        <table class="turns stack">
            <thead>
                <tr>
                    <th scope="col" class="num">"Turn"</th>
                    <th scope="col">"Question and answer"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Predicted"</th>
                    <th scope="col" class="num">"Reported"</th>
                    <th scope="col" class="num">"Answer"</th>
                    <th scope="col" class="num">"Took"</th>
                    <th scope="col" class="num">"Cost"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {turns.next_cursor.map(|cursor| view! {
            <p class="more"><a class="btn" href=format!("/chats/{chat}/turns?before={cursor}")>"Older turns"</a></p>
        })}
    }
    .into_any()
}

fn row(chat: i64, turn: &TurnRow) -> AnyView {
    let answer = match (&turn.answer, &turn.error) {
        (Some(answer), _) => {
            view! { <div class="last clip"><span class="faint">"Souvenir: "</span>{answer.clone()}</div> }.into_any()
        }
        (None, Some(error)) => view! { <div class="last">{error.clone()}</div> }.into_any(),
        (None, None) => ().into_any(),
    };
    let (class, word) = state_mark(&turn.state);
    // Nobody says nothing: the words were forgotten.
    let question = if turn.question.is_empty() { "forgotten".to_owned() } else { turn.question.clone() };
    let href = format!("/chats/{chat}/turns/{}", turn.id);
    view! {
        <tr>
            <td class="num faint hide-s"><span class="mono">{words::count(turn.id)}</span></td>
            <td class="first">
                <a class="q" href=href>{question}</a>
                {answer}
            </td>
            <td class="nowrap note">{time(&turn.started)}</td>
            <td><span class=class>{word}</span></td>
            <td class="num" data-l="predicted">{words::count(turn.predicted)}</td>
            <td class="num" data-l="reported">{unknown_or(turn.reported)}</td>
            <td class="num" data-l="out">{unknown_or(turn.completion)}</td>
            <td class="num dim">{turn.took_ms.map(words::span)}</td>
            <td class="num dim">{words::usd(turn.cost_usd)}</td>
        </tr>
    }
    .into_any()
}

/// A count that a provider may not have given.
pub(super) fn unknown_or(count: Option<u32>) -> String {
    count.map_or_else(|| "unknown".to_owned(), words::count)
}

/// The mark and the word of a turn's state.
pub(super) fn state_mark(state: &str) -> (&'static str, String) {
    let class = match state {
        "done" => "state ok on",
        "failed" => "state danger",
        "running" => "state on",
        _ => "state",
    };
    let word = if state == "running" { "writing" } else { state };
    (class, word.to_owned())
}
