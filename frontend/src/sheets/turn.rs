//! Why it said that: what the model saw, what it did not, what was counted and what it cost.

use leptos::prelude::*;

use super::{
    delivery::delivery,
    evidence::in_history,
    manifest, time,
    turns::{state_mark, unknown_or},
};
use crate::{
    api::{CostReasonView, MessageView, ModelSearchView, TurnView},
    words,
};

/// The whole page but for the replay.
pub(crate) fn turn(chat: i64, turn: &TurnView) -> AnyView {
    let row = &turn.row;
    let (class, word) = state_mark(&row.state);
    let settings =
        turn.context.as_ref().map(|context| words::turn::settings(context.session_minutes, context.max_context_tokens));
    let step = |turn: Option<i64>| {
        turn.map(|turn| view! { <a class="btn btn-quiet" href=format!("/chats/{chat}/turns/{turn}")>{words::turn_number(turn)}</a> })
    };
    let error =
        row.error.clone().map(|error| view! { <p class="alert danger"><b>{words::turn::NO_ANSWER}</b>" "{error}</p> });
    let delivery = turn.delivery.as_ref().map(|found| delivery(chat, row.id, found));
    view! {
        <div class="head">
            <h2 class="why-title">{words::turn::WHY_DID_IT_SAY_THAT}</h2>
            <span class="callno">{words::turn_number(row.id)}</span>
            <span class="meta">{words::at(&row.started)}{settings}</span>
            <span class=class>{word}</span>
            <div class="act">{step(turn.previous)}{step(turn.next)}</div>
        </div>
        {error}
        {delivery}
        <div class="turnhead">
            <div>{turn.questions.is_empty().then(|| no_question(chat, turn))}{turn.questions.iter().map(quote).collect_view()}</div>
            <div>{answer(turn)}</div>
        </div>
        {searches(chat, &turn.searches)}
        <div class="split">
            <div>{turn.context.as_ref().map_or_else(no_context, |context| manifest::seen(turn, context))}</div>
            <aside>{counted(turn)}{cost(turn)}{times(turn)}{request(turn)}</aside>
        </div>
        {turn.context.as_ref().map(|context| manifest::unseen(&context.left_out))}
    }
    .into_any()
}

/// What the model looked for while it answered, and what it was shown.
fn searches(chat: i64, searches: &[ModelSearchView]) -> AnyView {
    if searches.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = searches.iter().map(|search| one_search(chat, search)).collect();
    view! {
        <section class="looked">
            <div class="sh">
                <h2>{words::turn::WHAT_IT_LOOKED_FOR}</h2>
                <span class="note">{words::turn::searches(searches.len())}</span>
            </div>
            {rows}
        </section>
    }
    .into_any()
}

fn one_search(chat: i64, search: &ModelSearchView) -> AnyView {
    let asked = search.query.as_ref().map_or_else(
        || view! { <span class="dim">{words::turn::WORDS_UNREADABLE}</span> }.into_any(),
        |query| view! { <q>{query.clone()}</q> }.into_any(),
    );
    let found: Vec<_> = search
        .found
        .iter()
        .zip(&search.messages)
        .map(|(found, id)| match found {
            Some(found) => view! {
                <div class="msg">
                    <span class="when">{time(&found.at)}</span>
                    <div>
                        <span class="who">{found.who.clone()}" · "{in_history(chat, *id, words::a_message(*id))}</span>
                        <p class="pre">{found.text.clone()}</p>
                    </div>
                </div>
            }
            .into_any(),
            None => view! { <p class="note">{words::turn::MESSAGE_FORGOTTEN}</p> }.into_any(),
        })
        .collect();
    let told = words::turn::search_outcome(&search.outcome, search.tokens);
    view! {
        <details>
            <summary>{asked}" "<span class="note">{told}</span></summary>
            {found}
        </details>
    }
    .into_any()
}

fn no_context() -> AnyView {
    view! { <p class="note">{words::turn::NOTHING_SENT}</p> }.into_any()
}

/// The answer; of a turn that ended well there was one.
fn answer(turn: &TurnView) -> Option<AnyView> {
    let was_there = turn.row.state == "done";
    turn.answer.as_ref().map(quote).or_else(|| was_there.then(|| forgotten(words::turn::ANSWER_FORGOTTEN)))
}

/// Where the question went: to a later turn, or nowhere.
fn no_question(chat: i64, turn: &TurnView) -> AnyView {
    let Some(later) = turn.row.answered_anew else { return forgotten(words::turn::QUESTION_FORGOTTEN) };
    let href = format!("/chats/{chat}/turns/{later}");
    view! { <p class="note">{words::turn::ANSWERED_ANEW[0]}<a href=href>{words::a_turn(later)}</a>{words::turn::ANSWERED_ANEW[1]}</p> }
        .into_any()
}

fn forgotten(what: &'static str) -> AnyView {
    view! { <p class="note">{what}</p> }.into_any()
}

fn quote(message: &MessageView) -> AnyView {
    let tokens = (!message.person).then_some(message.tokens);
    view! {
        <p class="who">{words::turn::quoted(&message.who, message.id, tokens)}</p>
        <div class="quote" lang=message.lang.clone() inner_html=message.html.clone()></div>
    }
    .into_any()
}

