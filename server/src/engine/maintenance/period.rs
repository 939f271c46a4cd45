//! A summary of the last days, made with the memory model when a person asks. It changes no facts.

use souvenir_memory::{
    ChatId, Encoding, JobId, MessageId, Timestamp, TokenCount,
    consolidation::{Utterance, answer::parse_summary, due::batch, is_of},
    prompt::consolidation::{PERIOD_PROMPT, PERIOD_SCHEMA, PERIOD_SCHEMA_NAME, batch_text},
    receipt::{Receipt, lost},
    spending::Spending,
};

use super::{
    ask::Question,
    consolidate::{Tried, Trouble, answer_tokens, line, told},
};
use crate::{
    engine::{
        Engine, EngineError,
        error::Result,
        spending::{Account, Purpose},
    },
    llm::{AnswerSchema, offline, tokens::count_off_thread},
    store::PeriodRecord,
};

/// How often a summary is begun anew because something was forgotten meanwhile.
const MOST_TRIES: usize = 3;

/// The most days one summary may cover.
pub const MOST_DAYS: u32 = 366;

/// A summary of some days, as doors see it.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodItem {
    /// The summary.
    pub record: PeriodRecord,
}

impl Engine {
    /// Makes a summary of the chat's last days, for the person of this Telegram id, if for one. None when nothing was said in
    /// them.
    ///
    /// # Errors
    /// [`EngineError::NoChat`]; [`EngineError::Invalid`] for a number of days out of range;
    /// [`EngineError::Model`] when the memory model gives none.
    pub async fn summarise(&self, chat: ChatId, days_back: u32, asked_by: Option<i64>) -> Result<Option<PeriodItem>> {
        self.record(chat).await?;
        if !(1..=MOST_DAYS).contains(&days_back) {
            let told = format!("days_back is {days_back}: use from 1 to {MOST_DAYS}");
            return Err(EngineError::invalid("days_back", told));
        }
        let made = self.make_period(chat, days_back, asked_by).await.map_err(|trouble| match trouble {
            Trouble::Engine(error) => error,
            Trouble::Paused(pause) => EngineError::Paused(pause),
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

    async fn make_period(&self, chat: ChatId, days_back: u32, asked_by: Option<i64>) -> Tried<Option<PeriodRecord>> {
        let now = self.now();
        let since = Timestamp(now.0 - i64::from(days_back) * 86_400_000);
        for _ in 0..MOST_TRIES {
            let forgotten = self.store().forgotten_so_far(chat).await?;
            let Some(range) = self.store().said_since(chat, since).await? else { return Ok(None) };
            let account = Account { chat, job: None, purpose: Purpose::Summary, spending: Spending::Asked, asked_by };
            let Some(made) = self.sum_up_range(account, range).await? else { return Ok(None) };
            let mut record = PeriodRecord { days_back, created_at: now, ..made };
            if let Some(id) = self.store().keep_period(chat, &record, forgotten).await? {
                record.id = id;
                return Ok(Some(record));
            }
        }
        Err(Trouble::Outdated)
    }

    /// Makes the oldest summary again that lost its text to forgetting; false when there is none.
    pub(super) async fn remake_period(&self, chat: ChatId, job: JobId) -> Tried<bool> {
        let forgotten = self.store().forgotten_so_far(chat).await?;
        let Some((id, first, last)) = self.store().stale_period(chat).await? else { return Ok(false) };
        let account =
            Account { chat, job: Some(job), purpose: Purpose::Summary, spending: Spending::Background, asked_by: None };
        let made = self.sum_up_range(account, (first, last)).await?;
        self.store().remake_period(chat, id, made.as_ref(), forgotten).await?;
        Ok(true)
    }

    /// Sums up the messages from one through another; none when nothing is there.
    pub(super) async fn sum_up_range(
        &self,
        account: Account,
        (first, last): (MessageId, MessageId),
    ) -> Tried<Option<PeriodRecord>> {
        let chat = account.chat;
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let model = settings.memory_model.value.clone();
        let encoding = Encoding::of_model(&model);
        let all = self.read(chat, (first, last), encoding).await?;
        let (Some(first), Some(last)) = (all.first(), all.last()) else { return Ok(None) };
        let (first, last) = (first.message, last.message);
        let mut text: Option<String> = None;
        let mut by = self.model_name(&model);
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let (part, later) = rest.split_at(batch(rest, self.room(&model).await?));
            let written = self.sum_up((account, &model), part, text.as_deref(), &settings.zone()).await?;
            text = Some(of_what_was_said(written, part, text.as_deref(), &settings.zone()).unwrap_or_else(|quotes| {
                by = offline::NAME.to_owned();
                quotes
            }));
            rest = later;
        }
        let Some(text) = text else { return Ok(None) };
        let receipt = Receipt {
            tokens_before: all.iter().map(|utterance| utterance.tokens).sum(),
            tokens_after: count_off_thread(encoding, &text).await,
            lost: lost(told(&all), &text),
        };
        let messages = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let (model, created_at) = (Some(by), self.now());
        Ok(Some(PeriodRecord {
            id: 0,
            days_back: 0,
            text,
            first,
            last,
            messages,
            receipt,
            model,
            created_at,
            digest: None,
        }))
    }

    /// Sums up one part, after what was summed up of the parts before.
    async fn sum_up(
        &self,
        (account, model): (Account, &str),
        part: &[Utterance],
        so_far: Option<&str>,
        zone: &jiff::tz::TimeZone,
    ) -> Tried<String> {
        let lines: Vec<_> = part.iter().map(|utterance| line(utterance, zone, usize::MAX)).collect();
        let question = Question {
            account,
            model: model.to_owned(),
            system: PERIOD_PROMPT.to_owned(),
            text: batch_text(&[], so_far, &lines),
            schema: AnswerSchema { name: PERIOD_SCHEMA_NAME, schema: PERIOD_SCHEMA },
            max_output_tokens: TokenCount(answer_tokens(self.window(model).unwrap_or(u32::MAX))),
        };
        Ok(self.ask_memory_model(question, parse_summary).await?.answer)
    }
}

/// The summary, or quotes where it is not of what was said.
fn of_what_was_said(
    written: String,
    part: &[Utterance],
    so_far: Option<&str>,
    zone: &jiff::tz::TimeZone,
) -> std::result::Result<String, String> {
    let said = part.iter().flat_map(|said| [said.text.as_str(), said.author.as_deref().unwrap_or_default()]);
    if is_of(&written, said.chain(so_far)) {
        return Ok(written);
    }
    let lines: Vec<_> = part.iter().map(|utterance| line(utterance, zone, usize::MAX)).collect();
    Err(offline::summary_of_quotes(&lines, so_far))
}
