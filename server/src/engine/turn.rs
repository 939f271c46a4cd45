//! One turn: from the unanswered messages of a chat to a stored reply.
//!
//! The turn runs in a task of its own, so that a browser that closes does not cut an answer short. What is stored is
//! stored in two commits: the turn with its messages before the model is asked, the reply with its manifest after.

use std::sync::{Arc, Mutex, PoisonError};

use souvenir_memory::{
    ChatId, Encoding, Message, MessageId, MessageKind, TokenBudget, TokenCount, TurnId,
    context::{Context, MessageTooLarge},
    manifest::Manifest,
};
use tokio::sync::{OwnedMutexGuard, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    ChatEvent, Engine, EngineError, ServiceState, assemble::Request, error::Result, recall, settings::Settings,
    source_of, texts,
};
use crate::{
    language::Language,
    llm::{ChatRequest, Completion, ModelError, prices, tokens::count_off_thread},
    store::{ChatRecord, Counted, DeliveryState, FinishedTurn, TurnState},
};

/// A chat's turn: whoever holds it may answer; and the switch that stops the answer being made.
#[derive(Debug, Default)]
pub(super) struct Slot {
    turn: Arc<tokio::sync::Mutex<()>>,
    stop: Mutex<Option<CancellationToken>>,
}

/// A reply on its way out. Holds the chat's turn until it is delivered or dropped.
#[derive(Debug)]
pub struct Answer {
    /// The chat to answer in.
    pub chat: ChatId,
    /// The turn that made it.
    pub turn: TurnId,
    /// The stored reply; none when the turn failed.
    pub message: Option<MessageId>,
    /// What to tell the person: the reply, or what went wrong.
    pub text: String,
    /// Whether the turn failed.
    pub failed: bool,
    _turn: OwnedMutexGuard<()>,
}

/// How delivering an [`Answer`] went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Sent, as these Telegram messages.
    Sent {
        /// Telegram's ids, in order.
        telegram_message_ids: Vec<i64>,
    },
    /// Shown in the browser or returned by the API.
    Shown,
    /// It may or may not have arrived.
    Unknown,
    /// It did not arrive.
    Failed {
        /// Why, safe to show.
        reason: String,
    },
}

impl Engine {
    /// Answers what waits in a chat, once the turns before are delivered. `None` when nothing waits any more: the
    /// message went along with an earlier one. The answer is made even if the caller goes away.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails. A model that fails is no error: its [`Answer`] says so.
    pub async fn answer(&self, chat: ChatId) -> Result<Option<Answer>> {
        let record = self.record(chat).await?;
        let guard = self.slot(chat).turn.clone().lock_owned().await;
        let waiting = self.store().unanswered(chat).await?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let engine = self.clone();
        let task = tokio::spawn(async move { engine.run_turn(record, waiting, guard).await });
        let answer = task.await.map_err(|error| EngineError::Internal(format!("the turn's task failed: {error}")))?;
        answer.map(Some)
    }

    /// Records what became of a reply and lets the chat's next turn begin.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivered(&self, answer: Answer, delivery: Delivery) -> Result<()> {
        let (state, error, ids) = match &delivery {
            Delivery::Sent { telegram_message_ids } => (DeliveryState::Sent, None, telegram_message_ids.as_slice()),
            Delivery::Shown => (DeliveryState::Sent, None, [].as_slice()),
            Delivery::Unknown => (DeliveryState::Unknown, None, [].as_slice()),
            Delivery::Failed { reason } => (DeliveryState::Failed, Some(reason.as_str()), [].as_slice()),
        };
        Ok(self.store().set_delivery(answer.turn, state, error, ids, self.now()).await?)
    }

    /// Answers what a stop left unanswered in console chats; Telegram's door sees to its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answer_left_over_in_console(&self) -> Result<()> {
        for chat in self.store().chats_unanswered().await? {
            if self.record(chat).await?.telegram.is_none()
                && let Some(answer) = self.answer(chat).await?
            {
                self.delivered(answer, Delivery::Shown).await?;
            }
        }
        Ok(())
    }

    /// Stops the answer being made in a chat; what was written is kept. False when none is.
    #[must_use]
    pub fn stop_turn(&self, chat: ChatId) -> bool {
        let slot = self.slot(chat);
        let stop = slot.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        stop.is_some_and(|stop| {
            stop.cancel();
            true
        })
    }

    async fn run_turn(&self, record: ChatRecord, waiting: Vec<Message>, guard: OwnedMutexGuard<()>) -> Result<Answer> {
        let chat = record.id;
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let (current, counted) = count_all(waiting, encoding).await;
        let turn = self.store().open_turn(chat, &current, &counted, encoding, self.now()).await?;
        self.emit(ChatEvent::TurnStarted { chat, turn });
        let language = Language::of(record.language.as_deref(), current.last().map_or("", |message| &message.text));
        let work = Work { engine: self, record, turn, settings, encoding, current, language };
        let ended = match work.run().await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, chat.id = %chat, turn.id = %turn, "failed to make a reply");
                Ended::failed(texts::internal(language).to_owned(), error.to_string())
            }
        };
        let message = work.store(&ended).await?;
        self.emit(ChatEvent::TurnFinished { chat, turn, state: ended.state.as_str().to_owned() });
        let failed = ended.state == TurnState::Failed;
        Ok(Answer { chat, turn, message, text: ended.text, failed, _turn: guard })
    }
}

