//! A summary of the last days, made with the memory model when a person asks. It changes no facts.

use souvenir_memory::{
    ChatId, Encoding, Timestamp, TokenCount,
    consolidation::{Utterance, answer::parse_summary, due::batch},
    prompt::consolidation::{PERIOD_PROMPT, PERIOD_SCHEMA, PERIOD_SCHEMA_NAME, batch_text},
    receipt::{Receipt, lost},
};

use super::{
    ask::Question,
    consolidate::{Tried, Trouble, answer_tokens, line},
};
use crate::{
    engine::{Engine, EngineError, error::Result},
    llm::{AnswerSchema, tokens::count_off_thread},
    store::PeriodRecord,
};

/// The most days one summary may cover.
pub const MOST_DAYS: u32 = 366;

/// A summary of some days, as doors see it.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodItem {
    /// The summary.
    pub record: PeriodRecord,
}

impl Engine {
    /// Makes a summary of the chat's last days. None when nothing was said in them.
    ///
    /// # Errors
    /// [`EngineError::NoChat`]; [`EngineError::Invalid`] for a number of days out of range;
    /// [`EngineError::Model`] when the memory model gives none.
    pub async fn summarise(&self, chat: ChatId, days_back: u32) -> Result<Option<PeriodItem>> {
        self.record(chat).await?;
        if !(1..=MOST_DAYS).contains(&days_back) {
            let told = format!("days_back is {days_back}: use from 1 to {MOST_DAYS}");
            return Err(EngineError::invalid("days_back", told));
        }
        let made = self.make_period(chat, days_back).await.map_err(|trouble| match trouble {
            Trouble::Engine(error) => error,
            other => EngineError::Model(other.to_string()),
        })?;
        Ok(made.map(|record| PeriodItem { record }))
    }

    /// The last summary made of so many days, or of any number.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn last_summary(&self, chat: ChatId, days_back: Option<u32>) -> Result<Option<PeriodItem>> {
        self.record(chat).await?;
        Ok(self.store().last_period(chat, days_back).await?.map(|record| PeriodItem { record }))
    }

    async fn make_period(&self, chat: ChatId, days_back: u32) -> Tried<Option<PeriodRecord>> {
        let now = self.now();
        let settings = self.settings_at(Some(chat), now).await?;
        let model = settings.memory_model.value.clone();
        let encoding = Encoding::of_model(&model);
        let since = Timestamp(now.0 - i64::from(days_back) * 86_400_000);
        let Some((first, last)) = self.store().said_since(chat, since).await? else { return Ok(None) };
        let all = self.read(chat, first, last, encoding).await?;
        let mut text: Option<String> = None;
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let (part, later) = rest.split_at(batch(rest, self.room(&model).await?));
            text = Some(self.sum_up(&model, part, text.as_deref(), &settings.zone()).await?);
            rest = later;
        }
        let Some(text) = text else { return Ok(None) };
        let receipt = Receipt {
            tokens_before: all.iter().map(|utterance| utterance.tokens).sum(),
            tokens_after: count_off_thread(encoding, &text).await,
            lost: lost(all.iter().map(|utterance| utterance.text.as_str()), &text),
        };
        let messages = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let model = Some(self.model_name(&model));
        let mut record =
            PeriodRecord { id: 0, days_back, text, first, last, messages, receipt, model, created_at: now };
        record.id = self.store().keep_period(chat, &record).await?;
        Ok(Some(record))
    }

    /// Sums up one part, after what was summed up of the parts before.
    async fn sum_up(
        &self,
        model: &str,
        part: &[Utterance],
        so_far: Option<&str>,
        zone: &jiff::tz::TimeZone,
    ) -> Tried<String> {
        let lines: Vec<_> = part.iter().map(|utterance| line(utterance, zone, usize::MAX)).collect();
        let question = Question {
            model: model.to_owned(),
            system: PERIOD_PROMPT.to_owned(),
            text: batch_text(&[], so_far, &lines),
            schema: AnswerSchema { name: PERIOD_SCHEMA_NAME, schema: PERIOD_SCHEMA },
            max_output_tokens: TokenCount(answer_tokens(self.window(model).unwrap_or(u32::MAX))),
        };
        Ok(self.ask_memory_model(question, parse_summary).await?.answer)
    }
}
