//! Episodes: each with its dates, its summary, the receipt of what that lost, and what became of the facts.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::receipt::{Lost, LostKind};

use super::{
    evidence::in_history,
    jobs, post,
    post::{give_up, send},
};
use crate::{
    api::{EpisodeView, EpisodesSheet, EpisodesView, OperationView, RevertEpisode, RewriteSummary, Sheet, SummaryView},
    escape::in_text_area,
    words,
};

/// The whole page, in its four parts.
pub(crate) fn episodes(chat: i64, edit: Option<i64>, view: &EpisodesView) -> EpisodesSheet {
    EpisodesSheet {
        now: Sheet::of(jobs::now(chat, view)),
        list: Sheet::of(list(chat, edit, view)),
        days: Sheet::of(super::days::days(chat, view)),
        jobs: Sheet::of(jobs::list(&view.jobs)),
    }
}

fn list(chat: i64, edit: Option<i64>, view: &EpisodesView) -> AnyView {
    if view.episodes.is_empty() {
        return view! {
            <div class="empty">
                <h2>{words::episodes::NO_EPISODE_YET}</h2>
                <p>{words::episodes::WHAT_AN_EPISODE_IS}</p>
            </div>
        }
        .into_any();
    }
    let more = view.next_cursor.map(|cursor| {
        view! { <p class="more"><a class="btn" href=format!("/chats/{chat}/episodes?before={cursor}")>{words::episodes::OLDER_EPISODES}</a></p> }
    });
    view! { <div class="episodes">{view.episodes.iter().map(|each| episode(chat, edit, each)).collect_view()}</div> {more} }
        .into_any()
}

fn episode(chat: i64, edit: Option<i64>, episode: &EpisodeView) -> AnyView {
    let title = format!("e{}", episode.id);
    let named = title.clone();
    let (class, state) = state(episode);
    view! {
        <article class="episode" data-row="" tabindex="-1" aria-labelledby=named>
            <div class="top">
                <h3 id=title>{words::episodes::number(episode.id)}</h3>
                <span class=class>{state}</span>
                <span class="note">{words::episodes::span(episode)}</span>
            </div>
            {match &episode.summary {
                Some(found) if edit == Some(episode.id) => rewrite(chat, episode.id, found),
                Some(found) => summary(found),
                None => no_summary(episode),
            }}
            <p class="note">
                {words::episodes::messages(episode.messages)}
                {in_history(chat, episode.first, words::a_message(episode.first))}
                {words::episodes::TO}
                {in_history(chat, episode.last, words::a_message(episode.last))}
            </p>
            {episode.summary.as_ref().map(receipt)}
            {operations(chat, &episode.operations)}
            <div class="acts">
                {(episode.summary.is_some() && edit != Some(episode.id)).then(|| {
                    let place = format!("/chats/{chat}/episodes?edit={0}#e{0}", episode.id);
                    view! { <a class="btn" href=place data-noscroll="" data-key="e">{words::episodes::REWRITE_THE_SUMMARY}<span class="vh">{words::episodes::of_episode(episode.id)}</span></a> }
                })}
                {can_be_reverted(episode).then(|| revert(chat, episode.id))}
            </div>
        </article>
    }
    .into_any()
}

fn state(episode: &EpisodeView) -> (&'static str, &'static str) {
    match episode {
        EpisodeView { closed: None, .. } => ("state on", words::OPEN),
        EpisodeView { reverted: Some(_), .. } => ("state", words::TAKEN_BACK),
        EpisodeView { due: true, .. } => ("state warn", words::episodes::DUE),
        EpisodeView { held: true, .. } => ("state warn", words::WAITS_FOR_YOU),
        _ => ("state ok on", words::episodes::SUMMED_UP),
    }
}

fn no_summary(episode: &EpisodeView) -> AnyView {
    if episode.held {
        return view! { <p class="dim">{words::episodes::IMPORTED}" "<a href="/imports">{words::episodes::SEE_WHAT_IT_COSTS}</a></p> }
            .into_any();
    }
    let text = match (&episode.reverted, &episode.closed) {
        (Some(at), _) => words::episodes::taken_back(at),
        (None, None) => words::episodes::GOES_ON.to_owned(),
        (None, Some(_)) if episode.due => words::episodes::NOT_WRITTEN_YET.to_owned(),
        (None, Some(_)) => words::episodes::NOTHING_TO_SUM_UP.to_owned(),
    };
    view! { <p class="dim">{text}</p> }.into_any()
}

fn summary(summary: &SummaryView) -> AnyView {
    view! { <p class="sum pre">{summary.text.clone()}</p> }.into_any()
}

/// The summary as the owner would have it.
fn rewrite(chat: i64, episode: i64, summary: &SummaryView) -> AnyView {
    let body = view! {
        <label class="wide">
            {words::episodes::to_stand_in_context(summary.tokens_after)}
            <textarea class="field" name="text" rows="6" required maxlength="8000" autofocus>{in_text_area(&summary.text)}</textarea>
        </label>
        <div class="acts">
            {send(words::episodes::SAVE_THE_SUMMARY.to_owned())}
            {give_up(format!("/chats/{chat}/episodes#e{episode}"), words::CANCEL)}
            <span class="note">{words::episodes::saves_version(summary.version + 1)}</span>
        </div>
    };
    let fields = [("chat", chat.to_string()), ("episode", episode.to_string())];
    view! { <div class="rewrite">{post(RewriteSummary::url(), &fields, body.into_any())}</div> }.into_any()
}

