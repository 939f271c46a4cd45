//! The controls of what-if: a session duration, a budget and a message to try.
//!
//! They form an ordinary GET form. Before scripts have loaded it sends, and the address carries what is tried;
//! afterwards the same fields feed a signal, and the effect follows after a short rest.

use std::time::Duration;

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, ApplyContext, WhatIfAsk},
    components::{alert, sheet, take},
    words,
};

/// How long to wait after the last key before asking.
const REST: Duration = Duration::from_millis(150);

/// The named durations: value, name, length.
const DURATIONS: [(&str, &str, u32); 3] = [
    ("short", words::what_if::SHORT, 180),
    ("medium", words::what_if::MEDIUM, 360),
    ("long", words::what_if::LONG, 720),
];

/// What the controls hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tried {
    duration: String,
    minutes: String,
    budget: String,
    text: String,
    open: String,
}

impl Tried {
    /// As the address has it.
    fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| get(name).unwrap_or_default();
        Self { duration: text("d"), minutes: text("m"), budget: text("b"), text: text("text"), open: text("open") }
    }

    /// Nothing is tried any more; the message stays.
    fn give_up(&mut self) {
        self.duration.clear();
        self.minutes.clear();
        self.budget.clear();
    }

    fn ask(&self) -> WhatIfAsk {
        let minutes = self.minutes.trim();
        let duration = if self.duration == "custom" { minutes } else { &self.duration };
        WhatIfAsk {
            session_duration: duration.to_owned(),
            max_context_tokens: self.budget.clone(),
            text: self.text.clone(),
        }
    }
}

/// The settings in force: where the controls begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct InForce {
    pub(super) session_minutes: u32,
    pub(super) max_context_tokens: u32,
}

/// The section. `changed` is what makes the answer old: the chat, and how often it changed.
pub(super) fn what_if(
    changed: Memo<(i64, u32, usize)>,
    in_force: impl Fn(RwSignal<Tried>, NodeRef<html::Form>) -> AnyView,
    apply: ServerAction<ApplyContext>,
) -> AnyView {
    let query = use_query_map();
    let tried = RwSignal::new(query.with_untracked(|query| Tried::from_query(|name| query.get(name))));
    let ask = Memo::new(move |_| tried.with(|tried| (tried.ask(), tried.open.clone())));
    let answer =
        Resource::new(move || (changed.get(), ask.get()), |((chat, ..), (ask, open))| api::what_if(chat, ask, open));
    let form = NodeRef::<html::Form>::new();
    // What was tried is in force now: the controls go back to "as it is".
    Effect::new(move |_| {
        if matches!(apply.value().get(), Some(Ok(()))) {
            tried.update(Tried::give_up);
        }
    });
    let keep = move |event: ev::MouseEvent| {
        if pressed(&event, "[data-keep]") {
            tried.update(Tried::give_up);
            if let Some(form) = form.get_untracked() {
                form.reset();
            }
        }
    };
    view! {
        <section>
            <div class="sh"><h2>{words::what_if::WHAT_THE_NEXT_REPLY_WOULD_SEE}</h2><span class="note">{words::what_if::SELECT_A_SECTION}</span></div>
            {alert(move || apply.value().get())}
            {in_force(tried, form)}
            <div aria-live="polite" on:click=keep on:submit=move |event| { take(&event, apply); }>{sheet(answer)}</div>
        </section>
    }
    .into_any()
}

/// Whether a click was on what `selector` names.
fn pressed(event: &ev::MouseEvent, selector: &str) -> bool {
    use leptos::wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(selector).ok().flatten().is_some())
}

/// The form was sent: by a section's button, which opens or closes the section; or to see what is seen already.
fn submitted(event: &ev::SubmitEvent, tried: RwSignal<Tried>) {
    use leptos::wasm_bindgen::JsCast;
    event.prevent_default();
    let button = event.submitter().and_then(|button| button.dyn_into::<leptos::web_sys::HtmlButtonElement>().ok());
    if let Some(button) = button.filter(|button| button.name() == "open") {
        tried.update(|tried| tried.open = button.value());
    }
}

/// The controls, at what is tried or in force.
pub(super) fn controls(now: InForce, tried: RwSignal<Tried>, form: NodeRef<html::Form>) -> AnyView {
    let start = tried.get_untracked();
    let in_force = now.session_minutes;
    let named = DURATIONS.iter().any(|(.., minutes)| *minutes == in_force);
    let chosen = if start.duration.is_empty() {
        DURATIONS.iter().find(|(.., minutes)| *minutes == in_force).map_or("custom", |(value, ..)| value).to_owned()
    } else {
        start.duration.clone()
    };
    let mut radios: Vec<_> = DURATIONS
        .iter()
        .map(|(value, name, minutes)| radio(value, name, length(*minutes, in_force), chosen == *value, tried))
        .collect();
    let custom = if named { words::what_if::CUSTOM_LENGTHS.to_owned() } else { length(in_force, in_force) };
    radios.push(radio("custom", words::what_if::CUSTOM, custom, chosen == "custom", tried));
    let listen = move |field: fn(&mut Tried) -> &mut String| {
        let mut later = leptos::leptos_dom::helpers::debounce(REST, move |value: String| {
            tried.update(|tried| *field(tried) = value);
        });
        move |event: ev::Event| later(event_target_value(&event))
    };
    let minutes = if start.minutes.is_empty() { in_force.to_string() } else { start.minutes };
    let budget = if start.budget.is_empty() { words::count(now.max_context_tokens) } else { start.budget };
    view! {
        <form id="wi" class="whatif" method="get" aria-label=words::what_if::WHAT_IF node_ref=form on:submit=move |event| submitted(&event, tried)>
            <fieldset>
                <legend class="label">{words::SESSION_DURATION}" "<span class="faint">{words::what_if::UNTIL_YOU_APPLY}</span></legend>
                <div class="seg">{radios}</div>
            </fieldset>
            <label class="custom">{words::what_if::MINUTES}<input class="field" name="m" inputmode="numeric" value=minutes on:input=listen(|tried| &mut tried.minutes)/></label>
            <label>{words::TOKEN_BUDGET}<input class="field" name="b" inputmode="numeric" value=budget on:input=listen(|tried| &mut tried.budget)/></label>
            <label class="grow">{words::what_if::WITH_THIS_MESSAGE}<input class="field" name="text" value=start.text autocomplete="off" on:input=listen(|tried| &mut tried.text)/></label>
            <button class="btn preview" type="submit">{words::what_if::PREVIEW}</button>
        </form>
    }
    .into_any()
}

fn length(minutes: u32, in_force: u32) -> String {
    let length = words::duration(minutes);
    if minutes == in_force { words::what_if::in_force(&length) } else { length }
}

fn radio(value: &'static str, name: &'static str, small: String, checked: bool, tried: RwSignal<Tried>) -> AnyView {
    let choose = move |_| tried.update(|tried| value.clone_into(&mut tried.duration));
    view! { <label><input type="radio" name="d" value=value checked=checked on:change=choose/>{name}<small>{small}</small></label> }.into_any()
}
