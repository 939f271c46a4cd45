//! Jobs: what is being done about episodes now, how far it is, what went wrong, and those of before.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{post, time};
use crate::{
    api::{DueView, EpisodesView, JobView, RetryJob, StopJob, Summarise},
    components::{Icon, icon},
    words,
};

/// Whether a job waits or runs.
pub(super) fn is_active(job: &JobView) -> bool {
    matches!(job.state.as_str(), "queued" | "running")
}

/// The heading, the button, the job that waits or runs, and what is due and why.
pub(super) fn now(chat: i64, view: &EpisodesView) -> AnyView {
    let active = view.jobs.first().filter(|job| is_active(job));
    let put_off = view.jobs.first().filter(|job| !is_active(job) && job.state != "done" && !view.due.is_empty());
    let rule = words::jobs::rule(view.session_minutes, &view.memory_model);
    view! {
        <section>
            <div class="sh">
                <h2>{words::EPISODES}</h2>
                <span class="note">{rule}</span>
                <div class="right">{summarise(chat, view, active.is_some())}</div>
            </div>
            {active.map(|job| running(chat, job))}
            {put_off.map(|job| stopped(chat, job))}
            {due(view, active.is_some())}
        </section>
    }
    .into_any()
}

/// The button, with the reason when it can do nothing.
fn summarise(chat: i64, view: &EpisodesView, active: bool) -> AnyView {
    let nothing = view.due.is_empty() && view.open_messages.is_none();
    let why = if active {
        Some(words::BEING_DONE)
    } else if nothing {
        Some(words::jobs::ALL_SUMMED_UP)
    } else {
        None
    };
    let button = view! {
        <button class="btn btn-primary" type="submit" disabled=why.is_some() title=why>{words::jobs::SUMMARISE_NOW}</button>
    };
    post(Summarise::url(), &[("chat", chat.to_string())], button.into_any())
}

/// The mark and the word of a job that waits or runs.
fn mark_of_active(job: &JobView) -> (&'static str, &'static str) {
    match (job.state.as_str(), &job.error) {
        ("running", _) => ("state on", words::RUNNING),
        (_, Some(_)) => ("state warn", words::jobs::PUT_OFF),
        (_, None) => ("state", words::QUEUED),
    }
}

/// When it is tried again.
fn again_at(job: &JobView) -> Option<&str> {
    job.next_attempt.as_ref().map(|at| at.time.as_str())
}

fn running(chat: i64, job: &JobView) -> AnyView {
    let far = words::jobs::batches_done(job.done, job.total);
    let (class, state) = mark_of_active(job);
    let (done, most) = (job.done.to_string(), job.total.max(1).to_string());
    view! {
        <div class="job" id=format!("job{}", job.id)>
            <span><b>{words::jobs::summarising(job.id)}</b>" "<span class=class>{state}</span>" "<span class="faint">{far}</span></span>
            <div class="inline">
                {job.error.is_some().then(|| act(RetryJob::url(), chat, job.id, words::jobs::TRY_NOW.into_any()))}
                {act(StopJob::url(), chat, job.id, view! { {icon(Icon::Stop)}{words::STOP} }.into_any())}
            </div>
            <progress value=done max=most aria-label=words::jobs::BATCHES_SUMMARISED></progress>
        </div>
        {job.error.as_ref().map(|error| failed(chat, job, error))}
        <noscript><p class="note">{words::jobs::LOAD_AGAIN}</p></noscript>
    }
    .into_any()
}

/// The job of an analysis: how far it is, and what can be done about it.
pub(super) fn analysing(chat: i64, job: &JobView, far: String, (done, total): (u32, u32)) -> AnyView {
    if !is_active(job) {
        let what = words::jobs::analysis_stopped(&far);
        return view! {
            <div class="job" id=format!("job{}", job.id)><span>{what}</span>{act(RetryJob::url(), chat, job.id, words::jobs::GO_ON.into_any())}</div>
        }
        .into_any();
    }
    let (class, state) = mark_of_active(job);
    let trouble = job.error.as_ref().map(|error| {
        let told = words::jobs::analysis_failed(error.trim_end_matches('.'), again_at(job));
        view! { <p class="alert danger">{told}</p> }
    });
    let (done, most) = (done.to_string(), total.max(1).to_string());
    view! {
        <div class="job" id=format!("job{}", job.id)>
            <span><b>{words::jobs::ANALYSING}</b>" "<span class=class>{state}</span>" "<span class="faint">{far}</span></span>
            <div class="inline">
                {job.error.is_some().then(|| act(RetryJob::url(), chat, job.id, words::jobs::TRY_NOW.into_any()))}
                {act(StopJob::url(), chat, job.id, view! { {icon(Icon::Stop)}{words::STOP} }.into_any())}
            </div>
            <progress value=done max=most aria-label=words::jobs::WINDOWS_READ></progress>
        </div>
        {trouble}
        <noscript><p class="note">{words::jobs::LOAD_AGAIN}</p></noscript>
    }
    .into_any()
}

