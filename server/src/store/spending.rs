//! What was spent: each call for work on memory, the sums that budgets are held against, and who was told of which budget.

use souvenir_memory::{
    ChatId, JobId, NanoUsd, Timestamp,
    spending::{Amount, NOTICE_PERCENT},
};

use super::{MonthUse, Result, Store};

/// One call of a model that is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSpending<'a> {
    /// For which chat; none where it is for no chat in particular.
    pub chat: Option<ChatId>,
    /// For which job; none where a person waits for it.
    pub job: Option<JobId>,
    /// What for, in a word.
    pub purpose: &'static str,
    /// The model.
    pub model: &'a str,
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Of these, tokens from the provider's cache.
    pub cached: Option<u32>,
    /// Tokens of the answer.
    pub completion: u32,
    /// How long a recording was, where that is known.
    pub seconds: Option<u32>,
    /// What it cost; none where the price is not known.
    pub cost: Option<NanoUsd>,
    /// Telegram's id of whoever asked for it.
    pub asked_by: Option<i64>,
}

/// What answers and work on memory took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpentRecord {
    /// Tokens, and what is known of the cost.
    pub amount: Amount,
    /// How many answers and calls took tokens at no known price.
    pub unpriced: u64,
}

impl From<SpentRecord> for MonthUse {
    fn from(spent: SpentRecord) -> Self {
        let cost = spent.amount.cost.0.cast_signed();
        Self { tokens: spent.amount.tokens, cost_nanousd: (spent.unpriced == 0).then_some(cost) }
    }
}

/// A budget that is used so far that somebody is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeRecord {
    /// Whose budget; none for that of all chats together.
    pub chat: Option<ChatId>,
    /// The day, by its beginning.
    pub day: Timestamp,
    /// How far it is used, in percent.
    pub percent: u32,
}

impl NoticeRecord {
    fn chat_number(&self) -> i64 {
        self.chat.map_or(0, |chat| chat.0)
    }
}

impl Store {
    /// Keeps what a call took.
    pub async fn record_spending(&self, spending: &NewSpending<'_>, now: Timestamp) -> Result<()> {
        let (chat, job) = (spending.chat.map(|chat| chat.0), spending.job.map(|job| job.0));
        let cost = spending.cost.map(|cost| cost.0.cast_signed());
        sqlx::query!(
            r#"INSERT INTO spendings (chat_id, job_id, purpose, model, prompt_tokens, cached_tokens, completion_tokens,
                                      seconds, cost_nanousd, spent_at, asked_by)
               SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
               WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM chats WHERE id = ?1)"#,
            chat,
            job,
            spending.purpose,
            spending.model,
            spending.prompt,
            spending.cached,
            spending.completion,
            spending.seconds,
            cost,
            now.0,
            spending.asked_by
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// What a chat, or all of them, took since `since`: answers and work on memory. Of vectors and transcriptions the cost alone
    /// counts, where it is known: their tokens are no prompts and answers.
    pub async fn spent_since(&self, chat: Option<ChatId>, since: Timestamp) -> Result<SpentRecord> {
        let chat = chat.map(|chat| chat.0);
        let row = sqlx::query!(
            r#"SELECT ifnull(sum(tokens), 0) AS "tokens!: i64", ifnull(sum(cost), 0) AS "cost!: i64",
                      count(*) FILTER (WHERE cost IS NULL AND ended) AS "unpriced!: i64"
               FROM (SELECT ifnull(t.spent_prompt_tokens + t.spent_completion_tokens,
                                   ifnull(t.reported_tokens, iif(t.state = 'failed', 0, ifnull(t.predicted_tokens, 0)))
                                       + ifnull(t.completion_tokens, 0)) AS tokens,
                            t.cost_nanousd AS cost, t.state = 'done' AS ended
                     FROM turns t WHERE t.started_at >= ?2 AND (?1 IS NULL OR t.chat_id = ?1) AND t.state <> 'running'
                     UNION ALL
                     SELECT iif(s.purpose IN ('embedding', 'transcription'), 0, s.prompt_tokens + s.completion_tokens),
                            s.cost_nanousd, s.purpose NOT IN ('embedding', 'transcription')
                     FROM spendings s WHERE s.spent_at >= ?2 AND (?1 IS NULL OR s.chat_id = ?1))"#,
            chat,
            since.0
        )
        .fetch_one(&self.read)
        .await?;
        let cost = NanoUsd(row.cost.max(0).unsigned_abs());
        let amount = Amount { tokens: row.tokens.max(0).unsigned_abs(), cost };
        Ok(SpentRecord { amount, unpriced: row.unpriced.unsigned_abs() })
    }