fn counted(turn: &TurnView) -> AnyView {
    let row = &turn.row;
    let error = row.reported.map(|reported| {
        let off = f64::from(row.predicted.abs_diff(reported)) * 100.0 / f64::from(reported.max(1));
        view! { <dt>{words::turn::OFF_BY}</dt><dd>{words::change(row.predicted, reported)}" "<span class="faint">{format!("{off:.2} %")}</span></dd> }
    });
    let cached = row.cached.map(|cached| {
        let share = words::percent(cached, row.reported.unwrap_or(row.predicted));
        view! { <dt>{words::turn::FROM_THE_CACHE}</dt><dd>{words::count(cached)}" "<span class="faint">{share}</span></dd> }
    });
    view! {
        <div>
            <h3>{words::COUNTED}</h3>
            <dl class="kv">
                <dt>{words::PREDICTED}</dt><dd>{words::count(row.predicted)}</dd>
                <dt>{words::turn::REPORTED_BY_THE_PROVIDER}</dt><dd class="t">{unknown_or(row.reported)}</dd>
                {error}
                {cached}
                <dt>{words::turn::ANSWER}</dt><dd>{unknown_or(row.completion)}</dd>
            </dl>
        </div>
    }
    .into_any()
}

fn cost(turn: &TurnView) -> AnyView {
    view! {
        <div>
            <h3>{words::COST}</h3>
            <dl class="kv">
                {cost_parts(turn)}
                <dt class="t">{words::turn::THIS_REPLY}</dt><dd class="t">{words::usd(turn.row.cost_usd)}</dd>
            </dl>
            {cost_reasons(&turn.cost_reasons)}
        </div>
    }
    .into_any()
}

/// Why it cost more than it should.
fn cost_reasons(reasons: &[CostReasonView]) -> Option<AnyView> {
    let reason = |reason: &CostReasonView| {
        let mut told = reason.told.clone();
        if let Some(first) = told.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let extra = reason.extra_usd.map(|usd| words::turn::so_much_more(&words::usd(Some(usd))));
        view! { <li>{told}{extra}"."</li> }
    };
    (!reasons.is_empty()).then(|| {
        view! {
            <p class="note warned"><b>{words::turn::MORE_THAN_IT_SHOULD}</b></p>
            <ul class="note reasons">{reasons.iter().map(reason).collect_view()}</ul>
        }
        .into_any()
    })
}

/// What was paid for what, where that is known.
fn cost_parts(turn: &TurnView) -> Option<AnyView> {
    let [new, cached, answer] = turn.cost_parts_usd?;
    let from_cache = turn.row.cached.unwrap_or(0);
    let fresh = turn.row.reported?.saturating_sub(from_cache);
    let row = |what: String, cost: f64| view! { <dt>{what}</dt><dd>{words::usd(Some(cost))}</dd> }.into_any();
    let rows = [
        Some(row(words::turn::new_tokens(fresh), new)),
        (from_cache > 0).then(|| row(words::turn::cached_tokens(from_cache), cached)),
        Some(row(words::turn::tokens_out(turn.row.completion?), answer)),
    ];
    Some(rows.into_iter().flatten().collect::<Vec<_>>().into_any())
}

fn times(turn: &TurnView) -> AnyView {
    let Some(took) = turn.row.took_ms else { return ().into_any() };
    let sent = turn.sent_ms.unwrap_or(0).max(0);
    let queue = turn.queue_ms.max(0);
    let total = (queue + took + sent).max(1);
    let context = turn.context_ms.unwrap_or(0).clamp(0, took);
    let asked = took - context;
    let first = turn.first_token_ms.unwrap_or(asked).clamp(0, asked);
    let (built, begun) = (queue + context, queue + context + first);
    let lanes = [
        (words::turn::QUEUE, 0, queue),
        (words::turn::CONTEXT, queue, context),
        (words::turn::FIRST_WORD, built, first),
        (words::turn::WRITING, begun, asked - first),
        (words::turn::SENDING, queue + took, sent),
    ];
    let lanes: Vec<_> = lanes
        .into_iter()
        .filter(|(_, _, ms)| *ms > 0)
        .map(|(name, from, ms)| {
            #[expect(clippy::cast_precision_loss, reason = "a place on screen, not a count")]
            let share = |ms: i64| ms as f64 * 100.0 / total as f64;
            view! {
                <span class="dim">{name}</span>
                <span class="lane" aria-hidden="true"><i style=format!("--a:{:.1};--w:{:.1}", share(from), share(ms))></i></span>
                <span class="num">{words::span(ms)}</span>
            }
        })
        .collect();
    view! {
        <div>
            <h3>{words::turn::TIME}" "<span class="faint light">{words::turn::from_message_to_reply(total)}</span></h3>
            <div class="wf">{lanes}</div>
        </div>
    }
    .into_any()
}

fn request(turn: &TurnView) -> AnyView {
    let context = turn.context.as_ref().map(|context| words::turn::encoding(&context.encoding, &context.scale));
    let hash = turn.context.as_ref().and_then(|context| context.request_sha256.clone()).map(|hash| {
        view! { <br/>{words::turn::SHA_256}" "<span class="mono hash">{hash}</span> }
    });
    view! {
        <div>
            <h3>{words::turn::REQUEST}</h3>
            <p class="note">{turn.row.model.clone()}{context}{hash}</p>
        </div>
    }
    .into_any()
}
