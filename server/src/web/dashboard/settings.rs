//! Settings as pages show and change them: texts as a person writes them.

use serde_json::{Map, Value};
use souvenir_frontend::api::{ApiError, OriginView, SettingView};

use super::{calendar::Calendar, errors::told};
use crate::engine::settings::{Setting, SettingOrigin, Settings, SettingsPatch};

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
        plain("group_answers", &settings.group_answers, calendar),
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
    SettingView { key: key.to_owned(), value, origin, set_at: setting.set_at.map(|at| calendar.moment(at)) }
}

/// One change; none as value takes the setting back.
pub(super) fn patch(key: String, value: Option<String>) -> Result<SettingsPatch, ApiError> {
    let is_number = matches!(key.as_str(), "max_context_tokens" | "reserve_tokens" | "mid_term_messages" | "keep_days");
    let value = value.map(|text| if is_number { without_separators(&text) } else { text });
    let mut object = Map::new();
    object.insert(key, value.map_or(Value::Null, Value::String));
    SettingsPatch::from_json(&object).map_err(told)
}

/// People write 8,000 and 8 000.
fn without_separators(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && *character != ',').collect()
}
