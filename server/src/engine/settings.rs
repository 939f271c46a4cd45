//! Settings of a chat and of the dashboard, each with where it comes from.
//!
//! A chat's own setting stands over the dashboard's, that over the environment, that over the file, that over the
//! default. Changes keep their times.

mod choices;
mod patch;

pub use choices::{AnalysisApply, AnalysisSchedule, DigestSchedule, ExpirySchedule, GroupAnswers, Sight, Switch};
pub use patch::SettingsPatch;
use patch::{BUDGETS, OF_ALL};
use souvenir_memory::{
    ChatId, MessageId, NanoUsd, SessionDuration, Timestamp, TokenBudget, prompt::DEFAULT_SYSTEM_PROMPT, tier,
};

use super::{ChatEvent, Engine, EngineError, TelegramChat, error::Result};
use crate::{
    clock,
    config::{self, Sourced},
    store::SettingRow,
};

/// Where a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingOrigin {
    /// This chat.
    Chat,
    /// The dashboard's settings, for all chats.
    Dashboard,
    /// The environment.
    Environment,
    /// The configuration file.
    File,
    /// Nobody.
    Default,
}

impl SettingOrigin {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Dashboard => "dashboard",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
        }
    }
}

/// One setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Who set it.
    pub origin: SettingOrigin,
    /// Since when, where a person set it.
    pub set_at: Option<Timestamp>,
}

/// Every setting that a chat can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a message stays in `short_term`.
    pub session_duration: Setting<SessionDuration>,
    /// The whole window, in tokens.
    pub max_context_tokens: Setting<u32>,
    /// The part of it kept for the answer.
    pub reserve_tokens: Setting<u32>,
    /// The system prompt.
    pub system_prompt: Setting<String>,
    /// The model that replies.
    pub chat_model: Setting<String>,
    /// The model that keeps memory.
    pub memory_model: Setting<String>,
    /// The IANA name of the time zone.
    pub time_zone: Setting<String>,
    /// How much the model may think before it answers; empty to leave it to the endpoint.
    pub reasoning_effort: Setting<String>,
    /// How many messages `mid_term` holds.
    pub mid_term_messages: Setting<u32>,
    /// Messages older than this many days are archived when expiry is asked for.
    pub keep_days: Setting<u32>,
    /// Whether that happens by itself.
    pub expiry_schedule: Setting<ExpirySchedule>,
    /// Whether the model that replies may search the chat by itself.
    pub search_memory: Setting<Switch>,
    /// Whether the model that replies is shown pictures.
    pub pictures: Setting<Sight>,
    /// To what the bot answers in groups.
    pub group_answers: Setting<GroupAnswers>,
    /// The most money that all chats together may take in a day; zero for any amount.
    pub daily_usd: Setting<NanoUsd>,
    /// The most tokens that all chats together may take in a day; zero for any number.
    pub daily_tokens: Setting<u64>,
    /// The most money that a chat may take in a day.
    pub chat_daily_usd: Setting<NanoUsd>,
    /// The most tokens that a chat may take in a day.
    pub chat_daily_tokens: Setting<u64>,
    /// When the whole history is read again by itself.
    pub analysis_schedule: Setting<AnalysisSchedule>,
    /// After how many new messages it is; 0 for never.
    pub analysis_growth: Setting<u32>,
    /// What becomes of what that proposes.
    pub analysis_apply: Setting<AnalysisApply>,
    /// Which digests are made by themselves.
    pub digest: Setting<DigestSchedule>,
    /// Whether they are sent to the chat.
    pub digest_send: Setting<Switch>,
    /// Whether the newest stand in the context.
    pub digest_context: Setting<Switch>,
    /// Whether the chat is reminded of goals on the day they are due.
    pub reminders: Setting<Switch>,
    /// The first message after the last `/reset`.
    pub context_start: Option<MessageId>,
}

impl Settings {
    /// Window and reserve.
    #[must_use]
    pub fn budget(&self) -> TokenBudget {
        TokenBudget::new(self.max_context_tokens.value, self.reserve_tokens.value).unwrap_or_default()
    }

