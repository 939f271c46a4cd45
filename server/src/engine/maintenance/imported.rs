//! Imported messages: their places put in order, episodes found among them, and what waits for the owner's word.
//!
//! What was imported stands before all else, and between episodes that were summed up already; each such stretch is followed by
//! itself, and its last episode has ended. Summing all of it up may cost something, so those episodes are held until the owner
//! says so. The offline model costs nothing and waits for nobody.

use souvenir_memory::{
    ChatId, MessageId, NanoUsd, TokenCount,
    episode::{self, Closing, LOOK_BACK, Rules, Said, Span},
    import::place,
};

use super::{JobItem, consolidate::BATCH_TOKENS, follow::said};
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result},
    llm::Usage,
};

/// How many messages are read at a time.
const AT_A_TIME: u32 = 1000;
/// What a batch takes beside its messages, about: the instructions, the schema, some facts.
const AROUND_BATCH: u32 = 1_800;
/// What stands around each message in a prompt, about.
const AROUND_MESSAGE: u32 = 24;
/// What a model answers to a batch, about.
const ANSWER: u32 = 450;

/// What of a chat waits to be summed up, and what that would cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// The chat.
    pub chat: ChatId,
    /// Its title.
    pub title: String,
    /// How many episodes.
    pub episodes: u32,
    /// How many messages of conversation are in them.
    pub messages: u32,
    /// About how many tokens the model would read.
    pub tokens: u64,
    /// The model.
    pub model: String,
    /// About how much it would cost, in US dollars; none where the model's price is not known.
    pub usd: Option<f64>,
}

impl Engine {
    /// Whether summing up costs nothing.
    pub(super) fn sums_up_for_nothing(&self) -> bool {
        !self.has_language_model()
    }

    /// Puts a chat's places in order where an import was cut off.
    pub(in crate::engine) async fn order(&self, chat: ChatId) -> Result<()> {
        // Nobody indexes by places that are about to change.
        let _alone = self.inner.upkeep.following().await;
        if self.store().order_messages(chat).await? {
            tracing::info!(chat.id = %chat, "a chat's messages were put in order");
        }
        Ok(())
    }

    /// Finds the episodes among imported messages that are in none.
    pub(in crate::engine) async fn follow_imported(&self, chat: ChatId) -> Result<()> {
        if !self.store().has_unfollowed(chat).await? {
            return Ok(());
        }
        let _alone = self.inner.upkeep.following().await;
        let kept = self.store().loosen_imported(chat).await?;
        let mut after = MessageId(place::FIRST.0 - 1);
        let ends = kept.iter().copied().chain([(MessageId(0), MessageId(0))]);
        for (first, last) in ends {
            self.follow_stretch(chat, (after, first)).await?;
            after = last;
        }
        self.store().imported_is_followed(chat).await?;
        self.emit(ChatEvent::Episodes { chat });
        Ok(())
    }

    /// Follows what lies between two messages to its end, a part at a time.
    async fn follow_stretch(&self, chat: ChatId, (mut after, before): (MessageId, MessageId)) -> Result<()> {
        let session = self.settings_at(Some(chat), self.now()).await?.session_duration.value;
        // The episode that goes on: its first message, and as much of its end as a shift of topic looks back on.
        let mut open: Option<(MessageId, Vec<Said>)> = None;
        loop {
            let new = self.store().conversation_within(chat, (after, before), AT_A_TIME).await?;
            let is_all = new.len() < AT_A_TIME as usize;
            after = new.last().map_or(after, |message| message.id);
            let (first, known) = open.take().unzip();
            let known = known.unwrap_or_default();
            let (mut spans, rest) = tokio::task::spawn_blocking(move || {
                let looked_back = known.len();
                let said: Vec<Said> = known.into_iter().chain(new.into_iter().map(said)).collect();
                let Some(last) = said.last() else { return (Vec::new(), Vec::new()) };
                let rules = Rules { session, resets: &[], now: last.at };
                let spans = episode::follow(&said, looked_back, &rules);
                let goes_on = spans.last().map_or(MessageId(0), |span| span.first);
                let rest: Vec<Said> = said.into_iter().filter(|said| said.id >= goes_on).collect();
                let begin = rest.len().saturating_sub(LOOK_BACK);
                (spans, rest[begin..].to_vec())
            })
            .await
            .map_err(|error| EngineError::Internal(format!("following imported messages failed: {error}")))?;
            if let (Some(span), Some(first)) = (spans.first_mut(), first) {
                span.first = first;
            }
            match spans.pop() {
                Some(last) if !is_all => open = Some((last.first, rest)),
                Some(last) => spans.push(Span { closing: Some(Closing::Idle), ..last }),
                None => {}
            }
            self.store().hold_imported(chat, &spans, self.now()).await?;
            if is_all {
                return Ok(());
            }
        }
    }

    /// What of a chat waits for the owner's word; none when nothing does, or when it costs nothing and needs none.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn waiting_import(&self, chat: ChatId) -> Result<Option<Waiting>> {
        let record = self.record(chat).await?;
        if self.sums_up_for_nothing() {
            return Ok(None);
        }
        // Episodes are found in the background: until then what was imported is measured as a whole.
        let held = match self.store().has_unfollowed(chat).await? {
            true => self.store().imported_unfollowed(chat).await?,
            false => self.store().held(chat).await?,
        };
        let Some(held) = held else { return Ok(None) };
        let model = self.settings_at(Some(chat), self.now()).await?.memory_model.value;
        // Nearly every episode is one batch; the largest may be more.
        let batches = u64::from(held.episodes + held.largest.0 / BATCH_TOKENS);
        let tokens = u64::from(held.tokens.0)
            + u64::from(held.messages) * u64::from(AROUND_MESSAGE)
            + batches * u64::from(AROUND_BATCH);
        let per_batch = |tokens: u64| TokenCount(u32::try_from(tokens).unwrap_or(u32::MAX));
        let cost = |usage| self.prices().cost(&model, usage).map(NanoUsd::as_usd);
        // Priced a batch at a time: long prompts have another price.
        let one = cost(Usage {
            prompt: per_batch(tokens / batches.max(1)),
            completion: TokenCount(ANSWER),
            ..Usage::default()
        });
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let usd = one.map(|one| one * batches as f64);
        let (episodes, messages) = (held.episodes, held.messages);
        Ok(Some(Waiting { chat, title: record.title, episodes, messages, tokens, model, usd }))
    }

    /// What of any chat waits for the owner's word.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_imports(&self) -> Result<Vec<Waiting>> {
        let mut waiting = Vec::new();
        for chat in self.store().chats_held().await? {
            waiting.extend(self.waiting_import(chat).await?);
        }
        Ok(waiting)
    }

    /// The owner wants what was imported into a chat summed up. None when nothing is left to do.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails.
    pub async fn consolidate_imported(&self, chat: ChatId) -> Result<Option<JobItem>> {
        self.record(chat).await?;
        self.follow_imported(chat).await?;
        let released = self.store().release_held(chat).await?;
        tracing::info!(chat.id = %chat, episodes = released, "imported episodes are to be summed up");
        if self.portions(chat).await?.is_empty() {
            return Ok(None);
        }
        self.queue(chat).await.map(Some)
    }
}
