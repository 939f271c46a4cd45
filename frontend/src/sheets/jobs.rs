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
    let rule = format!(
        "A pause of {}, a reset or a new subject ends one; then {} sums it up.",
        words::duration(view.session_minutes),
        view.memory_model
    );
    view! {
        <section>
            <div class="sh">
                <h2>"Episodes"</h2>
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
        Some("It is being done.")
    } else if nothing {
        Some("Everything said is summed up.")
    } else {
        None
    };
    let button = view! {
        <button class="btn btn-primary" type="submit" disabled=why.is_some() title=why>"Summarise now"</button>
    };
    post(Summarise::url(), &[("chat", chat.to_string())], button.into_any())
}

fn running(chat: i64, job: &JobView) -> AnyView {
    let far = format!("{} of {} done", words::count(job.done), words::plural(job.total as usize, "batch", "batches"));
    let (class, state) = match (job.state.as_str(), &job.error) {
        ("running", _) => ("state on", "running"),
        (_, Some(_)) => ("state warn", "put off"),
        (_, None) => ("state", "queued"),
    };
    let (done, most) = (job.done.to_string(), job.total.max(1).to_string());
    view! {
        <div class="job" id=format!("job{}", job.id)>
            <span><b>{format!("Job {}: summarising", words::count(job.id))}</b>" "<span class=class>{state}</span>" "<span class="faint">{far}</span></span>
            <div class="inline">
                {job.error.is_some().then(|| act(RetryJob::url(), chat, job.id, "Try now".into_any()))}
                {act(StopJob::url(), chat, job.id, view! { {icon(Icon::Stop)}"Stop" }.into_any())}
            </div>
            <progress value=done max=most aria-label="Batches summarised"></progress>
        </div>
        {job.error.as_ref().map(|error| failed(chat, job, error))}
        <noscript><p class="note">"Load the page again to see how far it is."</p></noscript>
    }
    .into_any()
}

/// The job of an analysis: how far it is, and what can be done about it.
pub(super) fn analysing(chat: i64, job: &JobView, far: String, (done, total): (u32, u32)) -> AnyView {
    if !is_active(job) {
        let what = format!("The analysis was stopped: {far}. What was read stays read.");
        return view! {
            <div class="job" id=format!("job{}", job.id)><span>{what}</span>{act(RetryJob::url(), chat, job.id, "Go on".into_any())}</div>
        }
        .into_any();
    }
    let (class, state) = match (job.state.as_str(), &job.error) {
        ("running", _) => ("state on", "running"),
        (_, Some(_)) => ("state warn", "put off"),
        (_, None) => ("state", "queued"),
    };
    let trouble = job.error.as_ref().map(|error| {
        let again = job.next_attempt.as_ref().map(|at| format!(" It is tried again at {}.", at.time)).unwrap_or_default();
        view! { <p class="alert danger">{format!("{}.{again} What was read stays read.", error.trim_end_matches('.'))}</p> }
    });
    let (done, most) = (done.to_string(), total.max(1).to_string());
    view! {
        <div class="job" id=format!("job{}", job.id)>
            <span><b>"Analysing"</b>" "<span class=class>{state}</span>" "<span class="faint">{far}</span></span>
            <div class="inline">
                {job.error.is_some().then(|| act(RetryJob::url(), chat, job.id, "Try now".into_any()))}
                {act(StopJob::url(), chat, job.id, view! { {icon(Icon::Stop)}"Stop" }.into_any())}
            </div>
            <progress value=done max=most aria-label="Windows read"></progress>
        </div>
        {trouble}
        <noscript><p class="note">"Load the page again to see how far it is."</p></noscript>
    }
    .into_any()
}

