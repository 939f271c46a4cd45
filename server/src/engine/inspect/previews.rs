//! Contexts that are not sent: what the next reply would see, and what a past one would have seen.

use souvenir_memory::{
    ChatId, Encoding, Message, MessageId, Role, TokenBudget, TokenCount, TurnId,
    manifest::{ItemRef, Section, Segment},
    tokens::MESSAGE_OVERHEAD,
};

use super::{Preview, WhatIf};
use crate::{
    engine::{
        Engine, EngineError, Result,
        assemble::{Request, unsent},
        settings::Settings,
    },
    llm::tokens::count_off_thread,
    store::{MessageRecord, Totals},
};

impl Engine {
    /// What the next reply would see; with other settings or a message, what it would see then.
    ///
    /// # Errors
    /// [`EngineError::NoChat`]; [`EngineError::Invalid`] for an impossible budget or a message that is too large.
    pub async fn preview(&self, id: ChatId, what_if: WhatIf) -> Result<Preview> {
        let record = self.record(id).await?;
        let now = self.now();
        let mut settings = self.settings_at(Some(id), now).await?;
        let mark =
            record.trim_mark.filter(|_| what_if.session_duration.is_none() && what_if.max_context_tokens.is_none());
        let budget = adopt(&mut settings, &what_if)?;
        let budget = self.within_window(&settings.chat_model.value, budget);
        let current = match what_if.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                let tokens = count_off_thread(Encoding::of_model(&settings.chat_model.value), text).await;
                vec![unsent(text, tokens, now)]
            }
            None => Vec::new(),
        };
        let request = Request {
            chat: id,
            current,
            before: MessageId(i64::MAX),
            turn: None,
            at: now,
            budget,
            scale: self.scale(&settings.chat_model.value).await?,
            trim_mark: mark,
            totals: record.totals,
            settings: &settings,
            pictures: Vec::new(),
        };
        self.built(request, what_if.text).await
    }

    /// A past turn built again with other settings: what the model would have seen.
    ///
    /// # Errors
    /// [`EngineError::NoTurn`]; [`EngineError::Invalid`] for an impossible budget.
    pub async fn replay(&self, id: ChatId, turn: TurnId, what_if: WhatIf) -> Result<Preview> {
        let record = self.turn_record(id, turn).await?;
        let at = record.started_at;
        let mut settings = self.settings_at(Some(id), at).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let asked = self.store().turn_messages(id, turn, encoding).await?;
        let mut ids: Vec<MessageId> =
            asked.iter().filter(|message| message.role == Role::User).map(|message| message.id).collect();
        if ids.is_empty() {
            // They may have been answered anew, and belong to that turn.
            ids = self.asked_in(&record).await?;
        }
        let current = self.counted(self.store().messages_by_id(id, &ids, encoding, at).await?, encoding).await?;
        let budget = adopt(&mut settings, &what_if)?;
        let before = ids.first().copied().unwrap_or(MessageId(i64::MAX));
        let pictures = self.pictures_then(id, turn, &settings, budget, &current).await?;
        let request = Request {
            chat: id,
            current,
            before,
            turn: Some(turn),
            at,
            budget,
            scale: self.scale(&settings.chat_model.value).await?,
            trim_mark: None,
            totals: with_current(self.store().totals_before(id, before, turn, at).await?, &asked),
            settings: &settings,
            pictures,
        };
        self.built(request, None).await
    }

    /// The tokens of the pictures that a turn showed with each message it answered: what that took then beyond its words. No
    /// picture is kept, but what it took is. Those that a smaller window has no room for are left out.
    async fn pictures_then(
        &self,
        chat: ChatId,
        turn: TurnId,
        settings: &Settings,
        budget: TokenBudget,
        current: &[Message],
    ) -> Result<Vec<TokenCount>> {
        let Some(then) = self.store().manifest(turn).await? else { return Ok(Vec::new()) };
        let encoding = then.encoding;
        let mut words = current.to_vec();
        self.introduce(chat, words.iter_mut().collect(), encoding).await?;
        let mut room = self.room_for_pictures(settings, budget, current).await?;
        let mut pictures = Vec::with_capacity(words.len());
        for message in words {
            let said = count_off_thread(encoding, &message.text).await + MESSAGE_OVERHEAD;
            let item = ItemRef::Message { message_id: message.id.0, revision_id: message.revision.0 };
            let is_of =
                |segment: &&Segment| segment.section == Section::Current && segment.item.as_ref() == Some(&item);
            let took = then.segments.iter().find(is_of).map_or(TokenCount(0), |segment| segment.tokens);
            let taken = Some(took.saturating_sub(said)).filter(|tokens| *tokens <= room).unwrap_or(TokenCount(0));
            room = room.saturating_sub(taken);
            pictures.push(taken);
        }
        Ok(pictures)
    }

    pub(super) async fn built(&self, request: Request<'_>, text: Option<String>) -> Result<Preview> {
        let (chat, at, settings) = (request.chat, request.at, request.settings);
        let built = self.build(request).await?;
        let (context, manifest) = built.map_err(|error| EngineError::invalid("text", error))?;
        let (texts, left_out_texts) = self.texts(chat, &manifest, at, settings, text.as_deref()).await?;
        Ok(Preview { manifest, texts, left_out_texts, messages: context.messages })
    }
}

/// Takes the what-if over into the settings and gives the budget to build with.
fn adopt(settings: &mut Settings, what_if: &WhatIf) -> Result<TokenBudget> {
    if let Some(duration) = what_if.session_duration {
        settings.session_duration.value = duration;
    }
    if let Some(max) = what_if.max_context_tokens {
        settings.max_context_tokens.value = max;
        // A window that is tried alone keeps the rules: a reserve made for a larger one shrinks with it.
        settings.reserve_tokens.value = settings.reserve_tokens.value.min(max / 2);
    }
    TokenBudget::new(settings.max_context_tokens.value, settings.reserve_tokens.value)
        .map_err(|error| EngineError::invalid("max_context_tokens", error))
}

/// The messages being answered count as stored, as they did when the turn was made.
fn with_current(totals: Totals, asked: &[MessageRecord]) -> Totals {
    let current = asked.iter().filter(|message| message.role == Role::User);
    current.fold(totals, |totals, message| Totals {
        live_messages: totals.live_messages + 1,
        live_tokens: totals.live_tokens + message.tokens,
        ..totals
    })
}
