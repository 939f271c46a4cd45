//! What may be spent: the day's budgets of all chats together and of each, held against what answers and work on memory took.
//!
//! # Strategy
//! Nothing is counted apart: what a day took is added up from its turns and from the calls for work on memory, so a restart
//! changes nothing. [`souvenir_memory::spending`] has the rule: background work stops first, answers last. Whoever asks a
//! model for work on memory goes through [`Engine::ask_memory_model`](super::maintenance), which calls
//! [`Engine::may_spend`] before each request and keeps what it took; nothing else is needed. Days are those of the chat's
//! time zone for its own budget, and those of the dashboard's for that of all.

use souvenir_memory::{
    ChatId, JobId, Timestamp, TokenCount,
    spending::{Amount, Limit, Measure, NOTICE_PERCENT, Spending, Standing},
};

use super::{Engine, TelegramChat, error::Result, settings::Settings, telegram_of, texts};
use crate::{
    clock::{self, TimeZone},
    language::Language,
    llm::Usage,
    measure::{self, TokenUse},
    store::{ChatKind, NewSpending, NoticeRecord},
};

/// What is paid for beside answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Summing up what was said, and finding facts in it.
    Consolidation,
    /// A summary of some days.
    Summary,
    /// Reading the whole history again.
    Analysis,
    /// A digest by schedule.
    Digest,
    /// Vectors of messages, and of questions.
    Embedding,
    /// Words of a recording.
    Transcription,
    /// A model that is tried out.
    Test,
}

impl Purpose {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consolidation => "consolidation",
            Self::Summary => "summary",
            Self::Analysis => "analysis",
            Self::Digest => "digest",
            Self::Embedding => "embedding",
            Self::Transcription => "transcription",
            Self::Test => "test",
        }
    }
}

/// On whose account a model is asked for work on memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// For which chat.
    pub chat: ChatId,
    /// For which job; none where a person waits for it.
    pub job: Option<JobId>,
    /// What for.
    pub purpose: Purpose,
    /// How long it can wait: [`Spending::Background`], or [`Spending::Asked`] where a person asked for it.
    pub spending: Spending,
    /// Telegram's id of whoever asked for it, out of whose day it comes.
    pub asked_by: Option<i64>,
}

/// A day's budget and how far it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Whose; none for that of all chats together.
    pub chat: Option<ChatId>,
    /// How much may be spent.
    pub limit: Limit,
    /// What was spent, as far as prices are known.
    pub spent: Amount,
    /// Answers and calls at no known price: a limit in money does not see them.
    pub unpriced: u64,
    /// How far it is used.
    pub standing: Standing,
    /// When the day began.
    pub since: Timestamp,
    /// When the next one begins.
    pub until: Timestamp,
    /// The zone that they are days of.
    pub zone: TimeZone,
}

impl Budget {
    /// `1,234 of 5,000 tokens`, `$0.41 of $0.50`: the part that is nearer its end.
    #[must_use]
    pub fn told(&self) -> String {
        match self.standing.measure {
            Measure::Tokens => format!("{} of {} tokens", grouped(self.spent.tokens), grouped(self.limit.tokens)),
            Measure::Money => format!("${:.4} of ${}", self.spent.cost.as_usd(), self.limit.cost),
        }
    }

    /// What it stops, what can wait the longest first.
    #[must_use]
    pub fn stopped(&self) -> Vec<&'static str> {
        let names = [
            (Spending::Background, "work in the background"),
            (Spending::Asked, "summaries on demand"),
            (Spending::Reply, "answers"),
        ];
        names.into_iter().filter(|(spending, _)| !self.standing.allows(*spending)).map(|(_, name)| name).collect()
    }

    /// Whose it is, as a clause.
    #[must_use]
    pub fn whose(&self) -> &'static str {
        if self.chat.is_some() { "this chat's budget" } else { "the budget of all chats" }
    }

    /// `00:00 (Europe/Paris)`: when the next day begins, in figures.
    #[must_use]
    pub fn ends_at(&self) -> String {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        format!("{} ({zone})", clock::local(self.until, &self.zone, "%H:%M"))
    }

    /// `23 November, 00:00`: when the next day begins.
    #[must_use]
    pub fn ends(&self) -> String {
        clock::local(self.until, &self.zone, "%-d %B, %H:%M")
    }
}

