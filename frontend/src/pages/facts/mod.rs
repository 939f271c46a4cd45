//! `/chats/{id}/facts`: what is remembered. A row opens its evidence beside the list; editing opens the row in place.
//!
//! What is open stands in the address (`?fact=31`, `?edit=44`, `?add`, `?kind=goal`, `?show=gone`), so every state can
//! be linked to and works without scripts.

mod diff;
mod drawer;
mod form;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use souvenir_memory::{FactKind, FactStatus};

use crate::{
    api::{self, AddFact, DeleteFact, EditFact, FactView, FactsView, PinFact, RestoreFact},
    components::{Icon, Tab, alert, chat_id, chat_page, icon, load, time},
    live::use_live,
    words,
};

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    fact: Option<i64>,
    edit: Option<i64>,
    deleted: Option<i64>,
    add: bool,
    kind: String,
    show: String,
}

/// The changes one can make here.
#[derive(Clone, Copy)]
struct Actions {
    add: ServerAction<AddFact>,
    edit: ServerAction<EditFact>,
    pin: ServerAction<PinFact>,
    delete: ServerAction<DeleteFact>,
    restore: ServerAction<RestoreFact>,
}

impl Actions {
    fn new() -> Self {
        Self {
            add: ServerAction::new(),
            edit: ServerAction::new(),
            pin: ServerAction::new(),
            delete: ServerAction::new(),
            restore: ServerAction::new(),
        }
    }

    /// Changes whenever one of them has run.
    fn version(self) -> usize {
        self.add.version().get()
            + self.edit.version().get()
            + self.pin.version().get()
            + self.delete.version().get()
            + self.restore.version().get()
    }
}

/// The page.
#[component]
pub(crate) fn FactsPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let number = |name: &str| query.get(name).and_then(|id| id.parse().ok());
            Asked {
                fact: number("fact"),
                edit: number("edit"),
                deleted: number("deleted"),
                add: query.get("add").is_some(),
                kind: query.get("kind").unwrap_or_default(),
                show: query.get("show").unwrap_or_default(),
            }
        })
    });
    let actions = Actions::new();
    let changes = use_live().of(chat);
    let changed = Memo::new(move |_| (chat.get(), changes.get(), actions.version()));
    let facts = Resource::new(move || changed.get(), |(chat, ..)| api::facts(chat));
    let opened = Memo::new(move |_| asked.with(|asked| asked.fact));
    let detail = Resource::new(
        move || (changed.get(), opened.get()),
        |((chat, ..), fact)| async move {
            match fact {
                Some(fact) => api::fact(chat, fact).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let body = view! {
        <div class="facts-page" class:with-drawer=move || opened.get().is_some()>
            <div class="body">
                {alert(move || actions.pin.value().get())}
                {alert(move || actions.delete.value().get())}
                {alert(move || actions.restore.value().get())}
                {load(facts, move |facts| list(chat.get_untracked(), facts, asked, actions))}
            </div>
            {load(detail, move |detail| detail.map_or_else(|| ().into_any(), |detail| drawer::drawer(chat.get_untracked(), &detail, actions)))}
        </div>
    };
    chat_page(chat, Tab::Facts, body.into_any())
}

fn list(chat: i64, facts: FactsView, asked: Memo<Asked>, actions: Actions) -> AnyView {
    let summary = format!(
        "{} in use, {} of {} tokens that facts and summaries may take",
        words::count_u64(facts.in_use),
        words::count(facts.used),
        words::count(facts.cap)
    );
    let empty = facts.facts.is_empty();
    let facts = StoredValue::new(facts.facts);
    view! {
        <div class="sh">
            <h2>"What it remembers"</h2>
            <span class="note">{summary}</span>
            <a class="btn right" href=format!("/chats/{chat}/facts?add=1") data-noscroll="">{icon(Icon::Add)} "Add fact"</a>
        </div>
        {move || asked.with(|asked| asked.add.then(|| form::add(chat, actions.add)))}
        {move || asked.with(|asked| asked.deleted.map(|fact| undo(chat, fact, actions.restore)))}
        {if empty { nothing_yet() } else { view! { {filters(chat, asked)} {move || facts.with_value(|facts| table(chat, facts, &asked.get(), actions))} }.into_any() }}
    }
    .into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <div class="empty">
            <h2>"No facts yet"</h2>
            <p>"A fact is one sentence that stands in every context: a name, a wish, a date. Add the first, or let it learn from what is said."</p>
        </div>
    }
    .into_any()
}

/// Deleted, and how to take that back.
fn undo(chat: i64, fact: i64, restore: ServerAction<RestoreFact>) -> AnyView {
    view! {
        <div class="toast" role="status">
            <span>{format!("Fact {fact} deleted. It will not be learnt again.")}</span>
            <leptos::form::ActionForm action=restore>
                <input type="hidden" name="chat" value=chat.to_string()/>
                <input type="hidden" name="fact" value=fact.to_string()/>
                <button class="btn" type="submit">"Undo"</button>
            </leptos::form::ActionForm>
        </div>
    }
    .into_any()
}

/// A plain GET form: the address says what is shown.
fn filters(chat: i64, asked: Memo<Asked>) -> AnyView {
    let option = move |value: &'static str, name: &'static str, of: fn(&Asked) -> &String| {
        view! { <option value=value selected=move || asked.with(|asked| of(asked) == value)>{name}</option> }.into_any()
    };
    let mut kinds = vec![option("", "All kinds", |asked| &asked.kind)];
    kinds.extend(FactKind::ALL.iter().map(|kind| option(kind.as_str(), kind.as_str(), |asked| &asked.kind)));
    let shows = [("", "In use and pending"), ("gone", "Replaced and retracted"), ("all", "All")];
    let shows: Vec<_> = shows.map(|(value, name)| option(value, name, |asked| &asked.show)).into();
    let navigate = leptos_router::hooks::use_navigate();
    let choose = move |name: &'static str| {
        let navigate = navigate.clone();
        move |event| {
            let value = event_target_value(&event);
            let (kind, show) = asked.with_untracked(|asked| (asked.kind.clone(), asked.show.clone()));
            let (kind, show) = if name == "kind" { (value, show) } else { (kind, value) };
            let to = format!("/chats/{chat}/facts?kind={kind}&show={show}");
            navigate(&to, leptos_router::NavigateOptions { scroll: false, ..Default::default() });
        }
    };
    view! {
        <form class="tools" method="get" action=format!("/chats/{chat}/facts") aria-label="Filter">
            <select class="field" name="kind" aria-label="Kind" on:change=choose("kind")>{kinds}</select>
            <select class="field" name="show" aria-label="Status" on:change=choose("show")>{shows}</select>
            <button class="btn" type="submit">"Show"</button>
        </form>
    }
    .into_any()
}