/// What happened, what is safe, when it is tried again, and what helps.
fn failed(chat: i64, job: &JobView, error: &str) -> AnyView {
    let again = job.next_attempt.as_ref().map(|at| format!(" It is tried again at {}.", at.time)).unwrap_or_default();
    if let Some(paused) = error.strip_prefix("paused: ") {
        return view! {
            <p class="alert warn">
                <b>"It waits for the day's budget."</b>
                {format!(" {paused}. Nothing is lost: the messages stay in reach. ")}
                <a href="/usage">"What was spent"</a>
            </p>
        }
        .into_any();
    }
    let tried = words::plural(job.attempts.max(1) as usize, "attempt", "attempts");
    view! {
        <p class="alert danger">
            <b>{format!("No summary after {tried}.")}</b>
            {format!(" {}.{again} Nothing is lost: the messages stay in reach and wait. If it goes on, ", error.trim_end_matches('.'))}
            <a href=format!("/chats/{chat}/settings")>"choose another memory model"</a>
            ", or look at the model's state at the foot of the menu."
        </p>
    }
    .into_any()
}

fn stopped(chat: i64, job: &JobView) -> AnyView {
    let told = if job.state == "stopped" { "was stopped" } else { "failed" };
    let what = format!("Job {} {told} after {}. It does not go on by itself.", words::count(job.id), batches(job));
    view! {
        <div class="job" id=format!("job{}", job.id)>
            <span>{what}</span>
            {act(RetryJob::url(), chat, job.id, "Go on".into_any())}
        </div>
    }
    .into_any()
}

fn act(url: &'static str, chat: i64, job: i64, words: AnyView) -> AnyView {
    let button = view! { <button class="btn btn-quiet" type="submit">{words}<span class="vh">{format!(" job {job}")}</span></button> };
    post(url, &[("chat", chat.to_string()), ("job", job.to_string())], button.into_any())
}

/// What is due and why, or why nothing is.
fn due(view: &EpisodesView, active: bool) -> AnyView {
    if !view.due.is_empty() {
        return view! { <ul class="due" aria-label="Due">{view.due.iter().map(due_row).collect_view()}</ul> }
            .into_any();
    }
    let text = match view.open_messages {
        _ if active => return ().into_any(),
        Some(messages) => format!(
            "Nothing is due. {} of the open episode {} in no summary yet: it ends after {} of silence, or now by the button.",
            words::plural(messages as usize, "message", "messages"),
            if messages == 1 { "is" } else { "are" },
            words::duration(view.session_minutes)
        ),
        None if view.episodes.is_empty() => return ().into_any(),
        None => "Nothing is due: everything said is summed up.".to_owned(),
    };
    view! { <p class="note">{text}</p> }.into_any()
}

fn due_row(due: &DueView) -> AnyView {
    let range = format!("messages {} to {}", words::message(due.from), words::message(due.through));
    view! {
        <li>
            <span class="state warn">"due"</span>
            <span><a href=format!("#e{}", due.episode)>{format!("Episode {}", words::count(due.episode))}</a>{format!(", {range}: {}", due.why)}</span>
        </li>
    }
    .into_any()
}

fn batches(job: &JobView) -> String {
    format!("{} of {}", words::count(job.done), words::plural(job.total as usize, "batch", "batches"))
}

/// The newest jobs.
pub(super) fn list(jobs: &[JobView]) -> AnyView {
    if jobs.is_empty() {
        return ().into_any();
    }
    view! {
        <section>
            <div class="sh"><h2>"Jobs"</h2><span class="note">"the newest twenty"</span></div>
            <table class="jobs stack">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Job"</th>
                        <th scope="col">"Asked for"</th>
                        <th scope="col">"Ended"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Done"</th>
                        <th scope="col" class="num">"Tokens"</th>
                        <th scope="col" class="num">"Cost"</th>
                        <th scope="col">"What went wrong"</th>
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
            <td><span class=class>{job.state.clone()}</span></td>
            <td class="nowrap">{batches(job)}</td>
            <td class="num">{words::count_u64(job.tokens)}</td>
            <td class="num">{job.cost.clone()}</td>
            <td class="dim">{job.error.clone()}</td>
        </tr>
    }
    .into_any()
}
