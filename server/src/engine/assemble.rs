//! From the database to a built context: the same way for a reply, a preview and a replay.

use std::collections::HashMap;

use souvenir_memory::{
    ChatId, Encoding, Fact, Message, MessageId, Role, Scale, Timestamp, TokenBudget, TokenCount, TokenCounter, TurnId,
    context::{self, Built, ContextSettings, Digest, Snapshot, SystemPrompt, ToolRoom},
    prompt::{self, Introduction, search},
    tokens::MESSAGE_OVERHEAD,
};

use super::{
    Engine,
    error::Result,
    settings::{Settings, Switch},
};
use crate::{
    clock, hash,
    llm::{
        Learnt, Quirk,
        tokens::{BpeCounter, RememberingCounter, count_off_thread},
    },
    store::{ChatKind, DigestKind, PeriodRecord, Reference, SnapshotQuery, Totals},
};

/// One part in so many of the window is kept free for what the model looks for by itself.
const ANSWERS_SHARE: u32 = 10;

/// What to build a context for.
pub(super) struct Request<'a> {
    pub(super) chat: ChatId,
    /// The messages being answered; not necessarily stored.
    pub(super) current: Vec<Message>,
    /// History ends before this one…
    pub(super) before: MessageId,
    /// …but holds the replies of turns before this one, though they may be stored after it.
    pub(super) turn: Option<TurnId>,
    /// The moment to build for.
    pub(super) at: Timestamp,
    pub(super) settings: &'a Settings,
    pub(super) budget: TokenBudget,
    pub(super) scale: Scale,
    /// The chat's trim mark; none for what-if.
    pub(super) trim_mark: Option<MessageId>,
    /// The running totals at that moment, the current messages included when they are stored.
    pub(super) totals: Totals,
    /// The tokens of what is shown with each of the messages being answered; as many, or none.
    pub(super) pictures: Vec<TokenCount>,
}

impl Engine {
    /// Reads the snapshot and builds. The connection is let go before the pure part.
    pub(super) async fn build(&self, request: Request<'_>) -> Result<Built> {
        let (at, settings) = (request.at, request.settings);
        let model = &settings.chat_model.value;
        let encoding = Encoding::of_model(model);
        let context_settings = ContextSettings {
            model: self.model_name(model),
            budget: request.budget,
            scale: request.scale,
            session: settings.session_duration.value,
            tool: self.tool_room(settings, request.budget, request.scale, encoding),
        };
        let (chat, pictures) = (request.chat, request.pictures.clone());
        let mut snapshot = self.snapshot(request, encoding).await?;
        self.introduce(chat, snapshot.messages.iter_mut().chain(&mut snapshot.current).collect(), encoding).await?;
        for (message, tokens) in snapshot.current.iter_mut().zip(pictures) {
            message.tokens += tokens;
        }
        let counter = RememberingCounter::new(encoding);
        let built =
            tokio::task::spawn_blocking(move || context::build(&snapshot, &context_settings, at, &counter)).await;
        built.map_err(|error| super::EngineError::Internal(format!("the context builder failed: {error}")))
    }

    /// Writes before the words of people what the model has to know of them: in groups who speaks, and whose words they
    /// reply to, quote or pass on. The words themselves stay as they are stored.
    pub(super) async fn introduce(&self, chat: ChatId, messages: Vec<&mut Message>, encoding: Encoding) -> Result<()> {
        let in_group = self.record(chat).await?.kind == ChatKind::Group;
        let said = messages.iter().filter(|message| message.role == Role::User);
        let ids: Vec<MessageId> = said.map(|message| message.id).collect();
        let references: HashMap<MessageId, Reference> =
            self.store().references(chat, &ids).await?.into_iter().map(|about| (about.message, about)).collect();
        for message in messages {
            let about = references.get(&message.id);
            if message.role != Role::User || !message.is_context() || (about.is_none() && !in_group) {
                continue;
            }
            let text = prompt::introduced(&Introduction {
                speaker: in_group.then(|| prompt::speaker(message)),
                forwarded_from: about.and_then(|about| about.forwarded_from.as_deref()),
                quoted: about.and_then(|about| about.quoted.as_deref()),
                quoted_author: about.and_then(|about| about.quoted_author.as_deref()),
                text: &message.text,
            });
            message.tokens = count_off_thread(encoding, &text).await;
            message.text = text;
        }
        Ok(())
    }

    /// What the model's search tool takes of a context; none where the chat does not have it, or the model cannot.
    fn tool_room(
        &self,
        settings: &Settings,
        budget: TokenBudget,
        scale: Scale,
        encoding: Encoding,
    ) -> Option<ToolRoom> {
        let may = settings.search_memory.value == Switch::On && self.takes_tools(&settings.chat_model.value);
        may.then(|| ToolRoom {
            definition: search::definition_tokens(&BpeCounter::new(encoding)),
            answers: scale.raw_limit(TokenCount(budget.max_context_tokens.0 / ANSWERS_SHARE)),
        })
    }

