//! What a turn took: kept beside its reply until that is out, then told in one line of the log and counted.

use std::time::Duration;

use souvenir_memory::{
    ChatId, DeliveryState, NanoUsd, TurnId,
    manifest::{Manifest, Section},
};
use tokio::time::Instant;

use crate::{
    llm::Usage,
    measure::{self, TokenUse},
    store::TurnState,
};

/// The figures of a turn that this process made.
#[derive(Debug)]
pub(in crate::engine) struct Figures {
    state: TurnState,
    model: String,
    predicted: Option<u32>,
    usage: Option<Usage>,
    cost: Option<NanoUsd>,
    /// What each section used, where a context was built.
    sections: Option<[u32; Section::ALL.len()]>,
    spans: Spans,
    /// When its reply was stored.
    stored: Instant,
    /// Whether the reply is only shown, not sent.
    shown: bool,
}

/// How long the parts of a turn took, as far as it came.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Spans {
    /// From the arrival of its first message to its beginning; unknown for what the last process left.
    pub(in crate::engine) queue: Option<Duration>,
    /// Building the context.
    pub(in crate::engine) context: Option<Duration>,
    /// From the request to the first piece of the answer.
    pub(in crate::engine) first_token: Option<Duration>,
    /// From the request to the end of the answer.
    pub(in crate::engine) answer: Option<Duration>,
}

impl Figures {
    /// Takes them from a turn that has just been stored, and counts what is known by now: what the last request took, and
    /// what all of them did.
    pub(super) fn new(
        state: TurnState,
        model: String,
        manifest: Option<&Manifest>,
        (usage, spent, cost): (Option<Usage>, Option<Usage>, Option<NanoUsd>),
        spans: Spans,
        shown: bool,
    ) -> Self {
        let predicted = manifest.map(|manifest| manifest.totals.predicted.0);
        let sections = manifest.map(|manifest| {
            let used = |section| manifest.budget.sections.iter().find(|entry| entry.name == section);
            Section::ALL.map(|section| used(section).map_or(0, |entry| entry.used.0))
        });
        measure::turn_ended(state.as_str());
        spans.queue.into_iter().for_each(measure::turn_began);
        spans.context.into_iter().for_each(measure::context_built);
        if let Some(spent) = spent {
            let tokens = TokenUse {
                // What was predicted is one request.
                predicted: predicted.filter(|_| usage == Some(spent)),
                prompt: spent.prompt.0,
                cached: spent.cached.map_or(0, |cached| cached.0),
                completion: spent.completion.0,
                cost_nanousd: cost.map(|cost| cost.0),
            };
            tokens.count(&model);
        }
        Self { state, model, predicted, usage, cost, sections, spans, stored: Instant::now(), shown }
    }

    /// Tells them, once it is known what became of the reply.
    pub(in crate::engine) fn tell(&self, chat: ChatId, turn: TurnId, delivery: DeliveryState) {
        let delivery_is_open = matches!(delivery, DeliveryState::Composed | DeliveryState::Sending);
        let delivery = if self.shown { "shown" } else { delivery.as_str() };
        let took = (!self.shown).then(|| self.stored.elapsed());
        let section = |index: usize| self.sections.map(|used| used[index]);
        let [system, facts, summaries, recent, recalled, current] = [0, 1, 2, 3, 4, 5].map(section);
        tracing::info!(
            chat.id = %chat,
            turn.id = %turn,
            state = self.state.as_str(),
            delivery,
            model = self.model,
            tokens.predicted = self.predicted,
            tokens.reported = self.usage.map(|usage| usage.prompt.0),
            tokens.cached = self.usage.and_then(|usage| usage.cached).map(|tokens| tokens.0),
            tokens.completion = self.usage.map(|usage| usage.completion.0),
            budget.system = system,
            budget.facts = facts,
            budget.summaries = summaries,
            budget.recent = recent,
            budget.recalled = recalled,
            budget.current = current,
            cost_usd = self.cost.map(NanoUsd::as_usd),
            queue_ms = self.spans.queue.map(millis),
            context_ms = self.spans.context.map(millis),
            first_token_ms = self.spans.first_token.map(millis),
            answer_ms = self.spans.answer.map(millis),
            delivery_ms = took.map(millis),
            "a turn ended"
        );
        if self.shown {
            measure::delivered(delivery);
        }
        if !delivery_is_open {
            took.into_iter().for_each(measure::sent);
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
