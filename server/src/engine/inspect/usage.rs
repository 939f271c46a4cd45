//! What a stretch of time took: tokens, money and waiting, by day, chat or model.
//!
//! Answers and the work on memory are told apart, so that an owner sees what remembering costs beside talking.

use std::collections::BTreeMap;

use souvenir_memory::{ChatId, NanoUsd, Scale, Timestamp, TokenCount, calibration};

use crate::{
    clock::{self, TimeZone},
    engine::{Engine, EngineError, Result, notices::TURNS_LOOKED_AT, spending::Budget},
    llm::{Usage, prices},
    store::{TurnState, UseRecord},
};

/// How many days are looked at unless asked otherwise, today included.
const USUAL_DAYS: i32 = 30;
/// The longest stretch of time, in milliseconds: ten years and a few days.
const LONGEST_MS: i64 = 3_660 * 86_400_000;
/// What stands for the model of work that none was asked for, or that is not known any more.
const NO_MODEL: &str = "none";
/// What stands for the chat of what was for none in particular.
const NO_CHAT: &str = "none";
/// What stands for answers among purposes.
const ANSWERS: &str = "answers";
/// So many counts of a group are given at most.
const MOST_COUNTS: usize = 200;

/// What to group by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsageBy {
    /// Days of the dashboard's time zone.
    #[default]
    Day,
    /// Chats.
    Chat,
    /// Models.
    Model,
    /// What it was for: answers, and each kind of work on memory.
    Purpose,
}

impl std::str::FromStr for UsageBy {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "day" => Ok(Self::Day),
            "chat" => Ok(Self::Chat),
            "model" => Ok(Self::Model),
            "purpose" => Ok(Self::Purpose),
            other => Err(format!("by is “{other}”: use day, chat, model or purpose")),
        }
    }
}

/// What to look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct UsageQuery {
    /// From this moment; thirty days back, at midnight, unless given.
    pub from: Option<Timestamp>,
    /// To before this moment; until now unless given.
    pub to: Option<Timestamp>,
    /// Only this chat.
    pub chat: Option<ChatId>,
    /// What to group by.
    pub by: UsageBy,
}

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Answers, or batches of work on memory.
    pub count: u64,
    /// Tokens of prompts: as reported, and where nothing was, as counted.
    pub tokens_in: u64,
    /// Of these, tokens that came from the provider's cache.
    pub tokens_cached: u64,
    /// Tokens written.
    pub tokens_out: u64,
    /// Billionths of a dollar, of what has a known price.
    pub cost_nanousd: u64,
    /// How many have no known price: the cost is at least what is said.
    pub unpriced: u64,
}

/// Waiting, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// Half waited no longer.
    pub p50: u32,
    /// Nineteen of twenty waited no longer.
    pub p95: u32,
}

/// One day, chat or model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageGroup {
    /// `2026-11-22`, a chat's number or `none`, a model's name, or what it was for.
    pub key: String,
    /// A chat's title.
    pub title: Option<String>,
    /// Answers to people.
    pub answers: Spent,
    /// Of these, failed ones.
    pub failed: u64,
    /// And those that a person stopped.
    pub stopped: u64,
    /// Work on memory.
    pub memory: Spent,
    /// From the request to the first piece of the answer; none without answers.
    pub first_token: Option<Percentiles>,
    /// From the message to its finished answer; none without answers.
    pub whole: Option<Percentiles>,
    /// By how much more was reported than expected, in hundredths of what was reported; less than none when it was less.
    pub drift_percent: Option<f64>,
    /// Predicted and reported tokens of the newest answers that have both, newest first.
    pub counts: Vec<(u32, u32)>,
}

impl UsageGroup {
    /// By how much more was reported than predicted in the middle of its last answers, in percent.
    #[must_use]
    pub fn middle_drift(&self) -> Option<f64> {
        let newest = self.counts.iter().take(TURNS_LOOKED_AT as usize);
        let turns: Vec<_> =
            newest.map(|(predicted, reported)| (TokenCount(*predicted), TokenCount(*reported))).collect();
        calibration::drift_percent(&turns)
    }
}

/// What is multiplied with the counts of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelScale {
    /// The model.
    pub model: String,
    /// The factor.
    pub scale: Scale,
    /// From how many reports it was learnt.
    pub reports: u32,
}

