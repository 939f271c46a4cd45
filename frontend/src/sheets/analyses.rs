//! Whole-history analyses: what one would cost, how far one is, and its diff with the quotes that each line rests on.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{diff, evidence, jobs, post};
use crate::{
    api::{
        AcceptLines, Analyse, AnalysesSheet, AnalysesView, AnalysisView, EstimateView, LineView, RejectLines, Sheet,
        UndoAnalysis,
    },
    words,
};

/// The whole page, in its two parts.
pub(crate) fn analyses(chat: i64, view: &AnalysesView) -> AnalysesSheet {
    AnalysesSheet { now: Sheet::of(now(chat, view)), list: Sheet::of(list(chat, view)) }
}

/// The heading, the button with what it would take, and the one that is being made.
fn now(chat: i64, view: &AnalysesView) -> AnyView {
    let running = view.analyses.first().filter(|newest| newest.state == "running");
    let active = running.is_some_and(|running| running.job.as_ref().is_some_and(jobs::is_active));
    let nothing = view.estimate.messages + view.estimate.known_messages == 0;
    let why = match (active, nothing) {
        (true, _) => Some("It is being done."),
        (_, true) => Some("Nothing was said here yet."),
        _ => None,
    };
    let button =
        view! { <button class="btn btn-primary" type="submit" disabled=why.is_some() title=why>"Analyse now"</button> };
    view! {
        <section>
            <div class="sh">
                <h2>"Analysis"</h2>
                <span class="note">{view.rule.clone()}</span>
                <div class="right">{post(Analyse::url(), &[("chat", chat.to_string())], button.into_any())}</div>
            </div>
            {(!nothing && !active).then(|| estimate(&view.estimate))}
            {running.map(|running| progress(chat, running))}
        </section>
    }
    .into_any()
}

/// What it would take, before it is begun.
fn estimate(estimate: &EstimateView) -> AnyView {
    let tokens = words::count_u64(estimate.prompt_tokens);
    let known = match estimate.known_messages {
        0 => String::new(),
        some => format!(" {} more were read before and are not read again.", words::count(some)),
    };
    let cost = match (estimate.cost, estimate.most_cost) {
        (Some(0.0), Some(0.0)) => "It costs nothing.".to_owned(),
        (cost @ Some(_), most) => format!(
            "That is about {}, {} at most, by the prices of {}.",
            words::usd(cost),
            words::usd(most),
            estimate.prices_as_of
        ),
        _ => format!("What {} costs is not known here.", estimate.model),
    };
    let calls = words::plural(usize::try_from(estimate.calls).unwrap_or(usize::MAX), "question", "questions");
    view! {
        <p class="note" id="estimate">
            {format!(
                "Now it would read {} in {calls} to {}: about {tokens} tokens in, {} out.{known} {cost}",
                words::plural(estimate.messages as usize, "message", "messages"),
                estimate.model,
                words::count_u64(estimate.completion_tokens),
            )}
        </p>
    }
    .into_any()
}

fn progress(chat: i64, analysis: &AnalysisView) -> AnyView {
    let known = if analysis.known > 0 {
        format!(", {} known from before", words::count(analysis.known))
    } else {
        String::new()
    };
    let far = format!(
        "{} of {} done{known}",
        words::count(analysis.done),
        words::plural(analysis.total as usize, "window", "windows")
    );
    match &analysis.job {
        Some(job) => jobs::analysing(chat, job, far, (analysis.done, analysis.total)),
        None => view! { <p class="note">{far}</p> }.into_any(),
    }
}

fn list(chat: i64, view: &AnalysesView) -> AnyView {
    let done: Vec<&AnalysisView> =
        view.analyses.iter().filter(|analysis| !matches!(analysis.state.as_str(), "running" | "abandoned")).collect();
    if done.is_empty() {
        return view! {
            <div class="empty">
                <h2>"No analysis yet"</h2>
                <p>
                    "An analysis reads everything said here again, in windows, and proposes a better list of facts: what is new, what has "
                    "changed, what says the same twice. Each line shows the words it rests on. What you pinned or wrote stays as it is."
                </p>
            </div>
        }
        .into_any();
    }
    let done: Vec<_> = done.into_iter().map(|each| analysis(chat, each)).collect();
    view! { <div class="proposals">{done}</div> }.into_any()
}

fn analysis(chat: i64, analysis: &AnalysisView) -> AnyView {
    let title = format!("a{}", analysis.id);
    let named = title.clone();
    let open = analysis.lines.iter().filter(|line| line.state == "open").count();
    let applied = analysis.lines.iter().any(|line| line.state == "applied");
    let (class, state) = match analysis.state.as_str() {
        "proposed" => ("state warn", "waits for you"),
        "undone" => ("state", "taken back"),
        _ => ("state ok on", "done"),
    };
    let lines: Vec<_> = analysis.lines.iter().map(|each| line(chat, analysis.id, each)).collect();
    view! {
        <article class="episode analysis" aria-labelledby=named>
            <div class="top">
                <h3 id=title>{format!("Analysis {}", words::count(analysis.id))}</h3>
                <span class=class>{state}</span>
                <span class="note">{receipt(analysis)}</span>
            </div>
            {analysis.lines.is_empty().then(|| view! { <p class="dim">"Nothing is to be changed."</p> })}
            {(open > 0 || applied).then(|| view! {
                <div class="acts">
                    {(open > 0).then(|| view! {
                        {act(AcceptLines::url(), chat, analysis.id, None, "btn btn-primary", &format!("Accept all {open}"))}
                        {act(RejectLines::url(), chat, analysis.id, None, "btn", "Reject all")}
                    })}
                    {applied.then(|| act(UndoAnalysis::url(), chat, analysis.id, None, "btn", "Undo"))}
                </div>
            })}
            {lines}
        </article>
    }
    .into_any()
}

