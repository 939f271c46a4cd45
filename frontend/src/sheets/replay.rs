//! Replay: the context of a past turn built again with other settings. No model is called, nothing is sent.

use leptos::prelude::*;

use super::{
    bar, ruler, section_name, swatch,
    what_if::{moves, width_among},
};
use crate::{
    api::{WhatIfAsk, WhatIfView},
    words,
};

/// The controls and, once something is tried, the comparison.
pub(crate) fn replay(chat: i64, turn: i64, ask: &WhatIfAsk, tried: Option<&WhatIfView>) -> AnyView {
    let names = [
        ("", words::turn::AS_IT_WAS),
        ("short", words::turn::SHORT),
        ("medium", words::turn::MEDIUM),
        ("long", words::turn::LONG),
    ];
    let options: Vec<_> = names
        .map(|(value, name)| view! { <option value=value selected=ask.session_duration == value>{name}</option> })
        .into();
    view! {
        <section id="replay">
            <div class="sh">
                <h2>{words::turn::REPLAY_WITH_OTHER_SETTINGS}</h2>
                <span class="note">{words::turn::WHAT_REPLAYING_DOES}</span>
            </div>
            <form class="tools" method="get" action=format!("/chats/{chat}/turns/{turn}#replay")>
                <label>{words::SESSION_DURATION}<select class="field" name="d">{options}</select></label>
                <label>
                    {words::TOKEN_BUDGET}
                    <input class="field budget" name="b" inputmode="numeric" placeholder=words::turn::AS_IT_WAS value=ask.max_context_tokens.clone()/>
                </label>
                <button class="btn end" type="submit">{words::turn::REPLAY}</button>
            </form>
            {tried.map(compared)}
        </section>
    }
    .into_any()
}

fn compared(answer: &WhatIfView) -> AnyView {
    let now = &answer.now;
    let Some(then) = &answer.then else { return ().into_any() };
    let widest = now.bar.total().max(then.bar.total());
    let width = |total: u32| width_among(total, widest);
    let rows: Vec<_> = now
        .sections
        .iter()
        .zip(&then.sections)
        .map(|(before, after)| {
            let class = if before.used == after.used { "num zero" } else { "num" };
            view! {
                <tr>
                    <td>{swatch(before.section.as_str())}{section_name(before.section)}</td>
                    <td class="num">{words::count(before.used)}</td>
                    <td class="num dim">{words::count(after.used)}</td>
                    <td class=class>{words::change(before.used, after.used)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="replay">
            <div>
                <div class="bars">
                    <div class="l"><b>{words::turn::THIS_REPLY}</b>" "{words::duration(now.session_minutes)}</div>
                    <div class="r">{words::count(now.bar.sent())}</div>
                    <div class="track" style=width(now.bar.total())>{bar(&now.bar, "bar-mid")}</div>
                    <div class="l"><b>{words::turn::REPLAY}</b>" "{words::duration(then.session_minutes)}</div>
                    <div class="r">{words::count(then.bar.sent())}</div>
                    <div class="track" style=width(then.bar.total())>{bar(&then.bar, "bar-mid")}</div>
                    {ruler(widest)}
                </div>
                <ul class="moves">{moves(answer)}</ul>
                {(answer.enters.is_empty() && answer.leaves.is_empty()).then(|| view! { <p class="dim">{words::what_if::NOTHING_ENTERS_OR_LEAVES}</p> })}
            </div>
            <table aria-label=words::turn::COMPARED_BY_SECTION>
                <thead><tr><th scope="col">{words::SECTION}</th><th scope="col" class="num">{words::turn::THIS_REPLY}</th><th scope="col" class="num">{words::turn::REPLAY}</th><th scope="col" class="num">{words::turn::CHANGE}</th></tr></thead>
                <tbody>
                    {rows}
                    {(now.bar.scaling + then.bar.scaling > 0).then(|| view! {
                        <tr><td>{words::SCALING}</td><td class="num">{words::count(now.bar.scaling)}</td><td class="num dim">{words::count(then.bar.scaling)}</td><td class="num">{words::change(now.bar.scaling, then.bar.scaling)}</td></tr>
                    })}
                    <tr class="sum"><th scope="row">{words::SENT}</th><td class="num">{words::count(now.bar.sent())}</td><td class="num">{words::count(then.bar.sent())}</td><td class="num">{words::change(now.bar.sent(), then.bar.sent())}</td></tr>
                    {now.cost.zip(then.cost).map(|(before, after)| view! {
                        <tr><td>{words::turn::COST_NO_CACHE}</td><td class="num">{words::usd(Some(before.new))}</td><td class="num dim">{words::usd(Some(after.new))}</td><td class="num">{words::usd_change(before.new, after.new)}</td></tr>
                    })}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
