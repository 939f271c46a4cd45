//! Episodes: each with its dates, its summary, the receipt of what that lost, and what became of the facts.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::receipt::{Lost, LostKind};

use super::{evidence::in_history, jobs, post};
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
                <h2>"No episode yet"</h2>
                <p>"An episode is a run of turns without a long pause. The first message begins one; when it ends, its summary will stand here with a receipt of what it left out."</p>
            </div>
        }
        .into_any();
    }
    let more = view.next_cursor.map(|cursor| {
        view! { <p class="more"><a class="btn" href=format!("/chats/{chat}/episodes?before={cursor}")>"Older episodes"</a></p> }
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
                <h3 id=title>{format!("Episode {}", words::count(episode.id))}</h3>
                <span class=class>{state}</span>
                <span class="note">{span(episode)}</span>
            </div>
            {match &episode.summary {
                Some(found) if edit == Some(episode.id) => rewrite(chat, episode.id, found),
                Some(found) => summary(found),
                None => no_summary(episode),
            }}
            <p class="note">
                {words::plural(episode.messages as usize, "message", "messages")}": "
                {in_history(chat, episode.first, format!("message {}", words::message(episode.first)))}
                " to "
                {in_history(chat, episode.last, format!("message {}", words::message(episode.last)))}
            </p>
            {episode.summary.as_ref().map(receipt)}
            {operations(chat, &episode.operations)}
            {(episode.summary.is_some() && edit != Some(episode.id)).then(|| {
                let place = format!("/chats/{chat}/episodes?edit={0}#e{0}", episode.id);
                view! { <p class="acts"><a class="btn" href=place data-noscroll="" data-key="e">"Rewrite the summary"<span class="vh">{format!(" of episode {}", episode.id)}</span></a></p> }
            })}
            {can_be_reverted(episode).then(|| revert(chat, episode.id))}
        </article>
    }
    .into_any()
}

fn state(episode: &EpisodeView) -> (&'static str, &'static str) {
    match episode {
        EpisodeView { closed: None, .. } => ("state on", "open"),
        EpisodeView { reverted: Some(_), .. } => ("state", "taken back"),
        EpisodeView { due: true, .. } => ("state warn", "due to be summed up"),
        _ => ("state ok on", "summed up"),
    }
}

/// When it began, when it ended, and why.
fn span(episode: &EpisodeView) -> String {
    let opened = &episode.opened;
    let began = format!("began {}, {}", opened.day, opened.time);
    let Some(closed) = &episode.closed else { return began };
    let why = match episode.closed_by.as_deref() {
        Some("idle") => " by a pause",
        Some("reset") => " by a reset",
        Some("topic") => " by a new subject",
        Some("asked") => " because you asked",
        _ => "",
    };
    let when = if closed.day == opened.day { closed.time.clone() } else { format!("{}, {}", closed.day, closed.time) };
    format!("{began}; ended {when}{why}")
}

fn no_summary(episode: &EpisodeView) -> AnyView {
    let text = match (&episode.reverted, &episode.closed) {
        (Some(at), _) => format!(
            "Its summary and what was learnt from it were taken back on {}, {}. Its messages are in reach by recall.",
            at.day, at.time
        ),
        (None, None) => "It goes on. Its summary is written when it ends.".to_owned(),
        (None, Some(_)) if episode.due => "Its summary is not written yet.".to_owned(),
        (None, Some(_)) => "There was nothing in it to sum up.".to_owned(),
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
            {format!("What is to stand in the context, {} now", words::plural(summary.tokens_after as usize, "token", "tokens"))}
            <textarea class="field" name="text" rows="6" required maxlength="8000" autofocus>{in_text_area(&summary.text)}</textarea>
        </label>
        <div class="acts">
            <button class="btn btn-primary" type="submit">"Save the summary"</button>
            <a class="btn" href=format!("/chats/{chat}/episodes#e{episode}") data-noscroll="">"Cancel"</a>
            <span class="note">{format!("Saves version {}, with a receipt of its own. The old one is kept.", summary.version + 1)}</span>
        </div>
    };
    let fields = [("chat", chat.to_string()), ("episode", episode.to_string())];
    view! { <div class="rewrite">{post(RewriteSummary::url(), &fields, body.into_any())}</div> }.into_any()
}