/// When, why, over what, and what it took.
fn receipt(analysis: &AnalysisView) -> String {
    let why = match analysis.asked_by.as_str() {
        "schedule" => ", by the day's schedule",
        "growth" => ", because the history had grown",
        _ => "",
    };
    let model = analysis.model.clone().unwrap_or_default();
    let refused = match analysis.refused {
        0 => String::new(),
        some => format!("; {} refused", words::plural(some as usize, "line", "lines")),
    };
    format!(
        "{}, {}{why}: {}, {} read by {model}, {} tokens in and {} out, {}{refused}",
        analysis.created.day,
        analysis.created.time,
        words::plural(analysis.messages as usize, "message", "messages"),
        words::plural(analysis.windows as usize, "window", "windows"),
        words::count_u64(analysis.tokens.0),
        words::count_u64(analysis.tokens.1),
        words::usd(analysis.cost),
    )
}

fn line(chat: i64, analysis: i64, line: &LineView) -> AnyView {
    let id = format!("a{analysis}l{}", line.number);
    let named = id.clone();
    let (class, state) = match line.state.as_str() {
        "applied" => ("state ok on", "applied"),
        "declined" => ("state", "rejected"),
        "outdated" => ("state warn", "the fact has changed since"),
        "undone" => ("state", "taken back"),
        _ => ("state warn", "open"),
    };
    let heading = match line.op.as_str() {
        "add" => "A new fact",
        "update" => "A fact has changed",
        "rephrase" => "The same in better words",
        "merge" => "Several facts become one",
        _ => "A fact ends",
    };
    let subject = line.subject.as_ref().map(|subject| view! { <span class="faint">{format!("{subject}: ")}</span> });
    let words_of: Vec<_> = line.evidence.iter().map(|each| evidence::place(chat, each, 0)).collect();
    let none = words_of.is_empty().then(|| view! { <p class="note">"The words it rests on have been forgotten."</p> });
    view! {
        <section class="proposal" data-row="" tabindex="-1" aria-labelledby=named>
            <div class="top"><h4 id=id>{heading}</h4><span class=class>{state}</span>{facts(chat, line)}</div>
            <p class="statement diff">{subject}{statement(line)}</p>
            <details class="quotes"><summary>{words::plural(line.evidence.len(), "quote", "quotes")}</summary>{words_of}{none}</details>
            {buttons(chat, analysis, line)}
        </section>
    }
    .into_any()
}

fn facts(chat: i64, line: &LineView) -> AnyView {
    let link = |fact: i64| view! { <a href=format!("/chats/{chat}/facts?fact={fact}")>{format!("fact {fact}")}</a>" " };
    view! { <span class="note">{line.facts.iter().map(|fact| link(fact.id)).collect_view()}</span> }.into_any()
}

/// What it says now, and what it would say.
fn statement(line: &LineView) -> AnyView {
    let said = |place: usize| line.facts.get(place).and_then(|fact| fact.statement.clone());
    match (line.op.as_str(), said(0)) {
        ("retract", _) => view! { <del>{line.statement.clone()}</del> }.into_any(),
        ("merge", _) => {
            let before: Vec<_> = (0..line.facts.len())
                .filter_map(said)
                .filter(|before| *before != line.statement)
                .map(|before| view! { <del>{before}</del>" " })
                .collect();
            view! { {before}<ins>{line.statement.clone()}</ins> }.into_any()
        }
        ("update" | "rephrase", Some(before)) => diff::diff(&before, &line.statement),
        _ => view! { <ins>{line.statement.clone()}</ins> }.into_any(),
    }
}

fn buttons(chat: i64, analysis: i64, line: &LineView) -> AnyView {
    let number = Some(line.number);
    match line.state.as_str() {
        "open" => view! {
            <div class="acts">
                {act(AcceptLines::url(), chat, analysis, number, "btn", "Accept")}
                {act(RejectLines::url(), chat, analysis, number, "btn btn-quiet", "Reject")}
            </div>
        }
        .into_any(),
        "declined" | "undone" => {
            view! { <div class="acts">{act(AcceptLines::url(), chat, analysis, number, "btn btn-quiet", "Accept after all")}</div> }
                .into_any()
        }
        _ => ().into_any(),
    }
}

fn act(url: &'static str, chat: i64, analysis: i64, line: Option<u32>, class: &'static str, words: &str) -> AnyView {
    let of = match line {
        Some(line) => format!(" line {line} of analysis {analysis}"),
        None => format!(" of analysis {analysis}"),
    };
    let button = view! { <button class=class type="submit">{words.to_owned()}<span class="vh">{of}</span></button> };
    let line = line.map(|line| ("line", line.to_string()));
    let fields: Vec<(&'static str, String)> =
        [("chat", chat.to_string()), ("analysis", analysis.to_string())].into_iter().chain(line).collect();
    post(url, &fields, button.into_any())
}
