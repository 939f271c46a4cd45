//! Asking the model: the answer goes out as it is written, and what the endpoint shows of itself is learnt.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use souvenir_memory::{ChatId, MessageId, TokenBudget, TokenCount, TurnId, context::Context, manifest::Manifest};
use tokio::{sync::mpsc, time::Instant};

use super::{
    Slot, Work,
    converse::{Looks, toolbox},
};
use crate::{
    engine::{ChatEvent, Engine, error::Result, files::Shown},
    llm::{ChatRequest, Completion, ModelError, ToolAccess, Usage},
    measure::ModelCall,
    store::ModelSearch,
};

/// What asking the model came to.
pub(super) struct Asked {
    pub(super) outcome: Outcome,
    pub(super) manifest: Manifest,
    pub(super) trim_mark: Option<MessageId>,
    /// Our count and the provider's of the same request, to learn from.
    pub(super) counts: Option<(TokenCount, TokenCount)>,
    /// What the model looked for meanwhile.
    pub(super) searches: Vec<ModelSearch>,
    /// What all requests together took.
    pub(super) spent: Option<Usage>,
    /// How many requests were answered, and how many attempts failed.
    pub(super) requests: (u32, u32),
    /// From the first request to the end of the last.
    pub(super) took: Duration,
    /// Pictures that the model was not shown.
    pub(super) unseen: usize,
}

pub(super) enum Outcome {
    Answered(Completion),
    Overflow { message: String, prompt_tokens: Option<u32>, window: Option<u32> },
    Failed(ModelError),
    Stopped(String),
}

/// Passes an answer on to whoever is looking, as it is written.
struct Forwarder {
    engine: Engine,
    slot: Arc<Slot>,
    chat: ChatId,
    turn: TurnId,
}

impl Forwarder {
    async fn run(self, mut received: mpsc::UnboundedReceiver<String>) {
        while let Some(text) = received.recv().await {
            self.slot.write(&text);
            self.engine.emit(ChatEvent::Delta { chat: self.chat, turn: self.turn, text });
        }
    }
}