    /// Whether a day's spending is limited at all, in this chat or in all of them: seldom, so that nothing is added up otherwise.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        let (all, own) = (&self.daily_tokens, &self.chat_daily_tokens);
        let (all_usd, own_usd) = (&self.daily_usd, &self.chat_daily_usd);
        all.value > 0 || own.value > 0 || all_usd.value.0 > 0 || own_usd.value.0 > 0
    }

    /// Where `short_term` begins.
    #[must_use]
    pub fn boundary(&self) -> tier::Boundary {
        tier::Boundary { session: self.session_duration.value, context_start: self.context_start }
    }

    /// The time zone; UTC should a stored name no longer be known.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        clock::zone(&self.time_zone.value).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// Kept with the settings for its time, but moved only by `/reset`.
const CONTEXT_START: &str = "context_start";

impl Engine {
    /// The settings in force in a chat, or for the whole dashboard.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn settings(&self, chat: Option<ChatId>) -> Result<Settings> {
        if let Some(chat) = chat {
            self.record(chat).await?;
        }
        self.settings_at(chat, self.now()).await
    }

    /// The settings as they were.
    pub(super) async fn settings_at(&self, chat: Option<ChatId>, at: Timestamp) -> Result<Settings> {
        let rows = self.store().settings(chat, at).await?;
        let defaults = self.defaults();
        let set = Rows(&rows);
        let plain = |value: &str| Sourced { value: value.to_owned(), origin: config::Origin::Default };
        let mut settings = Settings {
            session_duration: set.parsed("session_duration", &sourced(SessionDuration::default())),
            max_context_tokens: set.parsed("max_context_tokens", &defaults.max_context_tokens),
            reserve_tokens: set.parsed("reserve_tokens", &defaults.reserve_tokens),
            system_prompt: set.parsed("system_prompt", &plain(DEFAULT_SYSTEM_PROMPT)),
            chat_model: set.parsed("chat_model", &defaults.chat_model),
            memory_model: set.parsed("memory_model", &defaults.memory_model),
            time_zone: set.parsed("time_zone", &defaults.time_zone),
            // Thinking is paid for out of the answer's reserve: none unless asked for.
            reasoning_effort: set.parsed("reasoning_effort", &plain("none")),
            mid_term_messages: set.parsed("mid_term_messages", &sourced(200)),
            keep_days: set.parsed("keep_days", &sourced(30)),
            expiry_schedule: set.parsed("expiry_schedule", &sourced(ExpirySchedule::default())),
            search_memory: set.parsed("search_memory", &sourced(Switch::default())),
            pictures: set.parsed("pictures", &sourced(Sight::default())),
            group_answers: set.parsed("group_answers", &sourced(GroupAnswers::default())),
            daily_usd: set.parsed("daily_usd", &defaults.spending.daily_usd),
            daily_tokens: set.parsed("daily_tokens", &defaults.spending.daily_tokens),
            chat_daily_usd: set.parsed("chat_daily_usd", &defaults.spending.chat_daily_usd),
            chat_daily_tokens: set.parsed("chat_daily_tokens", &defaults.spending.chat_daily_tokens),
            analysis_schedule: set.parsed("analysis_schedule", &sourced(AnalysisSchedule::default())),
            analysis_growth: set.parsed("analysis_growth", &sourced(0)),
            analysis_apply: set.parsed("analysis_apply", &sourced(AnalysisApply::default())),
            digest: set.parsed("digest", &sourced(DigestSchedule::default())),
            digest_send: set.parsed("digest_send", &sourced(Switch::default())),
            digest_context: set.parsed("digest_context", &sourced(Switch::default())),
            reminders: set.parsed("reminders", &sourced(Switch::default())),
            context_start: set.find(CONTEXT_START).and_then(|row| row.value.parse().ok()).map(MessageId),
        };
        // A chat's own reserve was checked against the window of its time; the dashboard's may have become smaller since.
        let most = settings.max_context_tokens.value / 2;
        settings.reserve_tokens.value = settings.reserve_tokens.value.min(most);
        Ok(settings)
    }

    /// To what the bot answers in a Telegram group, or a topic of one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn group_answers(&self, chat: &TelegramChat) -> Result<GroupAnswers> {
        let known = self.store().telegram_chat_id(chat.chat_id, chat.thread_id).await?;
        Ok(self.settings_at(known, self.now()).await?.group_answers.value)
    }

    /// Changes settings of a chat, or of the whole dashboard. Tiers and contexts follow at once.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when the values do not fit together; nothing is changed then.
    pub async fn patch_settings(&self, chat: Option<ChatId>, patch: SettingsPatch) -> Result<Settings> {
        let before = self.settings(chat).await?;
        if chat.is_some()
            && let Some((key, own)) = OF_ALL.into_iter().find(|(key, _)| patch.value(key).is_some())
        {
            let told = format!("{key} is for all chats together: set it on the dashboard, or {own} for this chat");
            return Err(EngineError::invalid(key, told));
        }
        let max = patch.number("max_context_tokens").unwrap_or(before.max_context_tokens.value);
        let reserve = patch.number("reserve_tokens").unwrap_or(before.reserve_tokens.value);
        if patch.value("max_context_tokens").or(patch.value("reserve_tokens")).is_some() {
            TokenBudget::new(max, reserve).map_err(|error| EngineError::invalid("max_context_tokens", error))?;
        }
        if !patch.is_empty() {
            self.store().set_settings(chat, &patch.changes, self.now()).await?;
            self.settings_changed(chat).await?;
            if BUDGETS.iter().any(|key| patch.value(key).is_some()) {
                self.budgets_changed(chat).await?;
            }
        }
        self.settings(chat).await
    }

    /// Starts the chat's context anew after message `last`, or after the newest: what was said stays in memory, but
    /// not word for word in the next context.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn reset(&self, chat: ChatId, last: Option<MessageId>) -> Result<()> {
        self.record(chat).await?;
        let last = match last {
            Some(last) => Some(last),
            None => self.store().newest_message(chat).await?,
        };
        let start = last.map_or(1, |id| id.0 + 1).to_string();
        self.store().set_settings(Some(chat), &[(CONTEXT_START, Some(start))], self.now()).await?;
        self.nudge(chat);
        self.settings_changed(Some(chat)).await
    }

    async fn settings_changed(&self, chat: Option<ChatId>) -> Result<()> {
        let chats = match chat {
            Some(chat) => vec![chat],
            None => self.store().chats().await?.into_iter().map(|record| record.id).collect(),
        };
        for chat in chats {
            self.emit(ChatEvent::Settings { chat });
        }
        Ok(())
    }
}

/// The stored overrides of a chat, its own before the dashboard's.
struct Rows<'a>(&'a [SettingRow]);

impl Rows<'_> {
    fn find(&self, key: &str) -> Option<&SettingRow> {
        self.0.iter().filter(|row| row.key == key).max_by_key(|row| row.of_chat)
    }

    fn parsed<T: Clone + std::str::FromStr>(&self, key: &str, default: &Sourced<T>) -> Setting<T> {
        let stored = self.find(key).and_then(|row| {
            let origin = if row.of_chat { SettingOrigin::Chat } else { SettingOrigin::Dashboard };
            Some(Setting { value: row.value.parse().ok()?, origin, set_at: Some(row.set_at) })
        });
        stored.unwrap_or_else(|| Setting {
            value: default.value.clone(),
            origin: match default.origin {
                config::Origin::Default => SettingOrigin::Default,
                config::Origin::File => SettingOrigin::File,
                config::Origin::Environment => SettingOrigin::Environment,
            },
            set_at: None,
        })
    }
}

fn sourced<T>(value: T) -> Sourced<T> {
    Sourced { value, origin: config::Origin::Default }
}
