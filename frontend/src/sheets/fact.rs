//! The drawer of a fact: the words it rests on in their place, its versions, its use, and what one can do.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::{FactKind, FactSource, FactStatus, GoalState};

use super::{Now, diff, evidence, forget, post, post_now, time};
use crate::{
    api::{DeleteFact, FactDetail, FactVersionView, FactView, ForgetView, PinFact, RestoreFact, SetGoal, UseFact},
    components::{Icon, icon},
    words,
};

/// The drawer.
pub(crate) fn fact(chat: i64, detail: &FactDetail) -> AnyView {
    let fact = &detail.fact;
    let versions = detail.versions.len();
    let call = format!("Fact {} · version {} of {versions}", fact.id, fact.version);
    view! {
        <aside class="drawer" id="drawer" aria-label=format!("Fact {}", fact.id)>
            <div class="stick">
                <div class="dh">
                    <span class="callno">{call}</span>
                    <a class="btn btn-quiet" href=format!("/chats/{chat}/facts") aria-label="Close" data-noscroll="">{icon(Icon::Close)}</a>
                </div>
                <h2 class="statement" tabindex="-1">{fact.statement.clone()}</h2>
                {about(fact)}
                {said_here(chat, detail)}
                {history(chat, detail)}
                {usage(chat, fact)}
                {acts(chat, fact, detail.would_forget.as_ref())}
            </div>
        </aside>
    }
    .into_any()
}

fn about(fact: &FactView) -> AnyView {
    let goal =
        (fact.kind == FactKind::Goal).then_some(fact.goal_state).flatten().map(|state| state.as_str().to_owned());
    let due = (!fact.due.is_empty()).then(|| format!("due {}", fact.due));
    let from = (!fact.valid_from.is_empty()).then(|| format!("true since {}", fact.valid_from));
    let until = (!fact.valid_until.is_empty()).then(|| format!("no longer true since {}", fact.valid_until));
    let subject = (!fact.subject.is_empty()).then(|| format!("about {}", fact.subject));
    let pinned = fact.pinned.then(|| "pinned".to_owned());
    let source = source(fact.source).to_owned();
    let parts = [Some(fact.kind.as_str().to_owned()), goal, due, subject, from, until, pinned, Some(source)];
    view! { <p class="note">{parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p> }.into_any()
}

/// Whose word a version is.
pub(super) fn source(source: FactSource) -> &'static str {
    match source {
        FactSource::Extracted => "read from what was said",
        FactSource::Owner => "written by you",
        FactSource::Chatter => "written in the chat",
        FactSource::Imported => "imported",
    }
}

fn said_here(chat: i64, detail: &FactDetail) -> AnyView {
    if detail.evidence.is_empty() {
        let why = if matches!(detail.fact.source, FactSource::Owner | FactSource::Chatter) {
            "A person wrote it: it rests on their word."
        } else {
            "No quote is kept with it."
        };
        return view! { <div><h3>"Where it is from"</h3><p class="note">{why}</p></div> }.into_any();
    }
    let places: Vec<_> = detail.evidence.iter().map(|each| evidence::place(chat, each, detail.fact.version)).collect();
    view! { <div><h3>"Said here"</h3>{places}</div> }.into_any()
}

fn history(chat: i64, detail: &FactDetail) -> AnyView {
    let versions = &detail.versions;
    let rows: Vec<_> = versions
        .iter()
        .enumerate()
        .rev()
        .map(|(place, version)| {
            let before = place.checked_sub(1).and_then(|before| versions.get(before));
            version_row(chat, detail.fact.id, before, version)
        })
        .collect();
    view! { <div><h3>"Versions"</h3><dl class="kv versions">{rows}</dl></div> }.into_any()
}

fn version_row(chat: i64, fact: i64, before: Option<&FactVersionView>, version: &FactVersionView) -> AnyView {
    let until = version.until.as_ref().map(|until| format!(" to {}", until.short)).unwrap_or_default();
    let span = if until.is_empty() {
        format!("since {}", version.since.short)
    } else {
        format!("{}{until}", version.since.short)
    };
    let end = if version.until.is_none() && version.status != FactStatus::Tombstoned {
        view! { <span>{if version.status == FactStatus::Active { "in force" } else { version.status.as_str() }}</span> }
            .into_any()
    } else {
        let number = version.version;
        let fields = [("chat", chat.to_string()), ("fact", fact.to_string()), ("version", number.to_string())];
        let hint = format!(" version {number}");
        let button = view! { <button class="link" type="submit">"Restore"<span class="vh">{hint}</span></button> };
        post(RestoreFact::url(), &fields, button.into_any())
    };
    let text = match before {
        None => version.statement.clone().into_any(),
        Some(before) if before.statement == version.statement => ().into_any(),
        Some(before) => diff::diff(&before.statement, &version.statement),
    };
    view! {
        <dt>
            <span>{format!("{}, {span}, {}", version.version, source(version.source))}</span>
            <div class="diff">{text}{changed(before, version)}</div>
        </dt>
        <dd>{end}</dd>
    }
    .into_any()
}

