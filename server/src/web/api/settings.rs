//! Settings of the dashboard and of a chat, each with its value and where it comes from.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Map, Value};
use souvenir_memory::SessionDuration;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, schema::Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::Body, manifest::json, wire::Time};
use crate::{
    engine::settings::{Setting, Settings, SettingsPatch},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// One setting: its value and where that comes from.
#[derive(Serialize, ToSchema)]
pub(super) struct SettingView {
    #[schema(example = "medium")]
    value: Value,
    /// `chat`, `dashboard`, `environment`, `file`, `default`.
    origin: &'static str,
    /// When it was set on the dashboard or through the API.
    set_at: Option<Time>,
}

/// Settings by name.
#[derive(Serialize, ToSchema)]
pub(super) struct SettingsView {
    session_duration: SettingView,
    max_context_tokens: SettingView,
    reserve_tokens: SettingView,
    system_prompt: SettingView,
    chat_model: SettingView,
    memory_model: SettingView,
    time_zone: SettingView,
    reasoning_effort: SettingView,
    mid_term_messages: SettingView,
    keep_days: SettingView,
    expiry_schedule: SettingView,
    search_memory: SettingView,
    pictures: SettingView,
    group_answers: SettingView,
    daily_usd: SettingView,
    daily_tokens: SettingView,
    chat_daily_usd: SettingView,
    chat_daily_tokens: SettingView,
    analysis_schedule: SettingView,
    analysis_growth: SettingView,
    analysis_apply: SettingView,
    digest: SettingView,
    digest_send: SettingView,
    digest_context: SettingView,
    reminders: SettingView,
}

impl From<&Settings> for SettingsView {
    fn from(settings: &Settings) -> Self {
        Self {
            session_duration: view(&settings.session_duration),
            max_context_tokens: view(&settings.max_context_tokens),
            reserve_tokens: view(&settings.reserve_tokens),
            system_prompt: view(&settings.system_prompt),
            chat_model: view(&settings.chat_model),
            memory_model: view(&settings.memory_model),
            time_zone: view(&settings.time_zone),
            reasoning_effort: view(&settings.reasoning_effort),
            mid_term_messages: view(&settings.mid_term_messages),
            keep_days: view(&settings.keep_days),
            expiry_schedule: view(&settings.expiry_schedule),
            search_memory: view(&settings.search_memory),
            pictures: view(&settings.pictures),
            group_answers: view(&settings.group_answers),
            daily_usd: view(&settings.daily_usd),
            daily_tokens: view(&settings.daily_tokens),
            chat_daily_usd: view(&settings.chat_daily_usd),
            chat_daily_tokens: view(&settings.chat_daily_tokens),
            analysis_schedule: view(&settings.analysis_schedule),
            analysis_growth: view(&settings.analysis_growth),
            analysis_apply: view(&settings.analysis_apply),
            digest: view(&settings.digest),
            digest_send: view(&settings.digest_send),
            digest_context: view(&settings.digest_context),
            reminders: view(&settings.reminders),
        }
    }
}

impl SettingsView {
    /// The values alone, by name: what a PATCH takes.
    pub(super) fn values(&self) -> Map<String, Value> {
        let Value::Object(settings) = json(self) else { return Map::new() };
        settings.into_iter().map(|(name, mut setting)| (name, setting["value"].take())).collect()
    }
}

fn view<T: Serialize>(setting: &Setting<T>) -> SettingView {
    SettingView { value: json(&setting.value), origin: setting.origin.as_str(), set_at: setting.set_at.map(Time) }
}

/// What a PATCH takes, for the description; [`patch`] reads it. What is absent stays, null takes an override back.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its description is used")]
pub(super) struct SettingsChange {
    /// `short`, `medium`, `long`, or minutes from 15 to 10,080.
    session_duration: Option<DurationChange>,
    #[schema(minimum = 500, maximum = 1_000_000)]
    max_context_tokens: Option<u32>,
    /// At most half of `max_context_tokens`.
    #[schema(minimum = 16, maximum = 500_000)]
    reserve_tokens: Option<u32>,
    #[schema(min_length = 1, max_length = 20_000, pattern = r"\S")]
    system_prompt: Option<String>,
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    chat_model: Option<String>,
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    memory_model: Option<String>,
    /// An IANA name.
    #[schema(example = "Europe/Paris")]
    time_zone: Option<String>,
    /// Empty to leave it to the endpoint.
    #[schema(pattern = "^(none|minimal|low|medium|high|xhigh|max)?$")]
    reasoning_effort: Option<String>,
    #[schema(minimum = 1, maximum = 10_000)]
    mid_term_messages: Option<u32>,
    #[schema(minimum = 1, maximum = 36_500)]
    keep_days: Option<u32>,
    /// Whether what is older than `keep_days` is put away by itself.
    #[schema(pattern = "^(off|daily)$")]
    expiry_schedule: Option<String>,
    /// Whether the model that replies may search the chat by itself.
    #[schema(pattern = "^(off|on)$")]
    search_memory: Option<String>,
    /// Whether the model that replies is shown pictures; `auto` unless it is known, or found, to take none.
    #[schema(pattern = "^(auto|on|off)$")]
    pictures: Option<String>,
    /// Whether the bot answers in groups only what names it or replies to it, or everything.
    #[schema(pattern = "^(mentions|always)$")]
    group_answers: Option<String>,
    /// Dollars that all chats together may take in a day; 0 for any amount. Not of a single chat.
    #[schema(minimum = 0, maximum = 1_000_000)]
    daily_usd: Option<f64>,
    /// Tokens that all chats together may take in a day; 0 for any number. Not of a single chat.
    #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
    daily_tokens: Option<u32>,
    /// Dollars that a chat may take in a day.
    #[schema(minimum = 0, maximum = 1_000_000)]
    chat_daily_usd: Option<f64>,
    /// Tokens that a chat may take in a day.
    #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
    chat_daily_tokens: Option<u32>,
    /// Whether the whole history is analysed by itself, at 03:00.
    #[schema(pattern = "^(off|daily)$")]
    analysis_schedule: Option<String>,
    /// After how many new messages it is; 0 for never, else 20 or more.
    #[schema(minimum = 0, maximum = 1_000_000)]
    analysis_growth: Option<u32>,
    /// Whether what an analysis proposes waits for the owner, or is carried out at once.
    #[schema(pattern = "^(hold|apply)$")]
    analysis_apply: Option<String>,
    /// Which digests are made by themselves.
    #[schema(pattern = "^(off|daily|weekly|both)$")]
    digest: Option<String>,
    /// Whether they are sent to the chat.
    #[schema(pattern = "^(off|on)$")]
    digest_send: Option<String>,
    /// Whether the newest of them stand in the context.
    #[schema(pattern = "^(off|on)$")]
    digest_context: Option<String>,
    /// Whether the chat is reminded of goals on the day they are due.
    #[schema(pattern = "^(off|on)$")]
    reminders: Option<String>,
}

/// A session duration coming in: by name or in minutes.
struct DurationChange;

impl PartialSchema for DurationChange {
    fn schema() -> RefOr<Schema> {
        let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^(short|medium|long)$"));
        let (least, most) = SessionDuration::RANGE.into_inner();
        let minutes = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most));
        OneOfBuilder::new().item(name).item(minutes).into()
    }
}

impl ToSchema for DurationChange {}

/// Reads the body of a PATCH: an object of values by name.
pub(super) fn patch(body: &Map<String, Value>) -> ApiResult<SettingsPatch> {
    Ok(SettingsPatch::from_json(body)?)
}

/// What all chats start from.
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "Each setting with its value and origin", body = SettingsView)))]
async fn show(State(web): State<Web>) -> ApiResult<Json<SettingsView>> {
    Ok(Json((&web.engine.settings(None).await?).into()))
}

/// Sets what all chats start from; null takes an override back.
#[utoipa::path(patch, path = "/settings", tag = "settings",
    request_body(content = Option<SettingsChange>, description = "Values by name", example = json!({"session_duration": "long"})),
    responses((status = 200, description = "The settings now in force", body = SettingsView),
        (status = 422, description = "A value or a name is refused", body = Problem)))]
async fn change(State(web): State<Web>, Body(body): Body<Map<String, Value>>) -> ApiResult<Json<SettingsView>> {
    let settings = web.engine.patch_settings(None, patch(&body)?).await?;
    Ok(Json((&settings).into()))
}
