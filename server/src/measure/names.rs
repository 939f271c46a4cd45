//! Every figure by name, with what it counts: the one table that code, `/metrics` and `docs/deploying.md` agree on.

/// What sort of figure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Many values, counted in these buckets.
    Histogram(&'static [f64]),
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Figure {
    Figure { name, kind: Kind::Counter, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Figure {
    Figure { name, kind: Kind::Gauge, help }
}

const fn histogram(name: &'static str, buckets: &'static [f64], help: &'static str) -> Figure {
    Figure { name, kind: Kind::Histogram(buckets), help }
}

/// From a hundredth of a second to ten minutes: what waits for a model or for Telegram.
const WAITS: &[f64] = &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
/// From a tenth of a millisecond to some seconds: what this machine does by itself.
const WORK: &[f64] = &[0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Parts of the whole.
const RATIOS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0];

pub(super) const UP: &str = "souvenir_up";
pub(super) const BUILD: &str = "souvenir_build_info";
pub(super) const MESSAGES: &str = "souvenir_messages_received_total";
pub(super) const REPEATED: &str = "souvenir_updates_repeated_total";
pub(super) const WEBHOOK: &str = "souvenir_webhook_requests_total";
pub(super) const TURNS: &str = "souvenir_turns_total";
pub(super) const MODEL_CALLS: &str = "souvenir_model_calls_total";
pub(super) const MODEL_RETRIES: &str = "souvenir_model_retries_total";
pub(super) const PREDICTED: &str = "souvenir_prompt_tokens_predicted_total";
pub(super) const PROMPT: &str = "souvenir_prompt_tokens_total";
pub(super) const CACHED: &str = "souvenir_prompt_tokens_cached_total";
pub(super) const COMPLETION: &str = "souvenir_completion_tokens_total";
pub(super) const COST: &str = "souvenir_cost_nanodollars_total";
pub(super) const WORK_CALLS: &str = "souvenir_memory_calls_total";
pub(super) const WORK_COST: &str = "souvenir_memory_cost_nanodollars_total";
pub(super) const DRIFT: &str = "souvenir_prompt_count_drift_ratio";
pub(super) const QUEUE: &str = "souvenir_turn_queue_seconds";
pub(super) const CONTEXT: &str = "souvenir_context_build_seconds";
pub(super) const FIRST_TOKEN: &str = "souvenir_first_token_seconds";
pub(super) const ANSWER: &str = "souvenir_answer_seconds";
pub(super) const SEND: &str = "souvenir_send_seconds";
pub(super) const DELIVERIES: &str = "souvenir_deliveries_total";
pub(super) const CALLS: &str = "souvenir_telegram_calls_total";
pub(super) const FLOOD: &str = "souvenir_telegram_flood_pauses_total";
pub(super) const FLOOD_SECONDS: &str = "souvenir_telegram_flood_pause_seconds_total";
pub(super) const COMMIT: &str = "souvenir_store_commit_seconds";
pub(super) const EMBEDDED: &str = "souvenir_messages_embedded_total";
pub(super) const EMBEDDED_PART: &str = "souvenir_messages_embedded_ratio";
pub(super) const EMBEDDING_FAILURES: &str = "souvenir_embedding_failures_total";
pub(super) const EMBED_QUESTION: &str = "souvenir_question_embedding_seconds";
pub(super) const DATABASE: &str = "souvenir_database_bytes";
pub(super) const WAL: &str = "souvenir_database_wal_bytes";
pub(super) const STARTED: &str = "process_start_time_seconds";
pub(super) const RESIDENT: &str = "process_resident_memory_bytes";

/// All of them, in the order of the documentation.
pub(super) const FIGURES: [Figure; 34] = [
    gauge(UP, "Whether a part works: 1, or 0 when it is degraded; absent when it is not configured."),
    gauge(BUILD, "Always 1; the label names the version that runs."),
    counter(MESSAGES, "Messages stored, by the kind of chat they came from."),
    counter(REPEATED, "Updates that Telegram delivered once more and that changed nothing."),
    counter(WEBHOOK, "Requests to the webhook, by what became of them; all but stored are refusals."),
    counter(TURNS, "Turns that ended, by how."),
    counter(MODEL_CALLS, "Answers asked of a model, by model and outcome; attempts at one answer count once."),
    counter(MODEL_RETRIES, "Attempts at an answer after the first, by model."),
    counter(
        PREDICTED,
        "Prompt tokens of turns as Souvenir counted them before the call, where the endpoint reported them too.",
    ),
    counter(PROMPT, "Prompt tokens as the model endpoint reported them, by model."),
    counter(CACHED, "Those of the prompt tokens that came from the endpoint's cache, by model."),
    counter(COMPLETION, "Answer tokens as the model endpoint reported them, by model; reasoning included."),
    counter(COST, "Cost of answers in thousand-millionths of a US dollar, by model, where the price is known."),
    counter(WORK_CALLS, "Answers of the memory model that were paid for, by purpose."),
    counter(WORK_COST, "Their cost in thousand-millionths of a US dollar, by purpose, where the price is known."),
    histogram(DRIFT, RATIOS, "How far the predicted prompt tokens were from the reported ones, as a part of these."),
    histogram(QUEUE, WAITS, "From a message's arrival to the beginning of the turn that answers it."),
    histogram(CONTEXT, WORK, "Building the context of a turn, its reads included."),
    histogram(FIRST_TOKEN, WAITS, "From the request to the first piece of the model's answer."),
    histogram(ANSWER, WAITS, "From the request to the end of the model's answer, retries included."),
    histogram(SEND, WAITS, "Delivering a reply to Telegram, pauses included."),
    counter(DELIVERIES, "Replies delivered or not, by the state they ended in."),
    counter(CALLS, "Calls of the Bot API, by method and outcome."),
    counter(FLOOD, "Pauses that Telegram's flood control asked for."),
    counter(FLOOD_SECONDS, "The length of those pauses, in seconds."),
    histogram(COMMIT, WORK, "Committing a write to the database, its fsyncs included."),
    counter(EMBEDDED, "Messages that got a vector."),
    gauge(EMBEDDED_PART, "Messages done with by the embedding model in use, as a part of all; absent without one."),
    counter(EMBEDDING_FAILURES, "Requests to the embedding endpoint that failed, retries not counted."),
    histogram(EMBED_QUESTION, WAITS, "Embedding a question, where it was done."),
    gauge(DATABASE, "Size of the database file."),
    gauge(WAL, "Size of the write-ahead log beside it."),
    gauge(STARTED, "When the process started, as Unix time in seconds."),
    gauge(RESIDENT, "Memory of the process that is in RAM."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        for Figure { name, kind, help } in FIGURES {
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert!(name.starts_with("souvenir_") || name.starts_with("process_"), "{name}");
            assert_eq!(name.ends_with("_total"), kind == Kind::Counter, "{name}");
            let has_unit = ["_seconds", "_ratio", "_bytes", "_info", "_up"].iter().any(|unit| name.ends_with(unit));
            assert!(has_unit || kind == Kind::Counter, "{name} has no unit");
            assert!(help.ends_with('.') && !help.contains('\n'), "{name}");
            if let Kind::Histogram(buckets) = kind {
                assert!(buckets.is_sorted(), "{name}");
            }
        }
    }

    #[test]
    fn every_figure_is_documented() {
        let documented = include_str!("../../../docs/deploying.md");
        for Figure { name, .. } in FIGURES {
            assert!(documented.contains(&format!("`{name}`")), "{name} is not in docs/deploying.md");
        }
    }
}
