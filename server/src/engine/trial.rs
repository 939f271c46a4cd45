//! Trying things out before they are put in force: what a prompt takes, and whether a model answers.

use std::time::Duration;

use souvenir_memory::{Encoding, Role, TokenBudget, TokenCount, context::ContextMessage};
use tokio::{sync::mpsc, time::Instant};

use super::{Engine, EngineError, error::Result, settings::SettingsPatch, spending::Purpose};
use crate::llm::{ChatRequest, Usage, tokens::count_off_thread};

/// How long a model may take to say a word.
const PATIENCE: Duration = Duration::from_secs(30);
/// Room for an answer of a word, and for a model that thinks whether it is asked to or not.
const ANSWER: TokenCount = TokenCount(64);

/// A model that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelTried {
    /// As the endpoint names it.
    pub model: String,
    /// From asking to the end of the answer.
    pub took: Duration,
    /// Tokens that the question and the answer cost, where the endpoint says.
    pub tokens: Option<u32>,
}

impl Engine {
    /// Tokens of a text in a model's encoding. Counted where no reply waits for it.
    pub async fn token_count(&self, model: &str, text: &str) -> TokenCount {
        count_off_thread(Encoding::of_model(model), text).await
    }

    /// What a budget would be with a change, before anybody makes it.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when its numbers do not fit together.
    pub fn budget_with(before: TokenBudget, patch: &SettingsPatch) -> Result<TokenBudget> {
        let max = patch.number("max_context_tokens").unwrap_or(before.max_context_tokens.0);
        let reserve = patch.number("reserve_tokens").unwrap_or(before.reserve_for_response.0);
        TokenBudget::new(max, reserve).map_err(|error| EngineError::invalid("max_context_tokens", error))
    }

    /// Asks a model for one word. It is paid for, and nothing of it is kept but what it took.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] with what the endpoint says, or that there is none.
    pub async fn try_model(&self, model: &str) -> Result<ModelTried> {
        let refused = |why: String| EngineError::invalid("value", why);
        if !self.has_language_model() {
            return Err(refused(
                "There is no model endpoint: set OPENAI_API_KEY or OPENAI_BASE_URL and restart.".into(),
            ));
        }
        let request = ChatRequest {
            model: model.trim().to_owned(),
            messages: vec![ContextMessage {
                role: Role::User,
                content: "Answer with the one word: ready".to_owned(),
                tokens: TokenCount::ZERO,
            }],
            max_output_tokens: ANSWER,
            reasoning_effort: Some("none".to_owned()),
            schema: None,
            toolbox: None,
            pictures: Vec::new(),
        };
        let (deltas, _) = mpsc::unbounded_channel();
        let began = Instant::now();
        let answered = tokio::time::timeout(PATIENCE, self.model().complete(&request, &deltas)).await;
        let answered =
            answered.map_err(|_| refused(format!("{model} gave no answer within {} s.", PATIENCE.as_secs())))?;
        let completion = answered.map_err(|error| refused(format!("{model}: {error}.")))?;
        let took = began.elapsed();
        let usage = match completion.usage {
            Some(usage) => usage,
            None => Usage {
                prompt: self.token_count(&request.model, &request.messages[0].content).await,
                cached: None,
                completion: self.token_count(&request.model, &completion.text).await,
            },
        };
        self.spend_besides(None, Purpose::Test, &self.model_name(&request.model), (usage, None)).await?;
        Ok(ModelTried {
            model: completion.model.unwrap_or_else(|| request.model.clone()),
            took,
            tokens: completion.usage.map(|usage| usage.prompt.0 + usage.completion.0),
        })
    }
}
