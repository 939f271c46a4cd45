//! Settings as pages show and change them: texts as a person writes them.

use serde_json::{Map, Value};
use souvenir_frontend::{
    api::{ApiError, BarView, CheckView, OriginView, SettingView, SettingsView, TrialView},
    words,
};
use souvenir_memory::{ChatId, TokenBudget};

use super::{calendar::Calendar, errors::told, port::WebDashboard};
use crate::engine::{
    Engine, EngineError,
    settings::{Setting, SettingOrigin, Settings, SettingsPatch},
};

impl WebDashboard {
    /// Every setting with what it comes to.
    pub(super) async fn settings_view(
        &self,
        chat: Option<ChatId>,
        trial: Option<u64>,
    ) -> Result<SettingsView, ApiError> {
        let in_force = self.web.engine.settings(chat).await.map_err(told)?;
        let mut settings = views(&in_force, &self.calendar(&in_force));
        // What all chats may spend together is no chat's own.
        settings.retain(|setting| chat.is_none() || !matches!(setting.key.as_str(), "daily_usd" | "daily_tokens"));
        let budget = in_force.budget();
        for setting in &mut settings {
            setting.told = self.comes_to(&setting.key, &setting.value, &in_force, budget).await;
        }
        let trial = trial.and_then(|number| self.trials.find(number));
        Ok(SettingsView { settings, shares: shares(budget), trial })
    }

    /// Whether a value would be accepted, and what it would come to.
    pub(super) async fn checked(&self, chat: Option<ChatId>, key: &str, value: String) -> Result<CheckView, ApiError> {
        let in_force = self.web.engine.settings(chat).await.map_err(told)?;
        let refused = |why: String| CheckView { ok: false, told: why, shares: None };
        let patch = match patch(key.to_owned(), Some(value)) {
            Ok(patch) => patch,
            Err(ApiError::Invalid { message, .. }) => return Ok(refused(message)),
            Err(error) => return Err(error),
        };
        let budget = match Engine::budget_with(in_force.budget(), &patch) {
            Ok(budget) => budget,
            Err(EngineError::Invalid { message, .. }) => return Ok(refused(message)),
            Err(error) => return Err(told(error)),
        };
        let value = patch.text(key).unwrap_or_default();
        let is_budget = matches!(key, "max_context_tokens" | "reserve_tokens");
        Ok(CheckView {
            ok: true,
            told: self.comes_to(key, value, &in_force, budget).await,
            shares: is_budget.then(|| shares(budget)),
        })
    }

    /// What a value comes to, in a sentence; empty where there is nothing to say.
    async fn comes_to(&self, key: &str, value: &str, settings: &Settings, budget: TokenBudget) -> String {
        match key {
            "max_context_tokens" => format!("A request holds {} at most.", tokens(budget.available().0)),
            "reserve_tokens" => format!("With slack for miscounting, {} are kept.", tokens(budget.reserve().0)),
            "system_prompt" => {
                let count = self.web.engine.token_count(&settings.chat_model.value, value).await.0;
                format!("{} in each request; its share is {}.", tokens(count), words::count(budget.system().0))
            }
            "session_duration" => value.parse::<souvenir_memory::SessionDuration>().map_or_else(
                |_| String::new(),
                |duration| format!("Word for word for {}.", words::duration(duration.minutes())),
            ),
            "time_zone" => crate::clock::zone(value).map_or_else(
                |_| String::new(),
                |zone| format!("It is {} there.", crate::clock::local(self.web.engine.now(), &zone, "%H:%M")),
            ),
            _ => String::new(),
        }
    }

    /// Asks a model for a word and keeps what came of it.
    pub(super) async fn tried_model(&self, key: String, value: String) -> Result<u64, ApiError> {
        let (ok, told_of) = match self.web.engine.try_model(&value).await {
            Ok(tried) => {
                let took = words::span(i64::try_from(tried.took.as_millis()).unwrap_or(i64::MAX));
                let cost = tried.tokens.map(|count| format!(", for {}", tokens(count))).unwrap_or_default();
                (true, format!("{} answered in {took}{cost}.", tried.model))
            }
            Err(EngineError::Invalid { message, .. }) => (false, message),
            Err(error) => return Err(told(error)),
        };
        Ok(self.trials.keep(TrialView { key, value, ok, told: told_of }))
    }
}