    /// What each job of a chat took so far, those of them that took anything.
    pub async fn spent_by_jobs(&self, chat: ChatId) -> Result<Vec<(JobId, SpentRecord)>> {
        let rows = sqlx::query!(
            r#"SELECT job_id AS "job!: i64", sum(prompt_tokens + completion_tokens) AS "tokens!: i64",
                      ifnull(sum(cost_nanousd), 0) AS "cost!: i64",
                      count(*) FILTER (WHERE cost_nanousd IS NULL) AS "unpriced!: i64"
               FROM spendings WHERE chat_id = ? AND job_id IS NOT NULL GROUP BY job_id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let spent = |tokens: i64, cost: i64, unpriced: i64| SpentRecord {
            amount: Amount { tokens: tokens.max(0).unsigned_abs(), cost: NanoUsd(cost.max(0).unsigned_abs()) },
            unpriced: unpriced.unsigned_abs(),
        };
        Ok(rows.into_iter().map(|row| (JobId(row.job), spent(row.tokens, row.cost, row.unpriced))).collect())
    }

    /// Notes that a budget is used so far; false when that was noted before. Whoever is told of all of it needs no word of
    /// less.
    pub async fn note_spending(&self, notice: &NoticeRecord, tell_chat: bool, now: Timestamp) -> Result<bool> {
        let chat = notice.chat_number();
        let known = sqlx::query_scalar!(
            r#"SELECT 1 AS "one!: i64" FROM spending_notices WHERE chat_id = ? AND day = ? AND percent >= ? LIMIT 1"#,
            chat,
            notice.day.0,
            notice.percent
        )
        .fetch_optional(&self.read)
        .await?;
        if known.is_some() {
            return Ok(false);
        }
        let told_chat = (!tell_chat).then_some(now.0);
        let mut tx = self.begin().await?;
        // Notices of other days nobody needs any more, told or not.
        sqlx::query!("DELETE FROM spending_notices WHERE day < ? AND chat_id = ?", notice.day.0, chat)
            .execute(&mut *tx)
            .await?;
        let noted = sqlx::query!(
            "INSERT OR IGNORE INTO spending_notices (chat_id, day, percent, told_chat_at) VALUES (?, ?, ?, ?)",
            chat,
            notice.day.0,
            notice.percent,
            told_chat
        )
        .execute(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Forgets what was noted of a budget that was changed: it is told of anew.
    pub async fn forget_notices(&self, chat: Option<ChatId>) -> Result<()> {
        let chat = chat.map(|chat| chat.0);
        sqlx::query!("DELETE FROM spending_notices WHERE ?1 IS NULL OR chat_id = ?1", chat)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The chats whose own budget somebody was to be told of lately.
    pub async fn chats_noticed(&self) -> Result<Vec<ChatId>> {
        let chats =
            sqlx::query_scalar!("SELECT DISTINCT chat_id FROM spending_notices WHERE chat_id <> 0 ORDER BY chat_id")
                .fetch_all(&self.read)
                .await?;
        Ok(chats.into_iter().map(ChatId).collect())
    }

    /// What the owner is to be told, oldest first.
    pub async fn notices_for_owner(&self) -> Result<Vec<NoticeRecord>> {
        let rows = sqlx::query!(
            "SELECT chat_id, day, percent FROM spending_notices WHERE told_owner_at IS NULL ORDER BY day, chat_id, percent"
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|row| notice(row.chat_id, row.day, row.percent)).collect())
    }

    /// What chats are to be told of their own budgets.
    pub async fn notices_for_chats(&self) -> Result<Vec<NoticeRecord>> {
        let rows = sqlx::query!(
            r#"SELECT chat_id, day, percent FROM spending_notices
               WHERE told_chat_at IS NULL AND chat_id <> 0 ORDER BY day, chat_id, percent"#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|row| notice(row.chat_id, row.day, row.percent)).collect())
    }

    /// The owner was told.
    pub async fn owner_was_told(&self, notice: &NoticeRecord, now: Timestamp) -> Result<()> {
        let chat = notice.chat_number();
        sqlx::query!(
            "UPDATE spending_notices SET told_owner_at = ? WHERE chat_id = ? AND day = ? AND percent = ?",
            now.0,
            chat,
            notice.day.0,
            notice.percent
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The chat was told.
    pub async fn chat_was_told(&self, notice: &NoticeRecord, now: Timestamp) -> Result<()> {
        let chat = notice.chat_number();
        sqlx::query!(
            "UPDATE spending_notices SET told_chat_at = ? WHERE chat_id = ? AND day = ? AND percent = ?",
            now.0,
            chat,
            notice.day.0,
            notice.percent
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

fn notice(chat: i64, day: i64, percent: i64) -> NoticeRecord {
    let percent = u32::try_from(percent).unwrap_or(NOTICE_PERCENT);
    NoticeRecord { chat: (chat != 0).then_some(ChatId(chat)), day: Timestamp(day), percent }
}
