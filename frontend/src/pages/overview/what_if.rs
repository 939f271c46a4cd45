//! What the next reply would see: the controls, the bars, the ledger, and what would change.

use std::time::Duration;

use leptos::{ev, form::ActionForm, html, prelude::*};
use leptos_router::hooks::use_query_map;

use super::ledger;
use crate::{
    api::{self, ApplyContext, ContextView, MoveView, WhatIfAsk, WhatIfView},
    components::{alert, bar, load, ruler, section_name},
    words,
};

/// How long to wait after the last key before asking.
const REST: Duration = Duration::from_millis(150);

/// The named durations: value, name, length.
const DURATIONS: [(&str, &str, u32); 3] = [("short", "Short", 180), ("medium", "Medium", 360), ("long", "Long", 720)];

/// What the controls hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tried {
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

/// The section. `changed` is what makes the answer old: the chat, and how often it changed.
pub(super) fn what_if(
    chat: Memo<i64>,
    changed: Memo<(i64, u32, usize, usize)>,
    apply: ServerAction<ApplyContext>,
) -> AnyView {
    let query = use_query_map();
    let tried = RwSignal::new(query.with_untracked(|query| Tried::from_query(|name| query.get(name))));
    let ask = Memo::new(move |_| tried.with(Tried::ask));
    let answer = Resource::new(move || (changed.get(), ask.get()), |((chat, ..), ask)| api::what_if(chat, ask));
    let form = NodeRef::<html::Form>::new();
    // What was tried is in force now: the controls go back to "as it is".
    Effect::new(move |_| {
        if matches!(apply.value().get(), Some(Ok(()))) {
            tried.update(|tried| {
                tried.duration.clear();
                tried.minutes.clear();
                tried.budget.clear();
            });
        }
    });
    view! {
        <section>
            <div class="sh"><h2>"What the next reply would see"</h2><span class="note">"Select a section to read its text."</span></div>
            {alert(move || apply.value().get())}
            {load(answer, move |answer| {
                view! {
                    {controls(&answer.now, tried, form)}
                    {bars(&answer)}
                    <div class="cols">
                        {ledger::ledger(&answer, tried_open(tried))}
                        <div class="effect" aria-live="polite">{effect(chat.get_untracked(), &answer, apply, tried, form)}</div>
                    </div>
                }
                .into_any()
            })}
        </section>
    }
    .into_any()
}

/// Which section's text is open, to read and to change.
fn tried_open(tried: RwSignal<Tried>) -> (Signal<String>, Callback<String>) {
    let open = Signal::derive(move || tried.with(|tried| tried.open.clone()));
    let toggle = Callback::new(move |name: String| {
        tried.update(|tried| if tried.open == name { tried.open.clear() } else { tried.open = name });
    });
    (open, toggle)
}

fn controls(now: &ContextView, tried: RwSignal<Tried>, form: NodeRef<html::Form>) -> AnyView {
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
    let custom = if named { "15 min to 7 d".to_owned() } else { length(in_force, in_force) };
    radios.push(radio("custom", "Custom", custom, chosen == "custom", tried));
    let listen = move |field: fn(&mut Tried) -> &mut String| {
        let mut later = leptos::leptos_dom::helpers::debounce(REST, move |value: String| {
            tried.update(|tried| *field(tried) = value);
        });
        move |event: ev::Event| later(event_target_value(&event))
    };
    let minutes = if start.minutes.is_empty() { in_force.to_string() } else { start.minutes };
    let budget = if start.budget.is_empty() { words::count(now.max_context_tokens) } else { start.budget };
    view! {
        <form id="wi" class="whatif" method="get" aria-label="What if" node_ref=form on:submit=move |event| event.prevent_default()>
            <fieldset>
                <legend class="label">"Session duration "<span class="faint">"· nothing changes until you apply"</span></legend>
                <div class="seg">{radios}</div>
            </fieldset>
            <label class="custom">"Minutes"<input class="field" name="m" inputmode="numeric" value=minutes on:input=listen(|tried| &mut tried.minutes)/></label>
            <label>"Token budget"<input class="field" name="b" inputmode="numeric" value=budget on:input=listen(|tried| &mut tried.budget)/></label>
            <label class="grow">"With this message"<input class="field" name="text" value=start.text autocomplete="off" on:input=listen(|tried| &mut tried.text)/></label>
            <button class="btn preview" type="submit">"Preview"</button>
        </form>
    }
    .into_any()
}

fn length(minutes: u32, in_force: u32) -> String {
    let length = words::duration(minutes);
    if minutes == in_force { format!("{length}, in force") } else { length }
}

fn radio(value: &'static str, name: &'static str, small: String, checked: bool, tried: RwSignal<Tried>) -> AnyView {
    let choose = move |_| tried.update(|tried| value.clone_into(&mut tried.duration));
    view! { <label><input type="radio" name="d" value=value checked=checked on:change=choose/>{name}<small>{small}</small></label> }.into_any()
}

/// The context that is tried, when it differs from the one in force.
pub(super) fn other(answer: &WhatIfView) -> Option<&ContextView> {
    answer.then.as_ref().filter(|then| {
        then.session_minutes != answer.now.session_minutes || then.max_context_tokens != answer.now.max_context_tokens
    })
}