fn is_shown(fact: &FactView, asked: &Asked) -> bool {
    let in_use = matches!(fact.status, FactStatus::Active | FactStatus::Pending);
    let kind = asked.kind.is_empty() || asked.kind == fact.kind.as_str();
    let status = match asked.show.as_str() {
        "gone" => !in_use,
        "all" => true,
        _ => in_use || asked.fact == Some(fact.id),
    };
    kind && status
}

fn table(chat: i64, facts: &[FactView], asked: &Asked, actions: Actions) -> AnyView {
    let shown: Vec<&FactView> = facts.iter().filter(|fact| is_shown(fact, asked)).collect();
    if shown.is_empty() {
        return view! {
            <div class="empty">
                <h2>"None of these"</h2>
                <p>{format!("{} are not shown by this filter.", words::plural(facts.len(), "fact", "facts"))}</p>
                <a class="btn" href=format!("/chats/{chat}/facts?show=all")>"Show all"</a>
            </div>
        }
        .into_any();
    }
    let in_force = |fact: &&&FactView| fact.status == FactStatus::Active;
    let tokens: u32 = shown.iter().filter(in_force).map(|fact| fact.tokens).sum();
    let rows: Vec<_> = shown
        .iter()
        .map(|fact| {
            if asked.edit == Some(fact.id) { form::edit_row(chat, fact, actions.edit) } else { row(chat, fact, asked) }
        })
        .collect();
    view! {
        <table class="facts stack">
            <thead>
                <tr>
                    <th scope="col" class="num">"No."</th>
                    <th scope="col">"Statement"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col" class="num since">"Since"</th>
                    <th scope="col" class="num">"Last used"</th>
                    <th scope="col" class="num">"Uses"</th>
                    <th scope="col" class="num" title="Tokens in each context">"Tokens"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot class="hide-s">
                <tr><td></td><th scope="row" colspan="5">"In force, each reply"</th><td class="num">{words::count(tokens)}</td></tr>
            </tfoot>
        </table>
    }
    .into_any()
}

fn row(chat: i64, fact: &FactView, asked: &Asked) -> AnyView {
    let gone = !matches!(fact.status, FactStatus::Active | FactStatus::Pending);
    let stamp = (fact.status != FactStatus::Active).then(|| {
        let class = if fact.status == FactStatus::Pending { "stamp stamp-warn" } else { "stamp" };
        view! { <span class=class>{fact.status.as_str()}</span> }
    });
    let pin = fact.pinned.then(|| view! { <span class="pin" title="Pinned: a model never changes it">{icon(Icon::Pin)}<span class="vh">"pinned"</span></span> });
    let last_used = fact.last_used.as_ref().map_or_else(|| "never".into_any(), time);
    view! {
        <tr class:gone=gone id=format!("f{}", fact.id) aria-selected=(asked.fact == Some(fact.id)).then_some("true")>
            <td class="num faint hide-s"><span class="mono">{fact.id}</span></td>
            <td class="st first"><a href=format!("/chats/{chat}/facts?fact={}", fact.id) data-noscroll="">{fact.statement.clone()}{pin}{stamp}</a></td>
            <td class="tag hide-s">{fact.kind.as_str()}</td>
            <td class="num note hide-s since">{time(&fact.since)}</td>
            <td class="num note">{last_used}</td>
            <td class="num" data-l="uses">{words::count_u64(fact.uses)}</td>
            <td class="num" data-l="tokens">{words::count(fact.tokens)}</td>
        </tr>
    }
    .into_any()
}