    /// Whether a model may be told of tools: it is one, and its server has not refused them.
    pub(super) fn takes_tools(&self, model: &str) -> bool {
        let refused = |lesson: &Learnt| lesson.quirk == Quirk::NoTools && lesson.model == model;
        self.model().is_language_model() && !self.model().learnt().iter().any(refused)
    }

    async fn snapshot(&self, request: Request<'_>, encoding: Encoding) -> Result<Snapshot> {
        let (chat, at, settings) = (request.chat, request.at, request.settings);
        let store = self.store();
        let query = SnapshotQuery {
            chat,
            at,
            before: request.before,
            turn: request.turn,
            tokens: request.scale.raw_limit(request.budget.max_context_tokens),
            since: settings.session_duration.value.start(at),
            mark: request.trim_mark,
            encoding,
        };
        let messages = self.counted(store.recent_messages(query).await?, encoding).await?;
        let known: Vec<&Message> =
            messages.iter().chain(&request.current).filter(|message| message.id.0 != 0).collect();
        let older = store.older_messages(chat, request.totals, &known, request.before).await?;
        let facts: Vec<Fact> = store.facts(chat, at).await?.into_iter().map(|record| record.fact).collect();
        let fact_scores = self.fact_scores(&request, &facts).await;
        let summaries = store.summaries(chat, at).await?;
        let digests = match settings.digest_context.value {
            Switch::On => store.digests_for_context(chat, at).await?,
            Switch::Off => Vec::new(),
        };
        let room = recall_room(&request, &messages);
        let recalled = self.recall(&request, &messages, room, encoding).await?;
        Ok(Snapshot {
            system_prompt: self.system_prompt(&settings.system_prompt.value).await?,
            facts,
            summaries,
            digests: digests.into_iter().filter_map(digest).collect(),
            messages,
            current: request.current,
            recalled,
            fact_scores,
            older,
            trim_mark: request.trim_mark,
            context_start: settings.context_start,
            clock: Some(clock::spoken(at, &settings.zone())),
        })
    }

    /// Fills in counts that were never made in this encoding, and keeps them.
    pub(super) async fn counted(&self, messages: Vec<(Message, bool)>, encoding: Encoding) -> Result<Vec<Message>> {
        let mut fresh = Vec::new();
        let mut complete = Vec::with_capacity(messages.len());
        for (mut message, counted) in messages {
            if !counted {
                message.tokens = count_off_thread(encoding, &message.text).await;
                fresh.push((message.revision, message.tokens));
            }
            complete.push(message);
        }
        if !fresh.is_empty() {
            self.store().keep_counts(encoding, &fresh).await?;
        }
        Ok(complete)
    }

    async fn system_prompt(&self, text: &str) -> Result<SystemPrompt> {
        let sha256 = hash::sha256(text.as_bytes());
        if self.inner.kept_prompts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(sha256.clone()) {
            self.store().keep_prompt(&sha256, text, self.now()).await?;
        }
        Ok(SystemPrompt { text: text.to_owned(), sha256 })
    }

    /// The model's name in records: the offline model goes by its own.
    pub(super) fn model_name(&self, configured: &str) -> String {
        if self.model().is_language_model() { configured.to_owned() } else { "offline".to_owned() }
    }

    /// What raw counts are multiplied by for a model: learnt, or the one to start from.
    pub(super) async fn scale(&self, model: &str) -> Result<Scale> {
        if !self.model().is_language_model() {
            return Ok(Scale::EXACT);
        }
        Ok(self.store().scale(model).await?.unwrap_or_else(|| Scale::initial(model)))
    }
}

/// How many tokens recall may at most have for itself once recent messages have theirs: an estimate of what the context
/// builder will find.
fn recall_room(request: &Request<'_>, recent: &[Message]) -> TokenCount {
    let said = recent.iter().chain(&request.current).filter(|message| message.is_context());
    let spoken: TokenCount = said.map(|message| message.tokens + MESSAGE_OVERHEAD).sum();
    request.scale.raw_limit(request.budget.available()).saturating_sub(spoken)
}

/// A digest as the context has it.
fn digest(record: PeriodRecord) -> Option<Digest> {
    let (kind, day) = record.digest?;
    let days = match kind {
        DigestKind::Daily => day,
        DigestKind::Weekly => format!("week from {day}"),
    };
    Some(Digest { id: record.id, days, text: record.text })
}

/// A text as if it had just been written: for previews.
pub(super) fn unsent(text: &str, tokens: TokenCount, at: Timestamp) -> Message {
    Message {
        id: MessageId(0),
        revision: souvenir_memory::RevisionId(0),
        turn: None,
        role: Role::User,
        author: None,
        kind: souvenir_memory::MessageKind::Text,
        text: text.to_owned(),
        tokens,
        at,
        archived_at: None,
    }
}

/// Counts one text in one encoding; here so that the trait is in scope once.
pub(super) fn count(encoding: Encoding, text: &str) -> TokenCount {
    BpeCounter::new(encoding).count(text)
}