/// Why something is not begun: a budget is used too far for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The budget.
    pub budget: Budget,
    /// What it is used too far for.
    pub spending: Spending,
}

/// How what waits for a budget begins to say so. Such jobs are tried at once when a budget is changed.
pub(super) const PAUSED: &str = "paused: ";

impl std::fmt::Display for Pause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { budget, spending } = self;
        let what = match spending {
            Spending::Background => "work in the background stops",
            Spending::Asked => "work on memory stops",
            Spending::Reply => "answers stop",
        };
        write!(
            f,
            "{PAUSED}{} % of {} for today is used ({}), and {what} at {} %; it goes on {}, or once the budget is raised",
            budget.standing.percent,
            budget.whose(),
            budget.told(),
            spending.stops_at(),
            budget.ends(),
        )
    }
}

/// A budget that somebody is to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetNotice {
    record: NoticeRecord,
    /// Where to tell it.
    pub to: TelegramChat,
    /// What to say, in their language.
    pub words: String,
}

impl Engine {
    /// Whether something may be spent for a chat now; else the budget that is used too far for it. To be asked before each
    /// request to a model.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_spend(&self, chat: ChatId, spending: Spending) -> Result<Option<Pause>> {
        let stopped = |budget: &Budget| !budget.standing.allows(spending);
        let budget = self.budgets_for(chat).await?.into_iter().find(stopped);
        Ok(budget.map(|budget| Pause { budget, spending }))
    }

    /// The day's budget of a chat, or of all together, and how far it is used; none where nothing is limited, or no language
    /// model answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budget(&self, chat: Option<ChatId>) -> Result<Option<Budget>> {
        let settings = self.settings_at(chat, self.now()).await?;
        self.budget_by(chat, &settings).await
    }

    /// The budgets to show to the owner, with titles: that of all chats, and those of chats that are nearly used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budgets_to_show(&self) -> Result<Vec<(Option<String>, Budget)>> {
        let mut budgets: Vec<_> = self.budget(None).await?.into_iter().map(|budget| (None, budget)).collect();
        for chat in self.store().chats_noticed().await? {
            let budget = self.budget(Some(chat)).await?.filter(|budget| budget.standing.passed().is_some());
            if let Some(budget) = budget {
                budgets.push((Some(self.record(chat).await?.title), budget));
            }
        }
        Ok(budgets)
    }

    /// Both budgets that hold for a chat, its own first.
    async fn budgets_for(&self, chat: ChatId) -> Result<Vec<Budget>> {
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let own = self.budget_by(Some(chat), &settings).await?;
        // A chat cannot change what all may spend, but it may live in another time zone.
        let of_all = if limit(None, &settings).is_set() { self.budget(None).await? } else { None };
        Ok(own.into_iter().chain(of_all).collect())
    }

    async fn budget_by(&self, chat: Option<ChatId>, settings: &Settings) -> Result<Option<Budget>> {
        let limit = limit(chat, settings);
        if !limit.is_set() || !self.has_language_model() {
            return Ok(None);
        }
        let (now, zone) = (self.now(), settings.zone());
        let since = clock::day_start(now, &zone);
        let spent = self.store().spent_since(chat, since).await?;
        let until = clock::day_start(clock::days_before(now, -1, &zone), &zone);
        let standing = Standing::of(limit, spent.amount);
        let (spent, unpriced) = (spent.amount, spent.unpriced);
        Ok(standing.map(|standing| Budget { chat, limit, spent, unpriced, standing, since, until, zone }))
    }

    /// Keeps what a call for work on memory took, whatever came of it, and sees how far that uses the budgets.
    pub(super) async fn spend(&self, account: Account, model: &str, usage: Usage) -> Result<()> {
        let cost = self.cost(model, usage);
        let spending = NewSpending {
            chat: Some(account.chat),
            job: account.job,
            purpose: account.purpose.as_str(),
            asked_by: account.asked_by,
            model,
            prompt: usage.prompt.0,
            cached: usage.cached.map(|TokenCount(cached)| cached),
            completion: usage.completion.0,
            seconds: None,
            cost,
        };
        self.store().record_spending(&spending, self.now()).await?;
        measure::work_paid(account.purpose.as_str(), cost.map(|cost| cost.0));
        self.see_to_budgets(account.chat).await;
        Ok(())
    }

    /// Keeps what a call took that is neither an answer nor work of the memory model: vectors, a transcription, a trial.
    pub(super) async fn spend_besides(
        &self,
        chat: Option<ChatId>,
        purpose: Purpose,
        model: &str,
        (usage, seconds): (Usage, Option<u32>),
    ) -> Result<()> {
        let cost = self.prices().cost_of(model, usage, seconds);
        let spending = NewSpending {
            chat,
            job: None,
            purpose: purpose.as_str(),
            asked_by: None,
            model,
            prompt: usage.prompt.0,
            cached: usage.cached.map(|TokenCount(cached)| cached),
            completion: usage.completion.0,
            seconds,
            cost,
        };
        self.store().record_spending(&spending, self.now()).await?;
        let tokens = TokenUse {
            predicted: None,
            prompt: usage.prompt.0,
            cached: usage.cached.map_or(0, |TokenCount(cached)| cached),
            completion: usage.completion.0,
            cost_nanousd: cost.map(|cost| cost.0),
        };
        tokens.count(model);
        measure::work_paid(purpose.as_str(), cost.map(|cost| cost.0));
        if let Some(chat) = chat.filter(|_| cost.is_some_and(|cost| cost.0 > 0)) {
            self.see_to_budgets(chat).await;
        }
        Ok(())
    }

    /// Notes which budgets are used so far that somebody is to be told. What fails is only logged: the next request sees to
    /// it again.
    pub(super) async fn see_to_budgets(&self, chat: ChatId) {
        if let Err(error) = self.note_budgets(chat).await {
            tracing::error!(%error, chat.id = %chat, "failed to see how far budgets are used");
        }
    }

    async fn note_budgets(&self, chat: ChatId) -> Result<()> {
        for budget in self.budgets_for(chat).await? {
            let Some(percent) = budget.standing.passed() else { continue };
            let notice = NoticeRecord { chat: budget.chat, day: budget.since, percent };
            // At the end a chat hears of it as the answer to what is said next.
            let tell_chat = budget.chat.is_some() && percent == NOTICE_PERCENT;
            let record = self.record(chat).await?;
            let is_console = record.kind == ChatKind::Console;
            if !self.store().note_spending(&notice, tell_chat && !is_console, self.now()).await? {
                continue;
            }
            tracing::warn!(
                chat.id = budget.chat.map(|chat| chat.0),
                percent = budget.standing.percent,
                "a budget of the day is used this far"
            );
            if tell_chat && is_console {
                let language = Language::of(record.language.as_deref(), "");
                self.record_own_words(chat, &texts::budget_nearly(language, &budget)).await?;
            }
            self.inner.notices.notify_one();
        }
        Ok(())
    }

    /// Sees to the budget of a chat, or of all of them, that was changed.
    pub(super) async fn see_to_changed_budgets(&self, chat: Option<ChatId>) -> Result<()> {
        let chats = match chat {
            Some(chat) => vec![chat],
            None => self.store().chats().await?.into_iter().map(|record| record.id).collect(),
        };
        for chat in chats {
            self.see_to_budgets(chat).await;
        }
        Ok(())
    }

    /// Waits until there may be somebody to tell of a budget.
    pub async fn budget_notices_asked(&self) {
        self.inner.notices.notified().await;
    }

    /// Whom to tell of which budgets today: the owner, by their Telegram id, and chats of their own. What could not be told on its day is not told
    /// any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn budget_notices(&self, owner: Option<i64>) -> Result<(Vec<BudgetNotice>, Vec<BudgetNotice>)> {
        let (mut for_owner, mut for_chats) = (Vec::new(), Vec::new());
        for record in self.store().notices_for_owner().await? {
            let Some(budget) = self.budget(record.chat).await?.filter(|budget| budget.since == record.day) else {
                continue;
            };
            let Some(owner) = owner else { break };
            let to = self.telegram_person(owner).await?;
            let title = match record.chat {
                Some(chat) => Some(self.record(chat).await?.title),
                None => None,
            };
            let language = Language::of(to.language.as_deref(), "");
            let words = texts::budget_for_owner(language, title.as_deref(), &budget);
            for_owner.push(BudgetNotice { record, to, words });
        }
        for record in self.store().notices_for_chats().await? {
            let Some(chat) = record.chat else { continue };
            let budget = self.budget(Some(chat)).await?.filter(|budget| budget.since == record.day);
            if let Some((to, budget)) = telegram_of(&self.record(chat).await?).zip(budget) {
                let language = Language::of(to.language.as_deref(), "");
                for_chats.push(BudgetNotice { record, to, words: texts::budget_nearly(language, &budget) });
            }
        }
        Ok((for_owner, for_chats))
    }

    /// The owner was told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn owner_was_told(&self, notice: &BudgetNotice) -> Result<()> {
        Ok(self.store().owner_was_told(&notice.record, self.now()).await?)
    }

    /// A chat was told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat_was_told(&self, notice: &BudgetNotice) -> Result<()> {
        Ok(self.store().chat_was_told(&notice.record, self.now()).await?)
    }

    /// A person's private chat, known or not.
    async fn telegram_person(&self, user: i64) -> Result<TelegramChat> {
        let known = match self.store().telegram_chat_id(user, None).await? {
            Some(chat) => telegram_of(&self.record(chat).await?),
            None => None,
        };
        Ok(known.unwrap_or_else(|| TelegramChat {
            chat_id: user,
            thread_id: None,
            private: true,
            title: String::new(),
            language: None,
        }))
    }
}