/// What a stretch of time took.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageReport {
    /// From this moment.
    pub from: Timestamp,
    /// To before this one.
    pub to: Timestamp,
    /// The dashboard's time zone, in which days are days.
    pub time_zone: String,
    /// Days in their order; chats and models with the most tokens first. Only those with any use.
    pub groups: Vec<UsageGroup>,
    /// All of them as one.
    pub total: UsageGroup,
    /// When prices were last compared with the provider's list.
    pub prices_as_of: &'static str,
    /// The models whose prices the owner gave.
    pub own_prices: Vec<String>,
    /// Today's budget of the chat looked at, or of all of them.
    pub budget: Option<Budget>,
}

impl Engine {
    /// What the models were used for.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], a stretch of time that ends before it begins, or when the database fails.
    pub async fn usage(&self, query: UsageQuery) -> Result<UsageReport> {
        let now = self.now();
        let zone = self.settings_at(None, now).await?.zone();
        let to = query.to.unwrap_or(Timestamp(now.0 + 1));
        let from = query.from.unwrap_or_else(|| clock::day_start(clock::days_before(to, USUAL_DAYS - 1, &zone), &zone));
        if from >= to {
            return Err(EngineError::invalid(
                "from",
                "it is not before `to`: ask for a stretch of time that has begun",
            ));
        }
        if to.millis_since(from) > LONGEST_MS {
            return Err(EngineError::invalid("from", "it is more than ten years before `to`: ask for less at a time"));
        }
        if let Some(chat) = query.chat {
            self.record(chat).await?;
        }
        let mut records = self.store().use_of_turns(query.chat, from, to).await?;
        records.extend(self.store().use_of_memory(query.chat, from, to).await?);
        for record in &mut records {
            self.price(record);
        }
        let titles: BTreeMap<ChatId, String> = self.chat_titles().await?.into_iter().collect();
        let mut groups = grouped(&records, |record| key(record, query.by, &zone));
        if query.by == UsageBy::Chat {
            for group in &mut groups {
                group.title = group.key.parse().ok().and_then(|id| titles.get(&ChatId(id)).cloned());
            }
        }
        if query.by != UsageBy::Day {
            groups.sort_by_key(|group| std::cmp::Reverse(group.answers.tokens() + group.memory.tokens()));
        }
        let total = grouped(&records, |_| String::new()).pop().unwrap_or_default();
        let time_zone = zone.iana_name().unwrap_or("UTC").to_owned();
        let own_prices = self.prices().own().map(str::to_owned).collect();
        let budget = self.budget(query.chat).await?;
        Ok(UsageReport { from, to, time_zone, groups, total, prices_as_of: prices::AS_OF, own_prices, budget })
    }
}

impl Engine {
    /// What was learnt of the tokenizers of models.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn scales(&self) -> Result<Vec<ModelScale>> {
        let scales = self.store().scales().await?.into_iter();
        Ok(scales.map(|(model, scale, reports)| ModelScale { model, scale, reports }).collect())
    }

    /// Gives work on memory of which tokens alone were kept its cost by today's prices.
    fn price(&self, record: &mut UseRecord) {
        let tokens =
            record.reported.zip(record.completion).filter(|_| record.is_memory && record.cost_nanousd.is_none());
        if let Some(((prompt, completion), model)) = tokens.zip(record.model.as_deref()) {
            let cached = record.cached.map(TokenCount);
            let usage = Usage { prompt: TokenCount(prompt), cached, completion: TokenCount(completion) };
            record.cost_nanousd = self.prices().cost_of(model, usage, record.seconds).map(|cost| cost.0.cast_signed());
        }
    }
}

fn key(record: &UseRecord, by: UsageBy, zone: &TimeZone) -> String {
    match by {
        UsageBy::Day => clock::local(record.at, zone, "%Y-%m-%d"),
        UsageBy::Chat => record.chat.map_or_else(|| NO_CHAT.to_owned(), |chat| chat.to_string()),
        UsageBy::Model => record.model.clone().unwrap_or_else(|| NO_MODEL.to_owned()),
        UsageBy::Purpose => record.purpose.clone().unwrap_or_else(|| ANSWERS.to_owned()),
    }
}

