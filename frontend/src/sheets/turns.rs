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
                <h2>{words::turn::NO_TURNS_YET}</h2>
                <p>{words::turn::WHAT_A_TURN_IS}</p>
            </div>
        }
        .into_any();
    }
    let rows: Vec<_> = turns.turns.iter().map(|turn| row(chat, turn)).collect();
    view! {
        <table class="turns stack">
            <thead>
                <tr>
                    <th scope="col" class="num">{words::turn::TURN}</th>
                    <th scope="col">{words::turn::QUESTION_AND_ANSWER}</th>
                    <th scope="col">{words::turn::WHEN}</th>
                    <th scope="col">{words::STATE}</th>
                    <th scope="col" class="num">{words::PREDICTED}</th>
                    <th scope="col" class="num">{words::REPORTED}</th>
                    <th scope="col" class="num">{words::turn::ANSWER}</th>
                    <th scope="col" class="num">{words::turn::TOOK}</th>
                    <th scope="col" class="num">{words::COST}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {turns.next_cursor.map(|cursor| view! {
            <p class="more"><a class="btn" href=format!("/chats/{chat}/turns?before={cursor}")>{words::turn::OLDER_TURNS}</a></p>
        })}
    }
    .into_any()
}

fn row(chat: i64, turn: &TurnRow) -> AnyView {
    let answer = match (&turn.answer, &turn.error) {
        (Some(answer), _) => {
            view! { <div class="last clip"><span class="faint">{words::said_by(words::SOUVENIR)}</span>{answer.clone()}</div> }.into_any()
        }
        (None, Some(error)) => view! { <div class="last">{error.clone()}</div> }.into_any(),
        (None, None) => ().into_any(),
    };
    let (class, word) = state_mark(&turn.state);
    // Nobody says nothing: the words were forgotten, or belong to a later turn.
    let question = match (turn.question.as_str(), turn.answered_anew) {
        ("", Some(later)) => words::turn::answered_anew_in(later),
        ("", None) => words::FORGOTTEN.to_owned(),
        (question, _) => question.to_owned(),
    };
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
            <td class="num" data-l=words::turn::PREDICTED_OF_IT>{words::count(turn.predicted)}</td>
            <td class="num" data-l=words::turn::REPORTED_OF_IT>{unknown_or(turn.reported)}</td>
            <td class="num" data-l=words::turn::OUT>{unknown_or(turn.completion)}</td>
            <td class="num dim">{turn.took_ms.map(words::span)}</td>
            <td class="num dim">{words::usd(turn.cost_usd)}</td>
        </tr>
    }
    .into_any()
}

/// A count that a provider may not have given.
pub(super) fn unknown_or(count: Option<u32>) -> String {
    count.map_or_else(|| words::UNKNOWN.to_owned(), words::count)
}

/// The mark and the word of a turn's state.
pub(super) fn state_mark(state: &str) -> (&'static str, &'static str) {
    let class = match state {
        "done" => "state ok on",
        "failed" => "state danger",
        "running" => "state on",
        _ => "state",
    };
    (class, words::turn::state(state))
}