/// How a turn ended, to be stored and told.
struct Ended {
    state: TurnState,
    /// What the person reads.
    text: String,
    /// Whether `text` is the model's, and so part of the conversation.
    spoken: bool,
    error: Option<String>,
    manifest: Option<Manifest>,
    completion: Option<Completion>,
    context_ms: i64,
    trim_mark: Option<MessageId>,
}

impl Ended {
    fn failed(text: String, error: String) -> Self {
        Self {
            state: TurnState::Failed,
            text,
            spoken: false,
            error: Some(error),
            manifest: None,
            completion: None,
            context_ms: 0,
            trim_mark: None,
        }
    }
}

/// What one turn works with.
struct Work<'a> {
    engine: &'a Engine,
    record: ChatRecord,
    turn: TurnId,
    settings: Settings,
    encoding: Encoding,
    current: Vec<Message>,
    language: Language,
}

impl Work<'_> {
    async fn run(&self) -> Result<Ended> {
        let (budget, mark) = (self.settings.budget(), self.record.trim_mark);
        let began = self.engine.now();
        let (context, manifest) = match self.context(budget, mark).await? {
            Ok(built) => built,
            Err(error) => return Ok(self.too_large(error)),
        };
        let context_ms = self.engine.now().millis_since(began);
        let mut ended = self.ask(context, manifest).await?;
        // Our count was wrong in spite of everything: learn from it, shrink once, ask once more.
        if let Outcome::Overflow { prompt_tokens, window, .. } = ended.outcome {
            let raw = ended.manifest.totals.raw;
            let smaller = self.shrink(budget, raw, prompt_tokens, window).await?;
            ended = match self.context(smaller, None).await? {
                Ok((context, manifest)) => self.ask(context, manifest).await?,
                Err(error) => return Ok(self.too_large(error)),
            };
        }
        Ok(self.conclude(ended, context_ms))
    }

    async fn context(
        &self,
        budget: TokenBudget,
        trim_mark: Option<MessageId>,
    ) -> Result<std::result::Result<(Context, Manifest), MessageTooLarge>> {
        let record = self.engine.record(self.record.id).await?;
        self.engine
            .build(Request {
                chat: record.id,
                before: self.current.first().map_or(MessageId(i64::MAX), |message| message.id),
                current: self.current.clone(),
                at: self.engine.now(),
                settings: &self.settings,
                budget,
                scale: self.engine.scale(&self.settings.chat_model.value).await?,
                trim_mark,
                totals: record.totals,
            })
            .await
    }

    async fn ask(&self, context: Context, mut manifest: Manifest) -> Result<Asked> {
        let effort = &self.settings.reasoning_effort.value;
        let request = ChatRequest {
            model: self.settings.chat_model.value.clone(),
            messages: context.messages,
            max_output_tokens: TokenCount(self.settings.budget().reserve_for_response.0),
            reasoning_effort: (!effort.is_empty()).then(|| effort.clone()),
        };
        let stop = CancellationToken::new();
        let slot = self.engine.slot(self.record.id);
        *slot.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop.clone());
        let (deltas, received) = mpsc::unbounded_channel();
        let written = Arc::new(Mutex::new(String::new()));
        let forward = tokio::spawn(self.forwarder().run(received, written.clone()));
        let answered = tokio::select! {
            answered = self.engine.model().complete(&request, &deltas) => Some(answered),
            () = stop.cancelled() => None,
        };
        drop(deltas);
        // Every piece is told before the turn is said to have ended.
        if let Err(error) = forward.await {
            tracing::error!(%error, "failed to pass on an answer as it was written");
        }
        *slot.stop.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.keep_lessons().await?;
        let outcome = match answered {
            Some(Ok(completion)) => {
                self.engine.report_model_answered();
                self.calibrate(&mut manifest, &completion).await?;
                Outcome::Answered(completion)
            }
            Some(Err(ModelError::ContextOverflow { message, prompt_tokens, window })) => {
                Outcome::Overflow { message, prompt_tokens, window }
            }
            Some(Err(error)) => Outcome::Failed(error),
            None => {
                let text = written.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Outcome::Stopped(text)
            }
        };
        Ok(Asked { outcome, manifest, trim_mark: context.trim_mark })
    }

    fn forwarder(&self) -> Forwarder {
        Forwarder { engine: self.engine.clone(), chat: self.record.id, turn: self.turn }
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

    /// Puts the provider's figures beside ours, and learns from the difference.
    async fn calibrate(&self, manifest: &mut Manifest, completion: &Completion) -> Result<()> {
        manifest.request_sha256 = Some(completion.request_sha256.clone());
        let Some(usage) = completion.usage else { return Ok(()) };
        manifest.totals.reported = Some(usage.prompt);
        manifest.totals.cached = usage.cached;
        if !self.engine.has_language_model() {
            return Ok(());
        }
        let scale = manifest.totals.scale.learn(manifest.totals.raw, usage.prompt);
        if scale != manifest.totals.scale {
            self.engine.store().keep_scale(&self.settings.chat_model.value, scale, self.engine.now()).await?;
        }
        Ok(())
    }

    /// A budget that the endpoint's own figures say will fit.
    async fn shrink(
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
        let max = budget.max_context_tokens.0;
        let target = window.filter(|window| *window < max).unwrap_or(max / 10 * 7).max(TokenBudget::MIN_CONTEXT);
        let reserve = budget.reserve_for_response.0.min(target / 4).max(16);
        tracing::warn!(window = target, "the model's window is smaller than the budget; the context is built smaller");
        TokenBudget::new(target, reserve).map_err(|error| EngineError::Internal(error.to_string()))
    }

    fn too_large(&self, error: MessageTooLarge) -> Ended {
        Ended::failed(texts::too_large(self.language, &error), error.to_string())
    }

    fn conclude(&self, asked: Asked, context_ms: i64) -> Ended {
        let (state, text, spoken, error, completion) = match asked.outcome {
            Outcome::Answered(completion) if completion.text.trim().is_empty() => {
                let error = ModelError::Refused("the answer is empty".to_owned());
                (TurnState::Failed, texts::no_answer(self.language, &error), false, Some(error), Some(completion))
            }
            Outcome::Answered(completion) => (TurnState::Done, completion.text.clone(), true, None, Some(completion)),
            Outcome::Stopped(text) => (TurnState::Stopped, text, true, None, None),
            Outcome::Failed(ModelError::Interrupted { message, partial }) if !partial.trim().is_empty() => {
                let text = format!("{partial}\n\n{}", texts::broke_off(self.language));
                (TurnState::Failed, text, true, Some(ModelError::Interrupted { message, partial: String::new() }), None)
            }
            Outcome::Failed(error) => {
                (TurnState::Failed, texts::no_answer(self.language, &error), false, Some(error), None)
            }
            Outcome::Overflow { message, prompt_tokens, window } => {
                let error = ModelError::ContextOverflow { message, prompt_tokens, window };
                (TurnState::Failed, texts::no_answer(self.language, &error), false, Some(error), None)
            }
        };
        if let Some(error) = &error {
            tracing::warn!(%error, chat.id = %self.record.id, turn.id = %self.turn, "the model gave no whole answer");
            if matches!(error, ModelError::Unavailable(_) | ModelError::Unauthorized(_) | ModelError::UnknownModel(_)) {
                self.engine.report_model(ServiceState::degraded(error.to_string()));
            }
        }
        let spoken = spoken && !text.trim().is_empty();
        Ended {
            state,
            text,
            spoken,
            error: error.map(|error| error.to_string()),
            manifest: Some(asked.manifest),
            completion,
            context_ms,
            trim_mark: asked.trim_mark,
        }
    }

    /// The second commit: the reply, the manifest and the figures.
    async fn store(&self, ended: &Ended) -> Result<Option<MessageId>> {
        let chat = self.record.id;
        let reply = if ended.spoken {
            let tokens = count_off_thread(self.encoding, &ended.text).await;
            Some((ended.text.as_str(), tokens, recall::terms(&ended.text)))
        } else {
            None
        };
        let usage = ended.completion.as_ref().and_then(|completion| completion.usage);
        let model = self.engine.model_name(&self.settings.chat_model.value);
        let counted = reply.as_ref().map(|(_, tokens, _)| *tokens);
        let completion = usage.map(|usage| usage.completion).or(counted);
        let end = FinishedTurn {
            turn: self.turn,
            chat,
            state: ended.state,
            reply,
            source: source_of(self.record.kind),
            encoding: self.encoding,
            model: &model,
            manifest: ended.manifest.as_ref(),
            completion,
            cost_nanousd: usage.and_then(|usage| prices::cost(&model, usage)).map(|cost| cost.0.cast_signed()),
            error: ended.error.as_deref(),
            context_ms: ended.context_ms,
            first_token_ms: ended.completion.as_ref().and_then(|done| done.first_token_ms).map(u64::cast_signed),
            trim_mark: ended.trim_mark,
        };
        let message = self.engine.store().finish_turn(&end, self.engine.now()).await?;
        match message {
            Some(id) => self.engine.emit(ChatEvent::Message { chat, id }),
            None => self.engine.record_own_words(chat, MessageKind::Service, &ended.text).await?,
        }
        self.log(ended, usage.map(|usage| usage.prompt.0));
        Ok(message)
    }

    fn log(&self, ended: &Ended, reported: Option<u32>) {
        let totals = ended.manifest.as_ref().map(|manifest| manifest.totals);
        tracing::info!(
            chat.id = %self.record.id,
            turn.id = %self.turn,
            state = ended.state.as_str(),
            tokens.predicted = totals.map(|totals| totals.predicted.0),
            tokens.reported = reported,
            tokens.cached = totals.and_then(|totals| totals.cached).map(|tokens| tokens.0),
            context_ms = ended.context_ms,
            "a turn ended"
        );
    }
}