fn grouped(records: &[UseRecord], key: impl Fn(&UseRecord) -> String) -> Vec<UsageGroup> {
    let mut groups: BTreeMap<String, Vec<&UseRecord>> = BTreeMap::new();
    for record in records {
        groups.entry(key(record)).or_default().push(record);
    }
    groups.into_iter().map(|(key, records)| group(key, &records)).collect()
}

fn group(key: String, records: &[&UseRecord]) -> UsageGroup {
    let (memory, answers): (Vec<&UseRecord>, Vec<&UseRecord>) = records.iter().partition(|record| record.is_memory);
    let ended = |state| answers.iter().filter(|record| record.state == state).count() as u64;
    UsageGroup {
        key,
        title: None,
        answers: answers.iter().map(|record| Spent::of(record)).sum(),
        failed: ended(TurnState::Failed),
        stopped: ended(TurnState::Stopped),
        memory: memory.iter().map(|record| Spent::of(record)).sum(),
        first_token: percentiles(answers.iter().filter_map(|record| record.first_token_ms).collect()),
        whole: percentiles(
            answers
                .iter()
                .filter(|record| record.state == TurnState::Done)
                .filter_map(|record| record.whole_ms)
                .collect(),
        ),
        drift_percent: drift(&answers),
        counts: counts(&answers),
    }
}

impl Spent {
    fn of(record: &UseRecord) -> Self {
        let tokens = |count: Option<u32>| u64::from(count.unwrap_or_default());
        let spent = |part: usize| record.spent.map(|spent| spent[part]);
        // What failed before it reached a model took nothing, whatever it would have cost.
        let cost = record.cost_nanousd.map(i64::unsigned_abs);
        let is_unpriced = cost.is_none() && record.state != TurnState::Failed;
        Self {
            count: 1,
            tokens_in: tokens(
                spent(0).or(record.reported).or(record.predicted.filter(|_| record.state != TurnState::Failed)),
            ),
            tokens_cached: tokens(spent(1).or(record.cached)),
            tokens_out: tokens(spent(2).or(record.completion)),
            cost_nanousd: cost.unwrap_or_default(),
            unpriced: u64::from(is_unpriced),
        }
    }

    /// What has a known price, in dollars.
    #[must_use]
    pub fn cost_usd(&self) -> f64 {
        NanoUsd(self.cost_nanousd).as_usd()
    }

    /// Tokens read and written.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.tokens_in + self.tokens_out
    }
}

impl std::iter::Sum for Spent {
    fn sum<I: Iterator<Item = Self>>(spent: I) -> Self {
        spent.fold(Self::default(), |all, one| Self {
            count: all.count + one.count,
            tokens_in: all.tokens_in + one.tokens_in,
            tokens_cached: all.tokens_cached + one.tokens_cached,
            tokens_out: all.tokens_out + one.tokens_out,
            cost_nanousd: all.cost_nanousd.saturating_add(one.cost_nanousd),
            unpriced: all.unpriced + one.unpriced,
        })
    }
}

/// By nearest rank.
fn percentiles(mut all: Vec<u32>) -> Option<Percentiles> {
    all.sort_unstable();
    let at = |percent: usize| all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Some(Percentiles { p50: at(50)?, p95: at(95)? })
}

/// The newest counts, as many as are worth drawing.
fn counts(answers: &[&UseRecord]) -> Vec<(u32, u32)> {
    let mut both: Vec<(Timestamp, u32, u32)> =
        answers.iter().filter_map(|record| Some((record.at, record.predicted?, record.reported?))).collect();
    both.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    both.into_iter().take(MOST_COUNTS).map(|(_, predicted, reported)| (predicted, reported)).collect()
}