impl Work<'_> {
    pub(super) async fn ask(
        &self,
        context: Context,
        mut manifest: Manifest,
        (budget, shown): (TokenBudget, Shown),
    ) -> Result<Asked> {
        let effort = &self.settings.reasoning_effort.value;
        // The messages being answered stand last.
        let first = context.messages.len().saturating_sub(self.current.len());
        let Shown { pictures, without_room } = shown;
        let mut request = ChatRequest {
            model: self.settings.chat_model.value.clone(),
            pictures: pictures.into_iter().map(|(place, picture)| (first + place, picture)).collect(),
            messages: context.messages,
            max_output_tokens: budget.reserve_for_response,
            reasoning_effort: (!effort.is_empty()).then(|| effort.clone()),
            schema: None,
            toolbox: toolbox(&manifest),
        };
        let mut looks = Looks::default();
        let slot = self.engine.slot(self.record.id);
        slot.write_anew(self.turn);
        let (deltas, received) = mpsc::unbounded_channel();
        let forward = tokio::spawn(self.forwarder(&slot).run(received));
        let asked = Instant::now();
        let answered = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            answered = self.converse(&mut request, &mut looks, (&manifest, budget), &deltas) => Some(answered),
        };
        let took = asked.elapsed();
        if answered.is_none() {
            self.count(None, took);
        }
        drop(deltas);
        manifest.append(std::mem::take(&mut looks.segments));
        // Every piece is told before the turn is said to have ended.
        if let Err(error) = forward.await {
            tracing::error!(%error, "failed to pass on an answer as it was written");
        }
        let written = slot.written();
        self.keep_lessons().await?;
        let mut counts = None;
        let outcome = match answered {
            Some(Ok(completion)) => {
                self.engine.report_model_answered();
                // A request that went out without the tool is not the one that was counted: nothing is learnt from it.
                // Nor from one with pictures, which every model counts in its own way.
                let whole = request.pictures.is_empty()
                    && request.toolbox.as_ref().is_none_or(|toolbox| {
                        toolbox.access != ToolAccess::Gone && self.engine.takes_tools(&request.model)
                    });
                counts = self.calibrate(&mut manifest, &completion).filter(|_| whole);
                Outcome::Answered(completion)
            }
            Some(Err(ModelError::ContextOverflow { message, prompt_tokens, window })) => {
                Outcome::Overflow { message, prompt_tokens, window }
            }
            Some(Err(error)) => Outcome::Failed(error),
            None => Outcome::Stopped(written),
        };
        let Looks { searches, spent, requests, retries, .. } = looks;
        let requests = (requests, retries);
        let refused = if self.engine.sees(&self.settings) { 0 } else { request.pictures.len() };
        let unseen = without_room + refused;
        Ok(Asked { outcome, manifest, trim_mark: context.trim_mark, counts, searches, spent, requests, took, unseen })
    }

    /// Counts a request among the figures; none is one that was stopped.
    pub(super) fn count(&self, answered: Option<&std::result::Result<Completion, ModelError>>, took: Duration) {
        let (outcome, first_token) = match answered {
            Some(Ok(completion)) => ("answered", completion.first_token_ms.map(Duration::from_millis)),
            Some(Err(error)) => (error.name(), None),
            None => ("stopped", None),
        };
        let model = self.engine.model_name(&self.settings.chat_model.value);
        ModelCall { model: &model, outcome, took, first_token }.count();
    }

    fn forwarder(&self, slot: &Arc<Slot>) -> Forwarder {
        Forwarder { engine: self.engine.clone(), slot: Arc::clone(slot), chat: self.record.id, turn: self.turn }
    }

    /// Stores what the endpoint was found to refuse, once, so that a restart does not ask again.
    async fn keep_lessons(&self) -> Result<()> {
        for lesson in self.engine.model().learnt() {
            let kept = &self.engine.inner.kept_lessons;
            if kept.lock().unwrap_or_else(PoisonError::into_inner).contains(&lesson) {
                continue;
            }
            let now = self.engine.now();
            self.engine.store().keep_lesson(&lesson.endpoint, &lesson.model, lesson.quirk.as_str(), now).await?;
            kept.lock().unwrap_or_else(PoisonError::into_inner).insert(lesson);
        }
        Ok(())
    }

    /// Puts the provider's figures beside ours, and gives both to learn from: that is kept with the turn.
    fn calibrate(&self, manifest: &mut Manifest, completion: &Completion) -> Option<(TokenCount, TokenCount)> {
        manifest.request_sha256 = Some(completion.request_sha256.clone());
        let usage = completion.usage?;
        manifest.totals.reported = Some(usage.prompt);
        manifest.totals.cached = usage.cached;
        self.engine.has_language_model().then_some((manifest.totals.raw, usage.prompt))
    }

    /// A budget that the endpoint's own figures say will fit.
    pub(super) async fn shrink(
        &self,
        budget: TokenBudget,
        raw: TokenCount,
        prompt_tokens: Option<u32>,
        window: Option<u32>,
    ) -> Result<TokenBudget> {
        let model = &self.settings.chat_model.value;
        if let Some(reported) = prompt_tokens {
            let scale = self.engine.scale(model).await?.exceeded(raw, TokenCount(reported));
            self.engine.store().keep_scale(model, scale, self.engine.now()).await?;
        }
        tracing::warn!(window, "the model's window is smaller than the budget; the context is built smaller");
        if let Some(window) = window {
            let mut windows = self.engine.inner.windows.lock().unwrap_or_else(PoisonError::into_inner);
            windows.insert(model.clone(), window);
        }
        let max = budget.max_context_tokens.0;
        Ok(smaller(budget, window.filter(|window| *window < max).unwrap_or(max / 10 * 7)))
    }
}

impl Engine {
    /// A budget brought within the model's window, once an overflow has told that: no request is refused twice.
    pub(in crate::engine) fn within_window(&self, model: &str, budget: TokenBudget) -> TokenBudget {
        let windows = self.inner.windows.lock().unwrap_or_else(PoisonError::into_inner);
        match windows.get(model) {
            Some(window) if *window < budget.max_context_tokens.0 => smaller(budget, *window),
            _ => budget,
        }
    }
}

/// The budget with a smaller window, of which at most a quarter is kept for the answer.
fn smaller(budget: TokenBudget, window: u32) -> TokenBudget {
    let window = window.max(TokenBudget::MIN_CONTEXT);
    let reserve = budget.reserve_for_response.0.min(window / 4);
    TokenBudget { max_context_tokens: TokenCount(window), reserve_for_response: TokenCount(reserve) }
}