fn limit(chat: Option<ChatId>, settings: &Settings) -> Limit {
    match chat {
        Some(_) => Limit { tokens: settings.chat_daily_tokens.value, cost: settings.chat_daily_usd.value },
        None => Limit { tokens: settings.daily_tokens.value, cost: settings.daily_usd.value },
    }
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for (at, digit) in digits[first..].char_indices() {
        if at % 3 == 0 && !text.is_empty() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use souvenir_memory::NanoUsd;

    use super::*;

    fn budget(chat: Option<ChatId>, limit: Limit, spent: Amount) -> Budget {
        let zone = clock::zone("Europe/Paris").unwrap();
        let until = clock::parse_rfc3339("2026-11-22T23:00:00Z").unwrap();
        let standing = Standing::of(limit, spent).unwrap();
        Budget { chat, limit, spent, unpriced: 0, standing, since: Timestamp(0), until, zone }
    }

    #[test]
    fn a_pause_says_which_budget_how_far_and_until_when() {
        let limit = Limit { tokens: 5_000, ..Limit::default() };
        let budget = budget(None, limit, Amount { tokens: 4_321, cost: NanoUsd(0) });
        let told = Pause { budget, spending: Spending::Background }.to_string();
        assert_eq!(
            told,
            "paused: 86 % of the budget of all chats for today is used (4,321 of 5,000 tokens), and work in the background \
             stops at 80 %; it goes on 23 November, 00:00, or once the budget is raised"
        );
    }

    #[test]
    fn money_is_told_where_it_is_what_ends() {
        let limit = Limit { tokens: 5_000, cost: NanoUsd(500_000_000) };
        let budget = budget(Some(ChatId(1)), limit, Amount { tokens: 10, cost: NanoUsd(412_345_678) });
        assert_eq!((budget.told().as_str(), budget.whose()), ("$0.4123 of $0.50", "this chat's budget"));
        assert_eq!([grouped(7), grouped(1_000), grouped(123_456_789)], ["7", "1,000", "123,456,789"]);
    }
}
