//! `/chats/{id}`: what a chat holds, tier by tier, and what its next reply would see.
//!
//! The controls of what-if form an ordinary GET form. Before scripts have loaded it sends, and the address carries
//! the settings to try; afterwards the same fields feed signals, and the effect follows after a short rest.

mod axis;
mod ledger;
mod what_if;

pub(crate) use ledger::texts;
pub(crate) use what_if::moves;

use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::{self, ApplyContext, Figures, Reset},
    components::{Tab, alert, chat_id, chat_page, load},
    live::use_live,
    words,
};

/// The page.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let chat = chat_id();
    let apply = ServerAction::<ApplyContext>::new();
    let reset = ServerAction::<Reset>::new();
    let changes = use_live().of(chat);
    let changed = Memo::new(move |_| (chat.get(), changes.get(), apply.version().get(), reset.version().get()));
    let overview = Resource::new(move || changed.get(), |(chat, ..)| api::overview(chat));
    let body = view! {
        {load(overview, |overview| axis::tiers(&overview.tiers, overview.session_minutes))}
        {what_if::what_if(chat, changed, apply)}
        {load(overview, |overview| figures(&overview.figures))}
        <section>
            <div class="sh"><h2>"A fresh start"</h2></div>
            {alert(move || reset.value().get())}
            <ActionForm action=reset>
                <input type="hidden" name="chat" value=move || chat.get().to_string()/>
                <p class="dim inline">
                    <button class="btn" type="submit">"Begin a new context"</button>
                    <span>"Short term starts empty. Nothing is deleted: facts stay, and what was said stays in reach of recall."</span>
                </p>
            </ActionForm>
        </section>
    };
    chat_page(chat, Tab::Overview, body.into_any())
}

fn figures(figures: &Figures) -> AnyView {
    let cells = [
        (format!("Tokens, {}", figures.month), words::count_u64(figures.month_tokens)),
        (format!("Cost, {}", figures.month), words::usd(figures.month_cost_usd)),
        ("Turns".to_owned(), words::count_u64(figures.turns)),
        ("Facts in force".to_owned(), words::count_u64(figures.facts)),
        ("Open goals".to_owned(), words::count_u64(figures.open_goals)),
    ];
    let cells: Vec<_> = cells.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).into();
    view! { <section><dl class="figures" aria-label="Figures">{cells}</dl></section> }.into_any()
}
