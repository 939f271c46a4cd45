//! What an analysis would take, before it is begun: windows, tokens, and money where the model's price is known.
//!
//! Nothing is read for it but counts that are kept: those of the chat, and of the windows that serve again.

use souvenir_memory::{
    ChatId, Encoding, MessageId, NanoUsd, TokenCount,
    prompt::analysis::{DIFF_PROMPT, DIFF_SCHEMA, WINDOW_PROMPT, WINDOW_SCHEMA},
};

use crate::{
    engine::{Engine, assemble, error::Result, maintenance::consolidate::answer_tokens},
    llm::Usage,
};

/// What a message takes in a transcript beside its words.
const LINE_TOKENS: u64 = 27;
/// What is written of a window, as a rule.
const WRITTEN: u64 = 600;
/// What the findings of a window take when facts are looked at in their light, as a rule.
const FINDINGS: u64 = 300;

/// What an analysis would take.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The model that would be asked.
    pub model: String,
    /// Messages that would be read.
    pub messages: u32,
    /// Messages of windows that are known from before.
    pub known_messages: u32,
    /// Windows that would be read, and the questions about facts.
    pub calls: u64,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Tokens of all answers, as a rule.
    pub completion_tokens: u64,
    /// Tokens of all answers, at most.
    pub most_completion_tokens: u64,
    /// What that costs; none where the model's price is not known.
    pub cost: Option<NanoUsd>,
    /// What it costs at most.
    pub most_cost: Option<NanoUsd>,
}

impl Engine {
    /// What analysing a chat would take now. Nothing is begun.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](crate::engine::EngineError::NoChat).
    pub async fn analysis_estimate(&self, chat: ChatId) -> Result<Estimate> {
        let record = self.record(chat).await?;
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let configured = &settings.memory_model.value;
        let model = self.model_name(configured);
        let serves = self.store().windows_that_serve(chat, &model, MessageId(i64::MAX)).await?;
        let (messages, tokens) = match (serves.first(), serves.last()) {
            (Some(first), Some(last)) => self.store().said_outside(chat, (first.first, last.last)).await?,
            _ => (record.totals.live_messages, record.totals.live_tokens),
        };
        let encoding = Encoding::of_model(configured);
        let prompt =
            |texts: [&str; 2]| texts.map(|text| u64::from(assemble::count(encoding, text).0)).iter().sum::<u64>();
        let facts = self.store().facts(chat, self.now()).await?;
        let fact_tokens: u64 =
            facts.iter().map(|item| u64::from(assemble::count(encoding, &item.fact.statement).0) + LINE_TOKENS).sum();
        let lines = u64::from(tokens.0) + u64::from(messages) * LINE_TOKENS;
        let room = u64::from(self.room(configured).await?.0.max(1));
        let windows = lines.div_ceil(room);
        let findings = (windows + serves.len() as u64) * FINDINGS + fact_tokens;
        let parts = findings.div_ceil(room).max(1);
        let raw = lines
            + windows * prompt([WINDOW_PROMPT, WINDOW_SCHEMA])
            + findings
            + parts * prompt([DIFF_PROMPT, DIFF_SCHEMA]);
        let scaled = self.scale(configured).await?.apply(TokenCount(u32::try_from(raw).unwrap_or(u32::MAX)));
        let (calls, prompt_tokens) = (windows + parts, u64::from(scaled.0));
        let most_answer = u64::from(answer_tokens(self.window(configured).unwrap_or(u32::MAX)));
        let completion_tokens = calls * WRITTEN.min(most_answer);
        let most_completion_tokens = calls * most_answer;
        Ok(Estimate {
            cost: self.cost_of_calls(&model, calls, prompt_tokens, completion_tokens),
            most_cost: self.cost_of_calls(&model, calls, prompt_tokens, most_completion_tokens),
            known_messages: record.totals.live_messages.saturating_sub(messages),
            model,
            messages,
            calls,
            prompt_tokens,
            completion_tokens,
            most_completion_tokens,
        })
    }

    /// What calls cost together: each by itself, since a long prompt costs more than two short ones.
    fn cost_of_calls(&self, model: &str, calls: u64, prompt: u64, completion: u64) -> Option<NanoUsd> {
        let each = |tokens: u64| TokenCount(u32::try_from(tokens.div_ceil(calls.max(1))).unwrap_or(u32::MAX));
        let one = self.cost(model, Usage { prompt: each(prompt), cached: None, completion: each(completion) })?;
        Some(NanoUsd(one.0.saturating_mul(calls)))
    }
}