/// What happened, what is safe, when it is tried again, and what helps.
fn failed(chat: i64, job: &JobView, error: &str) -> AnyView {
    if let Some(paused) = error.strip_prefix("paused: ") {
        return view! {
            <p class="alert warn">
                <b>{words::jobs::WAITS_FOR_BUDGET}</b>
                {words::jobs::paused(paused)}
                <a href="/usage">{words::jobs::WHAT_WAS_SPENT}</a>
            </p>
        }
        .into_any();
    }
    let [told, or] = words::jobs::failed(error.trim_end_matches('.'), again_at(job));
    view! {
        <p class="alert danger">
            <b>{words::jobs::no_summary_after(job.attempts.max(1))}</b>
            {told}
            <a href=format!("/chats/{chat}/settings")>{words::jobs::CHOOSE_ANOTHER_MEMORY_MODEL}</a>
            {or}
        </p>
    }
    .into_any()
}

fn stopped(chat: i64, job: &JobView) -> AnyView {
    let what = words::jobs::ended(job.id, job.state == "stopped", job.done, job.total);
    view! {
        <div class="job" id=format!("job{}", job.id)>
            <span>{what}</span>
            {act(RetryJob::url(), chat, job.id, words::jobs::GO_ON.into_any())}
        </div>
    }
    .into_any()
}

fn act(url: &'static str, chat: i64, job: i64, words: AnyView) -> AnyView {
    let button = view! { <button class="btn btn-quiet" type="submit">{words}<span class="vh">{words::jobs::of_job(job)}</span></button> };
    post(url, &[("chat", chat.to_string()), ("job", job.to_string())], button.into_any())
}

/// What is due and why, or why nothing is.
fn due(view: &EpisodesView, active: bool) -> AnyView {
    if !view.due.is_empty() {
        return view! { <ul class="due" aria-label=words::jobs::DUE>{view.due.iter().map(due_row).collect_view()}</ul> }
            .into_any();
    }
    let text = match view.open_messages {
        _ if active => return ().into_any(),
        Some(messages) => words::jobs::not_due(messages, view.session_minutes),
        None if view.episodes.is_empty() => return ().into_any(),
        None => words::jobs::NOTHING_DUE.to_owned(),
    };
    view! { <p class="note">{text}</p> }.into_any()
}

fn due_row(due: &DueView) -> AnyView {
    view! {
        <li>
            <span class="state warn">{words::jobs::IS_DUE}</span>
            <span><a href=format!("#e{}", due.episode)>{words::episodes::number(due.episode)}</a>{words::jobs::why_due(due.from, due.through, &due.why)}</span>
        </li>
    }
    .into_any()
}

/// The newest jobs.
pub(super) fn list(jobs: &[JobView]) -> AnyView {
    if jobs.is_empty() {
        return ().into_any();
    }
    view! {
        <section>
            <div class="sh"><h2>{words::jobs::JOBS}</h2><span class="note">{words::jobs::NEWEST_TWENTY}</span></div>
            <table class="jobs stack">
                <thead>
                    <tr>
                        <th scope="col" class="num">{words::jobs::JOB}</th>
                        <th scope="col">{words::jobs::ASKED_FOR}</th>
                        <th scope="col">{words::jobs::ENDED}</th>
                        <th scope="col">{words::STATE}</th>
                        <th scope="col">{words::jobs::DONE}</th>
                        <th scope="col" class="num">{words::TOKENS}</th>
                        <th scope="col" class="num">{words::COST}</th>
                        <th scope="col">{words::jobs::WHAT_WENT_WRONG}</th>
                    </tr>
                </thead>
                <tbody>{jobs.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(job: &JobView) -> AnyView {
    let class = match job.state.as_str() {
        "done" => "state ok on",
        "failed" => "state danger",
        "running" => "state on",
        _ => "state",
    };
    view! {
        <tr>
            <td class="num faint"><span class="mono">{words::count(job.id)}</span></td>
            <td class="note nowrap">{time(&job.created)}</td>
            <td class="note nowrap">{job.finished.as_ref().map(time)}</td>
            <td><span class=class>{words::job_state(&job.state)}</span></td>
            <td class="nowrap">{words::jobs::batches(job.done, job.total)}</td>
            <td class="num">{words::count_u64(job.tokens)}</td>
            <td class="num">{job.cost.clone()}</td>
            <td class="dim">{job.error.clone()}</td>
        </tr>
    }
    .into_any()
}
