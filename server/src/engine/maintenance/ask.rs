//! Asking the memory model: structured output, read strictly, and one attempt to have it repaired.
//!
//! Each request is let through by the day's budgets and its cost kept, whatever comes of it: see [`crate::engine::spending`].

use souvenir_memory::{
    Encoding, Role, TokenCount, consolidation::answer::Malformed, context::ContextMessage,
    prompt::consolidation::repair_text,
};
use tokio::sync::mpsc;

use super::consolidate::{Tried, Trouble};
use crate::{
    engine::{Engine, spending::Account},
    llm::{AnswerSchema, ChatRequest, Completion, ModelError, Usage, tokens::count_off_thread},
    measure::{self, TokenUse},
};

/// What is asked of the memory model.
pub(super) struct Question {
    /// Who pays.
    pub(super) account: Account,
    pub(super) model: String,
    pub(super) system: String,
    pub(super) text: String,
    pub(super) schema: AnswerSchema,
    pub(super) max_output_tokens: TokenCount,
}

/// What it answered.
pub(super) struct Answered<T> {
    pub(super) answer: T,
    /// Tokens of prompts and answers, the repair included, as the endpoint counted them.
    pub(super) usage: Option<(u32, u32)>,
}

impl Engine {
    /// Asks once, and once more if the answer has not the form asked for.
    pub(super) async fn ask_memory_model<T>(
        &self,
        question: Question,
        read: impl Fn(&str) -> Result<T, Malformed> + Send + Sync,
    ) -> Tried<Answered<T>> {
        let message = |role, content: String| ContextMessage { role, content, tokens: TokenCount::ZERO };
        let mut request = ChatRequest {
            model: question.model,
            messages: vec![message(Role::System, question.system), message(Role::User, question.text)],
            max_output_tokens: question.max_output_tokens,
            // What is asked for is found in the text, not thought out; thinking would be paid for out of the answer.
            reasoning_effort: Some("none".to_owned()),
            schema: Some(question.schema),
            toolbox: None,
            pictures: Vec::new(),
        };
        let account = question.account;
        let first = self.complete(account, &request).await?;
        let malformed = match read(&first.text) {
            Ok(answer) => return Ok(Answered { answer, usage: usage(&[&first]) }),
            Err(malformed) => malformed,
        };
        // What could not be read is not quoted: it may be anybody's words.
        tracing::info!(model = request.model, "the memory model's answer cannot be read; asking for a repair");
        request.messages.push(message(Role::Assistant, first.text.clone()));
        request.messages.push(message(Role::User, repair_text(&malformed.to_string())));
        let second = self.complete(account, &request).await?;
        match read(&second.text) {
            Ok(answer) => Ok(Answered { answer, usage: usage(&[&first, &second]) }),
            Err(malformed) => Err(Trouble::Malformed(malformed)),
        }
    }

    async fn complete(&self, account: Account, request: &ChatRequest) -> Tried<Completion> {
        if let Some(pause) = self.may_spend(account.chat, account.spending).await? {
            return Err(Trouble::Paused(Box::new(pause)));
        }
        // Nobody watches this answer being written.
        let (deltas, _) = mpsc::unbounded_channel();
        let answered = self.model().complete(request, &deltas).await;
        let model = self.model_name(&request.model);
        measure::model_called(&model, answered.as_ref().map_or_else(ModelError::name, |_| "answered"));
        let completion = answered?;
        if let Some(usage) = completion.usage {
            let tokens = TokenUse {
                predicted: None,
                prompt: usage.prompt.0,
                cached: usage.cached.map_or(0, |cached| cached.0),
                completion: usage.completion.0,
                cost_nanousd: self.cost(&model, usage).map(|cost| cost.0),
            };
            tokens.count(&model);
        }
        let taken = match completion.usage {
            Some(usage) => usage,
            None => counted(request, &completion).await,
        };
        self.spend(account, &model, taken).await?;
        self.report_model_answered();
        Ok(completion)
    }
}

/// About what a request took, where the endpoint does not say.
async fn counted(request: &ChatRequest, completion: &Completion) -> Usage {
    let encoding = Encoding::of_model(&request.model);
    let mut prompt = TokenCount::ZERO;
    for message in &request.messages {
        prompt += count_off_thread(encoding, &message.content).await;
    }
    Usage { prompt, cached: None, completion: count_off_thread(encoding, &completion.text).await }
}

fn usage(completions: &[&Completion]) -> Option<(u32, u32)> {
    completions.iter().try_fold((0, 0), |(prompt, answer), completion| {
        completion.usage.map(|usage| (prompt + usage.prompt.0, answer + usage.completion.0))
    })
}