/// What the summary cost, what it covers, and what it lost.
fn receipt(summary: &SummaryView) -> AnyView {
    let range = words::messages_from_to(summary.first, summary.through);
    view! {
        <details class="receipt">
            <summary>{words::episodes::receipt(summary.tokens_before, summary.tokens_after, summary.lost.len())}</summary>
            <dl class="kv">
                <dt>{words::episodes::COVERS}</dt><dd>{range}</dd>
                <dt>{words::episodes::TOKENS_OF_THESE_MESSAGES}</dt><dd>{words::count(summary.tokens_before)}</dd>
                <dt>{words::episodes::TOKENS_OF_THE_SUMMARY}</dt><dd>{words::count(summary.tokens_after)}</dd>
                <dt>{words::episodes::WRITTEN_BY}</dt><dd>{words::episodes::written_by(summary.model.as_deref(), summary.version)}</dd>
                <dt>{words::episodes::WRITTEN}</dt><dd>{words::at(&summary.at)}</dd>
            </dl>
            <h4>{words::episodes::NOT_IN_SUMMARY}</h4>
            {losses(&summary.lost)}
        </details>
    }
    .into_any()
}

fn losses(lost: &[Lost]) -> AnyView {
    if lost.is_empty() {
        return view! { <p class="note">{words::episodes::NOTHING_LOST}</p> }.into_any();
    }
    let kinds = [
        (LostKind::Name, words::episodes::NAMES),
        (LostKind::Number, words::episodes::NUMBERS),
        (LostKind::Date, words::episodes::DATES_AND_TIMES),
        (LostKind::Link, words::episodes::LINKS),
    ];
    let rows: Vec<_> = kinds
        .iter()
        .map(|(kind, name)| {
            let things: Vec<&str> =
                lost.iter().filter(|each| each.kind == *kind).map(|each| each.text.as_str()).collect();
            (!things.is_empty()).then(|| view! { <dt>{*name}</dt><dd>{things.join(" · ")}</dd> })
        })
        .collect();
    view! { <dl class="lost">{rows}</dl> }.into_any()
}

/// The kinds of outcomes, in words, with the mark of each.
fn outcome(name: &str) -> (&'static str, &'static str) {
    match name {
        "added" => ("state ok on", words::episodes::LEARNT),
        "updated" => ("state ok on", words::episodes::CHANGED),
        "retracted" => ("state ok on", words::episodes::ENDED),
        "confirmed" => ("state ok", words::episodes::KNOWN_ALREADY),
        "pending" | "proposed" => ("state warn", words::WAITS_FOR_YOU),
        _ => ("state", words::episodes::REFUSED),
    }
}

/// What became of each change that the model asked for.
fn operations(chat: i64, operations: &[OperationView]) -> AnyView {
    if operations.is_empty() {
        return ().into_any();
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for operation in operations {
        let (_, word) = outcome(&operation.outcome);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<String> = counts.into_iter().map(|(word, count)| words::episodes::so_many(count, word)).collect();
    view! {
        <details class="operations">
            <summary>{words::episodes::facts(&counts)}</summary>
            <ul>{operations.iter().map(|each| operation(chat, each)).collect_view()}</ul>
        </details>
    }
    .into_any()
}

fn operation(chat: i64, operation: &OperationView) -> AnyView {
    let (class, word) = outcome(&operation.outcome);
    let asked = words::episodes::asked_for(&operation.op, operation.reason.as_deref());
    let statement = operation.statement.clone().unwrap_or_else(|| words::episodes::WITHOUT_STATEMENT.to_owned());
    let fact = operation.fact.map(|fact| {
        view! { <a href=format!("/chats/{chat}/facts?fact={fact}")>{words::a_fact(fact)}</a> }
    });
    let waits = matches!(operation.outcome.as_str(), "pending" | "proposed")
        .then(|| view! { " "<a href=format!("/chats/{chat}/proposals")>{words::episodes::DECIDE}</a> });
    view! {
        <li>
            <span class=class>{word}</span>
            <div>
                <p>{statement}</p>
                <p class="note">{asked}" "{fact}{waits}</p>
            </div>
        </li>
    }
    .into_any()
}

fn can_be_reverted(episode: &EpisodeView) -> bool {
    episode.reverted.is_none() && (episode.summary.is_some() || !episode.operations.is_empty())
}

/// In two steps, because it cannot be taken back itself.
fn revert(chat: i64, episode: i64) -> AnyView {
    let fields = [("chat", chat.to_string()), ("episode", episode.to_string())];
    let body = view! {
        <p class="note">{words::episodes::WHAT_REVERTING_DOES}</p>
        <button class="btn btn-danger" type="submit">{words::episodes::revert(episode)}</button>
    };
    view! { <details class="revert"><summary>{words::episodes::REVERT}<span class="vh">{words::episodes::the_episode(episode)}</span></summary>{post(RevertEpisode::url(), &fields, body.into_any())}</details> }
        .into_any()
}