fn tokens(count: u32) -> String {
    words::plural(usize::try_from(count).unwrap_or(usize::MAX), "token", "tokens")
}

/// The shares of a budget: what each section may take, the reserve, and what stays for recall and for more of the recent
/// messages.
fn shares(budget: TokenBudget) -> BarView {
    let memory = budget.memory().0;
    let sections = [budget.system().0, memory / 2, memory - memory / 2, budget.recent().0, 0, budget.current().0];
    let spent: u32 = sections.iter().sum::<u32>() + budget.reserve().0;
    BarView {
        sections,
        scaling: 0,
        reserve: budget.reserve().0,
        free: budget.max_context_tokens.0.saturating_sub(spent),
    }
}

/// Every setting, in the order to show.
pub(super) fn views(settings: &Settings, calendar: &Calendar) -> Vec<SettingView> {
    let duration = match settings.session_duration.value {
        souvenir_memory::SessionDuration::Custom(minutes) => minutes.to_string(),
        named => named.name().to_owned(),
    };
    vec![
        view("session_duration", duration, &settings.session_duration, calendar),
        plain("max_context_tokens", &settings.max_context_tokens, calendar),
        plain("reserve_tokens", &settings.reserve_tokens, calendar),
        plain("system_prompt", &settings.system_prompt, calendar),
        plain("chat_model", &settings.chat_model, calendar),
        plain("memory_model", &settings.memory_model, calendar),
        plain("time_zone", &settings.time_zone, calendar),
        plain("reasoning_effort", &settings.reasoning_effort, calendar),
        plain("mid_term_messages", &settings.mid_term_messages, calendar),
        plain("keep_days", &settings.keep_days, calendar),
        plain("expiry_schedule", &settings.expiry_schedule, calendar),
        plain("search_memory", &settings.search_memory, calendar),
        plain("pictures", &settings.pictures, calendar),
        plain("group_answers", &settings.group_answers, calendar),
        plain("daily_usd", &settings.daily_usd, calendar),
        plain("daily_tokens", &settings.daily_tokens, calendar),
        plain("chat_daily_usd", &settings.chat_daily_usd, calendar),
        plain("chat_daily_tokens", &settings.chat_daily_tokens, calendar),
        plain("analysis_schedule", &settings.analysis_schedule, calendar),
        plain("analysis_growth", &settings.analysis_growth, calendar),
        plain("analysis_apply", &settings.analysis_apply, calendar),
        plain("digest", &settings.digest, calendar),
        plain("digest_send", &settings.digest_send, calendar),
        plain("digest_context", &settings.digest_context, calendar),
        plain("reminders", &settings.reminders, calendar),
    ]
}

fn plain<T: ToString>(key: &str, setting: &Setting<T>, calendar: &Calendar) -> SettingView {
    view(key, setting.value.to_string(), setting, calendar)
}

fn view<T>(key: &str, value: String, setting: &Setting<T>, calendar: &Calendar) -> SettingView {
    let origin = match setting.origin {
        SettingOrigin::Chat => OriginView::Chat,
        SettingOrigin::Dashboard => OriginView::Dashboard,
        SettingOrigin::Environment => OriginView::Environment,
        SettingOrigin::File => OriginView::File,
        SettingOrigin::Default => OriginView::Default,
    };
    SettingView {
        key: key.to_owned(),
        value,
        origin,
        set_at: setting.set_at.map(|at| calendar.moment(at)),
        told: String::new(),
    }
}

/// One change; none as value takes the setting back.
pub(super) fn patch(key: String, value: Option<String>) -> Result<SettingsPatch, ApiError> {
    let is_number = matches!(
        key.as_str(),
        "max_context_tokens"
            | "reserve_tokens"
            | "mid_term_messages"
            | "keep_days"
            | "daily_tokens"
            | "chat_daily_tokens"
            | "analysis_growth"
    );
    let value = value.map(|text| if is_number { without_separators(&text) } else { text });
    let mut object = Map::new();
    object.insert(key, value.map_or(Value::Null, Value::String));
    SettingsPatch::from_json(&object).map_err(told)
}

/// People write 8,000 and 8 000.
fn without_separators(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != ',').collect()
}
