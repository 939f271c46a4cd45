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
    let call = words::facts::call_number(fact.id, fact.version, versions);
    view! {
        <aside class="drawer" id="drawer" aria-label=words::fact_number(fact.id)>
            <div class="stick">
                <div class="dh">
                    <span class="callno">{call}</span>
                    <a class="btn btn-quiet" href=format!("/chats/{chat}/facts") aria-label=words::CLOSE data-noscroll="">{icon(Icon::Close)}</a>
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
    let goal = (fact.kind == FactKind::Goal)
        .then_some(fact.goal_state)
        .flatten()
        .map(|state| words::goal_state(state).to_owned());
    let due = (!fact.due.is_empty()).then(|| words::facts::due(&fact.due));
    let from = (!fact.valid_from.is_empty()).then(|| words::facts::true_since(&fact.valid_from));
    let until = (!fact.valid_until.is_empty()).then(|| words::facts::no_longer_true_since(&fact.valid_until));
    let subject = (!fact.subject.is_empty()).then(|| words::facts::about(&fact.subject));
    let pinned = fact.pinned.then(|| words::facts::PINNED.to_owned());
    let source = source(fact.source).to_owned();
    let parts = [Some(words::kind(fact.kind).to_owned()), goal, due, subject, from, until, pinned, Some(source)];
    view! { <p class="note">{parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p> }.into_any()
}

/// Whose word a version is.
pub(super) fn source(source: FactSource) -> &'static str {
    match source {
        FactSource::Extracted => words::facts::READ_FROM_WHAT_WAS_SAID,
        FactSource::Owner => words::facts::WRITTEN_BY_YOU,
        FactSource::Chatter => words::facts::WRITTEN_IN_THE_CHAT,
        FactSource::Imported => words::facts::IMPORTED,
    }
}

fn said_here(chat: i64, detail: &FactDetail) -> AnyView {
    if detail.evidence.is_empty() {
        let why = if matches!(detail.fact.source, FactSource::Owner | FactSource::Chatter) {
            words::facts::RESTS_ON_THEIR_WORD
        } else {
            words::facts::NO_QUOTE
        };
        return view! { <div><h3>{words::facts::WHERE_IT_IS_FROM}</h3><p class="note">{why}</p></div> }.into_any();
    }
    let places: Vec<_> = detail.evidence.iter().map(|each| evidence::place(chat, each, detail.fact.version)).collect();
    view! { <div><h3>{words::facts::SAID_HERE}</h3>{places}</div> }.into_any()
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
    view! { <div><h3>{words::facts::VERSIONS}</h3><dl class="kv versions">{rows}</dl></div> }.into_any()
}

fn version_row(chat: i64, fact: i64, before: Option<&FactVersionView>, version: &FactVersionView) -> AnyView {
    let until = version.until.as_ref().map(|until| until.short.as_str());
    let told = words::facts::version(version.version, &version.since.short, until, source(version.source));
    let end = if version.until.is_none() && version.status != FactStatus::Tombstoned {
        view! { <span>{if version.status == FactStatus::Active { words::facts::IN_FORCE } else { words::status(version.status) }}</span> }
            .into_any()
    } else {
        let number = version.version;
        let fields = [("chat", chat.to_string()), ("fact", fact.to_string()), ("version", number.to_string())];
        let hint = words::facts::of_version(number);
        let button =
            view! { <button class="link" type="submit">{words::facts::RESTORE}<span class="vh">{hint}</span></button> };
        post(RestoreFact::url(), &fields, button.into_any())
    };
    let text = match before {
        None => version.statement.clone().into_any(),
        Some(before) if before.statement == version.statement => ().into_any(),
        Some(before) => diff::diff(&before.statement, &version.statement),
    };
    view! {
        <dt>
            <span>{told}</span>
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
    let replies = words::facts::replies(fact.uses);
    let last = match (&fact.last_used, fact.last_used_turn) {
        (Some(at), Some(turn)) => {
            view! { <a href=format!("/chats/{chat}/turns/{turn}")>{words::a_turn(turn)}</a>", "{time(at)} }.into_any()
        }
        (Some(at), None) => time(at),
        _ => words::NEVER.into_any(),
    };
    view! {
        <div>
            <h3>{words::facts::USE}</h3>
            <dl class="kv">
                <dt>{words::facts::IN_THE_CONTEXT_OF}</dt><dd>{replies}</dd>
                <dt>{words::facts::TOKENS_EACH_TIME}</dt><dd>{words::count(fact.tokens)}</dd>
                <dt>{words::facts::TOKENS_IN_ALL}</dt><dd>{words::count_u64(fact.used_tokens)}</dd>
                <dt>{words::facts::LAST}</dt><dd>{last}</dd>
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
        <a class="btn btn-danger" href=format!("/chats/{chat}/facts?fact={id}&forget=1") data-noscroll="">{words::FORGET_FOR_GOOD}</a>
    };
    if fact.status == FactStatus::Tombstoned {
        return view! {
            <div class="acts">{button(RestoreFact::url(), &[], "btn", words::BRING_BACK)} {forget}</div>
            <p class="note">{words::facts::IS_DELETED}</p>
        }
        .into_any();
    }
    let (pin, pinning_now) = if fact.pinned { (words::UNPIN, "unpinned") } else { (words::PIN, "pinned") };
    let pinning_now = Now::of(pinning_now, format!("#f{id}"));
    let deleting_now = Now::of("gone", format!("#f{id}, #drawer"));
    let deleting = [("chat", chat.to_string()), ("fact", id.to_string())];
    let pinning = [("chat", chat.to_string()), ("fact", id.to_string()), ("pinned", (!fact.pinned).to_string())];
    let wait = (fact.status == FactStatus::Pending).then(|| view! {
        <p class="note">{words::facts::IT_WAITS}" "<a href=format!("/chats/{chat}/proposals")>{words::facts::SEE_THE_PROPOSAL}</a></p>
        {button(UseFact::url(), &[], "btn btn-primary", words::USE_THIS_FACT)}
    });
    let goals = goal_states(fact)
        .into_iter()
        .map(|(state, words)| button(SetGoal::url(), &[("state", state.as_str().to_owned())], "btn", words));
    let goals: Vec<_> = goals.collect();
    view! {
        {wait}
        {(!goals.is_empty()).then(|| view! { <div class="acts">{goals}</div> })}
        <div class="acts">
            <a class="btn" href=format!("/chats/{chat}/facts?edit={id}#f{id}") data-noscroll="" data-key="e" aria-keyshortcuts="e">{words::facts::EDIT}</a>
            {post_now(PinFact::url(), &pinning, pinning_now, view! { <button class="btn" type="submit" data-key="p" aria-keyshortcuts="p">{pin}</button> }.into_any())}
            {post_now(DeleteFact::url(), &deleting, deleting_now, view! { <button class="btn btn-danger" type="submit">{words::facts::DELETE}</button> }.into_any())}
            {forget}
        </div>
        <p class="note">{words::facts::WHAT_DELETING_DOES}</p>
    }
    .into_any()
}

/// Where a goal may go from where it stands.
fn goal_states(fact: &FactView) -> Vec<(GoalState, &'static str)> {
    match fact.goal_state.filter(|_| fact.kind == FactKind::Goal && fact.status == FactStatus::Active) {
        Some(GoalState::Open) => {
            vec![(GoalState::Done, words::facts::GOAL_IS_DONE), (GoalState::Dropped, words::facts::DROP_THE_GOAL)]
        }
        Some(_) => vec![(GoalState::Open, words::facts::REOPEN_THE_GOAL)],
        None => Vec::new(),
    }
}
