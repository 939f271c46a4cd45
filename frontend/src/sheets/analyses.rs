//! Whole-history analyses: what one would cost, how far one is, and its diff with the quotes that each line rests on.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{diff, evidence, jobs, post};
use crate::{
    api::{
        AcceptLines, Analyse, AnalysesSheet, AnalysesView, AnalysisView, EstimateView, LineView, RefusedView,
        RejectLines, Sheet, UndoAnalysis,
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
        (true, _) => Some(words::BEING_DONE),
        (_, true) => Some(words::analyses::NOTHING_SAID_YET),
        _ => None,
    };
    let button = view! { <button class="btn btn-primary" type="submit" disabled=why.is_some() title=why>{words::analyses::ANALYSE_NOW}</button> };
    view! {
        <section>
            <div class="sh">
                <h2>{words::ANALYSIS}</h2>
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
    view! { <p class="note" id="estimate">{words::analyses::estimate(estimate)}</p> }.into_any()
}

fn progress(chat: i64, analysis: &AnalysisView) -> AnyView {
    let far = words::analyses::far(analysis.done, analysis.total, analysis.known);
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
                <h2>{words::analyses::NO_ANALYSIS_YET}</h2>
                <p>
                    {words::analyses::WHAT_IT_IS}
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
        "proposed" => ("state warn", words::WAITS_FOR_YOU),
        "undone" => ("state", words::TAKEN_BACK),
        _ => ("state ok on", words::DONE),
    };
    let lines: Vec<_> = analysis.lines.iter().map(|each| line(chat, analysis.id, each)).collect();
    view! {
        <article class="episode analysis" aria-labelledby=named>
            <div class="top">
                <h3 id=title>{words::analyses::number(analysis.id)}</h3>
                <span class=class>{state}</span>
                <span class="note">{words::analyses::receipt(analysis)}</span>
            </div>
            {analysis.lines.is_empty().then(|| view! { <p class="dim">{words::analyses::NOTHING_TO_CHANGE}</p> })}
            {(open > 1 || applied).then(|| view! {
                <div class="acts">
                    {(open > 1).then(|| view! {
                        {act(AcceptLines::url(), chat, analysis.id, None, "btn btn-primary", words::analyses::accept_all(open))}
                        {act(RejectLines::url(), chat, analysis.id, None, "btn", words::analyses::REJECT_ALL.to_owned())}
                    })}
                    {applied.then(|| act(UndoAnalysis::url(), chat, analysis.id, None, "btn", words::UNDO.to_owned()))}
                </div>
            })}
            {lines}
            {(!analysis.refusals.is_empty()).then(|| refusals(chat, &analysis.refusals))}
        </article>
    }
    .into_any()
}

/// What the model asked for and did not get, without its words: they rest on nothing.
fn refusals(chat: i64, refused: &[RefusedView]) -> AnyView {
    let row = |line: &RefusedView| {
        let fact = line.fact.map(|fact| {
            view! { " "<a href=format!("/chats/{chat}/facts?fact={fact}")>{words::a_fact(fact)}</a> }
        });
        view! { <li><span>{words::analyses::would_have(&line.op)}{fact}</span><span class="dim">{words::analyses::refusal(&line.reason)}</span></li> }
    };
    view! {
        <details class="refusals">
            <summary>{words::analyses::refused(refused.len())}</summary>
            <ul>{refused.iter().map(row).collect_view()}</ul>
        </details>
    }
    .into_any()
}

fn line(chat: i64, analysis: i64, line: &LineView) -> AnyView {
    let id = format!("a{analysis}l{}", line.number);
    let named = id.clone();
    let (class, state) = match line.state.as_str() {
        "applied" => ("state ok on", words::analyses::APPLIED),
        "declined" => ("state", words::analyses::REJECTED),
        "outdated" => ("state warn", words::analyses::CHANGED_SINCE),
        "undone" => ("state", words::TAKEN_BACK),
        _ => ("state warn", words::OPEN),
    };
    let heading = words::analyses::would_have(&line.op);
    let subject = line.subject.as_ref().map(|subject| view! { <span class="faint">{words::said_by(subject)}</span> });
    let words_of: Vec<_> = line.evidence.iter().map(|each| evidence::place(chat, each, 0)).collect();
    let none = words_of.is_empty().then(|| view! { <p class="note">{words::WORDS_FORGOTTEN}</p> });
    view! {
        <section class="proposal" data-row="" tabindex="-1" aria-labelledby=named>
            <div class="top"><h4 id=id>{heading}</h4><span class=class>{state}</span>{facts(chat, line)}</div>
            <p class="statement diff">{subject}{statement(line)}</p>
            <details class="quotes"><summary>{words::analyses::quotes(line.evidence.len())}</summary>{words_of}{none}</details>
            {buttons(chat, analysis, line)}
        </section>
    }
    .into_any()
}

fn facts(chat: i64, line: &LineView) -> AnyView {
    let link = |fact: i64| view! { <a href=format!("/chats/{chat}/facts?fact={fact}")>{words::a_fact(fact)}</a>" " };
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
                {act(AcceptLines::url(), chat, analysis, number, "btn", words::analyses::ACCEPT.to_owned())}
                {act(RejectLines::url(), chat, analysis, number, "btn btn-quiet", words::analyses::REJECT.to_owned())}
            </div>
        }
        .into_any(),
        "declined" | "undone" => {
            view! { <div class="acts">{act(AcceptLines::url(), chat, analysis, number, "btn btn-quiet", words::analyses::ACCEPT_AFTER_ALL.to_owned())}</div> }
                .into_any()
        }
        _ => ().into_any(),
    }
}

fn act(url: &'static str, chat: i64, analysis: i64, line: Option<u32>, class: &'static str, words: String) -> AnyView {
    let of = match line {
        Some(line) => words::analyses::of_line(line, analysis),
        None => words::analyses::of_analysis(analysis),
    };
    let button = view! { <button class=class type="submit">{words}<span class="vh">{of}</span></button> };
    let line = line.map(|line| ("line", line.to_string()));
    let fields: Vec<(&'static str, String)> =
        [("chat", chat.to_string()), ("analysis", analysis.to_string())].into_iter().chain(line).collect();
    post(url, &fields, button.into_any())
}
