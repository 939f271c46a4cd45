//! One turn: from the unanswered messages of a chat to a stored reply.
//!
//! The turn runs in a task of its own, so that a browser that closes does not cut an answer short. What is stored is
//! stored in two commits: the turn with its messages before the model is asked, the reply with its manifest, and the
//! first step of its delivery, after.

mod ask;
mod converse;
mod end;
mod figures;
mod live;
mod pictures;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use souvenir_memory::{
    ChatId, Encoding, Message, MessageId, Timestamp, TokenBudget, TurnId,
    context::{Built, MessageTooLarge},
    delivery::Progress,
    spending::Spending,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};
use tokio::{
    sync::{OwnedMutexGuard, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

pub(in crate::engine) use self::figures::Figures;
pub use self::live::Written;
use self::{ask::Outcome, end::Ended};
use super::{
    Answer, ChatEvent, Engine, EngineError, Exit, assemble::Request, error::Result, files::Shown, settings::Settings,
    texts,
};
use crate::{
    language::Language,
    llm::tokens::count_off_thread,
    store::{ChatRecord, Counted, TurnState},
};

/// A chat's turn: whoever holds it may answer; and the switch that stops the answer being made.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    switch: Mutex<Option<live::Switch>>,
    /// What is written of the answer being made.
    written: watch::Sender<Written>,
    /// Since when words wait for an answer.
    waiting_since: Mutex<Option<Timestamp>>,
    /// On which day, by its beginning, it was said that the budget is used up.
    refused_on: Mutex<Option<Timestamp>>,
}

impl Slot {
    /// Words came.
    pub(super) fn wait_since(&self, now: Timestamp) {
        self.waiting_since.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(now);
    }

    /// Whether it is yet to be said on this day that the budget is used up; it is now.
    fn tell_once(&self, day: Timestamp) -> bool {
        self.refused_on.lock().unwrap_or_else(PoisonError::into_inner).replace(day) != Some(day)
    }

    /// They are answered now; gives how long the first waited.
    fn waited(&self, now: Timestamp) -> Option<Duration> {
        let since = self.waiting_since.lock().unwrap_or_else(PoisonError::into_inner).take();
        since.map(|since| Duration::from_millis(u64::try_from(now.millis_since(since)).unwrap_or(0)))
    }
}

/// A turn that has ended, as it was stored.
struct Made {
    turn: TurnId,
    message: Option<MessageId>,
    text: String,
    state: TurnState,
    format: Option<String>,
    progress: Progress,
    figures: Figures,
    unseen: usize,
}

impl Engine {
    /// Answers what waits in a chat, once the turns before are delivered, for somebody who is shown the reply. `None` when
    /// nothing waits any more: the message went along with an earlier one. The answer is made even if the caller goes
    /// away.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails. A model that fails is no error: its [`Answer`] says so.
    pub async fn answer(&self, chat: ChatId) -> Result<Option<Answer>> {
        self.answer_by(chat, Exit::Shown).await
    }

    /// The same, for a reply that leaves by `exit`.
    ///
    /// # Errors
    /// As [`Engine::answer`].
    pub async fn answer_by(&self, chat: ChatId, exit: Exit) -> Result<Option<Answer>> {
        let record = self.record(chat).await?;
        let guard = self.slot(chat).turn.clone().lock_owned().await;
        // Whoever holds the turn makes the only answer: one that is said to be made otherwise died on the way.
        if self.store().running_turn(chat).await?.is_some() {
            tracing::warn!(chat.id = %chat, "a turn was cut off; its messages are answered again");
            self.store().recover_turns(Some(chat), self.now()).await?;
        }
        let mut waiting = self.store().unanswered(chat).await?;
        self.leave_unread(chat, &mut waiting).await?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let engine = self.clone();
        let task = tokio::spawn(async move { engine.make(record, waiting, exit, guard).await });
        let answer = task.await.map_err(|error| EngineError::Internal(format!("the turn's task failed: {error}")))?;
        answer.map(Some)
    }

    /// Answers what a stop left unanswered in console chats; Telegram's door sees to its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answer_left_over_in_console(&self) -> Result<()> {
        for chat in self.store().chats_unanswered().await? {
            if self.record(chat).await?.telegram.is_none() {
                self.answer(chat).await?;
            }
        }
        Ok(())
    }

    /// Makes the answer to what waits. A turn whose making panics fails like any other: the person is told.
    async fn make(
        self,
        record: ChatRecord,
        waiting: Vec<Message>,
        exit: Exit,
        guard: OwnedMutexGuard<()>,
    ) -> Result<Answer> {
        let (chat, newest) = (record.id, waiting.last().map_or_else(String::new, |message| message.text.clone()));
        let running = AssertUnwindSafe(self.run_turn(record.clone(), waiting, &exit)).catch_unwind();
        let made = match running.await {
            Ok(made) => made?,
            Err(_) => self.after_panic(record, &newest, &exit).await?,
        };
        let Made { turn, message, text, state, format, progress, figures, unseen } = made;
        let (failed, stopped) = (state == TurnState::Failed, state == TurnState::Stopped);
        let figures = Some(figures);
        let engine = self;
        Ok(Answer {
            chat,
            turn,
            message,
            text,
            failed,
            stopped,
            unseen,
            format,
            progress,
            figures,
            engine,
            _turn: guard,
        })
    }

    async fn run_turn(&self, record: ChatRecord, waiting: Vec<Message>, exit: &Exit) -> Result<Made> {
        let chat = record.id;
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let (mut current, mut counted) = count_all(waiting, encoding).await;
        let together = self.answerable_together(&settings, &current).await?;
        current.truncate(together);
        counted.truncate(together);
        let Some(turn) = self.store().open_turn(chat, &current, &counted, encoding, self.now()).await? else {
            return Err(EngineError::conflict("what was to be answered was forgotten meanwhile"));
        };
        self.emit(ChatEvent::TurnStarted { chat, turn });
        let language = Language::of(record.language.as_deref(), current.last().map_or("", |message| &message.text));
        let slot = self.slot(chat);
        let (queue, stop) = (slot.waited(self.now()), slot.begin(turn));
        let work = Work { engine: self, record, turn, settings, encoding, current, language, queue, stop };
        let ended = match work.run().await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(%error, chat.id = %chat, turn.id = %turn, "failed to make a reply");
                Ended::failed(texts::internal(language).to_owned(), error.to_string())
            }
        };
        slot.end();
        let made = work.store(ended, exit).await;
        self.let_pictures_go(chat, &work.current);
        self.nudge(chat);
        made
    }

    /// Ends the turn whose making panicked. What the panic said is on standard error.
    async fn after_panic(&self, record: ChatRecord, newest: &str, exit: &Exit) -> Result<Made> {
        let chat = record.id;
        let Some(turn) = self.store().running_turn(chat).await? else {
            return Err(EngineError::Internal("a turn panicked before it began".to_owned()));
        };
        tracing::error!(chat.id = %chat, turn.id = %turn, "making a reply panicked");
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let language = Language::of(record.language.as_deref(), newest);
        self.slot(chat).end();
        let (current, queue, stop) = (Vec::new(), None, CancellationToken::new());
        let work = Work { engine: self, record, turn, settings, encoding, current, language, queue, stop };
        let ended = Ended::failed(texts::internal(language).to_owned(), "making the reply panicked".to_owned());
        work.store(ended, exit).await
    }
}