/// How far reports are from predictions, where there are both.
fn drift(answers: &[&UseRecord]) -> Option<f64> {
    let both = answers.iter().filter_map(|record| Some((record.predicted?, record.reported?)));
    let (predicted, reported) = both.fold((0_i64, 0_i64), |(predicted, reported), both| {
        (predicted + i64::from(both.0), reported + i64::from(both.1))
    });
    #[expect(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^52")]
    let percent = (reported - predicted) as f64 / reported as f64 * 100.0;
    (reported > 0).then(|| (percent * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_795_348_800_000);
    const DAY: i64 = 86_400_000;

    fn answer(at: i64) -> UseRecord {
        UseRecord {
            chat: Some(ChatId(1)),
            at: Timestamp(at),
            is_memory: false,
            purpose: None,
            model: Some("gpt-6-luna".to_owned()),
            state: TurnState::Done,
            predicted: Some(900),
            reported: Some(1000),
            cached: Some(600),
            completion: Some(50),
            seconds: None,
            spent: None,
            cost_nanousd: Some(71_000),
            first_token_ms: Some(300),
            whole_ms: Some(2_000),
        }
    }

    fn memory(at: i64) -> UseRecord {
        UseRecord {
            is_memory: true,
            purpose: Some("consolidation".to_owned()),
            cost_nanousd: Some(125_000),
            first_token_ms: None,
            whole_ms: None,
            predicted: None,
            cached: None,
            ..answer(at)
        }
    }

    #[test]
    fn days_are_those_of_the_time_zone_and_add_up() {
        let zone = clock::zone("Europe/Paris").unwrap();
        // 22:30 and 23:30 in UTC are two days in Paris in winter.
        let half_past = NOON.0 - 12 * 3_600_000 + 22 * 3_600_000 + 1_800_000;
        let records = [answer(half_past), answer(half_past + 3_600_000), memory(half_past)];
        let days = grouped(&records, |record| key(record, UsageBy::Day, &zone));
        assert_eq!(days.iter().map(|day| day.answers.count).collect::<Vec<_>>(), [1, 1]);
        let first = &days[0];
        assert_eq!((first.answers.tokens_in, first.answers.tokens_cached, first.answers.tokens_out), (1000, 600, 50));
        assert_eq!((first.memory.count, first.memory.cost_nanousd, first.memory.unpriced), (1, 125_000, 0));
        assert_eq!(days[1].memory, Spent::default());
    }

    #[test]
    fn an_unknown_price_is_said_and_not_taken_for_nothing() {
        let unknown = UseRecord { model: Some("small".to_owned()), cost_nanousd: None, ..answer(NOON.0) };
        let failed = UseRecord { state: TurnState::Failed, reported: None, completion: None, ..unknown.clone() };
        let all = group(String::new(), &[&unknown, &failed, &answer(NOON.0)]);
        assert_eq!((all.answers.cost_nanousd, all.answers.unpriced, all.failed), (71_000, 1, 1));
        assert_eq!(all.answers.tokens_in, 2000, "what failed before any report took nothing that is known");
        let searched = UseRecord { spent: Some([2_300, 900, 80]), ..answer(NOON.0) };
        let searched = Spent::of(&searched);
        assert_eq!((searched.tokens_in, searched.tokens_cached, searched.tokens_out), (2_300, 900, 80));
    }

    #[test]
    fn percentiles_are_of_what_people_waited() {
        let waited: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(percentiles(waited), Some(Percentiles { p50: 50, p95: 95 }));
        assert_eq!(percentiles(vec![7]), Some(Percentiles { p50: 7, p95: 7 }));
        assert_eq!(percentiles(Vec::new()), None);
    }

    #[test]
    fn counts_are_the_newest_first_and_purposes_are_told_apart() {
        let later = UseRecord { predicted: Some(7), ..answer(NOON.0 + DAY) };
        let records = [answer(NOON.0), later, memory(NOON.0)];
        let all = group(String::new(), &records.iter().collect::<Vec<_>>());
        assert_eq!(all.counts, [(7, 1000), (900, 1000)]);
        assert_eq!(all.middle_drift(), None, "two answers say nothing");
        let purposes = grouped(&records, |record| key(record, UsageBy::Purpose, &TimeZone::UTC));
        assert_eq!(purposes.iter().map(|group| group.key.as_str()).collect::<Vec<_>>(), ["answers", "consolidation"]);
    }

    #[test]
    fn drift_is_the_part_of_the_report_that_was_not_expected() {
        assert_eq!(drift(&[&answer(NOON.0), &answer(NOON.0 + DAY)]), Some(10.0));
        let silent = UseRecord { reported: None, ..answer(NOON.0) };
        assert_eq!(drift(&[&silent]), None);
    }
}