/// What asking the model came to.
struct Asked {
    outcome: Outcome,
    manifest: Manifest,
    trim_mark: Option<MessageId>,
}

enum Outcome {
    Answered(Completion),
    Overflow { message: String, prompt_tokens: Option<u32>, window: Option<u32> },
    Failed(ModelError),
    Stopped(String),
}

/// Passes an answer on to whoever is looking, as it is written.
struct Forwarder {
    engine: Engine,
    chat: ChatId,
    turn: TurnId,
}

impl Forwarder {
    async fn run(self, mut received: mpsc::UnboundedReceiver<String>, written: Arc<Mutex<String>>) {
        while let Some(text) = received.recv().await {
            written.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            self.engine.emit(ChatEvent::Delta { chat: self.chat, turn: self.turn, text });
        }
    }
}

/// Counts messages and finds their words, which storing them did not wait for.
async fn count_all(waiting: Vec<Message>, encoding: Encoding) -> (Vec<Message>, Vec<Counted>) {
    let mut current = Vec::with_capacity(waiting.len());
    let mut counted = Vec::with_capacity(waiting.len());
    for mut message in waiting {
        message.tokens = count_off_thread(encoding, &message.text).await;
        counted.push(Counted {
            message: message.id,
            revision: message.revision,
            tokens: message.tokens,
            terms: recall::terms(&message.text),
        });
        current.push(message);
    }
    (current, counted)
}