fn bars(answer: &WhatIfView) -> AnyView {
    let now = &answer.now;
    let widest = other(answer).map_or(0, |then| then.bar.total()).max(now.bar.total());
    // Two budgets share one ruler: the smaller one's bar is shorter.
    let width = |total: u32| format!("inline-size:{:.2}%", f64::from(total) * 100.0 / f64::from(widest.max(1)));
    let then = other(answer).map(|then| {
        view! {
            <div class="l"><b>"What if"</b>" "{words::named_duration(then.session_minutes)}</div>
            <div class="r">{words::count(then.bar.sent())}<small>" "{words::change(now.bar.sent(), then.bar.sent())}</small></div>
            <div class="track" style=width(then.bar.total())>{bar(&then.bar, "bar-mid")}</div>
        }
    });
    view! {
        <div class="bars">
            <div class="l"><b>"In force"</b>" "{words::named_duration(now.session_minutes)}</div>
            <div class="r">{words::count(now.bar.sent())}<small>" tokens sent"</small></div>
            <div class="track" style=width(now.bar.total())>{bar(&now.bar, "")}</div>
            {then}
            {ruler(widest)}
        </div>
    }
    .into_any()
}

fn effect(
    chat: i64,
    answer: &WhatIfView,
    apply: ServerAction<ApplyContext>,
    tried: RwSignal<Tried>,
    form: NodeRef<html::Form>,
) -> AnyView {
    let Some(then) = other(answer) else {
        return view! {
            <h3>"As it is"</h3>
            <p class="note">"Choose another duration or budget to see what would enter and what would leave. Nothing changes until you apply."</p>
        }
        .into_any();
    };
    let now = &answer.now;
    let names = |context: &ContextView| {
        let duration = (then.session_minutes != now.session_minutes).then(|| words::duration(context.session_minutes));
        let budget = (then.max_context_tokens != now.max_context_tokens)
            .then(|| format!("{} tokens", words::count(context.max_context_tokens)));
        [duration, budget].into_iter().flatten().collect::<Vec<_>>().join(" and ")
    };
    let keep = move |_| {
        tried.update(|tried| {
            tried.duration.clear();
            tried.minutes.clear();
            tried.budget.clear();
        });
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
    };
    let (session, budget) = (then.session_minutes.to_string(), then.max_context_tokens.to_string());
    let (apply_words, keep_words) = (format!("Apply {}", names(then)), format!("Keep {}", names(now)));
    view! {
        <h3>{format!("What {} would change", names(then))}</h3>
        <ul class="moves">{moves(&answer.enters, "+", "enters", "enter")}{moves(&answer.leaves, "−", "leaves", "leave")}
            {(answer.enters.is_empty() && answer.leaves.is_empty()).then(|| view! { <li><span class="sg"></span><span class="dim">"Nothing enters or leaves."</span><span></span></li> })}
        </ul>
        <ActionForm action=apply>
            <input type="hidden" name="chat" value=chat.to_string()/>
            <input type="hidden" name="session_duration" value=session/>
            <input type="hidden" name="max_context_tokens" value=budget/>
            <p class="inline">
                <button class="btn btn-primary" type="submit">{apply_words}</button>
                <a class="btn" href=format!("/chats/{chat}") on:click=keep data-noscroll="">{keep_words}</a>
            </p>
        </ActionForm>
    }
    .into_any()
}

/// How many moves are named one by one.
const NAMED: usize = 3;

/// What enters or leaves, section by section: the sum, the first few, and how many more.
pub(crate) fn moves(moves: &[MoveView], sign: &'static str, one: &'static str, many: &'static str) -> Vec<AnyView> {
    let mut rows = Vec::new();
    for section in souvenir_memory::manifest::Section::ALL {
        let here: Vec<&MoveView> = moves.iter().filter(|each| each.section == section).collect();
        if here.is_empty() {
            continue;
        }
        let sum = |moves: &[&MoveView]| moves.iter().map(|each| each.item.tokens).sum::<u32>();
        let verb = if here.len() == 1 { one } else { many };
        let what = format!("{} {verb} {}", words::plural(here.len(), "item", "items"), section_name(section));
        rows.push(move_row(
            sign,
            view! { <span>{what}</span> }.into_any(),
            format!("{sign}{}", words::count(sum(&here))),
            "num",
        ));
        for each in here.iter().take(NAMED) {
            let text = view! { <span class="clip dim">{format!("“{}”", each.item.text)}</span> }.into_any();
            rows.push(move_row("", text, words::count(each.item.tokens), "num faint"));
        }
        if here.len() > NAMED {
            let text =
                view! { <span class="dim">{format!("{} more", words::count((here.len() - NAMED) as i64))}</span> }
                    .into_any();
            rows.push(move_row("", text, words::count(sum(&here[NAMED..])), "num faint"));
        }
    }
    rows
}

fn move_row(sign: &'static str, what: AnyView, tokens: String, class: &'static str) -> AnyView {
    view! { <li><span class="sg">{sign}</span>{what}<span class=class>{tokens}</span></li> }.into_any()
}
