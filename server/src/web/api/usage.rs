//! Usage: tokens, money and waiting over a stretch of time.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use souvenir_memory::{ChatId, spending::Spending};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Params, number, parsed},
    wire::Time,
};
use crate::{
    engine::{
        inspect::{Percentiles, Spent, UsageBy, UsageGroup, UsageQuery, UsageReport},
        spending::Budget,
    },
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(usage))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UsageParams {
    /// From this moment: RFC 3339, or a date alone. Thirty days back, today included, unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<String>,
    /// To before this moment; until now unless given.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<String>,
    /// `day` (in the dashboard's time zone), `chat`, `model` or `purpose` (answers, and each kind of work on memory); days
    /// unless given.
    #[param(pattern = "^(day|chat|model|purpose)?$")]
    by: Option<String>,
    /// Only this chat.
    #[param(value_type = Option<i64>, minimum = 1)]
    chat: Option<String>,
}

/// Tokens and money.
#[derive(Serialize, ToSchema)]
struct SpentView {
    /// Answers, or calls for work on memory.
    count: u64,
    /// As reported; where nothing was, as counted.
    tokens_in: u64,
    /// Of these, from the provider's cache.
    tokens_cached: u64,
    tokens_out: u64,
    /// Of what has a known price.
    cost_usd: f64,
    /// How many have no known price: the cost is at least what is said.
    unpriced: u64,
}

/// Milliseconds.
#[derive(Serialize, ToSchema)]
struct WaitView {
    p50: u32,
    p95: u32,
}

/// One day, chat or model.
#[derive(Serialize, ToSchema)]
struct GroupView {
    /// `2026-11-22`, a chat's id (`none` for what was for no chat in particular), a model's name (`none` where no model was asked), or a purpose: `answers`,
    /// `consolidation`, `summary`, `analysis`, `digest`, `embedding`, `transcription`, `test`, `forgotten answers`.
    key: String,
    /// A chat's title.
    title: Option<String>,
    /// Answers to people.
    answers: SpentView,
    failed: u64,
    stopped: u64,
    /// Work on memory, each call of the model; at today's prices where the price of its time was not kept.
    memory: SpentView,
    /// From the request to the first piece of the answer.
    first_token_ms: Option<WaitView>,
    /// From the message to its finished answer.
    answer_ms: Option<WaitView>,
    /// By how much more was reported than expected, in percent of what was reported.
    drift_percent: Option<f64>,
}

/// A budget of the day.
#[derive(Serialize, ToSchema)]
struct BudgetView {
    /// 0 for any number.
    limit_tokens: u64,
    /// 0 for any amount.
    limit_usd: f64,
    spent_tokens: u64,
    /// Of what has a known price.
    spent_usd: f64,
    /// How far it is used, by whichever is nearer its end.
    percent: u32,
    /// What is paused: `background`, `asked`, `reply`.
    paused: Vec<&'static str>,
    /// When the next day begins.
    until: Time,
}

impl From<&Budget> for BudgetView {
    fn from(budget: &Budget) -> Self {
        let names = [(Spending::Background, "background"), (Spending::Asked, "asked"), (Spending::Reply, "reply")];
        let paused = names.into_iter().filter(|(spending, _)| !budget.standing.allows(*spending));
        Self {
            limit_tokens: budget.limit.tokens,
            limit_usd: budget.limit.cost.as_usd(),
            spent_tokens: budget.spent.tokens,
            spent_usd: budget.spent.cost.as_usd(),
            percent: budget.standing.percent,
            paused: paused.map(|(_, name)| name).collect(),
            until: budget.until.into(),
        }
    }
}

/// What a stretch of time took.
#[derive(Serialize, ToSchema)]
struct UsageView {
    from: Time,
    to: Time,
    time_zone: String,
    /// Days in order; chats and models with the most tokens first.
    items: Vec<GroupView>,
    /// All of it.
    total: GroupView,
    /// When prices were last compared with the provider's list.
    #[schema(example = "2026-11-03")]
    prices_as_of: &'static str,
    /// The models whose prices the settings give instead.
    own_prices: Vec<String>,
    /// Today's budget of the chat asked about, or of all together; null where nothing is limited.
    budget: Option<BudgetView>,
    next_cursor: Option<String>,
}

impl From<Spent> for SpentView {
    fn from(spent: Spent) -> Self {
        Self {
            count: spent.count,
            tokens_in: spent.tokens_in,
            tokens_cached: spent.tokens_cached,
            tokens_out: spent.tokens_out,
            cost_usd: spent.cost_usd(),
            unpriced: spent.unpriced,
        }
    }
}

impl From<Percentiles> for WaitView {
    fn from(wait: Percentiles) -> Self {
        Self { p50: wait.p50, p95: wait.p95 }
    }
}

impl From<UsageGroup> for GroupView {
    fn from(group: UsageGroup) -> Self {
        Self {
            key: group.key,
            title: group.title,
            answers: group.answers.into(),
            failed: group.failed,
            stopped: group.stopped,
            memory: group.memory.into(),
            first_token_ms: group.first_token.map(WaitView::from),
            answer_ms: group.whole.map(WaitView::from),
            drift_percent: group.drift_percent,
        }
    }
}

impl From<UsageReport> for UsageView {
    fn from(report: UsageReport) -> Self {
        Self {
            from: report.from.into(),
            to: report.to.into(),
            time_zone: report.time_zone,
            items: report.groups.into_iter().map(GroupView::from).collect(),
            total: report.total.into(),
            prices_as_of: report.prices_as_of,
            own_prices: report.own_prices,
            budget: report.budget.as_ref().map(BudgetView::from),
            next_cursor: None,
        }
    }
}

/// What the models were used for.
#[utoipa::path(get, path = "/usage", tag = "usage", params(UsageParams),
    responses((status = 200, description = "Tokens, money and waiting, by day, chat or model", body = UsageView),
        (status = 404, description = "No such chat", body = Problem)))]
async fn usage(State(web): State<Web>, Params(params): Params<UsageParams>) -> ApiResult<Json<UsageView>> {
    let moment =
        |field, value: &Option<String>| parsed::<Time>(field, value.as_deref()).map(|time| time.map(|time| time.0));
    let query = UsageQuery {
        from: moment("from", &params.from)?,
        to: moment("to", &params.to)?,
        chat: number("chat", params.chat.as_deref(), 1..=i64::MAX)?.map(ChatId),
        by: parsed::<UsageBy>("by", params.by.as_deref())?.unwrap_or_default(),
    };
    Ok(Json(web.engine.usage(query).await?.into()))
}