/// What the summary cost, what it covers, and what it lost.
fn receipt(summary: &SummaryView) -> AnyView {
    let saved = format!("{} → {} tokens", words::count(summary.tokens_before), words::count(summary.tokens_after));
    let lost = match summary.lost.len() {
        0 => "nothing lost".to_owned(),
        some => format!("{} not in it", words::plural(some, "thing", "things")),
    };
    let range = format!("messages {} to {}", words::message(summary.first), words::message(summary.through));
    let by = match summary.model.as_deref() {
        Some("owner") => "you",
        Some(model) => model,
        None => "unknown",
    };
    view! {
        <details class="receipt">
            <summary>{format!("Receipt: {saved}, {lost}")}</summary>
            <dl class="kv">
                <dt>"Covers"</dt><dd>{range}</dd>
                <dt>"Tokens of these messages"</dt><dd>{words::count(summary.tokens_before)}</dd>
                <dt>"Tokens of the summary"</dt><dd>{words::count(summary.tokens_after)}</dd>
                <dt>"Written by"</dt><dd>{format!("{by}, version {}", words::count(summary.version))}</dd>
                <dt>"Written"</dt><dd>{format!("{}, {}", summary.at.day, summary.at.time)}</dd>
            </dl>
            <h4>"In the messages, not in the summary"</h4>
            {losses(&summary.lost)}
        </details>
    }
    .into_any()
}

fn losses(lost: &[Lost]) -> AnyView {
    if lost.is_empty() {
        return view! { <p class="note">"Every name, number, date and link that was found is in it."</p> }.into_any();
    }
    let kinds = [
        (LostKind::Name, "Names"),
        (LostKind::Number, "Numbers"),
        (LostKind::Date, "Dates and times"),
        (LostKind::Link, "Links"),
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
        "added" => ("state ok on", "learnt"),
        "updated" => ("state ok on", "changed"),
        "retracted" => ("state ok on", "ended"),
        "confirmed" => ("state ok", "known already"),
        "pending" | "proposed" => ("state warn", "waits for you"),
        _ => ("state", "refused"),
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
    let counts: Vec<String> =
        counts.into_iter().map(|(word, count)| format!("{} {word}", words::count_u64(count as u64))).collect();
    view! {
        <details class="operations">
            <summary>{format!("Facts: {}", counts.join(", "))}</summary>
            <ul>{operations.iter().map(|each| operation(chat, each)).collect_view()}</ul>
        </details>
    }
    .into_any()
}

fn operation(chat: i64, operation: &OperationView) -> AnyView {
    let (class, word) = outcome(&operation.outcome);
    let asked = match operation.op.as_str() {
        "add" => "a new fact",
        "update" => "a change",
        _ => "an end",
    };
    let statement = operation.statement.clone().unwrap_or_else(|| "without a statement".to_owned());
    let fact = operation.fact.map(|fact| {
        view! { <a href=format!("/chats/{chat}/facts?fact={fact}")>{format!("fact {fact}")}</a> }
    });
    let waits = matches!(operation.outcome.as_str(), "pending" | "proposed")
        .then(|| view! { " "<a href=format!("/chats/{chat}/proposals")>"Decide"</a> });
    let reason = operation.reason.as_ref().map(|reason| format!(". Reason: {reason}."));
    view! {
        <li>
            <span class=class>{word}</span>
            <div>
                <p>{statement}</p>
                <p class="note">{format!("asked for {asked}")}{reason.unwrap_or_else(|| ",".to_owned())}" "{fact}{waits}</p>
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
        <p class="note">"Takes its summary back, and the facts to where they were before it, but for those you touched since. Messages stay."</p>
        <button class="btn btn-danger" type="submit">{format!("Revert episode {}", words::count(episode))}</button>
    };
    view! { <details class="revert"><summary>"Revert"<span class="vh">{format!(" episode {episode}")}</span></summary>{post(RevertEpisode::url(), &fields, body.into_any())}</details> }
        .into_any()
}
