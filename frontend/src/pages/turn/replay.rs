//! Replay: the context of a past turn built again with other settings. No model is called, nothing is sent.

use leptos::prelude::*;
use leptos_router::{components::Form, hooks::use_query_map};

use crate::{
    api::{self, WhatIfAsk, WhatIfView},
    components::{bar, load, section_name, swatch},
    pages::overview::moves,
    words,
};

/// The section. The settings to try stand in the address.
pub(super) fn replay(chat: Memo<i64>, turn: Memo<i64>) -> AnyView {
    let query = use_query_map();
    let ask = Memo::new(move |_| {
        query.with(|query| {
            let text = |name: &str| query.get(name).unwrap_or_default();
            WhatIfAsk { session_duration: text("d"), max_context_tokens: text("b"), text: String::new() }
        })
    });
    let replayed = Resource::new(
        move || (chat.get(), turn.get(), ask.get()),
        |(chat, turn, ask)| async move {
            if ask.tries_settings() { api::replay(chat, turn, ask).await.map(Some) } else { Ok(None) }
        },
    );
    let chosen = move |value: &'static str| move || ask.with(|ask| ask.session_duration == value);
    let action = move || format!("/chats/{}/turns/{}", chat.get(), turn.get());
    view! {
        <section id="replay">
            <div class="sh">
                <h2>"Replay with other settings"</h2>
                <span class="note">"Builds the context again. No model is called, nothing is sent."</span>
            </div>
            <Form method="get" action=action noscroll=true>
                <div class="tools">
                    <label>"Session duration"
                        <select class="field" name="d">
                            <option value="">"as it was"</option>
                            <option value="short" selected=chosen("short")>"short, 3 h"</option>
                            <option value="medium" selected=chosen("medium")>"medium, 6 h"</option>
                            <option value="long" selected=chosen("long")>"long, 12 h"</option>
                        </select>
                    </label>
                    <label>"Token budget"<input class="field budget" name="b" inputmode="numeric" placeholder="as it was" value=move || ask.with(|ask| ask.max_context_tokens.clone())/></label>
                    <button class="btn end" type="submit">"Replay"</button>
                </div>
            </Form>
            {load(replayed, |replayed| replayed.map_or_else(|| ().into_any(), |replayed| compared(&replayed)))}
        </section>
    }
    .into_any()
}

fn compared(answer: &WhatIfView) -> AnyView {
    let now = &answer.now;
    let Some(then) = &answer.then else { return ().into_any() };
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
                    <div class="l"><b>"This reply"</b>" "{words::duration(now.session_minutes)}</div>
                    <div class="r">{words::count(now.bar.sent())}</div>
                    {bar(&now.bar, "bar-mid")}
                    <div class="l"><b>"Replay"</b>" "{words::duration(then.session_minutes)}</div>
                    <div class="r">{words::count(then.bar.sent())}</div>
                    {bar(&then.bar, "bar-mid")}
                </div>
                <ul class="moves">{moves(&answer.enters, "+", "enters", "enter")}{moves(&answer.leaves, "−", "leaves", "leave")}</ul>
            </div>
            <table aria-label="This reply and the replay by section">
                <thead><tr><th scope="col">"Section"</th><th scope="col" class="num">"This reply"</th><th scope="col" class="num">"Replay"</th><th scope="col" class="num">"Change"</th></tr></thead>
                <tbody>
                    {rows}
                    {(now.bar.scaling + then.bar.scaling > 0).then(|| view! {
                        <tr><td>"Scaling"</td><td class="num">{words::count(now.bar.scaling)}</td><td class="num dim">{words::count(then.bar.scaling)}</td><td class="num">{words::change(now.bar.scaling, then.bar.scaling)}</td></tr>
                    })}
                    <tr class="sum"><th scope="row">"Sent"</th><td class="num">{words::count(now.bar.sent())}</td><td class="num">{words::count(then.bar.sent())}</td><td class="num">{words::change(now.bar.sent(), then.bar.sent())}</td></tr>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