impl Engine {
    /// How many of a burst's messages, at least one, fit a context together. The others wait for the next turn.
    async fn answerable_together(&self, settings: &Settings, burst: &[Message]) -> Result<usize> {
        let model = &settings.chat_model.value;
        let prompt = count_off_thread(Encoding::of_model(model), &settings.system_prompt.value).await;
        let limit = self.scale(model).await?.raw_limit(self.within_window(model, settings.budget()).hard_limit());
        let mut used = prompt + MESSAGE_OVERHEAD + ANSWER_PRIMING;
        let fitting = burst.iter().take_while(|message| {
            used += message.tokens + MESSAGE_OVERHEAD;
            used <= limit
        });
        Ok(fitting.count().max(1))
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
    /// How long the first of the messages waited.
    queue: Option<Duration>,
    /// A person stops it by this.
    stop: CancellationToken,
}

impl Work<'_> {
    async fn run(&self) -> Result<Ended> {
        if self.settings.is_limited()
            && let Some(pause) = self.engine.may_spend(self.record.id, Spending::Reply).await?
        {
            return Ok(Ended::refused(self, &pause));
        }
        let model = &self.settings.chat_model.value;
        let budget = self.engine.within_window(model, self.settings.budget());
        let mark = self.record.trim_mark;
        let began = Instant::now();
        let shown = self.pictures(budget).await?;
        let (context, manifest) = match self.context(budget, mark, &shown).await? {
            Ok(built) => built,
            Err(error) => return Ok(self.too_large(error)),
        };
        let took = began.elapsed();
        let mut ended = self.ask(context, manifest, (budget, shown)).await?;
        // Our count was wrong in spite of everything: learn from it, shrink once, ask once more.
        if let Outcome::Overflow { prompt_tokens, window, .. } = ended.outcome {
            let raw = ended.manifest.totals.raw;
            let smaller = self.shrink(budget, raw, prompt_tokens, window).await?;
            let shown = self.pictures(smaller).await?;
            ended = match self.context(smaller, None, &shown).await? {
                Ok((context, manifest)) => {
                    let refused = ended.requests;
                    let mut again = self.ask(context, manifest, (smaller, shown)).await?;
                    // The request that was refused was an attempt, too.
                    again.requests = (again.requests.0 + refused.0, again.requests.1 + refused.1 + 1);
                    again
                }
                Err(error) => return Ok(self.too_large(error)),
            };
        }
        Ok(self.conclude(ended, took))
    }

    async fn context(&self, budget: TokenBudget, trim_mark: Option<MessageId>, shown: &Shown) -> Result<Built> {
        let record = self.engine.record(self.record.id).await?;
        self.engine
            .build(Request {
                chat: record.id,
                before: self.current.first().map_or(MessageId(i64::MAX), |message| message.id),
                turn: Some(self.turn),
                current: self.current.clone(),
                at: self.engine.now(),
                settings: &self.settings,
                budget,
                scale: self.engine.scale(&self.settings.chat_model.value).await?,
                trim_mark,
                totals: record.totals,
                pictures: (0..self.current.len()).map(|place| shown.tokens_at(place)).collect(),
            })
            .await
    }

    fn too_large(&self, error: MessageTooLarge) -> Ended {
        Ended::failed(texts::too_large(self.language, &error), error.to_string())
    }
}

/// Counts messages, which storing them did not wait for.
async fn count_all(waiting: Vec<Message>, encoding: Encoding) -> (Vec<Message>, Vec<Counted>) {
    let mut current = Vec::with_capacity(waiting.len());
    let mut counted = Vec::with_capacity(waiting.len());
    for mut message in waiting {
        message.tokens = count_off_thread(encoding, &message.text).await;
        counted.push(Counted { message: message.id, revision: message.revision, tokens: message.tokens });
        current.push(message);
    }
    (current, counted)
}