/// What else changed with a version: its kind, its subject, its state, its dates.
fn changed(before: Option<&FactVersionView>, version: &FactVersionView) -> Vec<AnyView> {
    let Some(before) = before else { return Vec::new() };
    let gone = before.details.iter().filter(|each| !version.details.contains(each));
    let new = version.details.iter().filter(|each| !before.details.contains(each));
    let gone = gone.map(|each| view! { <del>{each.clone()}</del>" " }.into_any());
    gone.chain(new.map(|each| view! { <ins>{each.clone()}</ins>" " }.into_any())).collect()
}

fn usage(chat: i64, fact: &FactView) -> AnyView {
    let replies = words::plural(usize::try_from(fact.uses).unwrap_or(usize::MAX), "reply", "replies");
    let last = match (&fact.last_used, fact.last_used_turn) {
        (Some(at), Some(turn)) => {
            view! { <a href=format!("/chats/{chat}/turns/{turn}")>{format!("turn {}", words::count(turn))}</a>", "{time(at)} }.into_any()
        }
        (Some(at), None) => time(at),
        _ => "never".into_any(),
    };
    view! {
        <div>
            <h3>"Use"</h3>
            <dl class="kv">
                <dt>"In the context of"</dt><dd>{replies}</dd>
                <dt>"Tokens each time"</dt><dd>{words::count(fact.tokens)}</dd>
                <dt>"Tokens in all"</dt><dd>{words::count_u64(fact.used_tokens)}</dd>
                <dt>"Last"</dt><dd>{last}</dd>
            </dl>
        </div>
    }
    .into_any()
}

fn acts(chat: i64, fact: &FactView, would_forget: Option<&ForgetView>) -> AnyView {
    let id = fact.id;
    let button = |url: &'static str, more: &[(&'static str, String)], class: &'static str, name: &'static str| {
        let mut fields = vec![("chat", chat.to_string()), ("fact", id.to_string())];
        fields.extend_from_slice(more);
        post(url, &fields, view! { <button class=class type="submit">{name}</button> }.into_any())
    };
    if let Some(preview) = would_forget {
        return forget::fact_question(chat, id, preview);
    }
    let forget = view! {
        <a class="btn btn-danger" href=format!("/chats/{chat}/facts?fact={id}&forget=1") data-noscroll="">"Forget for good"</a>
    };
    if fact.status == FactStatus::Tombstoned {
        return view! {
            <div class="acts">{button(RestoreFact::url(), &[], "btn", "Bring back")} {forget}</div>
            <p class="note">"Deleted, and not to be learnt again. Its words are kept so that it can be brought back; forgetting leaves none."</p>
        }
        .into_any();
    }
    let (pin, pinning_now) = if fact.pinned { ("Unpin", "unpinned") } else { ("Pin", "pinned") };
    let pinning_now = Now::of(pinning_now, format!("#f{id}"));
    let deleting_now = Now::of("gone", format!("#f{id}, #drawer"));
    let deleting = [("chat", chat.to_string()), ("fact", id.to_string())];
    let pinning = [("chat", chat.to_string()), ("fact", id.to_string()), ("pinned", (!fact.pinned).to_string())];
    let wait = (fact.status == FactStatus::Pending).then(|| view! {
        <p class="note">"It waits for you and is in no context. "<a href=format!("/chats/{chat}/proposals")>"See the proposal"</a></p>
        {button(UseFact::url(), &[], "btn btn-primary", "Use this fact")}
    });
    let goals = goal_states(fact)
        .into_iter()
        .map(|(state, words)| button(SetGoal::url(), &[("state", state.as_str().to_owned())], "btn", words));
    let goals: Vec<_> = goals.collect();
    view! {
        {wait}
        {(!goals.is_empty()).then(|| view! { <div class="acts">{goals}</div> })}
        <div class="acts">
            <a class="btn" href=format!("/chats/{chat}/facts?edit={id}#f{id}") data-noscroll="" data-key="e" aria-keyshortcuts="e">"Edit"</a>
            {post_now(PinFact::url(), &pinning, pinning_now, view! { <button class="btn" type="submit" data-key="p" aria-keyshortcuts="p">{pin}</button> }.into_any())}
            {post_now(DeleteFact::url(), &deleting, deleting_now, view! { <button class="btn btn-danger" type="submit">"Delete"</button> }.into_any())}
            {forget}
        </div>
        <p class="note">"Deleting takes it out of every context and stops it from being learnt again. It can be undone; forgetting cannot."</p>
    }
    .into_any()
}

/// Where a goal may go from where it stands.
fn goal_states(fact: &FactView) -> Vec<(GoalState, &'static str)> {
    match fact.goal_state.filter(|_| fact.kind == FactKind::Goal && fact.status == FactStatus::Active) {
        Some(GoalState::Open) => vec![(GoalState::Done, "Goal is done"), (GoalState::Dropped, "Drop the goal")],
        Some(_) => vec![(GoalState::Open, "Reopen the goal")],
        None => Vec::new(),
    }
}
