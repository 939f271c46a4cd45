//! What is measured: one function for each thing that happens, callable from any room.
//!
//! # Strategy
//! The rooms know only these functions; behind them is the `metrics` facade, and nobody but the app knows that an
//! [`Exporter`] listens. Without one, as in `souvenir check` and in tests, measuring does nothing. Labels are closed
//! sets, and the models that the owner chose: never a chat, a person or a text, so that their number stays small.

mod exporter;
mod names;

use std::time::Duration;

use metrics::{counter, gauge, histogram};

pub use exporter::Exporter;

/// A message was stored; `chat` is `private`, `group` or `console`.
pub fn message_received(chat: &'static str) {
    counter!(names::MESSAGES, "chat" => chat).increment(1);
}

/// An update came again and changed nothing.
pub fn update_repeated() {
    counter!(names::REPEATED).increment(1);
}

/// The webhook was called: `stored`, `wrong_secret`, `unreadable` (too large ones among them) or `not_stored`.
pub fn webhook_called(outcome: &'static str) {
    counter!(names::WEBHOOK, "outcome" => outcome).increment(1);
}

/// A turn began; its first message had waited so long.
pub fn turn_began(queued: Duration) {
    histogram!(names::QUEUE).record(queued.as_secs_f64());
}

/// A context was built.
pub fn context_built(took: Duration) {
    histogram!(names::CONTEXT).record(took.as_secs_f64());
}

/// A turn ended: `done`, `failed` or `stopped`.
pub fn turn_ended(state: &'static str) {
    counter!(names::TURNS, "outcome" => state).increment(1);
}

/// A model was asked for an answer and gave it, or did not.
#[derive(Clone, Copy, Debug)]
pub struct ModelCall<'a> {
    /// The model that was asked.
    pub model: &'a str,
    /// `answered`, `stopped`, or the name of the failure.
    pub outcome: &'static str,
    /// From the request to its end.
    pub took: Duration,
    /// From the request to the first piece, if there was one.
    pub first_token: Option<Duration>,
}

impl ModelCall<'_> {
    /// Counts the call.
    pub fn count(self) {
        model_called(self.model, self.outcome);
        histogram!(names::ANSWER).record(self.took.as_secs_f64());
        if let Some(first_token) = self.first_token {
            histogram!(names::FIRST_TOKEN).record(first_token.as_secs_f64());
        }
    }
}

/// A model was asked for something, be it an answer to a person or work on the memory.
pub fn model_called(model: &str, outcome: &'static str) {
    counter!(names::MODEL_CALLS, "model" => model.to_owned(), "outcome" => outcome).increment(1);
}

/// An attempt at an answer failed and another follows.
pub fn model_retried(model: &str) {
    counter!(names::MODEL_RETRIES, "model" => model.to_owned()).increment(1);
}

/// What one answer took, as the endpoint reported it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenUse {
    /// The prompt's tokens as we counted them before, where we did.
    pub predicted: Option<u32>,
    /// The prompt's tokens.
    pub prompt: u32,
    /// Those of them that came from a cache.
    pub cached: u32,
    /// The answer's tokens.
    pub completion: u32,
    /// The cost in nano-dollars, where the price is known.
    pub cost_nanousd: Option<u64>,
}

impl TokenUse {
    /// Counts it for `model`.
    pub fn count(self, model: &str) {
        let add = |name: &'static str, amount: u64| counter!(name, "model" => model.to_owned()).increment(amount);
        add(names::PROMPT, self.prompt.into());
        add(names::CACHED, self.cached.into());
        add(names::COMPLETION, self.completion.into());
        if let Some(cost) = self.cost_nanousd {
            add(names::COST, cost);
        }
        if let Some(predicted) = self.predicted.filter(|_| self.prompt > 0) {
            add(names::PREDICTED, predicted.into());
            let distance = f64::from(predicted.abs_diff(self.prompt)) / f64::from(self.prompt);
            histogram!(names::DRIFT).record(distance);
        }
    }
}

/// A call that is no answer was paid for; `purpose` is `consolidation`, `summary`, `analysis`, `digest`, `embedding`,
/// `transcription` or `test`.
pub fn work_paid(purpose: &'static str, cost_nanousd: Option<u64>) {
    counter!(names::WORK_CALLS, "purpose" => purpose).increment(1);
    if let Some(cost) = cost_nanousd {
        counter!(names::WORK_COST, "purpose" => purpose).increment(cost);
    }
}

/// A reply's delivery ended: `sent`, `unknown`, `failed` or `shown`.
pub fn delivered(state: &'static str) {
    counter!(names::DELIVERIES, "state" => state).increment(1);
}

/// Delivering a reply to Telegram took so long.
pub fn sent(took: Duration) {
    histogram!(names::SEND).record(took.as_secs_f64());
}

/// A method of the Bot API was called: `ok`, `refused`, `flood`, `migrated`, `unanswered` or `unreachable`.
///
/// The method is named as Telegram does, with a small letter at its beginning.
pub fn telegram_called(method: &'static str, outcome: &'static str) {
    let mut method = method.to_owned();
    if let Some(first) = method.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    counter!(names::CALLS, "method" => method, "outcome" => outcome).increment(1);
}

/// Flood control asked for a pause.
pub fn flood_paused(wait: Duration) {
    counter!(names::FLOOD).increment(1);
    counter!(names::FLOOD_SECONDS).increment(wait.as_secs());
}

/// A write was committed.
pub fn committed(took: Duration) {
    histogram!(names::COMMIT).record(took.as_secs_f64());
}

/// Messages got their vectors.
pub fn messages_embedded(messages: usize) {
    counter!(names::EMBEDDED).increment(u64::try_from(messages).unwrap_or(u64::MAX));
}

/// Messages could not be embedded; it is tried again.
pub fn embedding_failed() {
    counter!(names::EMBEDDING_FAILURES).increment(1);
}

/// A question was embedded, or not, within so long.
pub fn question_embedded(took: Duration, done: bool) {
    if done {
        histogram!(names::EMBED_QUESTION).record(took.as_secs_f64());
    } else {
        counter!(names::EMBEDDING_FAILURES).increment(1);
    }
}

/// The part of all messages that vectors have been made for.
pub fn embedded_part(done: u64, total: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    let part = if total == 0 { 1.0 } else { done as f64 / total as f64 };
    gauge!(names::EMBEDDED_PART).set(part);
}

/// Whether a part works; nothing is said of one that is not configured.
pub fn part(name: &'static str, works: bool) {
    gauge!(names::UP, "part" => name).set(if works { 1.0 } else { 0.0 });
}
