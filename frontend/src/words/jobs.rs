//! Jobs: what is due, how far they are, and what went wrong.

use crate::words;

pub(crate) const ALL_SUMMED_UP: &str = "Everything said is summed up.";
pub(crate) const SUMMARISE_NOW: &str = "Summarise now";
pub(crate) const BATCHES_SUMMARISED: &str = "Batches summarised";
pub(crate) const ANALYSING: &str = "Analysing";
pub(crate) const TRY_NOW: &str = "Try now";
pub(crate) const WINDOWS_READ: &str = "Windows read";
pub(crate) const LOAD_AGAIN: &str = "Load the page again to see how far it is.";
pub(crate) const WAITS_FOR_BUDGET: &str = "It waits for the day’s budget.";
pub(crate) const WHAT_WAS_SPENT: &str = "What was spent";
pub(crate) const CHOOSE_ANOTHER_MEMORY_MODEL: &str = "choose another memory model";
pub(crate) const GO_ON: &str = "Go on";
pub(crate) const DUE: &str = "Due";
pub(crate) const NOTHING_DUE: &str = "Nothing is due: everything said is summed up.";
pub(crate) const JOBS: &str = "Jobs";
pub(crate) const NEWEST_TWENTY: &str = "the newest twenty";
pub(crate) const JOB: &str = "Job";
pub(crate) const ASKED_FOR: &str = "Asked for";
pub(crate) const ENDED: &str = "Ended";
pub(crate) const DONE: &str = "Done";
pub(crate) const WHAT_WENT_WRONG: &str = "What went wrong";
pub(crate) const PUT_OFF: &str = "put off";
pub(crate) const IS_DUE: &str = "due";

/// When an episode ends, and who sums it up.
pub(crate) fn rule(session_minutes: u32, model: &str) -> String {
    format!(
        "A pause of {}, a reset or a new subject ends one; then {model} sums it up.",
        words::duration(session_minutes)
    )
}

pub(crate) fn batches(done: u32, total: u32) -> String {
    format!("{} of {}", words::count(done), words::plural(total, "batch", "batches"))
}

pub(crate) fn batches_done(done: u32, total: u32) -> String {
    format!("{} done", batches(done, total))
}

pub(crate) fn summarising(job: i64) -> String {
    format!("Job {}: summarising", words::count(job))
}

pub(crate) fn of_job(job: i64) -> String {
    format!(" job {job}")
}

/// That a job does not go on by itself, and why.
pub(crate) fn ended(job: i64, stopped: bool, done: u32, total: u32) -> String {
    let told = if stopped { "was stopped" } else { "failed" };
    format!("Job {} {told} after {}. It does not go on by itself.", words::count(job), batches(done, total))
}

pub(crate) fn analysis_stopped(far: &str) -> String {
    format!("The analysis was stopped: {far}. What was read stays read.")
}

pub(crate) fn analysis_failed(error: &str, again: Option<&str>) -> String {
    format!("{error}.{} What was read stays read.", tried_again(again))
}

/// After the sentence that it waits for the day's budget.
pub(crate) fn paused(why: &str) -> String {
    format!(" {why}. Nothing is lost: the messages stay in reach. ")
}

pub(crate) fn no_summary_after(attempts: u32) -> String {
    format!("No summary after {}.", words::plural(attempts, "attempt", "attempts"))
}

/// What happened and what is safe; before and after the link to another memory model.
pub(crate) fn failed(error: &str, again: Option<&str>) -> [String; 2] {
    [
        format!(
            " {error}.{} Nothing is lost: the messages stay in reach and wait. If it goes on, ",
            tried_again(again)
        ),
        ", or look at the model’s state at the foot of the menu.".to_owned(),
    ]
}

fn tried_again(at: Option<&str>) -> String {
    at.map(|time| format!(" It is tried again at {time}.")).unwrap_or_default()
}

/// That nothing is due though something was said.
pub(crate) fn not_due(messages: u32, session_minutes: u32) -> String {
    let are = if messages == 1 { "is" } else { "are" };
    format!(
        "Nothing is due. {} of the open episode {are} in no summary yet: it ends after {} of silence, or now by the button.",
        words::messages(messages),
        words::duration(session_minutes)
    )
}

/// After the name of an episode.
pub(crate) fn why_due(first: i64, last: i64, why: &str) -> String {
    format!(", {}: {why}", words::messages_from_to(first, last))
}
